"""The understanding: from typed text to the analysed, engine-neutral tree.

In: text as typed. Out: the tree that asks for all words, the wider one that asks for any of them,
and how the query was read. ``все слова`` asked at top level may be widened; what stands in quotes
or parentheses, has an operator or a field, is always required.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.query.branches import Branches, all_of, any_of
from searchsvc.query.interpretation import write
from searchsvc.query.parser import parse
from searchsvc.query.preferring import is_few, preferred, quieter
from searchsvc.query.problems import Problem
from searchsvc.query.syntax import Alike, Clause, Conjunction, Quoted, Term
from searchsvc.query.tree import (
    All,
    Any,
    Constant,
    Everything,
    Near,
    Node,
    Not,
    Phrase,
    Ranked,
    Signal,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from searchsvc.query.limits import Limits
    from searchsvc.query.synonyms import Synonyms
    from searchsvc.query.words import Words


SHORT = 3
"""Content words of a short query: of few words readers expect all, of a question they don't."""

FIRST = 512.0
"""Added to the score of what comes first: far more than the words of a short query are worth, and
little enough for a score's four decimals to outlive it (floats of 512 are .00006 apart)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """How a query is meant.

    ``node`` asks for all the words; ``widened`` for any of its plain words, None where there is
    nothing to widen; with ``tiers`` it puts what has them all first, ``FIRST`` above its score;
    ``preferred`` is what ranks a short query's articles higher; ``signals`` are the plain words
    for the second pass. ``interpreted`` parses to
    the same again; ``lemmas`` are the terms looked for; ``warnings`` say in Russian what was
    ignored.
    """

    node: Node
    widened: Node | None = None
    tiers: bool = False
    preferred: tuple[Node, ...] = ()
    signals: tuple[Signal, ...] = ()
    interpreted: str = ""
    lemmas: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def understood(
    text: str, words: Words, limits: Limits, synonyms: Synonyms | None = None
) -> Understanding:
    """Understand any text; raises QueryError only where a limit is passed."""
    parsed = parse(text, limits)
    tree = synonyms.beside(parsed.tree) if synonyms else parsed.tree
    branches = Branches(words)
    parts = _top_level(tree, branches)
    node = parts.strict()
    few = is_few(len(parts.content), parts.signals)
    lemmas: dict[str, None] = {}
    _add_lemmas(node, lemmas)
    return Understanding(
        node=node,
        widened=parts.widened(),
        tiers=parts.short,
        preferred=preferred(parts.signals) if few else (),
        signals=quieter(parts.signals) if few else parts.signals,
        interpreted=parsed.interpreted if tree is parsed.tree else write(tree),
        lemmas=tuple(lemmas),
        warnings=(*parsed.warnings, *dict.fromkeys(branches.warnings)) or _nothing_left(node, text),
    )


def _nothing_left(node: Node, text: str) -> tuple[str, ...]:
    """Say of ``*`` or ``?!``, which finds every article, that it has no words."""
    return (Problem.NO_WORDS.value,) if isinstance(node, Everything) and text.strip() else ()


class _Parts(NamedTuple):
    """The clauses of the top level: ``required`` in order, of which ``content`` may be widened.

    ``ranking`` only ranks: function words, and the forms that a capitalised name alone has. Sets
    in their order, so that a node's hash is worked out once.
    """

    required: dict[Node, None]
    content: dict[Node, None]
    ranking: tuple[Node, ...]
    signals: tuple[Signal, ...]

    @property
    def short(self) -> bool:
        return len(self.content) <= SHORT

    def strict(self) -> Node:
        return _ranked(all_of(self.required), self.ranking)

    def widened(self) -> Node | None:
        if len(self.content) < 2:
            return None
        some = any_of(self.content)
        if len(self.content) < len(self.required):
            some = all_of([some, *(node for node in self.required if node not in self.content)])
        # Of a short query, what has all the words comes before what has not; of a long one, an
        # article with all the words scores for them twice.
        whole: Node = All(tuple(self.content))
        if self.short:
            whole = Constant(whole, FIRST)
        return _ranked(some, (*self.ranking, whole))


def _top_level(tree: Clause, branches: Branches) -> _Parts:
    required: dict[Node, None] = {}
    content: dict[Node, None] = {}
    ranking: dict[Node, None] = {}
    signals: dict[Signal, None] = {}
    for clause in tree.clauses if isinstance(tree, Conjunction) else (tree,):
        if isinstance(clause, Alike):
            same = dict.fromkeys(branches.nodes(clause))
            content.update(same)
            required.update(same)
            signals.update(dict.fromkeys(_typed(clause.clauses[0], branches.words)))
            continue
        if not isinstance(clause, Term) or clause.exact or clause.field is not Field.TEXT:
            required.update(dict.fromkeys(branches.nodes(clause)))
            continue
        for reading in branches.words.readings(clause.text):
            signals.update(reading.signals)
            if reading.is_function:
                ranking.update(reading.node)
            else:
                content.update(reading.node)
                required.update(reading.node)
                ranking.update(reading.preferences)
    if all(isinstance(node, Not) for node in required):
        # «кто мы», «не -рейтинг»: function words are all there is to look for.
        return _Parts(ranking | required, ranking, (), ())
    return _Parts(required, content, tuple(ranking), tuple(signals))


def _typed(clause: Clause, words: Words) -> Iterator[Signal]:
    """List the words of what was typed where synonyms stand beside it; all of them are content."""
    terms = clause.items if isinstance(clause, Quoted) else (clause,)
    for term in terms:
        if isinstance(term, Term):
            for reading in words.readings(term.text):
                for signal in reading.signals:
                    yield signal if signal.content else replace(signal, content=True)


def _ranked(must: Node, should: tuple[Node, ...]) -> Node:
    return Ranked(must, should) if should else must


def _add_lemmas(node: Node, found: dict[str, None]) -> None:
    match node:
        case Word(terms=terms, stream=stream):
            if stream is Stream.LEMMAS:
                found.update(dict.fromkeys(terms))
        case All(children=nodes) | Any(children=nodes) | Variants(children=nodes):
            _add_all_lemmas(nodes, found)
        case Phrase(items=nodes) | Near(items=nodes):
            _add_all_lemmas(nodes, found)
        case Ranked(must=must, should=should):
            _add_all_lemmas((must, *should), found)


def _add_all_lemmas(nodes: Iterable[Node], found: dict[str, None]) -> None:
    for node in nodes:
        _add_lemmas(node, found)
