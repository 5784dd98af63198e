"""Whoosh's searcher finds the same over our codec as over its own, as far as that one answers.

Whoosh's own mistakes above the posting lists (And of Ors, And with Not: wrong scores) are the same
over both codecs, so these queries are compared too. Two things are left out. Lengths that its own
codec rounds do not occur in the documents. And where the ten best are asked, its AndNot may walk
past the end of a list (IndexError), its Require may stand on a match already (AssertionError):
there is nothing to compare with then.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from whoosh.codec.whoosh3 import W3Codec
from whoosh.query import Every, Term
from whoosh.sorting import FieldFacet
from whoosh_queries import QueryMaker, documents, written

from searchsvc.engines.whoosh.codec import ArrayCodec, SchemaSegment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from whoosh.query import Query
    from whoosh.searching import Searcher

BLOCK = 8
"""Postings a block in both codecs, so that lists of a few hundred have many."""

UNANSWERED = 0.05
"""At most so large a part of the queries may fail over Whoosh's own codec."""

ORDERS: dict[str, dict[str, Any]] = {
    "all": {"limit": None},
    "the best ten": {"limit": 10},
    "the newest twenty": {"limit": 20, "sortedby": "day", "reverse": True},
}

Pair = tuple["Searcher", "Searcher"]


@pytest.fixture(scope="module", params=["segments", "one segment"])
def searchers(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Whoosh's searchers of the same documents: over its own codec and over ours."""
    rows = documents(300, Random(5))
    pair = []
    for codec in (W3Codec(blocklimit=BLOCK), ArrayCodec(blocklimit=BLOCK)):
        index = written(codec, rows, 4)
        if request.param == "one segment":
            index.writer(codec=codec).commit(optimize=True)
        pair.append(index.searcher())
    own, ours = pair
    leaves = ours.reader().leaf_readers()
    assert all(isinstance(leaf.segment(), SchemaSegment) for leaf, _ in leaves)
    assert len(leaves) == (1 if request.param == "one segment" else 5)
    yield own, ours
    own.close()
    ours.close()


def answer(searcher: Searcher, asked: Query, order: dict[str, Any]) -> tuple[object, int]:
    """Ask, and give the hits with scores, and the total."""
    results = searcher.search(asked, **order)
    return [(hit["id"], pytest.approx(hit.score)) for hit in results], len(results)


@pytest.mark.parametrize("order", ORDERS)
def test_random_queries_find_the_same(searchers: Pair, order: str, whole: bool) -> None:
    own, ours = searchers
    count = 1000 if whole else 150
    failed = 0
    for asked in QueryMaker(Random(7)).queries(count):
        try:
            expected = answer(own, asked, ORDERS[order])
        except (IndexError, AssertionError):
            failed += 1
            continue
        assert answer(ours, asked, ORDERS[order]) == expected, asked
    assert failed <= count * UNANSWERED


def test_terms_and_their_statistics_are_the_same(searchers: Pair) -> None:
    own, ours = (searcher.reader() for searcher in searchers)
    terms = list(own.all_terms())
    assert list(ours.all_terms()) == terms
    assert set(ours.indexed_field_names()) == set(own.indexed_field_names())
    for term in terms:
        mine, theirs = ours.term_info(*term), own.term_info(*term)
        assert vars(mine) == {key: getattr(theirs, key) for key in vars(mine)}, term
        assert ours.doc_frequency(*term) == own.doc_frequency(*term)
        assert ours.frequency(*term) == own.frequency(*term)


def test_postings_are_the_same(searchers: Pair) -> None:
    readers = [searcher.reader() for searcher in searchers]
    for term in readers[0].all_terms():
        lists = []
        for reader in readers:
            matcher, postings = reader.postings(*term), []
            while matcher.is_active():
                postings.append((matcher.id(), matcher.weight(), matcher.value() or b""))
                matcher.next()
            lists.append(postings)
        assert lists[0] == lists[1], term


def test_lengths_vectors_columns_and_stored_values_are_the_same(searchers: Pair) -> None:
    own, ours = (searcher.reader() for searcher in searchers)
    for field in ("text", "title", "tags"):
        assert ours.field_length(field) == own.field_length(field)
        assert ours.min_field_length(field) == own.min_field_length(field)
        assert ours.max_field_length(field) == own.max_field_length(field)
    for doc in own.all_doc_ids():
        assert ours.stored_fields(doc) == own.stored_fields(doc)
        assert ours.doc_field_length(doc, "text") == own.doc_field_length(doc, "text")
        assert list(ours.vector_as("positions", doc, "text")) == list(
            own.vector_as("positions", doc, "text")
        )
    for field in ("title", "day", "number"):
        assert list(ours.column_reader(field)) == list(own.column_reader(field))


def test_groups_suggestions_and_highlights_are_the_same(searchers: Pair) -> None:
    given = []
    for searcher in searchers:
        results = searcher.search(Every(), groupedby=FieldFacet("tags", allow_overlap=True))
        hit = searcher.search(Term("text", "маяк"))[0]
        groups = {name: sorted(docs) for name, docs in results.groups().items()}
        suggestions = searcher.suggest("text", "мосток", maxdist=2)
        given.append((groups, suggestions, hit.highlights("text"), hit.more_like_this("text")[0]))
    assert given[0][:3] == given[1][:3]
    assert given[0][3]["id"] == given[1][3]["id"]
