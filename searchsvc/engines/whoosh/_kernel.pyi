from searchsvc.engines.whoosh.kernel import Buffer, Found, Items, Operands, Order, Range, Streams

def boolean(
    mode: str,
    size: int,
    table: Buffer,
    must: Operands,
    should: Operands,
    without: Operands,
    range_: Range,
    dead: Buffer | None,
    order: Order,
    after: tuple[float, int],
    wanted: int,
    best: bool,
    deadline: float,
    /,
) -> Found: ...
def spans(
    size: int,
    table: Buffer,
    lengths: Buffer,
    weight: float,
    distance: int,
    streams: Streams,
    items: Items,
    deadline: float,
    /,
) -> Found: ...
def find(blob: Buffer, offsets: Buffer, key: bytes, /) -> tuple[int, bool]: ...
