"""Matrices as tiles, as they lie in the chip's memory for the compute engine, and back.

A tile is 32 x 32 numbers in four faces of 16 x 16, each row by row: upper left, upper right, lower
left, lower right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.block_float import from_blocks, to_blocks
from tilewright.errors import ArgumentError

TILE = 32
FACE = 16
NUMBERS = TILE * TILE

#: Formats whose numbers NumPy has, and its name for them.
_PLAIN = {
    "float32": "<f4",
    "float16": "<f2",
    "int32": "<i4",
    "uint32": "<u4",
    "uint16": "<u2",
    "int8": "<i1",
    "uint8": "<u1",
}
#: Bits of a number of the block formats.
_BLOCKS = {"bfp8_b": 8, "bfp4_b": 4}
TILE_FORMATS = (*_PLAIN, "float16_b", *_BLOCKS)
_ALIASES = {"bfloat16": "float16_b"}


def tilize(matrix: npt.ArrayLike, data_format: str | None = None) -> npt.NDArray[np.uint8]:
    """The bytes of a matrix as tiles: a row of the result for each tile, tiles row by row.

    `data_format` is one of the names that circular buffers have: float32, float16, float16_b (also
    called bfloat16), bfp8_b, bfp4_b, int32, uint32, uint16, int8, uint8; by default that of the
    matrix, which may be an array of ``ml_dtypes.bfloat16``. Of an array with more axes each matrix
    of the last two follows the one before it. Numbers are rounded to nearest, ties to even; in the
    block formats as the engine's packers do, which takes the largest of 16 numbers as their
    exponent. Numbers of int8 lie as sign and magnitude, as the engine reads them, those of int32
    as host programs write them, in two's complement.

    ArgumentError for an unknown format, for sizes that are no multiples of 32, and for numbers that
    the format does not have. Write it with
    ``device.put(tiles, tw.Placement.interleaved(tiles.shape[1]))``: a page for each tile.
    """
    source = np.asarray(matrix)
    kind = _format(data_format or data_format_of(source.dtype))
    _check_shape("matrix", source.shape)
    numbers = np.ascontiguousarray(_faces(_numbers(source, kind)))
    if kind in _BLOCKS:
        return to_blocks(numbers, _BLOCKS[kind])
    return numbers.view(np.uint8)


def untilize(
    data: npt.ArrayLike | bytes,
    shape: Sequence[int],
    data_format: str = "float32",
    dtype: npt.DTypeLike | None = None,
) -> npt.NDArray[Any]:
    """The matrix of this shape whose tiles `data` holds: the bytes that `tilize` gives, or an array
    of any type with as many. The reverse of `tilize`; float16_b and the block formats come as
    float32, which holds all their numbers, or as `dtype`, such as ``ml_dtypes.bfloat16``.

    ArgumentError for an unknown format, for sizes that are no multiples of 32, and for more or
    fewer bytes than the shape has.
    """
    kind = _format(data_format)
    sizes = tuple(int(size) for size in shape)
    _check_shape("shape", sizes)
    if isinstance(data, (bytes, bytearray, memoryview)):
        raw = np.frombuffer(data, np.uint8)
    else:
        raw = np.ascontiguousarray(data).reshape(-1).view(np.uint8)
    tiles = math.prod(sizes) // NUMBERS
    if raw.size != tiles * tile_bytes(kind):
        raise ArgumentError(
            f"data: expected {tiles * tile_bytes(kind)} bytes for {sizes} of {kind}, got {raw.size}"
        )
    found = _whole(_read(raw.reshape(tiles, tile_bytes(kind)), kind), sizes)
    return found if dtype is None else found.astype(dtype)


def tile_bytes(data_format: str) -> int:
    """Bytes of a tile in that format."""
    kind = _format(data_format)
    if kind in _BLOCKS:
        return NUMBERS // 16 + NUMBERS * _BLOCKS[kind] // 8
    return NUMBERS * (2 if kind == "float16_b" else np.dtype(_PLAIN[kind]).itemsize)


def number_type(data_format: str) -> np.dtype[Any]:
    """The type in which `untilize` gives numbers of that format."""
    return np.dtype(_PLAIN.get(_format(data_format), "<f4"))


def _format(name: str) -> str:
    kind = _ALIASES.get(name, name)
    if kind not in TILE_FORMATS:
        raise ArgumentError(f"data_format: expected one of {', '.join(TILE_FORMATS)}, got {name!r}")
    return kind


def data_format_of(dtype: np.dtype[Any]) -> str:
    """The format of an array's numbers. ArgumentError if there is none."""
    name = {"float64": "float32"}.get(dtype.name, dtype.name)
    if name not in (*_PLAIN, "bfloat16"):
        raise ArgumentError(f"matrix: there are no tiles of {dtype}; name a data_format")
    return name


def _check_shape(name: str, shape: tuple[int, ...]) -> None:
    if len(shape) < 2:
        raise ArgumentError(f"{name}: expected a matrix, got the shape {shape}")
    for size in shape[-2:]:
        if size % TILE:
            raise ArgumentError(
                f"{name}: expected rows and columns in multiples of {TILE}, got the shape {shape}; "
                "pad it, as with np.pad"
            )


def _numbers(source: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    """The numbers as NumPy has those of the format; float16_b as its 16 bits."""
    if source.dtype.name == "bfloat16":
        if kind == "float16_b":
            return source.view(np.uint16)
        source = source.astype(np.float32)
    if source.dtype.kind not in "fiub":
        raise ArgumentError(f"matrix: expected numbers, got {source.dtype}")
    if kind in ("float16_b", *_BLOCKS):
        numbers = np.ascontiguousarray(source, np.float32)
        return _bfloat16(numbers) if kind == "float16_b" else numbers
    dtype = np.dtype(_PLAIN[kind])
    if dtype.kind == "f":
        return source.astype(dtype)
    if source.dtype.kind == "f":
        raise ArgumentError(f"matrix: {source.dtype} does not convert to {kind}; round it first")
    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    if kind == "int8":
        least = -127  # sign and magnitude
    if source.size and not least <= int(source.min()) <= int(source.max()) <= most:
        raise ArgumentError(f"matrix: expected {kind} from {least} to {most}")
    if kind == "int8":
        return np.where(source < 0, 128 - source.astype(np.int16), source).astype(np.uint8)
    return source.astype(dtype)


def _bfloat16(numbers: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """To nearest, ties to even; a NaN stays one."""
    bits = numbers.view(np.uint32)
    nearest = (bits + np.uint32(0x7FFF) + (bits >> 16 & 1)) >> 16
    return np.where(np.isnan(numbers), bits >> 16 | 0x40, nearest).astype("<u2")


def _read(tiles: npt.NDArray[np.uint8], kind: str) -> npt.NDArray[Any]:
    """The numbers of each tile, in the order of memory."""
    if kind in _BLOCKS:
        return from_blocks(tiles, NUMBERS, _BLOCKS[kind])
    if kind == "float16_b":
        return (tiles.view("<u2").astype(np.uint32) << 16).view(np.float32)
    if kind == "int8":
        magnitudes = (tiles & 0x7F).astype(np.int8)
        return np.where(tiles >> 7 != 0, -magnitudes, magnitudes)
    dtype = np.dtype(_PLAIN[kind])
    return tiles.view(dtype).astype(dtype.newbyteorder("="))


def _faces(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A row for each tile, its numbers in the order of memory."""
    rows, columns = (size // TILE for size in numbers.shape[-2:])
    matrices = math.prod(numbers.shape[:-2])
    faces = numbers.reshape(matrices, rows, 2, FACE, columns, 2, FACE)
    return faces.transpose(0, 1, 4, 2, 5, 3, 6).reshape(matrices * rows * columns, NUMBERS)


def _whole(tiles: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    rows, columns = (size // TILE for size in shape[-2:])
    faces = tiles.reshape(math.prod(shape[:-2]), rows, columns, 2, 2, FACE, FACE)
    return faces.transpose(0, 1, 3, 5, 2, 4, 6).reshape(shape)
