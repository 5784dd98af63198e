"""Asking: what an engine is asked for a question.

In: a question, a tree that its text means, its understanding. Out: a request.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import SearchRequest, Sort
from searchsvc.query.tree import All, DateRange, Ranked, Value, leaves
from searchsvc.schema import Field
from searchsvc.searching.cursors import unpack_cursor
from searchsvc.searching.tiers import preferring

if TYPE_CHECKING:
    from searchsvc.query.tree import Node
    from searchsvc.query.understanding import Understanding
    from searchsvc.searching.answer import Question


ALL = sys.maxsize
"""Clauses of a tree that asks for no words, so that what ranks is shown."""

NONE = (None,) * 5
"""The filters of most questions."""


def requested(
    question: Question,
    node: Node,
    understanding: Understanding,
    *,
    deadline: float,
    freshness: float,
) -> SearchRequest:
    """Ask for a page of a tree's articles; raises QueryError for a cursor of no answer to this."""
    after = unpack_cursor(question.cursor, question) if question.cursor else None
    sort, located = question.sort or Sort.RELEVANCE, asked(node)
    if sort is Sort.RELEVANCE and located == ALL and not any(leaves(node)):
        sort = Sort.DATE  # of «дата:2021» or «-рейтинг» nothing is more relevant
    if sort is Sort.RELEVANCE and understanding.preferred:
        node = preferring(node, understanding.preferred)
    return SearchRequest(
        node=filtered(node, question),
        limit=question.size,
        offset=0 if after else (question.page - 1) * question.size,
        after=after,
        sort=sort,
        facets=question.facets,
        deadline=deadline,
        signals=understanding.signals,
        freshness=freshness,
        explain=question.explain,
        located=located,
    )


def counted(question: Question, node: Node, *, deadline: float) -> SearchRequest:
    """Ask only how many articles a tree has; what only ranks is left out."""
    whole = filtered(node.must if isinstance(node, Ranked) else node, question)
    return SearchRequest(whole, limit=1, deadline=deadline, located=0, enough=ALL)


def filtered(node: Node, question: Question) -> Node:
    """Ask for what passes a question's filters too, if it has any."""
    given = question.source, question.topic, question.author, question.first, question.last
    if given == NONE:
        return node
    wanted = (
        (Field.SOURCE, question.source),
        (Field.TOPIC, question.topic),
        (Field.AUTHOR, question.author),
    )
    filters: list[Node] = [Value(field, value) for field, value in wanted if value is not None]
    if question.first is not None or question.last is not None:
        filters.append(DateRange(question.first, question.last))
    return All((node, *filters))


def asked(node: Node) -> int:
    """Count the clauses that are asked for: the first ones; those after them only rank."""
    must = node.must if isinstance(node, Ranked) else node
    return len(leaves(must)) or ALL
