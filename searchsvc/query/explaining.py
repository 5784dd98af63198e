"""Explaining: what a text is found under, and the names that a query puts beside it.

In: text. Out: tokens with their terms, each with its kind; other names of a thing (``СВО``) stand
with the first word of the name that was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchsvc.analysis.terms import Kind, Term

if TYPE_CHECKING:
    from collections.abc import Sequence

    from searchsvc.analysis.analyzer import Analyzer, ExplainedToken
    from searchsvc.query.synonyms import Synonyms


def explained(text: str, analyzer: Analyzer, synonyms: Synonyms | None) -> list[ExplainedToken]:
    """List a text's tokens by place, a whole compound right before its parts."""
    tokens = analyzer.explain(text)
    if synonyms is None:
        return tokens
    single = _single(tokens)
    at = 0
    while at < len(single):
        names, length = synonyms.other_names([tokens[number].text for number in single[at:]])
        if names:
            token = tokens[single[at]]
            others = (Term(name, Kind.SYNONYM) for name in names)
            tokens[single[at]] = token._replace(terms=(*token.terms, *others))
        at += max(length, 1)
    return tokens


def _single(tokens: Sequence[ExplainedToken]) -> list[int]:
    """List the numbers of tokens that are no whole compounds, which reach over the next one."""
    after = [token.start for token in tokens[1:]]
    return [
        number
        for number, token in enumerate(tokens)
        if number >= len(after) or token.end <= after[number]
    ]
