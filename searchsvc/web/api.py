"""The HTTP interface for programs: requests come in, JSON or another format goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for

from searchsvc.web import formats
from searchsvc.web.context import served
from searchsvc.web.directly import FAILED
from searchsvc.web.parameters import (
    SHOWN,
    Format,
    format_of,
    next_query,
    question_of_api,
    refuse_unknown,
    text_of,
)
from searchsvc.web.rendering import answer_object, article_object

if TYPE_CHECKING:
    from searchsvc.searching.answer import Answer

api = Blueprint("api", __name__, url_prefix="/api/v1")


@api.get("/search")
def search() -> Response:
    """Answer a search in the format asked for."""
    if FAILED in request.environ:
        raise request.environ.pop(FAILED)  # kept there, it would keep the request in a cycle
    args, our = request.args, served()
    wanted = format_of(args)
    answer = our.service.search(question_of_api(args, our.settings))
    response = _written(answer, wanted)
    if answer.next is not None:
        address = f"{url_for('api.search')}?{next_query(args, answer.next)}"
        response.headers["Link"] = f'<{address}>; rel="next"'
    return response


@api.get("/articles/<article:article_id>")
def article(article_id: str) -> Response:
    """Give one article whole."""
    refuse_unknown(request.args, ())
    return jsonify(article_object(served().service.article(article_id).article))


@api.get("/suggest")
def suggest() -> Response:
    """Complete what is being typed."""
    refuse_unknown(request.args, ("q",))
    text = text_of(request.args)
    found = served().service.suggest(text)
    suggestions = [{"text": line.text, "kind": line.kind.value} for line in found]
    return jsonify({"query": text, "suggestions": suggestions})


def _written(answer: Answer, wanted: Format) -> Response:
    match wanted:
        case Format.JSON:
            return jsonify(answer_object(answer))
        case Format.JSONL:
            return Response(formats.json_lines(answer), content_type="application/x-ndjson")
        case Format.CSV:
            response = Response(formats.spreadsheet(answer), content_type="text/csv; charset=utf-8")
            response.headers["Content-Disposition"] = "attachment; filename=search.csv"
            return response
        case Format.ATOM:
            feed = formats.atom(answer, request.url, _page_address(), _article_address)
            return Response(feed, content_type="application/atom+xml; charset=utf-8")


def _page_address() -> str:
    kept = {name: value for name, value in request.args.items() if name in SHOWN}
    return f"{url_for('pages.search', _external=True)}?{urlencode(kept)}"


def _article_address(article_id: str) -> str:
    return url_for("pages.article", article_id=article_id, _external=True)
