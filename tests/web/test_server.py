import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from searchsvc.config import Settings
from searchsvc.errors import ConfigError
from searchsvc.web.accepting import WORKER
from searchsvc.web.server import THREADS, options, serve

PROGRAM = """
import sys
from pathlib import Path
from searchsvc.config import Settings
from searchsvc.web.accepting import WORKER
from searchsvc.web.server import serve
serve(Settings(index=Path(sys.argv[1]), port=0, workers=1))
"""


@contextmanager
def served(index):
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", PROGRAM, str(index)]
    environment = os.environ | {"HOME": str(index.parent)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            first = process.stderr.readline()
            port = int(re.fullmatch(r"searchsvc: http://127\.0\.0\.1:(\d+)\n", first)[1])
            yield process, port
        finally:
            process.terminate()
            process.wait(20)


def get(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with served(tmp_path_factory.mktemp("served") / "index") as (_, port):
        yield port


def test_a_taken_address_is_said_at_once(port, tmp_path):
    settings = Settings(index=tmp_path / "index", port=port)
    with pytest.raises(ConfigError, match=f"127.0.0.1, port {port}: address already in use; .*--p"):
        serve(settings)


def test_it_starts_without_an_index_and_says_that_it_is_not_ready(port):
    assert get(port, "/healthz")[0] == 200
    status, headers, body = get(port, "/readyz")
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert b"make index" in body
    assert "Поиск пока не готов".encode() in get(port, "/")[2]


def test_it_does_not_tell_what_it_is_made_of(port):
    for path in ("/healthz", "/nothing", "/" + "a" * 9000):
        told = str(get(port, path)[1]).casefold()
        assert "gunicorn" not in told
        assert "werkzeug" not in told
        assert "python" not in told


def test_endless_addresses_and_headers_are_refused(port):
    assert get(port, "/?q=" + "a" * 8_100)[0] == 414
    assert get(port, "/?q=" + "a" * 100_000)[0] in (400, 414)
    assert get(port, "/healthz", Cookie="a" * 100_000)[0] in (400, 431)
    assert get(port, "/healthz")[0] == 200


HALVES = {
    "of a head": b"GET /healthz HTTP/1.1\r\nHost: a",
    "of a second head": b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost",
    "of a body": b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na",
    "of a farewell": b"GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n",
}


@pytest.mark.skipif(not hasattr(WORKER, "murder_pending"), reason="this gunicorn's threads wait")
@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())
def test_clients_that_say_half_keep_nobody_waiting(port, half):
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(2 * THREADS)]
    try:
        for client in clients:
            client.sendall(half)
        time.sleep(0.1)
        started = time.monotonic()
        assert get(port, "/healthz")[0] == 200
        assert time.monotonic() - started < 1.5
    finally:
        for client in clients:
            client.close()


def test_it_stops_cleanly_when_told(tmp_path):
    with served(tmp_path / "index") as (process, port):
        assert get(port, "/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "bind"), [("127.0.0.1", "127.0.0.1:8000"), ("::1", "[::1]:8000"), ("", ":8000")]
)
def test_any_address_can_be_bound(host, bind):
    assert options(Settings(host=host))["bind"] == bind


def test_workers_are_as_many_as_set():
    told = options(Settings(workers=5))
    assert (told["workers"], told["threads"], told["worker_class"]) == (5, 4, WORKER)


def test_workers_share_what_is_loaded_before_they_are_forked():
    assert options(Settings())["preload_app"] is True
