"""The server: settings come in, gunicorn answers until it is told to stop."""

from __future__ import annotations

import ctypes
import gc
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi

from searchsvc.errors import ConfigError, EngineUnavailable, IndexMissing
from searchsvc.web.accepting import WORKER, Loads
from searchsvc.web.app import create_app
from searchsvc.web.context import served

if TYPE_CHECKING:
    from flask import Flask

    from searchsvc.config import Settings

THREADS = 4
TIMEOUT = 30
"""Seconds after which a worker that does not answer its master is replaced."""
GRACEFUL = 10
"""Seconds that requests under way have to end when the server stops."""

SERVER_NAME = "searchsvc"

ARENAS = -8
"""``M_ARENA_MAX`` of glibc's ``mallopt``."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    The workers share the libraries and the dictionary; each opens the index for itself.

    Raises ConfigError where the address cannot be listened on.
    """
    _check_address(settings)
    wsgi.SERVER = SERVER_NAME
    _share_memory()
    _Server(settings).run()


def options(settings: Settings) -> dict[str, object]:
    """List what gunicorn is told; addresses and headers are at most 8,190 bytes long."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    loads = Loads(settings.workers)
    return {
        "bind": f"{host}:{settings.port}",
        "workers": settings.workers,
        "worker_class": WORKER,
        "threads": THREADS,
        "timeout": TIMEOUT,
        "graceful_timeout": GRACEFUL,
        "keepalive": 5,
        "limit_request_line": 8190,
        "limit_request_fields": 50,
        "limit_request_field_size": 8190,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "control_socket_disable": True,
        "preload_app": True,
        "when_ready": _ready,
        "pre_fork": loads.give,
        "child_exit": loads.free,
        "post_worker_init": _open,
        "worker_exit": _close,
    }


def _check_address(settings: Settings) -> None:
    """Say in one line what gunicorn tries five times over five seconds."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        reason = (error.strerror or str(error)).lower().partition(" (while")[0]
        message = f"cannot listen on {settings.host}, port {settings.port}: {reason}"
        raise ConfigError(f"{message}; choose with --host and --port") from None


def _share_memory() -> None:
    """Let a worker's threads take memory from one place, where that can be said (glibc).

    After 500 queries over a million articles a worker has 129 MB of its own, with places of their
    own for each thread 154 MB.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENAS, 1)


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Take our options; those that this gunicorn does not know yet are left out."""
        for name, value in options(self._settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, once before the workers are forked."""
        return create_app(self._settings)


def _ready(arbiter: Any) -> None:
    """Say where; what was loaded until now is shared by the workers and left alone by their gc."""
    gc.collect()
    gc.freeze()
    for listener in arbiter.LISTENERS:
        print(f"searchsvc: {listener}", file=sys.stderr, flush=True)


def _open(worker: Any) -> None:
    """Open the index before the first request; where that fails, ``/readyz`` tells why."""
    with suppress(IndexMissing, EngineUnavailable):
        served(worker.app.callable).service.ready()


def _close(_arbiter: object, worker: Any) -> None:
    if worker.app.callable is not None:
        served(worker.app.callable).service.close()
