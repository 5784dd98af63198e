"""Errors → answers: problem+json (RFC 9457) for programs, a short Russian page for readers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import current_app, json, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from searchsvc.errors import EngineUnavailable, IndexMissing, NotFound, QueryError
from searchsvc.web.apologies import apology

if TYPE_CHECKING:
    from flask import Flask, Response

RETRY_AFTER = 2
"""Seconds; the time one query may take by default."""

MACHINE_PATHS = ("/api/", "/healthz", "/readyz")

DETAILS = {
    404: "there is nothing at this address",
    405: "this method is not allowed here, see the Allow header",
    411: "a request with a body must say its Content-Length",
    413: "the request's body is too large",
    414: "the request's address is too long",
    500: "the server failed on this request; its log says why",
}

NO_INDEX = (
    "there is no index that can be read: build one with `make index` or `searchsvc index` "
    "(the server's log says what is wrong)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What went wrong, as much as the asker may know."""

    status: int
    detail: str
    parameter: str | None = None
    limit: object = None
    value: object = None
    retry_after: int | None = None
    allow: str | None = None


def register(app: Flask) -> None:
    """Answer every error of an application."""
    for kind in (QueryError, NotFound, IndexMissing, EngineUnavailable, HTTPException):
        app.register_error_handler(kind, _answer)


def _answer(error: Exception) -> Response:
    problem = problem_of(error)
    if isinstance(error, IndexMissing | EngineUnavailable):
        current_app.logger.warning("%s: %s", type(error).__name__, error)
    response = _for_program(problem) if request.path.startswith(MACHINE_PATHS) else _page(problem)
    response.status_code = problem.status
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.allow:
        response.headers["Allow"] = problem.allow
    return response


def problem_of(error: Exception) -> Problem:
    """Say which problem an error is; nothing of what is unexpected is told."""
    match error:
        case QueryError():
            named = {"parameter": error.parameter, "limit": error.limit, "value": error.value}
            return Problem(status=400, detail=str(error), **named)  # type: ignore[arg-type]
        case NotFound():
            return Problem(status=404, detail=str(error))
        case IndexMissing():
            return Problem(status=503, detail=NO_INDEX)
        case EngineUnavailable():
            return Problem(status=503, detail=str(error), retry_after=RETRY_AFTER)
        case HTTPException():
            return _of_http(error)
    return Problem(status=500, detail=DETAILS[500])


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    detail = DETAILS.get(status) or error.description or HTTPStatus(status).phrase
    allowed = getattr(error, "valid_methods", None)
    return Problem(status=status, detail=detail, allow=", ".join(sorted(allowed or ())) or None)


def _for_program(problem: Problem) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.parameter is not None:
        body |= {
            "parameter": problem.parameter,
            "limit": problem.limit,
            "value": problem.value,
        }
    response = make_response(json.dumps(body))
    response.content_type = "application/problem+json"
    return response


def _page(problem: Problem) -> Response:
    return make_response(render_template("problem.html", apology=apology(problem)))
