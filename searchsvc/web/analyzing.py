"""The analysis for programs: a text comes in, its tokens and why each term is there go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from searchsvc.errors import QueryError
from searchsvc.web.context import served
from searchsvc.web.parameters import refuse_unknown

if TYPE_CHECKING:
    from searchsvc.analysis.analyzer import ExplainedToken

analyzing = Blueprint("analyzing", __name__, url_prefix="/api/v1")

TEXT_LENGTH = 1_000
"""Characters of ``text``: escaped, a Cyrillic one takes six bytes of the query string."""


@analyzing.get("/analyze")
def analyze() -> Response:
    """List the tokens of ``text`` with offsets and terms, each with its kind."""
    refuse_unknown(request.args, ("text",))
    values = request.args.getlist("text")
    if len(values) != 1:
        message = f"text is given {len(values)} times, give it once"
        raise QueryError(message, parameter="text", limit=1)
    if len(values[0]) > TEXT_LENGTH:
        message = f"text has {len(values[0])} characters, at most {TEXT_LENGTH} are allowed"
        raise QueryError(message, parameter="text", limit=TEXT_LENGTH, value=len(values[0]))
    return jsonify({"tokens": [_token(token) for token in served().service.explain(values[0])]})


def _token(token: ExplainedToken) -> dict[str, object]:
    return {
        "text": token.text,
        "start": token.start,
        "end": token.end,
        "terms": [{"lemma": term.lemma, "kind": term.kind} for term in token.terms],
    }
