"""How many articles have terms in their titles, of many terms together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from packed_lists import drawn, packed

from searchsvc.engines.whoosh import portable_wide
from searchsvc.engines.whoosh.deadlines import TOO_LONG
from searchsvc.engines.whoosh.documents import CHUNK
from searchsvc.engines.whoosh.operands import Index
from searchsvc.engines.whoosh.reader import WhooshEngine
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.titled_terms import titled_frequencies
from searchsvc.errors import EngineUnavailable
from searchsvc.model import Article
from searchsvc.query.tree import Expansion, ExpansionKind
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from pathlib import Path

    from factories import Factory

    from searchsvc.engines.whoosh.segment import PostingField, Segment

MADE = "Паром прибыл к мосту"
ARTICLES = (
    Article(id="a", title="Мост и паром", text="Мост закрыт."),
    Article(id="b", title="Мост", text="Паром " * 30),
    Article(id="c", title=MADE, text=f"{MADE}. Мост и паром. {'Мост ' * 20}", title_made=True),
    Article(id="d", title="Паром " * 20, text=""),
    Article(id="e", title="", text="Мост, паром."),
    Article(id="f", title="Мост", text="удалён"),
    Article(id="g", title="Берег", text=f"{MADE} " * 2),
)
"""Of «паром» in d and in b so many that frequencies are rare; «Паром» and «мосту» begin c."""


@pytest.fixture
def segment(factory: Factory, tmp_path: Path) -> Segment:
    factory.built(tmp_path, ARTICLES)
    engine = factory.updated(tmp_path, (), ["f"])
    assert isinstance(engine, WhooshEngine)
    (segment,) = engine.segments
    return segment


def counted(segment: Segment, field: PostingField, terms: np.ndarray) -> dict[str, int]:
    found = titled_frequencies(field.packed, terms, segment.titles)
    return {field.lexicon[int(t)]: int(n) for t, n in zip(terms, found, strict=True)}


@pytest.mark.parametrize("at_once", [1, 2, 2_000])
@pytest.mark.parametrize("backwards", [False, True])
def test_only_titles_of_what_is_left_count(
    segment: Segment, monkeypatch: pytest.MonkeyPatch, at_once: int, backwards: bool
) -> None:
    monkeypatch.setattr(portable_wide, "AT_ONCE", at_once)
    field = segment.field(Field.TEXT, Stream.FORMS)
    terms = np.arange(field.size)
    own = counted(segment, field, terms[::-1] if backwards else terms)
    titles = {
        article.id: article.title.lower().split() for article in ARTICLES if article.id != "f"
    }
    expected = {form: sum(form in words for words in titles.values()) for form in own}
    assert own == expected
    assert (own["мост"], own["паром"], own["мосту"], own["закрыт"]) == (2, 3, 1, 0)


@pytest.mark.parametrize("documents", [CHUNK, 2 * CHUNK])
def test_few_postings_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    sizes = [40, 300, 2, 0, 5_000, 1, 99, 100, 7]
    field = packed([drawn(np.random.default_rng(3), documents, sizes)], len(sizes), documents)
    monkeypatch.setattr(portable_wide, "AT_ONCE", 100)
    parts = [part.tolist() for part in portable_wide.in_parts(field, np.arange(len(sizes)))]
    assert [term for part in parts for term in part] == list(range(len(sizes)))
    assert all(sum(sizes[term] for term in part[1:]) <= 100 for part in parts)
    assert len(parts) < len(sizes)


def test_the_clock_is_looked_at_before_each_part(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 2:
            raise EngineUnavailable(TOO_LONG)

    monkeypatch.setattr(portable_wide, "AT_ONCE", 1)
    every = Resolved(Index([segment]), look)
    with pytest.raises(EngineUnavailable, match="too long"):
        every.of(Expansion(ExpansionKind.PREFIX, "п", Field.TITLE))
    assert len(looks) == 2


def test_no_term_has_no_count(segment: Segment) -> None:
    field = segment.field(Field.TEXT, Stream.LEMMAS)
    assert counted(segment, field, np.arange(0)) == {}


@pytest.mark.parametrize("what", ["rare_at", "blocks", "frames"])
def test_damage_is_told(segment: Segment, what: str) -> None:
    field = segment.field(Field.TEXT, Stream.FORMS).packed
    array = getattr(field, what)
    assert array.size
    damaged = field._replace(**{what: array[::-1] + np.array(7, array.dtype)})
    terms = np.arange(field.blocks.size - 1)
    with pytest.raises(ValueError, match=r"damaged|do not"):
        titled_frequencies(damaged, terms, segment.titles)
