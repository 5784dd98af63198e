"""The keyboard: what a word looks like when typed in the other layout.

In: a chunk of typed text. Out: the same keys under the Russian or the English (US) layout.
"""

from __future__ import annotations

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN = "йцукенгшщзхъфывапролджэячсмитьбюё"
_LATIN_SHIFTED = 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~'
_TO_RUSSIAN = str.maketrans(_LATIN + _LATIN_SHIFTED, _RUSSIAN + _RUSSIAN.upper())
_TO_LATIN = str.maketrans(_RUSSIAN + _RUSSIAN.upper(), _LATIN + _LATIN_SHIFTED)

KEYS = frozenset(_LATIN + _LATIN_SHIFTED)
"""Characters that are Russian letters under the other layout: ``[kt,`` is «хлеб»."""


def to_russian(text: str) -> str:
    """Type the keys of ``text`` in the Russian layout: ghbdtn → привет."""
    return text.translate(_TO_RUSSIAN)


def to_latin(text: str) -> str:
    """Type the keys of ``text`` in the English layout: руддщ → hello."""
    return text.translate(_TO_LATIN)
