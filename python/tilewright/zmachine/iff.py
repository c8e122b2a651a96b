"""IFF, the container of saved games and of stories with pictures: chunks of a name and bytes."""

from __future__ import annotations

import struct

from tilewright.errors import StoryError


def form(data: bytes) -> bytes | None:
    """What a FORM is of, or None for anything else."""
    return data[8:12] if len(data) >= 12 and data[:4] == b"FORM" else None


def form_bytes(data: bytes, what: str) -> int:
    """How many bytes a FORM says that it has. StoryError if there are fewer."""
    end = 8 + int(struct.unpack_from(">I", data, 4)[0])
    if end > len(data):
        raise StoryError(f"{what} is cut off: {len(data)} bytes of {end}")
    return end


def chunk_at(data: bytes, at: int, end: int, what: str) -> tuple[bytes, bytes]:
    """Name and bytes of the chunk at an offset. StoryError if it goes beyond `end`."""
    if not 12 <= at <= end - 8:
        raise StoryError(f"{what} is damaged: it has no chunk at {at}")
    name = data[at : at + 4]
    (size,) = struct.unpack_from(">I", data, at + 4)
    if at + 8 + size > end:
        raise StoryError(f"{what} is damaged: {name!r} goes beyond its end")
    return name, data[at + 8 : at + 8 + size]


def chunks(data: bytes, what: str) -> dict[bytes, bytes]:
    """The chunks of a FORM by name, the first of each. StoryError if it is damaged."""
    end = form_bytes(data, what)
    result: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= end:
        name, content = chunk_at(data, at, end, what)
        result.setdefault(name, content)
        at += 8 + len(content) + (len(content) & 1)
    return result
