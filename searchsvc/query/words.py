"""Words to nodes: what one typed word looks for, after analysis.

In: leaves of the syntax tree. Out: nodes of the neutral tree. One typed word may be several
positions (``онлайн-сервис``, ``10:50``): they stand side by side; or several words that lack a
space (``Собянин,Беглов``): each counts for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from searchsvc.analysis.folding import fold
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
    from collections.abc import Iterable, Iterator, Sequence

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


@dataclass(frozen=True, slots=True)
class Words:
    """Turns leaves into nodes; ``expansions`` is how many terms a pattern may stand for."""

    analyzer: Analyzer
    expansions: int

    def groups(self, text: str) -> list[Group]:
        """Cut a typed word into what belongs together; without letters and digits nothing."""
        tokens = self.analyzer.tokens(text)
        wholes = {token.position: token for token in tokens if token.span > 1}
        parts = [token for token in tokens if token.span == 1]
        runs = [parts[:1]] if parts else []
        for left, right in pairwise(parts):
            if joined(text, left.end, right.start):
                runs[-1].append(right)
            else:
                runs.append([right])
        return [_group(run, wholes.get(run[0].position)) for run in runs]

    def is_function(self, group: Group) -> bool:
        """Tell whether a group says nothing by itself: ``в``, ``из-за``, ``и/или``."""
        known = self.analyzer.is_function_word
        if group.whole and known(group.whole.form):
            return True
        return all(known(part.form) for part in group.parts)

    def node(self, group: Group, term: Term) -> Node:
        """Look for a group in the field and stream of the term it was typed in."""
        parts = [self._word(part, term.field, exact=term.exact) for part in group.parts]
        if not group.whole:
            return _phrase(parts)
        whole = self._word(group.whole, term.field, exact=term.exact)
        return whole if term.exact else Variants((whole, _phrase(parts)))

    def signals(self, group: Group, *, content: bool) -> Iterator[Signal]:
        """Tell the second pass of every part of a group."""
        for part in group.parts:
            forms = self.analyzer.name_forms(part) or (part.form,)
            yield Signal(self._word(part, Field.TEXT, exact=False), forms, content, part.text)

    def preferences(self, group: Group, field: Field) -> list[Word]:
        """List what ranks a group higher: the forms that only the name has, if it is capitalised.

        «Путина» finds the president and the fishing season, and the president comes first.
        """
        forms = [self.analyzer.name_forms(part) for part in group.parts]
        return [Word(names, field, Stream.FORMS, NAME_WEIGHT) for names in forms if names]

    def positions(self, atom: Atom, field: Field, *, exact: bool) -> list[Position]:
        """List the positions that a word takes in a phrase: each part of a compound is one."""
        if not isinstance(atom, Term):
            return [self.expansion(atom, field)]
        exact = exact or atom.exact
        tokens = self.analyzer.tokens(atom.text)
        return [self._word(token, field, exact=exact) for token in tokens if token.span == 1]

    def quoted(self, quoted: Quoted) -> Node | None:
        """Look for words side by side, or close together; None when none is left."""
        words = [self.positions(i, quoted.field, exact=quoted.exact) for i in quoted.items]
        words = [positions for positions in words if positions]
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
            return Expansion(ExpansionKind.FUZZY, pattern, field, atom.edits, self.expansions)
        if pattern.endswith("*") and not set("*?") & set(pattern[:-1]):
            return Expansion(ExpansionKind.PREFIX, pattern[:-1], field, limit=self.expansions)
        return Expansion(ExpansionKind.WILDCARD, pattern, field, limit=self.expansions)

    def _word(self, token: Token, field: Field, *, exact: bool) -> Word:
        if exact or self.analyzer.is_acronym(token):
            return Word((token.form,), field, Stream.FORMS)
        weight = QUESTION_WEIGHT if token.form in QUESTIONS else 1.0
        return Word(self.analyzer.sought(token), field, weight=weight)


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
