import logging
import selectors
import socket
import time
from concurrent.futures import Future
from contextlib import closing, suppress

import pytest
from gunicorn.config import Config

from searchsvc.web.accepting import CLOSED, HEAD, PATIENCE, WORKER, Loads, Worker

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


def taken_in_the_end(worker):
    """Look again when the other one had its time; who comes late leaves it to the other again."""
    for _ in range(50):
        time.sleep(PATIENCE)
        if worker.look() == 2:
            return True
    return False


def test_what_the_other_one_does_not_take_in_time_is_taken(workers, connect):
    one, _ = workers
    connect()
    assert one.look(1) == 1
    connect()
    assert one.look(1) == 1
    assert one.look() == 1
    assert taken_in_the_end(one)


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
    assert taken_in_the_end(one)


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


waiting = pytest.mark.skipif(
    not hasattr(Worker, "murder_pending"), reason="this gunicorn's threads wait"
)
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


def being_answered(worker, connect):
    """Give a client, and its connection that a thread has read a request from."""
    client = connect()
    client.sendall(REQUEST)
    worker.look(1)
    worker.look(0.1)
    connection = worker.tpool.waiting.pop()
    connection.sock.recv(1000)
    connection.init()
    return client, connection


@waiting
def test_a_client_that_says_nothing_has_no_thread(workers, connect):
    one, _ = workers
    client = connect()
    assert one.look(1) == 1
    assert one.look() == 1
    assert one.tpool.waiting == []
    client.sendall(REQUEST)
    assert one.look(1) == 1
    assert len(one.tpool.waiting) == 1
    assert not one.pending_conns


@waiting
def test_what_is_said_at_once_has_a_thread_at_once(workers, connect):
    one, _ = workers
    connect().sendall(REQUEST)
    time.sleep(0.05)
    assert one.look(1) == 1
    assert len(one.tpool.waiting) == 1


@waiting
@pytest.mark.parametrize("cut", [1, 3, len(REQUEST) - 1])
def test_a_client_that_says_half_a_head_has_no_thread(workers, connect, cut):
    one, _ = workers
    client = connect()
    client.sendall(REQUEST[:cut])
    for _ in range(3):
        assert one.look(0.1) == 1
    assert one.tpool.waiting == []
    client.sendall(REQUEST[cut:])
    assert one.look(1) == 1
    (connection,) = one.tpool.waiting
    assert connection.sock.recv(1000) == REQUEST


@waiting
def test_until_more_is_said_the_worker_sleeps(workers, connect):
    one, _ = workers
    connect().sendall(REQUEST[:9])
    one.look(0.1)
    one.look(0.1)
    started = time.monotonic()
    one.look(0.2)
    assert time.monotonic() - started > 0.19


@waiting
@pytest.mark.parametrize("cut", [9, -2])
def test_half_a_head_after_a_whole_request_has_no_thread(workers, connect, cut):
    one, _ = workers
    client, connection = being_answered(one, connect)
    connection.parser.unreader.unread(REQUEST[:cut])
    one.finish_request(connection, done(True))
    assert one.tpool.waiting == []
    client.sendall(REQUEST[cut:])
    one.look(1)
    assert one.tpool.waiting == [connection]


@waiting
def test_a_whole_request_that_came_with_another_has_a_thread_at_once(workers, connect):
    one, _ = workers
    connect().sendall(REQUEST)
    one.look(1)
    one.look(0.1)
    connection = one.tpool.waiting.pop()
    connection.sock.recv(1000)
    connection.init()
    connection.parser.unreader.unread(REQUEST)
    one.finish_request(connection, done(True))
    assert one.tpool.waiting == [connection]


@waiting
def test_a_client_that_ends_in_a_head_is_let_go(workers, connect):
    one, _ = workers
    client = connect()
    client.sendall(REQUEST[:9])
    one.look(0.1)
    one.look(0.1)
    client.shutdown(socket.SHUT_WR)
    for _ in range(3):
        one.look(0.1)
    assert (one.nr_conns, one.tpool.waiting) == (0, [])
    assert client.recv(1) == b""


@waiting
def test_endless_heads_are_refused_without_a_thread(workers, connect):
    one, _ = workers
    client = connect()
    client.sendall(REQUEST[:-2] + b"a: b\r\n" * (HEAD // 6))
    for _ in range(3):
        assert one.look(0.1) == 1
    assert one.tpool.waiting == []
    assert client.recv(1000).startswith(b"HTTP/1.1 431 ")
    client.sendall(b"a: b\r\n" * (HEAD // 6))
    client.close()
    for _ in range(3):
        one.look(0.1)
    assert one.nr_conns == 0


@waiting
def test_endless_addresses_are_left_to_gunicorn_which_refuses_them_at_once(workers, connect):
    one, _ = workers
    connect().sendall(b"GET /" + b"a" * HEAD)
    for _ in range(3):
        assert one.look(0.1) == 1
    assert len(one.tpool.waiting) == 1


def done(result):
    future = Future()
    future.set_result(result)
    return future


@waiting
def test_nobody_waits_for_a_client_that_does_not_close(workers, connect):
    one, _ = workers
    client = connect()
    client.sendall(REQUEST)
    one.look(1)
    one.look(0.1)
    started = time.monotonic()
    one.finish_request(one.tpool.waiting.pop(), done(False))
    assert time.monotonic() - started < 1
    assert client.recv(1) == b""
    assert one.look(0.1) == 1
    client.sendall(b"more")
    client.close()
    for _ in range(3):
        one.look(0.1)
    assert one.nr_conns == 0
    assert not one.pending_conns


@waiting
def test_a_connection_that_is_kept_waits_for_its_next_request(workers, connect):
    one, _ = workers
    client, connection = being_answered(one, connect)
    one.finish_request(connection, done(True))
    assert list(one.keepalived_conns) == [connection]
    client.sendall(REQUEST[:9])
    assert one.look(1) == 1
    assert one.tpool.waiting == []
    client.sendall(REQUEST[9:])
    assert one.look(1) == 1
    assert one.tpool.waiting == [connection]


@waiting
@pytest.mark.parametrize("said", [b"", REQUEST[:9]])
def test_a_client_that_does_not_go_on_is_let_go(workers, connect, said):
    one, _ = workers
    one.cfg.set("keepalive", 0)
    client = connect()
    client.sendall(said)
    assert one.look(1) == 1
    one.look(0.1)
    one.murder_pending()
    assert one.nr_conns == 0
    with suppress(ConnectionResetError):
        assert client.recv(1) == b""
