"""NumPy arrays to the bytes that device memories hold, and back.

Devices are little-endian. A layout says in which order the elements of a matrix lie: "row" (C
order), "column" (Fortran order), or "tiled": tiles of `tile` = (rows, columns), each in row order,
tile after tile in row order, the ragged edge filled up with zeros. bfloat16, which NumPy does not
have, is named by a string and read back as float32, which holds each of its values exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.errors import ArgumentError

LAYOUTS = ("row", "column", "tiled")
ElementType = npt.DTypeLike | str


def element_size(dtype: ElementType) -> int:
    """Bytes of one element."""
    return 2 if dtype == "bfloat16" else _numpy_type(dtype).itemsize


def float32_to_bfloat16(array: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """The bits of each value, rounded to the nearest, ties to even; NaN stays NaN."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16
    quiet_nan = (bits >> 16) | 0x40
    return np.where((bits & 0x7FFFFFFF) > 0x7F800000, quiet_nan, rounded).astype(np.uint16)


def bfloat16_to_float32(bits: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The values of bfloat16 bits, exactly."""
    wide = np.ascontiguousarray(bits, np.uint16).astype(np.uint32) << np.uint32(16)
    return wide.view(np.float32)


def to_device_bytes(
    array: npt.ArrayLike,
    dtype: ElementType | None = None,
    layout: str = "row",
    tile: tuple[int, int] = (16, 16),
) -> npt.NDArray[np.uint8]:
    """The bytes of an array in device memory. `dtype` None keeps the array's own.

    Any strides and byte order. ArgumentError for objects, for an unknown layout, and for a layout
    other than "row" of anything but a matrix.
    """
    source = np.asarray(array)
    ordered = _in_layout(source, layout, tile)
    if dtype == "bfloat16":
        elements: npt.NDArray[Any] = float32_to_bfloat16(ordered)
    else:
        elements = ordered.astype(_numpy_type(source.dtype if dtype is None else dtype))
    return elements.astype(elements.dtype.newbyteorder("<"), copy=False).view(np.uint8)


def from_device_bytes(
    data: bytes | bytearray | memoryview | npt.NDArray[Any],
    shape: Sequence[int],
    dtype: ElementType = np.float32,
    layout: str = "row",
    tile: tuple[int, int] = (16, 16),
) -> npt.NDArray[Any]:
    """The array of this shape that the bytes hold; the reverse of `to_device_bytes`.

    ArgumentError if there are more or fewer bytes than the shape needs in that layout.
    """
    sizes = tuple(int(n) for n in shape)
    raw = np.frombuffer(np.ascontiguousarray(data) if isinstance(data, np.ndarray) else data, "u1")
    padded = _padded(sizes, layout, tile)
    expected = math.prod(padded) * element_size(dtype)
    if raw.size != expected:
        raise ArgumentError(
            f"data: expected {expected} bytes for {sizes} of {dtype} in layout {layout!r},"
            f" got {raw.size}"
        )
    if dtype == "bfloat16":
        elements: npt.NDArray[Any] = bfloat16_to_float32(raw.view("<u2"))
    else:
        elements = raw.view(_numpy_type(dtype).newbyteorder("<")).astype(_numpy_type(dtype))
    if layout == "row":
        return elements.reshape(sizes)
    if layout == "column":
        return elements.reshape(sizes[::-1]).T.copy()
    rows, columns = tile
    tiles = elements.reshape(padded[0] // rows, padded[1] // columns, rows, columns)
    return tiles.swapaxes(1, 2).reshape(padded)[: sizes[0], : sizes[1]].copy()


def _in_layout(source: npt.NDArray[Any], layout: str, tile: tuple[int, int]) -> npt.NDArray[Any]:
    """The elements one after another, as the layout orders them."""
    padded = _padded(source.shape, layout, tile)
    if layout == "row":
        return source.ravel()
    if layout == "column":
        return source.T.ravel()
    whole = np.zeros(padded, source.dtype)
    whole[: source.shape[0], : source.shape[1]] = source
    rows, columns = tile
    tiles = whole.reshape(padded[0] // rows, rows, padded[1] // columns, columns)
    return tiles.swapaxes(1, 2).ravel()


def _padded(shape: tuple[int, ...], layout: str, tile: tuple[int, int]) -> tuple[int, ...]:
    if layout not in LAYOUTS:
        raise ArgumentError(f"layout: expected one of {', '.join(LAYOUTS)}, got {layout!r}")
    if layout == "row":
        return shape
    if len(shape) != 2:
        raise ArgumentError(f"layout {layout!r}: expected a matrix, got the shape {shape}")
    if layout == "column":
        return shape
    if min(tile) < 1:
        raise ArgumentError(f"tile: expected sizes of at least 1, got {tile}")
    return tuple(math.ceil(n / t) * t for n, t in zip(shape, tile, strict=True))


def _numpy_type(dtype: ElementType) -> np.dtype[Any]:
    try:
        element = np.dtype(dtype)
    except TypeError:
        raise ArgumentError(f"dtype: expected a NumPy dtype or 'bfloat16', got {dtype!r}") from None
    if element.hasobject or element.itemsize == 0:
        raise ArgumentError(f"dtype: a device cannot hold elements of {element!r}")
    return element
