"""Where leaves stand in hits: the same places in which they are found."""

from __future__ import annotations

from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from random_trees import TreeMaker

from searchsvc.engines.protocol import matches_of
from searchsvc.engines.whoosh.locating import locate
from searchsvc.engines.whoosh.reader import WhooshEngine
from searchsvc.engines.whoosh.resolving import Resolved
from searchsvc.engines.whoosh.spans import leaf_spans
from searchsvc.query.tree import Near, Phrase
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from searchsvc.analysis.analyzer import Analyzer
    from searchsvc.engines.protocol import Engine
    from searchsvc.engines.whoosh.segment import Segment
    from searchsvc.model import Article
    from searchsvc.query.tree import Leaf

LEAVES = 400


def leaves_of_texts(articles: list[Article], analyzer: Analyzer) -> Iterator[Leaf]:
    maker = TreeMaker(articles, analyzer, Random(20261122))
    kinds = cycle((maker.word, maker.expansion, maker.phrase, maker.near))
    for make in islice(kinds, LEAVES):
        leaf = make()
        if all(field in {Field.TEXT, Field.TITLE} for field in fields(leaf)):
            yield leaf


def fields(leaf: Leaf) -> set[Field]:
    if isinstance(leaf, (Phrase, Near)):
        return {field for item in leaf.items for field in fields(item)}
    return {leaf.field}


def test_a_leaf_stands_where_it_is_found(
    seeds: Engine, seed_articles: list[Article], analyzer: Analyzer
) -> None:
    assert isinstance(seeds, WhooshEngine)
    found = 0
    for leaf in leaves_of_texts(seed_articles, analyzer):
        resolved = Resolved(seeds._index)
        for number, segment in enumerate(seeds.segments):
            docs = np.arange(segment.size, dtype=np.int32)
            every = leaf_spans(resolved, number, leaf, docs)
            expected = {key for spans in every for key in spans.keys.tolist()}
            assert places(segment, resolved, number, leaf, analyzer) == expected, leaf
            found += len(expected)
    assert found > LEAVES


def places(
    segment: Segment, resolved: Resolved, number: int, leaf: Leaf, analyzer: Analyzer
) -> set[int]:
    docs = range(segment.size)
    located = locate(resolved, number, docs, [*map(segment.article, docs)], [leaf], analyzer)
    return {
        doc << 32 | match.position for doc, own in enumerate(located) for match in matches_of(own)
    }
