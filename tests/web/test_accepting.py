import logging
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import closing

import pytest
from gunicorn.config import Config

from searchsvc.web.accepting import CLOSED, PATIENCE, WORKER, Loads, Worker

pytestmark = pytest.mark.skipif(WORKER is not Worker, reason="this gunicorn listens otherwise")


class Idle:
    """A pool whose threads never come to their work."""

    def __init__(self):
        self.waiting = []

    def submit(self, _work, connection):
        self.waiting.append(connection)
        return Future()


class Idler(Worker):
    def look(self, seconds=0.0):
        """Go once around the loop of ``run``; tells how many connections there are then."""
        if not self._accepting:
            self.set_accept_enabled(True)
        self.wait_for_and_dispatch_events(seconds)
        return self.nr_conns


@pytest.fixture
def listener():
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture
def loads():
    return Loads(2)


@pytest.fixture
def workers(listener, loads, monkeypatch):
    both = [
        Idler(age, 0, [listener], None, 30, Config(), logging.getLogger("idle")) for age in (1, 2)
    ]
    for worker in both:
        loads.give(None, worker)
        monkeypatch.setattr(worker, "tpool", Idle())
        monkeypatch.setattr(worker, "poller", selectors.DefaultSelector())
        worker.set_accept_enabled(True)
    yield both
    for worker in both:
        for connection in (*worker.tpool.waiting, *getattr(worker, "pending_conns", ())):
            connection.close()
        worker.poller.close()
        worker.tmp.close()


@pytest.fixture
def connect(listener):
    made = []

    def connected():
        made.append(socket.create_connection(listener.getsockname()))
        return made[-1]

    yield connected
    for connection in made:
        connection.close()


def test_a_connection_is_left_to_the_worker_with_fewer(workers, connect):
    one, other = workers
    connect()
    assert one.look(1) == 1
    connect()
    assert one.look(1) == 1
    assert other.look(1) == 1


def test_what_the_other_one_does_not_take_in_time_is_taken(workers, connect):
    one, _ = workers
    connect()
    assert one.look(1) == 1
    connect()
    assert one.look(1) == 1
    assert one.look() == 1
    time.sleep(PATIENCE)
    assert one.look() == 2


def test_while_a_connection_is_left_to_others_the_worker_waits_no_longer_than_that(
    workers, connect
):
    one, _ = workers
    connect()
    one.look(1)
    connect()
    one.look(1)
    started = time.monotonic()
    one.look(60)
    assert time.monotonic() - started < 10
    assert one.look(60) == 2


def test_a_worker_that_stops_is_left_nothing(workers, connect):
    one, other = workers
    connect()
    assert one.look(1) == 1
    other.alive = False
    other.set_accept_enabled(False)
    connect()
    assert one.look(1) == 2


def test_a_worker_that_has_ended_is_left_nothing_and_its_place_is_given_anew(loads, workers):
    one, other = workers
    one.nr_conns = 3
    assert loads.fewest() == 0
    loads.free(None, other)
    assert loads.fewest() == 3
    later = [type("Later", (), {})() for _ in range(4)]
    for worker in later:
        loads.give(None, worker)
    assert [getattr(worker, "place", None) for worker in later] == [1, 2, 3, None]


def test_before_they_listen_workers_are_left_nothing(loads):
    assert loads.fewest() == CLOSED


@pytest.mark.skipif(not hasattr(Worker, "murder_pending"), reason="this gunicorn's threads wait")
def test_a_client_that_says_nothing_has_no_thread(workers, connect):
    one, _ = workers
    client = connect()
    assert one.look(1) == 1
    assert one.look() == 1
    assert one.tpool.waiting == []
    client.sendall(b"GET")
    assert one.look(1) == 1
    assert len(one.tpool.waiting) == 1
    assert not one.pending_conns


@pytest.mark.skipif(not hasattr(Worker, "murder_pending"), reason="this gunicorn's threads wait")
def test_a_client_that_says_nothing_is_let_go(workers, connect):
    one, _ = workers
    one.cfg.set("keepalive", 0)
    client = connect()
    assert one.look(1) == 1
    one.murder_pending()
    assert one.nr_conns == 0
    assert client.recv(1) == b""
