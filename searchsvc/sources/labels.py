"""Sources, naming: names of files and archive members become labels safe to print and to store."""

from __future__ import annotations

import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PACKING_SUFFIXES = {
    ".gz": "",
    ".bz2": "",
    ".xz": "",
    ".tgz": ".tar",
    ".tbz2": ".tar",
    ".tbz": ".tar",
    ".txz": ".tar",
}


def label(name: str | bytes) -> str:
    r"""Write a name so that it prints on one line and encodes as UTF-8.

    >>> label(b"\xed\xe0.html"), label("новости\n.html"), label("новости.html")
    ('\\xed\\xe0.html', 'новости\\x0a.html', 'новости.html')
    """
    if isinstance(name, str):
        name = name.encode("utf-8", "surrogateescape" if _from_system(name) else "backslashreplace")
    text = name.decode("utf-8", "backslashreplace")
    return "".join(
        _escaped(char) if unicodedata.category(char) in _UNSAFE else char for char in text
    )


def suffix(name: str) -> str:
    """Cut the last suffix out of a label, with its dot and in lower case; empty without one."""
    _, dot, end = name.rpartition("/")[2].rpartition(".")
    return f".{end.lower()}" if dot else ""


def without_packing(name: str) -> str:
    """Take the compression's suffix off: ``a.jsonl.gz`` is ``a.jsonl``, ``a.tgz`` is ``a.tar``."""
    end = suffix(name)
    if end not in _PACKING_SUFFIXES:
        return name
    return name[: -len(end)] + _PACKING_SUFFIXES[end]


def hidden(name: str) -> bool:
    """Tell members that archivers add by themselves or that are hidden: ``__MACOSX/._a.html``."""
    parts = [part for part in name.split("/") if part not in {"", ".", ".."}]
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _from_system(name: str) -> bool:
    surrogates = [char for char in name if "\ud800" <= char <= "\udfff"]
    return all("\udc80" <= char <= "\udcff" for char in surrogates)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
