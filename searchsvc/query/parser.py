r"""The parser: from typed text to the syntax tree, whatever was typed.

How tightly operators bind, from the tightest:

| operator | example | read as |
|---|---|---|
| `!`, a field | `!заголовок:мэр` | the exact form in the title |
| `-` `NOT` `НЕ` | `-мэр NEAR/5 край` | without the mayor |
| `NEAR/n` | `мэр NEAR/5 край Алтай` | `(мэр NEAR/5 край) Алтай` |
| a space, `AND` `&&` `И` | `мэр край \| область` | `(мэр край) \| область` |
| `\|` `OR` `ИЛИ` | | |

Nothing but a limit is an error: what makes no sense is passed over with a warning. Every token is
read once; only parentheses recurse, and their depth is limited before.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from searchsvc.errors import QueryError
from searchsvc.query.interpretation import write
from searchsvc.query.lexer import TELLING, Kind, Lexer, Token
from searchsvc.query.problems import Problem
from searchsvc.query.proximity import link
from searchsvc.query.sizes import Size, measure
from searchsvc.query.syntax import (
    Clause,
    Conjunction,
    Dates,
    Fuzzy,
    Leaf,
    Pattern,
    Quoted,
    Term,
    both,
    either,
    negation,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from searchsvc.query.limits import Limits

_PREFIXES = frozenset({Kind.NOT, Kind.EXACT, Kind.FIELD})
_STARTS = _PREFIXES | {Kind.LEAF, Kind.OPEN}
"""Kinds of tokens that an operand may begin with."""

PARTS_PER_WORD = 4
"""``Ростов-на-Дону`` has three; one word of 250 parts would be 250 positions to the engine."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A syntax tree, the normalised text that parses to the same tree, and what was ignored."""

    tree: Clause
    interpreted: str
    warnings: tuple[str, ...] = ()


def parse(text: str, limits: Limits) -> ParsedQuery:
    """Parse any text; the empty query is a Conjunction of nothing.

    Raises QueryError only where a limit is passed, before the work that it limits.
    """
    _check("length", "characters", len(text), limits.length)
    if (words := _plain(text)) is not None:
        _check("length", "words", len(words), limits.words)
        distinct = tuple(dict.fromkeys(words))
        return ParsedQuery(both(map(Term, distinct)) or Conjunction(), " ".join(distinct))
    if (sides := _sides(text)) is not None:
        _check("length", "words", sum(map(len, sides)), limits.words)
        alternatives = dict.fromkeys([tuple(dict.fromkeys(side)) for side in sides])
        tree = either(filter(None, [both(map(Term, words)) for words in alternatives]))
        return ParsedQuery(tree or Conjunction(), " | ".join(map(" ".join, alternatives)))
    if (words := _phrase(text)) is not None:
        _check("length", "words", len(words), limits.words)
        return ParsedQuery(Quoted(tuple(map(Term, words))), f'"{" ".join(words)}"')
    lexer = Lexer(text)
    tokens, problems = _balanced(lexer.read(), limits)
    _check_words(tokens, limits)
    parser = _Parser(tokens)
    tree = parser.read()
    warnings = (*lexer.warnings, *problems, *parser.warnings)
    return ParsedQuery(tree, write(tree), tuple(dict.fromkeys(map(str, warnings))))


def _plain(text: str) -> list[str] | None:
    """Give the words of a query that is nothing but words, as most are; None of any other."""
    words = unicodedata.normalize("NFC", text).split()
    return words if all(word.isalpha() and word not in TELLING for word in words) else None


def _sides(text: str) -> list[list[str]] | None:
    """Give the words of the sides of a query that is nothing but words and single bars."""
    if "|" not in text:
        return None
    sides = []
    for side in text.split("|"):
        words = _plain(side)
        if not words:
            return None
        sides.append(words)
    return sides


def _phrase(text: str) -> list[str] | None:
    """Give the words of a query that is nothing but words in one pair of quotes."""
    if text[:1] != '"' or text[-1:] != '"' or text.count('"') != 2:
        return None
    return _plain(text[1:-1]) or None


def _check(what: str, unit: str, value: int, limit: int) -> None:
    if value > limit:
        message = f"The query's {what} is {value} {unit}, at most {limit} are allowed"
        raise QueryError(message, parameter="q", limit=limit, value=value)


def _check_words(tokens: list[Token], limits: Limits) -> None:
    sizes = [
        Size(1, 1) if text.isalpha() else measure(text)
        for token in tokens
        for text in _texts(token.leaf)
    ]
    _check("length", "words", sum(size.words for size in sizes), limits.words)
    parts = sum(size.parts for size in sizes)
    _check("length", "parts of words", parts, limits.words * PARTS_PER_WORD)


def _texts(leaf: Leaf | None) -> list[str]:
    match leaf:
        case Quoted(items=items):
            return [item.text for item in items]
        case Term(text=text) | Pattern(text=text) | Fuzzy(text=text):
            return [text]
        case Dates():
            return [""]
        case _:
            return []


def _balanced(tokens: list[Token], limits: Limits) -> tuple[list[Token], list[str]]:
    """Drop parentheses that close or hold nothing, and check how deep the rest goes."""
    kept: list[Token] = []
    problems: list[str] = []
    depth = 0
    while tokens and tokens[-1].kind is Kind.OPEN:
        tokens.pop()
        problems = [Problem.CLOSE]
    for token in tokens:
        if token.kind is Kind.CLOSE and not depth:
            problems.append(Problem.CLOSE)
            continue
        depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
        _check("depth", "levels of parentheses", depth, limits.depth)
        kept.append(token)
    if depth:
        problems.append(Problem.OPEN)
    return kept, problems


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.warnings: list[str] = []
        self._tokens = tokens
        self._kinds = [*(token.kind for token in tokens), None, None]
        self._at = 0

    def read(self) -> Clause:
        return self._either(Field.TEXT) or Conjunction()

    def _peek(self, ahead: int = 0) -> Kind | None:
        return self._kinds[self._at + ahead]

    def _next(self) -> Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self, field: Field) -> Clause | None:
        sides = [self._both(field)]
        while self._peek() is Kind.OR:
            bar = self._next()
            sides.append(self._both(field))
            if sides[-1] is None or sides[-2] is None:
                self._dangling(bar)
        return either(side for side in sides if side)

    def _both(self, field: Field) -> Clause | None:
        clauses: list[Clause] = []
        while (kind := self._peek()) not in (None, Kind.OR, Kind.CLOSE):
            if kind in _STARTS:
                clauses.extend(self._chain(field))
                continue
            sign = self._next()
            if clauses and kind is not Kind.NEAR and self._peek() in _STARTS:
                continue
            if kind is Kind.LETTER_AND:
                clauses.append(Term(sign.text.lower(), field))
            else:
                self._dangling(sign)
        return both(clauses)

    def _chain(self, field: Field) -> list[Clause]:
        operands = [self._unary(field)]
        if self._peek() is not Kind.NEAR:
            return [operands[0]] if operands[0] else []
        distances: list[int] = []
        while self._peek() is Kind.NEAR and self._peek(1) in _STARTS:
            distances.append(self._next().distance)
            operands.append(self._unary(field))
        clauses, whole = link(operands, distances)
        if not whole:
            self.warnings.append(Problem.NEAR)
        return clauses

    def _unary(self, field: Field) -> Clause | None:
        negative = exact = False
        token = self._tokens[self._at]
        while self._peek() in _PREFIXES:
            token = self._next()
            negative ^= token.kind is Kind.NOT
            exact |= token.kind is Kind.EXACT
            field = token.field or field
        if self._peek() not in _STARTS:
            self._dangling(token)
            return None
        clause = self._primary(field, exact=exact)
        return negation(clause) if clause and negative else clause

    def _primary(self, field: Field, *, exact: bool) -> Clause | None:
        token = self._next()
        if exact and not isinstance(token.leaf, Term | Quoted):
            self.warnings.append(Problem.EXACT)
        if token.kind is Kind.OPEN:
            return self._group(field)
        return token.leaf and _placed(token.leaf, field, exact=exact)

    def _group(self, field: Field) -> Clause | None:
        clause = self._either(field)
        if self._peek() is Kind.CLOSE:
            self._next()
        if clause is None:
            self.warnings.append(Problem.EMPTY_GROUP)
        return clause

    def _dangling(self, token: Token) -> None:
        self.warnings.append(Problem.DANGLING.about(token.text))


def _placed(leaf: Leaf, field: Field, *, exact: bool) -> Leaf:
    """Put a leaf into its field; ``!`` before a phrase is said of all its words at once."""
    match leaf:
        case Dates():
            return leaf
        case Quoted(items=items) if exact:
            plain = tuple(replace(i, exact=False) if isinstance(i, Term) else i for i in items)
            return replace(leaf, items=plain, field=field, exact=True)
        case Term(text=text):
            same = leaf.field is field and leaf.exact is exact
            return leaf if same else Term(text, field, exact)
        case _:
            return leaf if leaf.field is field else replace(leaf, field=field)
