from searchsvc.engines.whoosh.kernel import Buffer

def invert(
    terms: Buffer,
    docs: Buffer,
    positions: Buffer,
    begins: Buffer,
    targets: Buffer,
    titles: Buffer,
    starts: Buffer,
    out_docs: Buffer,
    tf: Buffer,
    title_tf: Buffer,
    out_positions: Buffer,
    /,
) -> tuple[int, int]: ...
