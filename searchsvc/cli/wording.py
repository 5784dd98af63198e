"""Counts in words, for every line that the commands print."""


def counted(number: int, one: str, several: str = "") -> str:
    """Write ``1 article``, ``2 articles``, ``0 losses``."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"
