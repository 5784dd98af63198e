"""Whether the process lives and whether it can answer, for whatever watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, jsonify

from searchsvc.web.context import served

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that the process answers at all."""
    return jsonify(status="alive")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say which generation answers and how many articles it has; 503 without an index."""
    stats = served().service.ready()
    return jsonify(status="ready", generation=stats.generation, articles=stats.articles)
