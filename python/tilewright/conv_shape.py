"""How the filters of a convolution are placed, from what users write as stride and padding."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Literal, SupportsIndex, TypeAlias

from tilewright.errors import ArgumentError

Stride: TypeAlias = SupportsIndex | tuple[SupportsIndex, SupportsIndex]
Padding: TypeAlias = (
    SupportsIndex
    | Literal["same", "valid"]
    | tuple[SupportsIndex, SupportsIndex]
    | tuple[tuple[SupportsIndex, SupportsIndex], tuple[SupportsIndex, SupportsIndex]]
)
Pair: TypeAlias = tuple[int, int]

_LIMIT = 1 << 20


def strides_of(stride: Stride) -> Pair:
    """Down and right. ArgumentError unless they are whole numbers from 1 to 2**20."""
    expected = "stride: expected a whole number from 1 to 2**20, or two (down, right)"
    down, right = _pair(stride, stride, expected)
    numbers = _whole(down, expected, stride), _whole(right, expected, stride)
    if min(numbers) < 1:
        raise ArgumentError(f"{expected}, got {stride!r}")
    return numbers


def padding_of(padding: Padding, image: Pair, kernel: Pair, strides: Pair) -> tuple[Pair, Pair]:
    """Rows of zeros (above, below) and columns (left, right). ArgumentError unless they are fewer
    than the filter has."""
    expected = (
        "padding: expected a whole number of at least 0, two (rows, columns), two pairs "
        "((top, bottom), (left, right)), 'same' or 'valid'"
    )
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ArgumentError(f"{expected}, got {padding!r}")
        same = padding == "same"
        axes = zip(image, kernel, strides, strict=True)
        above, left = (_same(*axis) if same else (0, 0) for axis in axes)
        return above, left
    sides: list[Pair] = []
    for name, size, axis in zip(
        ("high", "wide"), kernel, _pair(padding, padding, expected), strict=True
    ):
        before, after = _pair(axis, padding, expected)
        side = _whole(before, expected, padding), _whole(after, expected, padding)
        if min(side) < 0:
            raise ArgumentError(f"{expected}, got {padding!r}")
        if max(side) >= size:
            raise ArgumentError(
                f"padding: expected a padding smaller than the filter, which is {size} {name}, "
                f"got {padding!r}"
            )
        sides.append(side)
    return sides[0], sides[1]


def _same(image: int, kernel: int, stride: int) -> Pair:
    """As many outputs as the image has steps; an odd zero comes after it, as TensorFlow has it."""
    outputs = -(-image // stride)
    zeros = max((outputs - 1) * stride + kernel - image, 0)
    return zeros // 2, zeros - zeros // 2


def _pair(value: Any, whole: object, expected: str) -> tuple[Any, Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value, value
    if len(value) != 2:
        raise ArgumentError(f"{expected}, got {whole!r}")
    return value[0], value[1]


def _whole(value: Any, expected: str, whole: object) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = _LIMIT + 1
    if number > _LIMIT:
        raise ArgumentError(f"{expected}, got {whole!r}")
    return number
