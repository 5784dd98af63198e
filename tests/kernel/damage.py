"""Damage to a segment or a call: any of its arrays, numbers and tuples made wrong.

As a file could be damaged, or written by an enemy: documents out of range, unsorted, twice;
lengths and offsets that lie; and what no caller should give: other types, other layouts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from random_calls import Call, Named, Titled, Typing, United

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from random_segments import Made

Path = tuple[int, ...]

NUMBERS = (-1, 0, 1, 2, 127, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), 10**30)
FLOATS = (math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, -1e308, 1e-320)
STRANGERS: tuple[Any, ...] = (None, 5, "да", b"", [], (), [1, 2], object(), 1.5, b"abc", True)
FIELDS = 3
"""Where a segment's arguments have the arrays of its fields."""


def damaged_segment(made: Made, chance: np.random.Generator) -> Made:
    """Give a segment with one to three things wrong, mostly in arrays of fields."""
    arguments: Any = made.arguments
    for _ in range(chance.choice((1, 1, 2, 3))):
        paths = [path for path in _paths(arguments, ()) if path != (0,)]
        fields = [path for path in paths if path[0] == FIELDS and len(path) == 3]
        if fields and chance.random() < 0.8:
            paths = fields
        arguments = _changed(arguments, paths[chance.integers(len(paths))], chance)
    if chance.random() < 0.02:
        arguments = (int(chance.choice((-1, 0, 1, 100, 2**40))), *arguments[1:])
    return made._replace(arguments=arguments)


def damaged_call(call: Call, chance: np.random.Generator) -> Call:
    """Give a call with one to three things wrong; a deadline stays, it is the last."""
    arguments: Any = call.arguments
    timed = isinstance(arguments[-1], float)
    for _ in range(chance.choice((1, 1, 2, 3))):
        paths = [
            path for path in _paths(arguments, ()) if not timed or path != (len(arguments) - 1,)
        ]
        arguments = _changed(arguments, paths[chance.integers(len(paths))], chance)
    return call._replace(arguments=arguments)


def _paths(value: Any, path: Path) -> Iterator[Path]:
    """List where things are, tuples too."""
    if path:
        yield path
    if isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _paths(part, (*path, number))


def _changed(value: Any, path: Path, chance: np.random.Generator) -> Any:
    if path:
        number, *rest = path
        part = _changed(value[number], tuple(rest), chance)
        changed = (*value[:number], part, *value[number + 1 :])
        return (
            type(value)(*changed) if isinstance(value, (Named, Titled, Typing, United)) else changed
        )
    if chance.random() < 0.05:
        return STRANGERS[chance.integers(len(STRANGERS))]
    if isinstance(value, np.ndarray) and value.dtype != object:
        return ARRAYS[chance.integers(len(ARRAYS))](value.copy(), chance)
    return _other(value, chance)


def _other(value: Any, chance: np.random.Generator) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return NUMBERS[chance.integers(len(NUMBERS))]
    if isinstance(value, float):
        return FLOATS[chance.integers(len(FLOATS))]
    if isinstance(value, bytes):
        return value + b"\xff"
    if isinstance(value, (Named, United)):
        return value[0]
    if isinstance(value, tuple) and value:
        number = chance.integers(len(value))
        return value[:number] + value[number + 1 :] if chance.integers(2) else (*value, value[0])
    return np.zeros(chance.integers(9), np.uint8)


def _poked(array: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    """Put a wrong number somewhere; half of the wrong ones are only a little wrong."""
    if not array.size:
        return array
    place = chance.integers(array.size)
    if array.dtype.kind == "f":
        array[place] = FLOATS[chance.integers(5)]
    elif chance.integers(2):
        array.view(np.uint8)[place * array.itemsize] ^= 1 << chance.integers(8)
    else:
        limits = np.iinfo(array.dtype)
        near = (limits.min, limits.max, limits.max // 2, int(array.max()) + 1, int(array.max()) + 9)
        array[place] = min(limits.max, near[chance.integers(len(near))])
    return array


def _noise(array: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    array.view(np.uint8)[:] = chance.integers(0, 256, array.nbytes, np.uint8)
    return array


def _shuffled(array: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    chance.shuffle(array)
    return array


def _doubled(array: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    if array.size > 1:
        place = chance.integers(1, array.size)
        array[place] = array[place - 1]
    return array


def _misaligned(array: NDArray[Any], chance: np.random.Generator) -> NDArray[Any]:
    memory = np.zeros(array.nbytes + 1, np.uint8)
    memory[1:] = array.view(np.uint8)
    return memory[1:].view(array.dtype)


ARRAYS = (
    *(*[_poked] * 12, _noise, _shuffled, _doubled, _misaligned),
    lambda array, chance: array[: chance.integers(array.size + 1)].copy(),
    lambda array, chance: np.concatenate((array, array[: 1 + chance.integers(3)])),
    lambda array, chance: array.view(np.uint8)[: max(0, array.nbytes - 1)].copy(),
    lambda array, chance: np.repeat(array, 2)[::2],
    lambda array, chance: memoryview(np.repeat(array, 2))[::2],
    lambda array, chance: array[::-1],
    lambda array, chance: array.astype(np.int64),
    lambda array, chance: array.astype(np.int8),
    lambda array, chance: array.astype(object),
    lambda array, chance: array.tobytes(),
    lambda array, chance: array.tolist(),
)
