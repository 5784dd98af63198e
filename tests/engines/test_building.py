"""How every engine is built and updated: by id, durable once committed, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from factories import add_all
from writing import article, found, lemma

from searchsvc.engines.protocol import Identity, SearchRequest
from searchsvc.engines.whoosh import builder as whoosh_builder
from searchsvc.errors import BuildRefused, IndexMissing, NotFound
from searchsvc.query.tree import Everything, Value
from searchsvc.schema import Field

if TYPE_CHECKING:
    from factories import Factory

    from searchsvc.engines.protocol import Engine

BRIDGE = article("мост", "Мост открыли.", "Новый мост", url="https://a.example/1", origin="а.txt")
PARK = article("парк", "В парке липы.", "Сто лип", source="Вестник", origin="б.txt")
LEAGUE = article("лига", "Клуб победил.", "Высшая лига", origin="а.txt")
EVERY = (BRIDGE, PARK, LEAGUE)


def ids(engine: Engine) -> set[str]:
    return found(engine, Everything())


def test_there_is_nothing_before_the_first_commit(factory: Factory, tmp_path: Path) -> None:
    builder = factory.builder(tmp_path)
    add_all(builder, EVERY)
    assert builder.count() == 3
    assert builder.former_count() == 0
    with pytest.raises(IndexMissing):
        factory.reader(tmp_path)
    builder.abort()
    with pytest.raises(IndexMissing):
        factory.reader(tmp_path)


def test_generations_count_up(factory: Factory, tmp_path: Path) -> None:
    assert factory.built(tmp_path, EVERY).generation == 1
    builder = factory.builder(tmp_path)
    add_all(builder, EVERY)
    assert builder.former_count() == 3
    assert builder.commit() == 2
    assert factory.reader(tmp_path).generation == 2


def test_a_reader_keeps_its_generation(factory: Factory, tmp_path: Path) -> None:
    first = factory.built(tmp_path, EVERY)
    for _ in range(3):
        factory.updated(tmp_path, [], gone=["лига"])
    assert ids(first) == {"мост", "парк", "лига"}
    assert first.article("лига") == LEAGUE
    assert ids(factory.reader(tmp_path)) == {"мост", "парк"}


def test_an_article_with_the_same_id_replaces(factory: Factory, tmp_path: Path) -> None:
    newer = replace(BRIDGE, text="Паром отменили.")
    engine = factory.built(tmp_path, [*EVERY, newer])
    assert engine.article("мост") == newer
    assert ids(engine) == {"мост", "парк", "лига"}
    assert found(engine, lemma("открыть")) == set()
    assert found(engine, lemma("паром")) == {"мост"}


def test_an_update_keeps_what_it_does_not_touch(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    newer = replace(PARK, text="Паром отменили.")
    engine = factory.updated(tmp_path, [newer, article("паром", "Паром вернули.")], ["лига"])
    assert ids(engine) == {"мост", "парк", "паром"}
    assert found(engine, lemma("паром")) == {"парк", "паром"}
    assert found(engine, lemma("липа", field=Field.TITLE)) == {"парк"}
    assert found(engine, Value(Field.SOURCE, "Вестник")) == {"парк"}
    assert engine.article("мост") == BRIDGE
    with pytest.raises(NotFound):
        engine.article("лига")


def test_a_deleted_article_may_come_back(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    assert ids(factory.updated(tmp_path, [], ["лига"])) == {"мост", "парк"}
    engine = factory.updated(tmp_path, [LEAGUE])
    assert ids(engine) == {"мост", "парк", "лига"}
    assert engine.article("лига") == LEAGUE


def test_a_build_that_is_no_update_starts_anew(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    assert ids(factory.built(tmp_path, [PARK, LEAGUE])) == {"парк", "лига"}


def test_many_updates_stay_right(factory: Factory, tmp_path: Path) -> None:
    engine = factory.built(tmp_path, [article(f"номер-{n}", f"Слово{n} общее") for n in range(20)])
    for turn in range(20):
        new = [article(f"номер-{turn}", f"Слово{turn} другое"), article(f"ещё-{turn}", "Общее")]
        engine = factory.updated(tmp_path, new, [f"ещё-{turn - 3}"])
    assert engine.stats().articles == 23
    assert found(engine, lemma("другой")) == {f"номер-{n}" for n in range(20)}
    assert found(engine, lemma("общий", "общее")) == {f"ещё-{n}" for n in (17, 18, 19)}
    assert [(term.term, term.articles) for term in engine.vocabulary("др", 9)] == [("другое", 20)]


def test_deleting_tells_how_many_were_there(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    builder = factory.builder(tmp_path, update=True)
    add_all(builder, [article("новый", "Новый")])
    assert builder.delete(["парк", "нет такого", "новый"]) == 2
    assert builder.delete(["парк"]) == 0
    assert builder.count() == 2
    builder.abort()
    assert ids(factory.reader(tmp_path)) == {"мост", "парк", "лига"}


def test_what_the_next_generation_holds_can_be_asked(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    builder = factory.builder(tmp_path, update=True)
    add_all(builder, [article("новый", "Новый", "Тоже", url="https://a.example/2", origin="а.txt")])
    assert builder.identity_of("мост") == Identity("https://a.example/1", "Новый мост", "а.txt")
    assert builder.identity_of("новый") == Identity("https://a.example/2", "Тоже", "а.txt")
    assert builder.identity_of("нет такого") is None
    assert builder.ids_from("а.txt") == {"мост", "лига", "новый"}
    builder.delete(["лига", "новый"])
    assert builder.ids_from("а.txt") == {"мост"}
    assert builder.identity_of("лига") is None
    assert builder.ids_from("нет такого") == frozenset()
    builder.abort()


def test_origins_survive_an_update(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    factory.updated(tmp_path, [replace(LEAGUE, origin="в.txt")])
    builder = factory.builder(tmp_path, update=True)
    assert builder.ids_from("а.txt") == {"мост"}
    assert builder.ids_from("в.txt") == {"лига"}
    builder.abort()


def test_a_prepared_article_may_get_another_id(factory: Factory, tmp_path: Path) -> None:
    builder = factory.builder(tmp_path)
    prepared = builder.preparer()(BRIDGE)
    assert (prepared.id, prepared.origin) == ("мост", "а.txt")
    builder.add(prepared)
    builder.add(prepared.renamed("мост-2"))
    builder.commit()
    engine = factory.reader(tmp_path)
    assert ids(engine) == {"мост", "мост-2"}
    assert engine.article("мост-2") == replace(BRIDGE, id="мост-2")


def test_stamps_come_back_with_the_next_build(factory: Factory, tmp_path: Path) -> None:
    builder = factory.builder(tmp_path)
    assert builder.stamps() == {}
    add_all(builder, EVERY)
    builder.stamp({"б.txt": "2:2", "а.txt": "1:1"})
    builder.commit()
    for update in (True, False):
        builder = factory.builder(tmp_path, update=update)
        assert builder.stamps() == {"а.txt": "1:1", "б.txt": "2:2"}
        builder.abort()


def test_no_stamps_were_noted(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    builder = factory.builder(tmp_path, update=True)
    assert builder.stamps() == {}
    builder.abort()


def test_only_one_build_runs_at_a_time(factory: Factory, tmp_path: Path) -> None:
    builder = factory.builder(tmp_path)
    with pytest.raises(BuildRefused, match="another build"):
        factory.builder(tmp_path)
    builder.abort()
    factory.builder(tmp_path).abort()


def test_a_first_build_without_articles_says_that_there_is_no_index(
    factory: Factory, tmp_path: Path
) -> None:
    builder = factory.builder(tmp_path)
    with pytest.raises(BuildRefused, match=r"no article was kept.* there is no index yet"):
        builder.commit()
    builder.abort()


def test_an_empty_build_is_refused(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    for allow_shrink in (False, True):
        builder = factory.builder(tmp_path, allow_shrink=allow_shrink)
        with pytest.raises(BuildRefused, match="no article"):
            builder.commit()
        builder.abort()
    assert ids(factory.reader(tmp_path)) == {"мост", "парк", "лига"}


def test_a_build_with_under_half_of_the_articles_is_refused(
    factory: Factory, tmp_path: Path
) -> None:
    factory.built(tmp_path, EVERY)
    builder = factory.builder(tmp_path)
    add_all(builder, [PARK])
    with pytest.raises(BuildRefused, match="1 article where the current index has 3"):
        builder.commit()
    builder.abort()
    assert ids(factory.reader(tmp_path)) == {"мост", "парк", "лига"}
    assert ids(factory.updated(tmp_path, [], ["мост", "лига"])) == {"парк"}


def test_an_answer_tells_its_hits_apart_after_a_merge(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, EVERY)
    for number in range(12):
        engine = factory.updated(tmp_path, [article(f"номер-{number}", "Клуб победил.")])
    hits = engine.search(SearchRequest(lemma("клуб"), limit=20)).hits
    assert {hit.article.id for hit in hits} == {"лига", *(f"номер-{n}" for n in range(12))}
    assert len({hit.cursor.number for hit in hits}) == 13


def test_articles_made_ready_together_are_added_at_once_where_their_ids_are_new(
    factory: Factory, tmp_path: Path
) -> None:
    builder = factory.builder(tmp_path)
    prepare = builder.preparer()
    assert builder.add_new(prepare.together([BRIDGE, PARK]))
    for known in ([replace(PARK, url=""), LEAGUE], [replace(LEAGUE, title="Лига"), LEAGUE]):
        several = prepare.together(known)
        assert not builder.add_new(several)
        for one in several:
            builder.add(one)
    assert builder.identity_of("лига") == Identity("", "Высшая лига", "а.txt")
    assert builder.ids_from("а.txt") == {"мост", "лига"}
    builder.commit()
    assert ids(factory.reader(tmp_path)) == {"мост", "парк", "лига"}


def test_an_update_adds_at_once_what_no_segment_has(factory: Factory, tmp_path: Path) -> None:
    factory.built(tmp_path, [BRIDGE])
    builder = factory.builder(tmp_path, update=True)
    prepare = builder.preparer()
    several = prepare.together([PARK, BRIDGE])
    assert not builder.add_new(several)
    for one in several:
        builder.add(one)
    assert builder.add_new(prepare.together([LEAGUE]))
    builder.commit()
    assert ids(factory.reader(tmp_path)) == {"мост", "парк", "лига"}


def test_an_index_may_be_named_as_it_is_seen_from_here(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(whoosh_builder, "FLUSH_TOKENS", 1)
    assert ids(factory.built(Path("index"), EVERY)) == {"мост", "парк", "лига"}
