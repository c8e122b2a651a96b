"""Numbers from users, checked to be what the runtime takes."""

from __future__ import annotations

import operator
from typing import SupportsIndex

from tilewright.errors import ArgumentError


def unsigned(name: str, value: SupportsIndex, bits: int = 64) -> int:
    """A number of so many bits; ArgumentError if it is none, or does not fit."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name}: expected an integer, got {type(value).__name__}") from None
    if not 0 <= number < 1 << bits:
        raise ArgumentError(f"{name}: expected 0 to 2**{bits} - 1, got {number}")
    return number


def optional_cycles(name: str, value: SupportsIndex | None) -> int | None:
    """A number of cycles, or None; errors as `unsigned`."""
    return None if value is None else unsigned(name, value)


def unsigned32(name: str, value: SupportsIndex) -> int:
    """A number of 32 bits; errors as `unsigned`."""
    return unsigned(name, value, 32)
