"""What an application serves with: its settings and its service, kept on the Flask object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from flask import Flask

    from searchsvc.config import Settings
    from searchsvc.searching.service import Service

_KEY = "searchsvc"


@dataclass(frozen=True, slots=True)
class Served:
    """The settings an application was made with and the service that answers it."""

    settings: Settings
    service: Service


def attach(app: Flask, settings: Settings, service: Service) -> Served:
    """Keep settings and service on an application."""
    our = app.extensions[_KEY] = Served(settings, service)
    return our


def served(app: Flask | None = None) -> Served:
    """Give what an application serves with; without one, that of the current request."""
    return cast("Served", (app or current_app).extensions[_KEY])
