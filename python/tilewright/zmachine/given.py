"""What users give to a game, checked before anything happens with it."""

from __future__ import annotations

import math
import operator
from typing import Any

from tilewright.errors import ArgumentError, StoryError
from tilewright.zmachine import layout


def integer(name: str, value: Any, least: int, most: int) -> int:
    """A number between two others, both included."""
    try:
        number = operator.index(value)
    except TypeError:
        raise ArgumentError(f"{name}: expected an integer, got {value!r}") from None
    if not least <= number <= most:
        raise ArgumentError(f"{name}: expected {least} to {most}, got {value!r}")
    return number


def instructions(name: str, value: Any) -> int:
    """A number of Z-machine instructions, of one batch or of many."""
    return integer(name, value, 0, layout.RUN_TO_PROMPT - 1)


def limit(value: Any) -> int | None:
    """The same from 1 on, or None for no limit."""
    return None if value is None else integer("limit", value, 1, (1 << 63) - 1)


def seed(value: Any, least: int = 0) -> int:
    """Where random numbers start. StoryError for what is no number of 32 bits."""
    try:
        return integer("seed", value, least, (1 << 32) - 1)
    except ArgumentError as error:
        raise StoryError(str(error)) from None


def line(value: Any) -> str:
    """A line to be typed, without its end."""
    if not isinstance(value, str):
        raise ArgumentError(f"line: expected text, got {value!r}")
    return value.rstrip("\r\n")


def key(value: Any) -> str | int:
    """A character, or a ZSCII code; no character at all is Enter."""
    if isinstance(value, str):
        if len(value) > 1:
            raise ArgumentError(f"key: expected one character, got {value!r}")
        return value
    return integer("key: a ZSCII code", value, 1, 255)


def tenths(seconds: Any) -> int:
    """Seconds as tenths of them."""
    try:
        number = float(seconds)
    except (TypeError, ValueError):
        raise ArgumentError(f"wait: expected a number of seconds, got {seconds!r}") from None
    if not 0 <= number < math.inf:
        raise ArgumentError(f"wait: expected 0 seconds or more, got {seconds!r}")
    return round(10 * number)


def data(name: str, value: Any) -> bytes:
    """Bytes, of a state or a file."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise ArgumentError(f"{name}: expected bytes, got {type(value).__name__}")
    return bytes(value)
