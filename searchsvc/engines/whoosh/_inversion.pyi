from searchsvc.engines.whoosh.kernel import Buffer

def invert(
    terms: Buffer,
    docs: Buffer,
    positions: Buffer,
    begins: Buffer,
    targets: Buffer,
    titles: Buffer,
    weights: Buffer,
    lengths: Buffer,
    starts: Buffer,
    out_docs: Buffer,
    codes: Buffer,
    tf: Buffer,
    title_tf: Buffer,
    samples: Buffer,
    out_positions: Buffer,
    /,
) -> tuple[int, int, bytes | None, bytes | None]: ...
