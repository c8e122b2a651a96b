"""Numbers of block formats: 16 of them share the exponent of the largest.

A block's number is a sign and a magnitude of 7 bits (bfp8_b) or 3 bits (bfp4_b) without a hidden
one. Numbers are cut to the 8 bits of a bfloat16's mantissa, rounded to 7 bits under the shared
exponent with halves away from zero, never up to the next exponent, and for bfp4_b cut to 3; a
magnitude of 0 has no sign. Denormals are 0. The packers of the compute engine do the same with
numbers of Dst that they have rounded to 7 bits before; tests compare the two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

#: Numbers that share an exponent.
BLOCK = 16


def to_blocks(numbers: npt.NDArray[np.float32], bits: int) -> npt.NDArray[np.uint8]:
    """The bytes of tiles, a row of the result each: exponents, then signs with magnitudes, in
    `bits` bits each, the first number in the lowest bits. `numbers` has a row for each tile."""
    bf16 = numbers.reshape(len(numbers), numbers.shape[1] // BLOCK, BLOCK).view(np.uint32) >> 16
    exponents = bf16 >> 7 & 0xFF
    shared = exponents.max(axis=2, initial=0)
    magnitudes = np.where(exponents != 0, bf16 & 0x7F | 0x80, 0)
    shift = np.minimum(shared[..., None] - exponents, 31)
    magnitudes = np.minimum((magnitudes + (1 << shift)) >> (shift + 1), 127) >> (8 - bits)
    signs = np.where(magnitudes != 0, bf16 >> 15 << (bits - 1), 0)
    return np.concatenate([shared.astype(np.uint8), _together(signs | magnitudes, bits)], axis=1)


def from_blocks(data: npt.NDArray[np.uint8], count: int, bits: int) -> npt.NDArray[np.float32]:
    """The reverse: the `count` numbers of each tile, exactly. A sign without a magnitude is
    -infinity, as the engine reads it."""
    blocks = count // BLOCK
    exponents = data[:, :blocks].astype(np.int32)[..., None]
    numbers = _apart(data[:, blocks:], bits).reshape(len(data), blocks, BLOCK).astype(np.int32)
    magnitudes = (numbers & ((1 << (bits - 1)) - 1)) << (8 - bits)
    values = np.ldexp(magnitudes.astype(np.float64), exponents - 133).astype(np.float32)
    negative = numbers >> (bits - 1) != 0
    values = np.where(negative, np.where(magnitudes != 0, -values, -np.inf), values)
    return values.astype(np.float32).reshape(len(data), count)


def _together(numbers: npt.NDArray[Any], bits: int) -> npt.NDArray[np.uint8]:
    in_a_byte = 8 // bits
    parts = numbers.reshape(len(numbers), math.prod(numbers.shape[1:]) // in_a_byte, in_a_byte)
    shifts = np.arange(in_a_byte, dtype=np.uint32) * bits
    together: npt.NDArray[np.uint8] = (parts << shifts).sum(axis=2).astype(np.uint8)
    return together


def _apart(data: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.uint8]:
    shifts = np.arange(8 // bits, dtype=np.uint8) * bits
    return data[..., None] >> shifts & np.uint8((1 << bits) - 1)
