"""Words gathered for a segment: whatever way they come, the triples are those of the texts."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.whoosh import digest as module
from searchsvc.engines.whoosh.digest import Digests, Preparer
from searchsvc.engines.whoosh.gathering import TextBuffer, Vocabularies
from searchsvc.engines.whoosh.inversion import expanded, one_each
from searchsvc.engines.whoosh.numbering import Numbered, joined, parted
from searchsvc.model import Article
from searchsvc.schema import POSITION_GAP

analyzer = Analyzer()
SAID = ("мэр", "Мэры", "города", "онлайн-сервис", "5,5", "а-б", ".", "COVID-19")
WORDS = st.lists(st.sampled_from(SAID))
ARTICLES = st.builds(
    lambda title, text, made: Article(
        id="1", title=" ".join(title), text=" ".join(text), title_made=made
    ),
    WORDS,
    WORDS,
    st.booleans(),
)


def expected(articles: list[Article]) -> set[tuple[str, int, int]]:
    found = set()
    for doc, article in enumerate(articles):
        title, start = analyzer.analyse(article.title), 0
        if not article.title_made:
            found |= placed(title, doc, 0)
            start = len(title.forms) and len(title.forms) + POSITION_GAP
        found |= placed(analyzer.analyse(article.text), doc, start)
    return found


def placed(read, doc: int, start: int) -> set[tuple[str, int, int]]:
    words = [*enumerate(read.forms), *read.compounds]
    return {(form, doc, start + position) for position, form in words}


def gathered(buffer: TextBuffer, digests: list) -> set[tuple[str, int, int]]:
    triples = buffer.triples(Digests.of(digests).numbers)
    chosen = parted(triples.strings.chosen(triples.chosen))
    strings = dict(zip(triples.used.tolist(), chosen, strict=True))
    alone = one_each(max(strings, default=-1) + 1)
    rows = zip(*expanded(triples.terms, triples.runs, alone), strict=True)
    return {(strings[int(term)], int(doc), int(place)) for term, doc, place in rows}


@given(st.lists(st.tuples(st.integers(0, 2), st.lists(ARTICLES, max_size=3)), max_size=5))
def test_batches_of_several_processes_come_together(batches: list) -> None:
    preparers = [Preparer(analyzer) for _ in range(3)]
    known = Numbered()
    buffer, articles, digests = TextBuffer(Vocabularies(known)), [], []
    for process, batch in batches:
        for digest in pickle.loads(pickle.dumps(preparers[process].together(batch))):
            words = digest.words and digest.words._replace(vocabulary=process)
            if words:
                buffer.add(words)
            digests.append(digest)
        articles += batch
    assert gathered(buffer, digests) == expected(articles)
    forms = {form for form, _, _ in expected(articles)}
    assert sorted(parted(known.lines(0, len(known)))) == sorted(forms)


@given(st.lists(ARTICLES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_articles_made_ready_one_by_one_come_in_any_order(articles: list, random) -> None:
    prepare = Preparer(analyzer)
    ready = [(article, prepare(article)) for article in articles]
    random.shuffle(ready)
    buffer = TextBuffer(Vocabularies(Numbered()))
    for _, digest in ready:
        buffer.add(digest.words)
    found = gathered(buffer, [digest for _, digest in ready])
    assert found == expected([article for article, _ in ready])


def test_a_new_segment_knows_the_forms_of_the_one_before() -> None:
    vocabularies, prepare = Vocabularies(Numbered()), Preparer(analyzer)
    articles = [Article(id="1", title="", text=text) for text in ("мэр города", "города и мэр")]
    for article in articles:
        (digest,) = prepare.together([article])
        buffer = TextBuffer(vocabularies)
        buffer.add(digest.words)
        assert gathered(buffer, [digest]) == expected([article])


def test_a_full_vocabulary_gives_way_to_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VOCABULARY", 2)
    prepare, buffer, digests = Preparer(analyzer), TextBuffer(Vocabularies(Numbered())), []
    articles = [Article(id="1", title="", text=text) for text in ("а б в", "в г", "г а д", "б")]
    for article in articles:
        digests += prepare.together([article])
        buffer.add(digests[-1].words)
    assert [digest.words.known for digest in digests] == [0, 0, 2, 0]
    assert gathered(buffer, digests) == expected(articles)


def test_a_batch_that_was_left_out_is_noticed() -> None:
    prepare, buffer = Preparer(analyzer), TextBuffer(Vocabularies(Numbered()))
    article = Article(id="1", title="", text="мэр города")
    prepare.together([article])
    (second,) = prepare.together([replace(article, text="Москвы")])
    with pytest.raises(ValueError, match="before one"):
        buffer.add(second.words)


SEEDS = st.lists(
    st.sampled_from(["мэр", "мэры", "города", "5,5", "никто", "онлайн-сервис"]), unique=True
)


@given(SEEDS, st.lists(st.tuples(st.integers(0, 3), st.lists(ARTICLES, max_size=3)), max_size=5))
def test_vocabularies_may_begin_with_known_forms(seeds: list[str], batches: list) -> None:
    """Those of processes that were forked off: 0 and 1, not 2 and 3."""
    preparers = [Preparer(analyzer, None, joined(seeds)) for _ in range(4)]
    preparers[:2] = [preparer.forked() for preparer in preparers[:2]]
    known = Numbered()
    known.numbers(joined(seeds))
    buffer, articles, digests = TextBuffer(Vocabularies(known)), [], []
    for process, batch in batches:
        for digest in preparers[process].together(batch):
            words = digest.words and digest.words._replace(vocabulary=process)
            if words:
                buffer.add(words)
            digests.append(digest)
        articles += batch
    assert gathered(buffer, digests) == expected(articles)
    assert parted(known.lines(0, len(seeds))) == seeds


def test_a_process_may_have_the_number_of_one_that_began_with_fewer_forms() -> None:
    known = Numbered()
    buffer, digests = TextBuffer(Vocabularies(known)), []
    articles = [
        Article(id="1", title="мэр", text="города"),
        Article(id="2", title="онлайн", text=""),
    ]
    articles.append(Article(id="3", title="никто", text="мэр"))
    for first, batch in ((0, articles[:1]), (1, articles[1:2]), (0, articles[2:])):
        prepare = Preparer(analyzer, None, known.lines(0, len(known)) if len(digests) > 1 else b"")
        (digest,) = prepare.forked().together(batch)
        assert digest.words is not None
        buffer.add(digest.words._replace(vocabulary=first))
        digests.append(digest)
    assert gathered(buffer, digests) == expected(articles)


def test_what_is_made_before_a_fork_is_what_each_begins_with() -> None:
    prepare = Preparer(analyzer, None, joined(["мэр"]))
    prepare.share()
    first, second = prepare.forked(), prepare.forked()
    assert first._scanner is not None
    assert first._scanner is second._scanner
    assert len(first._scanner) == 1


def test_known_forms_are_not_told_again() -> None:
    seeds = joined(["мэр", "а"])
    told = (
        Preparer(analyzer, None, seeds)
        .forked()
        .together([Article(id="1", title="", text="а б мэр")])
    )
    words = told[0].words
    assert (words.seeds, words.known, words.forms) == (2, 2, "б".encode())
    assert np.frombuffer(words.terms, np.int32).tolist() == [1, 2, 0]
