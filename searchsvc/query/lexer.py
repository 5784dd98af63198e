"""The lexer: from typed text to signs and leaves, in one pass from left to right.

Punctuation that is no operator where it stands is passed over: ``Ура!``, ``слово - слово``,
``«Катунь 24»``. Guillemets and curly quotes are such punctuation, because pasted headlines carry
them; a phrase is what stands in straight quotes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from searchsvc.query.atoms import NEAR, OPERATORS, read_atom
from searchsvc.query.dates import Side, read_dates
from searchsvc.query.problems import Problem
from searchsvc.query.syntax import Atom, Leaf, Quoted, Term
from searchsvc.schema import POSITION_GAP, Field


class Kind(StrEnum):
    """What a token is to the parser."""

    LEAF = "leaf"
    OPEN = "("
    CLOSE = ")"
    OR = "or"
    AND = "and"
    LETTER_AND = "И"
    NOT = "not"
    NEAR = "near"
    EXACT = "!"
    FIELD = "field"


class Token(NamedTuple):
    """A sign or a leaf as typed; a leaf, a field or a distance where its kind has one."""

    kind: Kind
    text: str
    leaf: Leaf | None = None
    field: Field | None = None
    distance: int = 0


FIELDS: dict[str, Field | Side] = {
    "заголовок": Field.TITLE,
    "title": Field.TITLE,
    "источник": Field.SOURCE,
    "source": Field.SOURCE,
    "рубрика": Field.TOPIC,
    "topic": Field.TOPIC,
    "автор": Field.AUTHOR,
    "author": Field.AUTHOR,
    "дата": Side.WITHIN,
    "date": Side.WITHIN,
    "после": Side.AFTER,
    "after": Side.AFTER,
    "до": Side.BEFORE,
    "before": Side.BEFORE,
}
"""Names before a colon, in any case; any other name is just a word."""

WORDS = {
    "AND": Kind.AND,
    "И": Kind.LETTER_AND,
    "OR": Kind.OR,
    "ИЛИ": Kind.OR,
    "NOT": Kind.NOT,
    "НЕ": Kind.NOT,
}
"""Operators that stand apart from other characters, upper case only."""

NEAR_ALONE = "NEAR"
"""What is no operator without a distance; it is said, and read as a word."""
TELLING = frozenset({*WORDS, NEAR_ALONE})
"""Letters that are more than a plain word."""

LONE = {"*": Problem.LONE_STAR, "?": Problem.LONE_LETTER, "~": Problem.LONE_TILDE}
"""What is said of marks that belong to a word and have none."""

MAX_DISTANCE = 100
assert MAX_DISTANCE < POSITION_GAP  # noqa: S101

_STARTS = frozenset({"", " ", "(", "|"})
_ENDS = frozenset({")", '"'})
_BORDERS = _STARTS | _ENDS

_SPACE = re.compile(r"\s+")
_CHUNK = re.compile(r'[^\s()"|]+')
_AND = re.compile(r'&&(?![^\s()"|])')
_BARS = re.compile(r"\|+")
_NAME = re.compile(r"([A-Za-zА-Яа-яЁё]{2,9}):")
_OTHER_NAME = re.compile(r'([A-Za-zА-Яа-яЁё]{2,20}:)(?:[^\W_]|["(])')
_VALUE = re.compile(r'[^\s\w()"|]*_*(?:[^\W_]|["(])')
_DISTANCE = re.compile(r'~([0-9]{1,9})(?![^\s()|"])')


class Lexer:
    """Reads one text; ``tokens`` and ``warnings`` are what came of it."""

    def __init__(self, text: str) -> None:
        self.tokens: list[Token] = []
        self.warnings: list[str] = []
        self._text = self._without_lone_quote(unicodedata.normalize("NFC", text))
        self._at = 0
        self._prefixed = -1
        """Where the last prefix ended: what follows it at once is never an operator in words."""

    def read(self) -> list[Token]:
        """Read the whole text."""
        while self._at < len(self._text):
            self._step(self._text[self._at])
        return self.tokens

    def _without_lone_quote(self, text: str) -> str:
        if text.count('"') % 2 == 0:
            return text
        self.warnings.append(Problem.QUOTE)
        before, _, after = text.rpartition('"')
        return f"{before} {after}"

    def _step(self, char: str) -> None:
        if char == " ":
            self._at += 1
        elif char.isspace():
            self._pass(_SPACE)
        elif char in "()":
            self._sign(Kind.OPEN if char == "(" else Kind.CLOSE, char)
        elif char == "|":
            self._sign(Kind.OR, self._match(_BARS) or char)
        elif char == '"':
            self._quoted()
        elif char.isalnum():
            self._chunk()
        elif char == "&" and self._stands_apart() and self._match(_AND):
            self._sign(Kind.AND, "&&")
        elif char in "-!" and self._is_prefix(char):
            self._sign(Kind.NOT if char == "-" else Kind.EXACT, char)
            self._prefixed = self._at
        elif char in "*?~":
            self._lone_mark(char)
        else:
            self._at += 1

    def _lone_mark(self, mark: str) -> None:
        """Pass over ``*``, ``~`` where no word is before them, and ``?`` where one begins."""
        starts = self._before() not in _ENDS and self._text[self._at + 1 : self._at + 2].isalnum()
        if mark == "~" and self._before() == '"':
            self.warnings.append(Problem.PHRASE_TILDE)
        elif mark != "?" or starts:
            self.warnings.append(LONE[mark])
        self._at += 1

    def _is_prefix(self, char: str) -> bool:
        """Tell ``-рейтинг``, ``(-а)``, ``-!стали`` from ``а-б``, ``а - б``, ``Ура!``."""
        if self._before() not in _STARTS and self._at != self._prefixed:
            return False
        after = self._text[self._at + 1 : self._at + 3]
        if char == "!" or after[:1] == "!":
            after = after[char == "-" :]
            return after[:1].isalnum() or after[:1] == '"'
        return after[:1].isalnum() or after[:1] in ("(", '"')

    def _before(self) -> str:
        before = self._text[self._at - 1 : self._at]
        return " " if before.isspace() else before

    def _stands_apart(self) -> bool:
        return self._before() in _BORDERS and self._at != self._prefixed

    def _chunk(self) -> None:
        chunk = self._match(_CHUNK) or ""
        if chunk.isalpha() and chunk not in TELLING:
            # Most words are letters alone, which nothing below can be read into.
            self.tokens.append(Token(Kind.LEAF, chunk, Term(chunk)))
            self._at += len(chunk)
            return None
        if self._stands_apart():
            if chunk in WORDS:
                return self._sign(WORDS[chunk], chunk)
            if near := NEAR.fullmatch(chunk):
                return self._near(chunk, int(near[1]))
        if chunk == NEAR_ALONE:
            self.warnings.append(Problem.NEAR_ALONE)
            return self._word(chunk, chunk.lower())
        name = _NAME.match(chunk)
        field = FIELDS.get(name[1].lower()) if name else None
        if name and field:
            return self._field(chunk, name[0], field)
        if other := _OTHER_NAME.match(self._text, self._at):
            self.warnings.append(Problem.UNKNOWN_FIELD.about(other[1]))
        return self._word(chunk, chunk)

    def _near(self, text: str, distance: int) -> None:
        self.tokens.append(Token(Kind.NEAR, text, distance=max(1, self._distance(distance))))
        if not distance:
            self.warnings.append(Problem.DISTANCE_ZERO)
        self._at += len(text)

    def _distance(self, distance: int) -> int:
        if distance > MAX_DISTANCE:
            self.warnings.append(Problem.DISTANCE_LONG.about(distance, MAX_DISTANCE))
        return min(distance, MAX_DISTANCE)

    def _field(self, chunk: str, name: str, field: Field | Side) -> None:
        if isinstance(field, Side):
            has_value = any(map(str.isalnum, chunk[len(name) :]))
        else:
            has_value = _VALUE.match(self._text, self._at + len(name)) is not None
        if not has_value:
            self.warnings.append(Problem.FIELD.about(name))
            return self._word(chunk, name)
        if isinstance(field, Side):
            return self._dates(chunk, chunk[len(name) :], field)
        self.tokens.append(Token(Kind.FIELD, name, field=field))
        self._at += len(name)
        self._prefixed = self._at
        return None

    def _dates(self, chunk: str, value: str, side: Side) -> None:
        read = read_dates(value, side)
        if read is None:
            self.warnings.append(Problem.DATE.about(chunk))
            return self._word(chunk, chunk)
        dates, swapped = read
        if swapped:
            self.warnings.append(Problem.DATES_SWAPPED.about(chunk))
        self.tokens.append(Token(Kind.LEAF, chunk, leaf=dates))
        self._at += len(chunk)
        return None

    def _word(self, chunk: str, word: str) -> None:
        self.tokens.append(Token(Kind.LEAF, chunk, leaf=read_atom(word, self.warnings.append)))
        self._at += len(chunk)

    def _quoted(self) -> None:
        end = self._text.index('"', self._at + 1)
        content = self._text[self._at + 1 : end]
        items = tuple(item for word in content.split() if (item := self._item(word)))
        self._at = end + 1
        slop = _DISTANCE.match(self._text, self._at)
        distance = self._distance(int(slop[1])) or None if slop else None
        self._at += len(slop[0]) if slop else 0
        if not items:
            self.warnings.append(Problem.EMPTY_QUOTES)
        leaf = Quoted(items, distance=distance) if items else None
        self.tokens.append(Token(Kind.LEAF, f'"{content}"', leaf=leaf))

    def _item(self, word: str) -> Atom | None:
        """Read one word in quotes, where no operator but ``!``, ``*``, ``?`` and ``~`` counts."""
        if word.isalpha() and word not in OPERATORS:
            return Term(word)  # as most are: nothing below can be read into letters alone
        start = next((i for i, char in enumerate(word) if char.isalnum()), None)
        lone = word[:start]
        self.warnings.extend(LONE[mark] for mark in "*~" if mark in lone)
        if start is None:
            return None
        if lone.endswith("?"):
            self.warnings.append(Problem.LONE_LETTER)
        atom = read_atom(word[start:], self.warnings.append)
        if start == 1 and word[0] == "!":
            if isinstance(atom, Term):
                return replace(atom, exact=True)
            self.warnings.append(Problem.EXACT)
        return atom

    def _sign(self, kind: Kind, text: str) -> None:
        self.tokens.append(Token(kind, text))
        self._at += len(text)

    def _match(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self._text, self._at)
        return match[0] if match else None

    def _pass(self, pattern: re.Pattern[str]) -> None:
        self._at += len(self._match(pattern) or " ")
