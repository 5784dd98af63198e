"""The HTTP benchmark asks what it says: new queries once, and counts all that it sent."""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from bench.asking import Target, ask, request_of
from bench.http import apart
from bench.queries import Query, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Noting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        self.seen[self.path] += 1
        self.send_response(404 if self.path.endswith("3") else 200)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A server that notes what it is asked, and does not find what ends in 3."""
    _Noting.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Noting) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_unmeasured_requests_and_failures_are_counted_too(server: ThreadingHTTPServer) -> None:
    target = Target([request_of(f"/{number}") for number in range(100_000)])
    slices = [ask(server.server_port, target, 3, 0.05) for _ in range(2)]
    measured = sum(len(one.times) + one.failures for one in slices)
    assert slices[-1].given == _Noting.seen.total() == measured + 6
    assert set(_Noting.seen.values()) == {1}, "each was asked once"
    assert sum(one.failures for one in slices)


def test_no_query_is_new_that_was_asked() -> None:
    shapes = {
        Shape.AND: [("мэр",), ("мэр", "река"), ("дом",), ("мэр",)],
        Shape.OR: [("мэр",), ("дом",), ("река", "дом"), ("река", "дом")],
        Shape.PHRASE: [("мэр",), ("дом",), ("мэр",), ("река",)],
    }
    questions = {
        shape: [Query(shape, forms, forms) for forms in rows] for shape, rows in shapes.items()
    }
    old, new = apart(questions, 2)
    assert len(old) == 5, "«мэр» is the same of all words and of any"
    assert len(new) == 2, '«река | дом» and «"река"» are'
    assert not set(old) & set(new)
