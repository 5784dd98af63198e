"""Settings: what a flag sets, ``SEARCHSVC_…`` sets too; the defaults are the documented limits."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from searchsvc.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; sizes in bytes, times in seconds, lengths in characters."""

    index: Path = Path("index")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    procs: int = 0
    """Processes that parse and analyse; 0 takes one per core, at most two."""

    synonyms: Path = Path("default")
    """Names that mean the same, looked for together; ``default`` is the shipped file, none turns
    them off."""
    freshness: float = 0.0
    """What the score of the newest article gains, one a month older half of it; 0 turns it off."""

    query_length: int = 500
    query_words: int = 32
    query_depth: int = 10
    expansions: int = 200
    page_size: int = 100
    window: int = 1_000
    query_seconds: float = 2.0
    read_body: int = 64 * 1024

    file_bytes: int = 64 * 1024 * 1024
    """The largest page, dump, feed or record that is read into memory."""
    unpacked_bytes: int = 64 * 1024 * 1024 * 1024
    """The most that one archive may unpack to."""
    unpacked_ratio: int = 200
    """The most that compressed data may grow, once it is past a megabyte."""
    archive_depth: int = 3


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read ``SEARCHSVC_INDEX``, ``SEARCHSVC_PORT`` and so on; raises ConfigError."""
    given: dict[str, object] = {}
    for setting in fields(Settings):
        name = f"SEARCHSVC_{setting.name.upper()}"
        if name in environment:
            given[setting.name] = _value(name, environment[name], setting.default)
    return Settings(**given)  # type: ignore[arg-type]


_FROM_ZERO = frozenset({"SEARCHSVC_PROCS", "SEARCHSVC_PORT", "SEARCHSVC_FRESHNESS"})
_MOST = {"SEARCHSVC_PORT": 65_535, "SEARCHSVC_FRESHNESS": 100}


def _value(name: str, text: str, default: object) -> object:
    kind = Path if isinstance(default, Path) else type(default)
    try:
        value = kind(text)  # type: ignore[call-arg]
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{name}={text!r} is not {wanted}") from None
    if isinstance(value, int | float):
        _check_range(name, value)
    return value


def _check_range(name: str, value: float) -> None:
    enough = value >= 0 if name in _FROM_ZERO else value > 0
    if enough and math.isfinite(value) and value <= _MOST.get(name, value):
        return
    least = "0 or more" if name in _FROM_ZERO else "above 0"
    most = f", at most {_MOST[name]}" if name in _MOST else ""
    raise ConfigError(f"{name}={value} is out of range: it must be {least}{most}")
