"""Words to nodes: what one typed word looks for, after analysis.

In: leaves of the syntax tree. Out: nodes of the neutral tree. One typed word may be several
positions (``онлайн-сервис``, ``10:50``): they stand side by side; or several words that lack a
space (``Собянин,Беглов``): each counts for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.folding import fold
from searchsvc.query.remembering import is_short, remembered
from searchsvc.query.sizes import joined
from searchsvc.query.syntax import Fuzzy, Pattern, Quoted, Term
from searchsvc.query.tree import (
    Expansion,
    ExpansionKind,
    Near,
    Node,
    Phrase,
    Position,
    Signal,
    Variants,
    Word,
)
from searchsvc.schema import Field, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from searchsvc.analysis.analyzer import Analyzer, Token
    from searchsvc.query.syntax import Atom

NAME_WEIGHT = 0.3
"""What a name's own forms add: enough for «Путина», at 1.0 headlines of lenta.ru lose 0.1 points of
nDCG@10 to longer queries where a name counts twice."""


QUESTIONS = frozenset(
    {"кто", "кого", "кому", "кем", "ком", "что", "чего", "чему", "чем"}
    | {"какой", "какая", "какое", "какие", "какого", "какую", "каком", "каким", "каких", "какими"}
    | {"который", "которая", "которое", "которые", "которого", "которой", "которых", "котором"}
    | {"сколько", "где", "когда", "куда", "откуда", "почему", "зачем", "как", "каков", "какова"}
    | {"каково", "каковы", "чей", "чья", "чье", "чьи"}
)
QUESTION_WEIGHT = 0.4
"""What a question word weighs against others: at 1, nDCG@10 of XQuAD is .9672, not .9691,
and of its sentences .8470 instead of .8499 (`make eval`)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tokens that belong together: the parts by position, and the whole compound if there is."""

    parts: tuple[Token, ...]
    whole: Token | None = None


class Reading(NamedTuple):
    """What a group means where any word may stand: a node, and what the word says beside it.

    ``is_function`` tells that it says nothing by itself; ``signals`` are for the second pass;
    ``preferences`` rank it higher: the forms that only a name has, where it is capitalised. All are
    keys, since to be put into a set costs a node as much as to be made, and here it is done once.
    """

    node: Mapping[Node, None]
    is_function: bool
    signals: Mapping[Signal, None]
    preferences: Mapping[Node, None]


class Words:
    """Turns leaves into nodes; may be shared by threads.

    ``expansions`` is how many terms a pattern may stand for; what came of the last ``kept`` words
    is remembered, which is most of what it takes to understand a query; not of long ones, nor of
    many in one.
    """

    def __init__(self, analyzer: Analyzer, expansions: int, kept: int = 0) -> None:
        self._analyzer = analyzer
        self._expansions = expansions
        self.readings = remembered(kept, self._readings)
        """Reads a plain typed word; without letters and digits it is nothing."""
        remember = lru_cache(kept)
        self._kept_nodes: Callable[[Term], tuple[Node, ...]] = remember(self._nodes)
        self._kept_positions: Callable[[Term], tuple[Position, ...]] = remember(self._each_position)

    def nodes(self, term: Term) -> tuple[Node, ...]:
        """Look for a typed word wherever it stands; without letters and digits for nothing."""
        return self._kept_nodes(term) if is_short(term.text) else self._nodes(term)

    def _readings(self, text: str) -> tuple[Reading, ...]:
        return tuple([self._reading(group) for group in self._groups(text)])

    def _reading(self, group: Group) -> Reading:
        words = [self._word(part, Field.TEXT, exact=False) for part in group.parts]
        names = [self._analyzer.name_forms(part) for part in group.parts]
        node: Node = _phrase(words)
        if group.whole:
            node = Variants((self._word(group.whole, Field.TEXT, exact=False), node))
        plain = self._is_function(group)
        signals = [
            Signal(word, forms or (part.form,), not plain, part.text)
            for word, forms, part in zip(words, names, group.parts, strict=True)
        ]
        # «Путина» finds the president and the fishing season, and the president comes first.
        named = [Word(forms, stream=Stream.FORMS, weight=NAME_WEIGHT) for forms in names if forms]
        return Reading({node: None}, plain, dict.fromkeys(signals), dict.fromkeys(named))

    def _nodes(self, term: Term) -> tuple[Node, ...]:
        return tuple([self._node(group, term) for group in self._groups(term.text)])

    def _groups(self, text: str) -> list[Group]:
        """Cut a typed word into what belongs together; without letters and digits nothing."""
        tokens = self._analyzer.tokens(text)
        wholes = {token.position: token for token in tokens if token.span > 1}
        parts = [token for token in tokens if token.span == 1]
        runs = [parts[:1]] if parts else []
        for left, right in pairwise(parts):
            if joined(text, left.end, right.start):
                runs[-1].append(right)
            else:
                runs.append([right])
        return [_group(run, wholes.get(run[0].position)) for run in runs]

    def _is_function(self, group: Group) -> bool:
        """Tell whether a group says nothing by itself: ``в``, ``из-за``, ``и/или``."""
        known = self._analyzer.is_function_word
        if group.whole and known(group.whole.form):
            return True
        return all(known(part.form) for part in group.parts)

    def _node(self, group: Group, term: Term) -> Node:
        """Look for a group in the field and stream of the term it was typed in."""
        parts = [self._word(part, term.field, exact=term.exact) for part in group.parts]
        if not group.whole:
            return _phrase(parts)
        whole = self._word(group.whole, term.field, exact=term.exact)
        return whole if term.exact else Variants((whole, _phrase(parts)))

    def quoted(self, quoted: Quoted) -> Node | None:
        """Look for words side by side, or close together; None when none is left."""
        found = [self._placed(item, quoted.field, exact=quoted.exact) for item in quoted.items]
        words = [positions for positions in found if positions]
        if quoted.distance is None or len(words) < 2:
            positions = [position for word in words for position in word]
            return _phrase(positions) if positions else None
        if len(words) == 2:
            return Near(tuple(map(_phrase, words)), quoted.distance)
        return Near(tuple(position for word in words for position in word), quoted.distance)

    def expansion(self, atom: Pattern | Fuzzy, field: Field) -> Expansion:
        """Turn ``здрав*``, ``м?сква``, ``Собянен~`` into an expansion of the folded pattern."""
        pattern = fold(atom.text)
        if isinstance(atom, Fuzzy):
            return Expansion(ExpansionKind.FUZZY, pattern, field, atom.edits, self._expansions)
        if pattern.endswith("*") and not set("*?") & set(pattern[:-1]):
            return Expansion(ExpansionKind.PREFIX, pattern[:-1], field, limit=self._expansions)
        return Expansion(ExpansionKind.WILDCARD, pattern, field, limit=self._expansions)

    def _placed(self, atom: Atom, field: Field, *, exact: bool) -> tuple[Position, ...]:
        if not isinstance(atom, Term):
            return (self.expansion(atom, field),)
        same = atom.field is field and (atom.exact or not exact)
        term = atom if same else Term(atom.text, field, exact or atom.exact)
        return self._kept_positions(term) if is_short(term.text) else self._each_position(term)

    def _each_position(self, term: Term) -> tuple[Position, ...]:
        """List the positions that a word takes in a phrase: each part of a compound is one."""
        tokens = self._analyzer.tokens(term.text)
        words = [token for token in tokens if token.span == 1]
        return tuple([self._word(token, term.field, exact=term.exact) for token in words])

    def _word(self, token: Token, field: Field, *, exact: bool) -> Word:
        if exact or self._analyzer.is_acronym(token):
            return Word((token.form,), field, Stream.FORMS)
        weight = QUESTION_WEIGHT if token.form in QUESTIONS else 1.0
        sought = self._analyzer.sought_author if field is Field.AUTHOR else self._analyzer.sought
        return Word(sought(token), field, weight=weight)


def merged(words: Iterable[Word]) -> Word:
    """Make one word of alternatives of one field and stream: ``мэр | глава`` before NEAR."""
    every = list(words)
    terms = tuple(dict.fromkeys(term for word in every for term in word.terms))
    return Word(terms, every[0].field, every[0].stream)


def _group(parts: Sequence[Token], whole: Token | None) -> Group:
    covers = whole is not None and whole.span == len(parts)
    return Group(tuple(parts), whole if covers else None)


def _phrase(positions: Sequence[Position]) -> Position | Phrase:
    return positions[0] if len(positions) == 1 else Phrase(tuple(positions))
