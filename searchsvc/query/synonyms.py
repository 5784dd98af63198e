"""Synonyms: other names of what was typed, put beside it in the syntax tree.

In: a file of groups, ``СВО = специальная военная операция``, and a parsed query. Out: the query
with each such name, in any form, widened to all names of its group. Exact words and phrases
(``!``), what is excluded, patterns, proximities and fields stay as they were typed. Doing it again
to what came out changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.dictionary import dictionary
from searchsvc.analysis.folding import fold
from searchsvc.errors import ConfigError
from searchsvc.query.remembering import KEPT, remembered
from searchsvc.query.syntax import (
    Alike,
    Clause,
    Conjunction,
    Disjunction,
    Quoted,
    Term,
    both,
    either,
)
from searchsvc.schema import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from searchsvc.analysis.analyzer import Analyzer

SHIPPED = Path(__file__).with_name("synonyms.txt")
MOST_GROUPS = 10_000
MOST_NAMES = 10
MOST_WORDS = 8
MOST_BYTES = 1 << 20
"""Size of the largest file that is read."""

ACRONYM = "="
"""Before the form of an acronym, which is no lemma: «воза» is of no health organisation."""


class Name(NamedTuple):
    """One name of a group: as the file spells it, and what each word is found by."""

    text: str
    words: tuple[frozenset[str], ...]

    @property
    def clause(self) -> Term | Quoted:
        """The name as it is looked for: one word, or words side by side."""
        words = tuple(map(Term, self.text.split()))
        return words[0] if len(words) == 1 else Quoted(words)


class _Found(NamedTuple):
    """A name in a query: its group, which of the group's names, and how many words it has."""

    group: tuple[Name, ...]
    name: Name
    length: int


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of names that mean the same, found by a name's first word."""

    analyzer: Analyzer
    beginnings: dict[str, tuple[_Found, ...]]
    acronyms: frozenset[str]
    _begun: Callable[[str], tuple[_Found, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begun", remembered(KEPT, self._begun_by))

    @classmethod
    def named(cls, path: Path, analyzer: Analyzer) -> Synonyms | None:
        """Read what the setting names: a file, ``default`` or ``none``; raises ConfigError."""
        match str(path):
            case "none" | ".":
                return None
            case "default":
                return cls.read(SHIPPED, analyzer)
            case _:
                return cls.read(path, analyzer)

    @classmethod
    def read(cls, path: Path, analyzer: Analyzer) -> Synonyms:
        """Read a file of groups; raises ConfigError."""
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
            text = content.decode()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(f"the synonyms in {path} cannot be read: {reason}") from None
        if len(content) > MOST_BYTES:
            raise ConfigError(f"the synonyms in {path} are larger than {MOST_BYTES} bytes")
        beginnings: dict[str, list[_Found]] = defaultdict(list)
        acronyms: set[str] = set()
        for group in _groups(text, str(path), analyzer):
            for name in group:
                for key in name.words[0]:
                    beginnings[key].append(_Found(group, name, len(name.words)))
                acronyms.update(*name.words)
        acronyms = {key for key in acronyms if key.startswith(ACRONYM)}
        found = {key: tuple(found) for key, found in beginnings.items()}
        return cls(analyzer, found, frozenset(acronyms))

    def beside(self, clause: Clause) -> Clause:
        """Put the other names of a group beside each of its names in a clause."""
        return self._widened(clause) if self._may_name(clause) else clause

    def _may_name(self, clause: Clause) -> bool:
        """Tell whether some word begins a name; in most queries none does."""
        match clause:
            case Term(text=text):
                return bool(self._begun(text))
            case Conjunction(clauses=clauses) | Disjunction(clauses=clauses):
                return any(map(self._may_name, clauses))
            case Quoted(items=items):
                return any(map(self._may_name, items))
            case _:
                return False

    def _widened(self, clause: Clause) -> Clause:
        match clause:
            case Conjunction(clauses=clauses):
                return both(self._joined(clauses)) or clause
            case Disjunction(clauses=clauses):
                return self._chosen(clauses)
            case Term() | Quoted():
                found = self._at(_terms(clause), whole=True)
                return _alike(clause, found) if found else clause
            case _:
                return clause

    def other_names(self, words: Sequence[str]) -> tuple[tuple[str, ...], int]:
        """Give the other names of the name that words begin with, and how many words it has."""
        found = self._at([Term(word) for word in words[:MOST_WORDS]])
        if found is None:
            return (), 0
        return tuple(name.text for name in found.group if name is not found.name), found.length

    def _joined(self, clauses: Sequence[Clause]) -> Iterator[Clause]:
        """Take the longest names first, word by word: «специальная военная операция»."""
        at = 0
        while at < len(clauses):
            run = _run(clauses[at : at + MOST_WORDS])
            found = self._at(run)
            if found and run:
                yield _alike(both(run[: found.length]) or run[0], found)
                at += found.length
            else:
                yield self._widened(clauses[at])
                at += 1

    def _chosen(self, clauses: Sequence[Clause]) -> Clause:
        """Add to alternatives; those that are one whole group are that group again."""
        added: list[Clause] = []
        for clause in clauses:
            found = self._at(_terms(clause), whole=True)
            added += [clause] if found is None else _alike(clause, found).clauses
        distinct = self._distinct(added)
        found = self._at(_terms(distinct[0]), whole=True)
        if found and len(distinct) == len(found.group):
            same = (self._at(_terms(clause), whole=True) for clause in distinct)
            if all(one and one.group is found.group for one in same):
                return Alike(tuple(distinct))
        return either(distinct) or Disjunction(tuple(clauses))

    def _distinct(self, clauses: Sequence[Clause]) -> list[Clause]:
        """Keep one clause a name, the first: «Петербурге» of «Петербурге | Петербург»."""
        kept: dict[object, Clause] = {}
        for clause in clauses:
            found = self._at(_terms(clause), whole=True)
            kept.setdefault(found.name if found else clause, clause)
        return list(kept.values())

    def _at(self, terms: Sequence[Term], *, whole: bool = False) -> _Found | None:
        """Find the longest name that words begin with, or that they are as a ``whole``."""
        if not terms:
            return None
        begun = self._begun(terms[0].text)
        if not begun:
            return None  # so do nearly all words, and the others need not be looked at
        words = [self._keys(term.text) for term in terms[:MOST_WORDS]]
        for found in begun:
            fits = len(terms) == found.length if whole else len(terms) >= found.length
            pairs = zip(found.name.words, words, strict=False)
            if fits and all(not one.isdisjoint(other) for one, other in pairs):
                return found
        return None

    def _begun_by(self, word: str) -> tuple[_Found, ...]:
        """List the names that begin with a typed word, the longest first."""
        begun = [found for key in self._keys(word) for found in self.beginnings.get(key, ())]
        return tuple(sorted(begun, key=lambda one: -one.length))

    def _keys(self, word: str) -> frozenset[str]:
        """Give a typed word's lemmas; it may be an acronym too, «рф» but not the cart «воз»."""
        form, analyzer = fold(word), self.analyzer
        lemmas = frozenset(analyzer.lemmas(form))
        if ACRONYM + form not in self.acronyms:
            return lemmas
        is_word = analyzer.known(form) and "Abbr" not in dictionary().likeliest(form)
        return lemmas if is_word and not _is_acronym(word) else lemmas | {ACRONYM + form}


def _groups(text: str, path: str, analyzer: Analyzer) -> Iterator[tuple[Name, ...]]:
    lines = enumerate(text.removeprefix("\ufeff").splitlines(), 1)
    count = 0
    for number, line in lines:
        content = line.partition("#")[0].strip()
        if not content:
            continue
        names = [" ".join(name.split()) for name in content.split("=")]
        count += 1
        if not 2 <= len(names) <= MOST_NAMES or count > MOST_GROUPS or not all(map(_usable, names)):
            raise ConfigError(
                f"{path}, line {number}: a group is 2 to {MOST_NAMES} names of 1 to {MOST_WORDS} "
                f"words with = between them, as in СВО = специальная военная операция; "
                f"at most {MOST_GROUPS} groups"
            )
        yield tuple(Name(name, _named(name, analyzer)) for name in dict.fromkeys(names))


def _usable(name: str) -> bool:
    words = name.split()
    return 1 <= len(words) <= MOST_WORDS and all(
        word[0].isalnum() and word[-1].isalnum() and not set('"()|!*?~:') & set(word)
        for word in words
    )


def _named(name: str, analyzer: Analyzer) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset({ACRONYM + fold(word)} if _is_acronym(word) else analyzer.lemmas(fold(word)))
        for word in name.split()
    )


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _alike(clause: Clause, found: _Found) -> Alike:
    others = (name.clause for name in found.group if name is not found.name)
    return Alike((clause, *others))


def _run(clauses: Sequence[Clause]) -> list[Term]:
    """Give the plain words that clauses begin with."""
    run: list[Term] = []
    for clause in clauses:
        if not isinstance(clause, Term) or not _plain(clause):
            break
        run.append(clause)
    return run


def _terms(clause: Clause) -> list[Term]:
    """Give the words of a plain word, phrase or conjunction; of anything else none."""
    match clause:
        case Term() if _plain(clause):
            return [clause]
        case Quoted(items=items, field=Field.TEXT, exact=False, distance=None):
            run = _run(items)
            return run if len(run) == len(items) else []
        case Conjunction(clauses=clauses):
            run = _run(clauses)
            return run if len(run) == len(clauses) else []
        case _:
            return []


def _plain(term: Term) -> bool:
    return not term.exact and term.field is Field.TEXT
