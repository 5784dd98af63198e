"""Where the time of a search over HTTP goes: each step's own time, in one process.

In: an index and the addresses that are asked. Out: processor milliseconds a request, step by step:
the WSGI application is called as gunicorn calls it, and the functions below are timed, each without
those that it calls. What the server's workers take beyond that is gunicorn and the sockets.
"""

from __future__ import annotations

import functools
import io
import time
from collections import Counter
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from searchsvc.config import Settings
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

FRAME = "arguments, headers"

STEPS = {
    "reading parameters": (
        "searchsvc.web.directly:question_of_api",
        "searchsvc.web.directly:format_of",
    ),
    "parsing the query": ("searchsvc.query.understanding:parse",),
    "understanding, lemmas": ("searchsvc.searching.service:understood",),
    "the current generation": ("searchsvc.searching.service:Service._current",),
    "engine: matching": ("searchsvc.engines.whoosh.reader:WhooshEngine.search",),
    "engine: stored articles": ("searchsvc.engines.whoosh.segment:Segment.articles",),
    "engine: places of matches": ("searchsvc.engines.whoosh.fetching:locate",),
    "snippets and marks": ("searchsvc.searching.service:_found",),
    "the answer": ("searchsvc.searching.service:Service.search",),
    "corrections": ("searchsvc.searching.correcting:Correctors.correct",),
    "JSON": ("searchsvc.web.directly:answer_json",),
}
"""Which functions are a step: module and name."""

ROUNDS = 3


class Step(NamedTuple):
    """One step: its own processor milliseconds a request, and calls a request."""

    name: str
    ms: float
    calls: float


class _Clock:
    """Adds up the own time of nested steps."""

    def __init__(self) -> None:
        self.own: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._inner = [0]

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a function."""

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0)
            started = time.thread_time_ns()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.thread_time_ns() - started
                self.own[name] += took - self._inner.pop()
                self._inner[-1] += took
                self.calls[name] += 1

        return wrapped


def profile(index: Path, paths: Sequence[str], rounds: int = ROUNDS) -> list[Step]:
    """Ask an application in this process for all paths, first unmeasured, then ``rounds`` times."""
    app = create_app(Settings(index=index))
    environments = [_environment(path) for path in paths]
    clock = _Clock()
    answer = clock.timed(FRAME, lambda environment: _answer(app, environment))
    for environment in environments:
        answer(environment)
    clock.own.clear()
    clock.calls.clear()
    with _watched(clock):
        for _ in range(rounds):
            for environment in environments:
                answer(environment)
    asked = rounds * len(paths)
    names = (FRAME, *(name for name in STEPS if clock.calls[name]))
    return [Step(name, clock.own[name] / asked / 1e6, clock.calls[name] / asked) for name in names]


def table(profile: Sequence[Step], whole: float | None) -> str:
    """Write the steps; ``whole`` is the processor time of a worker for one answer, milliseconds."""
    inside = sum(step.ms for step in profile)
    rows = [(step.name, step.ms, f"{step.calls:>6.1f}") for step in profile]
    if whole is not None:
        rows.append(("gunicorn, sockets", whole - inside, ""))
    total = max(whole or 0.0, inside)
    lines = [f"{'step of a search':<36}{'ms':>8}{'share':>7}  calls"]
    lines += [f"{name:<36}{ms:>8.3f}{ms / total:>7.0%} {calls}" for name, ms, calls in rows]
    return "\n".join([*lines, f"{'together, mean':<36}{total:>8.3f}"])


@contextmanager
def _watched(clock: _Clock) -> Iterator[None]:
    """Put the clock on every step's functions for a while."""
    former = []
    for name, places in STEPS.items():
        for place in places:
            module, _, path = place.partition(":")
            *owners, last = path.split(".")
            owner = functools.reduce(getattr, owners, import_module(module))
            function = vars(owner)[last]
            former.append((owner, last, function))
            setattr(owner, last, clock.timed(name, function))
    try:
        yield
    finally:
        for owner, last, function in former:
            setattr(owner, last, function)


def _environment(path: str) -> dict[str, Any]:
    address, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _answer(app: Any, environment: dict[str, Any]) -> bytes:
    said: list[str] = []
    body = app(dict(environment), lambda status, _: said.append(status))
    answer = b"".join(body)
    if not said[0].startswith("200"):
        raise RuntimeError(f"{environment['QUERY_STRING']} was answered {said[0]}")
    return answer
