"""Sources, plain lines: what nearly every JSON line is, read in a third of the time.

In: the bytes of a line. Out: its fields, or nothing where ``records`` has to look: it is the
reference for what is broken, nested, in another encoding or a number that may lose digits.
"""

from __future__ import annotations

import orjson

_PLAIN = frozenset({str, int, bool, type(None)})


def plain_fields(line: bytes) -> dict[str, object] | None:
    """Read an object of texts, whole numbers and lists of them, as ``json`` would.

    orjson takes strict JSON in strict UTF-8 only, so nothing that it takes is read otherwise but
    whole numbers of more than 64 bits, which become floats: those are left to ``json``.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict:
        return None
    for item in value.values():
        kind = type(item)
        if kind is not str and kind not in _PLAIN and not _is_plain_list(item):
            return None
    return value


def _is_plain_list(value: object) -> bool:
    return type(value) is list and _PLAIN.issuperset(map(type, value))
