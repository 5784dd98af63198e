"""Sources, bounds: how much one input may cost, counted while it is unpacked.

What an archive's headers promise is never believed: only bytes that came out are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from searchsvc.errors import ParseError

if TYPE_CHECKING:
    from searchsvc.config import Settings

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """The limits of reading; sizes in bytes, described in ``config.Settings``."""

    file_bytes: int
    unpacked_bytes: int
    unpacked_ratio: int
    archive_depth: int
    members: int = 1_000_000
    """The most members that are looked at in one file, over all archives nested in it."""
    spooled_bytes: int = 1024 * MEBIBYTE
    """The largest zip inside another archive: its directory stands at its end, so it is kept."""

    @classmethod
    def of(cls, settings: Settings) -> SourceLimits:
        """Take the limits out of the settings."""
        return cls(
            file_bytes=settings.file_bytes,
            unpacked_bytes=settings.unpacked_bytes,
            unpacked_ratio=settings.unpacked_ratio,
            archive_depth=settings.archive_depth,
        )


class Broken(ParseError):
    """The bytes end or go wrong here; what was read before stays good.

    ``record`` is set by who was reading records; ``reported`` once a Failure told of it, so that
    the archives around a broken stream do not tell of it again.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason
        self.record: int | None = None
        self.reported = False


class TooMuch(Broken):
    """A stream gave more than it may: nothing of it is trusted, but for whole records before."""


class Exhausted(TooMuch):
    """The whole file passed one of its limits: nothing more of it is read."""


class Budget:
    """What one file may still unpack to, over all archives nested in it."""

    def __init__(self, packed: int, limits: SourceLimits):
        self.limits = limits
        self._packed = packed
        self._unpacked = 0
        self._members = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes; raises Exhausted over the size or the ratio."""
        self._unpacked += count
        if self._unpacked > self.limits.unpacked_bytes:
            raise Exhausted(f"unpacks to more than {self.limits.unpacked_bytes} bytes")
        if grows_too_much(self._packed, self._unpacked, self.limits.unpacked_ratio):
            raise Exhausted(f"unpacks to more than {self.limits.unpacked_ratio} times its size")

    def member(self) -> None:
        """Count one member of an archive; raises Exhausted over their number."""
        self._members += 1
        if self._members > self.limits.members:
            raise Exhausted(f"holds more than {self.limits.members} members")


def grows_too_much(packed: int, unpacked: int, ratio: int) -> bool:
    """Tell a bomb: past a mebibyte, and over ``ratio`` times the packed size."""
    return unpacked > MEBIBYTE and unpacked > packed * ratio
