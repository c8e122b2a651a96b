"""States: everything in which two games of one story can differ, as bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from tilewright.errors import StoryError
from tilewright.zmachine import layout
from tilewright.zmachine.layout import Control

_MAGIC = b"tilewright Z-machine state\n"
_HEADER = struct.Struct("<III")  # layout, checksum of the story, checksum of what follows

Parts = list[tuple[int, bytes]]


def pack_state(parts: Parts, rows: Sequence[str], story: int) -> bytes:
    """The bytes of a state; `rows` are those of the upper window, `story` is Story.identity."""
    drawn = "\n".join(row.rstrip() for row in rows).encode()
    data = b"".join([part for _, part in parts] + [drawn])
    return b"".join([_MAGIC, _HEADER.pack(layout.LAYOUT, story, zlib.crc32(data)), data])


def unpack_state(state: bytes, story: int, current: Control) -> tuple[Parts, list[str]]:
    """What to write where, and the rows of the upper window. StoryError for anything but a whole
    state of this story."""
    start = len(_MAGIC) + _HEADER.size
    if len(state) < start + layout.MEMORY or not state.startswith(_MAGIC):
        raise StoryError("restore: expected what Game.state() gave, got something else")
    number, identity, checksum = _HEADER.unpack_from(state, len(_MAGIC))
    if number != layout.LAYOUT:
        raise StoryError(f"restore: the state has layout {number}, expected {layout.LAYOUT}")
    data = state[start:]
    if zlib.crc32(data) != checksum:
        raise StoryError("restore: the state is damaged (its checksum is wrong)")
    control = Control.parse(data)
    if identity != story or control.dynamic_bytes != current.dynamic_bytes:
        raise StoryError("restore: the state is of another story")
    parts: Parts = []
    at = 0
    for offset, size in layout.live_parts(control):
        parts.append((offset, data[at : at + size]))
        at += size
    drawn = data[at:].decode("utf-8", "replace")
    if at > len(data) or control.sp > layout.STACK_WORDS or control.frames > layout.MAX_FRAMES:
        raise StoryError("restore: the state is damaged (its parts do not fit)")
    return parts, drawn.split("\n") if control.upper_rows else []
