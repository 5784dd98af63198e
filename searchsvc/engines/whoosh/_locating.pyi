from collections.abc import Callable

from searchsvc.engines.protocol import Match, Zone
from searchsvc.engines.whoosh.portable_locating import Document, Offsets, Standing

def united(rows: list[bytes], /) -> bytes: ...
def side_by_side(rows: list[bytes], /) -> bytes: ...
def matches(
    documents: tuple[Document, ...],
    standing: tuple[Standing, ...],
    offsets: Callable[[str, int], tuple[Offsets, Offsets]],
    quick: Callable[[str, bytes], bytes | None],
    constants: tuple[type[Match], Zone, Zone, int, Callable[[str, int], int]],
    /,
) -> list[tuple[Match, ...]]: ...
