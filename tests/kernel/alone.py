"""One segment that is searched alone: programs are written as if there were no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from implementations import compiled
from random_calls import resolved

from searchsvc.engines.whoosh import portable
from searchsvc.engines.whoosh.kernel import (
    ALL,
    ANY,
    BEST,
    SET,
    SPANS,
    TITLE,
    VALUE,
    WIDE,
    WORD,
)

if TYPE_CHECKING:
    from searchsvc.engines.whoosh.kernel import Program, Segment, Whole

SIZES = {WORD: 3, WIDE: 3, TITLE: 3, SPANS: 4, VALUE: 4, SET: 3, ALL: 7, ANY: 2, BEST: 2}


def whole_of(*segments: Segment) -> Whole:
    """Make a whole of segments of one kernel."""
    kernel = portable if isinstance(segments[0], portable.Segment) else compiled()
    return kernel.Whole(segments)


def program_of(program: Program, segment: Segment) -> Program:
    """Give a program as a whole of one segment takes it."""
    return resolved(alone(program), (segment,), {})


def alone(node: Any) -> Any:
    """Put what is the segment's own into tuples of one; what is no node stays as it is."""
    if not isinstance(node, tuple) or not node or len(node) != SIZES.get(node[0]):
        return node
    kind, *parts = node
    if kind in {WORD, TITLE, WIDE}:
        return (kind, parts[0], (parts[1],))
    if kind == SPANS:
        return (kind, *parts[:2], tuple(((one,), (terms,)) for one, terms in parts[2]))
    if kind == VALUE:
        return (kind, (tuple(parts),))
    if kind == SET:
        return node
    branches = parts[:3] if kind == ALL else parts
    return (kind, *(tuple(map(alone, branch)) for branch in branches), *parts[len(branches) :])


def facet_of(facet: Any) -> Any:
    """Give ``(starts, ordinals, values)`` as a facet of a whole of one segment."""
    starts, ordinals, values = facet
    return values, ((starts, ordinals, None),)
