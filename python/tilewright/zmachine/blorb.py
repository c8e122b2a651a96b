"""Blorb, the file in which a story travels with its pictures and sounds: the story is taken out."""

from __future__ import annotations

import struct

from tilewright.errors import StoryError
from tilewright.zmachine import iff

_ENTRY = struct.Struct(">4sII")  # use, number, offset


def story_of(data: bytes, name: str) -> bytes:
    """The story in a Blorb file; other bytes as they are. StoryError for a file without one."""
    kind = iff.form(data)
    if kind is None:
        return data
    if kind == b"IFZS":
        raise StoryError(f"{name}: expected a story, got a saved game (Quetzal)")
    if kind != b"IFRS":
        raise StoryError(f"{name}: expected a story or a Blorb file, got an IFF file of {kind!r}")
    what = f"{name}: the Blorb file"
    end = iff.form_bytes(data, what)
    index = iff.chunks(data, what).get(b"RIdx", b"")
    count = int.from_bytes(index[:4], "big")
    if len(index) < 4 or len(index) < 4 + _ENTRY.size * count:
        raise StoryError(f"{what} is damaged: it has no whole index of resources")
    for use, number, at in _ENTRY.iter_unpack(index[4 : 4 + _ENTRY.size * count]):
        if (use, number) == (b"Exec", 0):
            return _program(*iff.chunk_at(data, at, end, what), what)
    raise StoryError(f"{what} holds no story; expected one beside its pictures and sounds")


def _program(kind: bytes, content: bytes, what: str) -> bytes:
    if kind != b"ZCOD":
        machine = {b"GLUL": "Glulx"}.get(kind, kind.decode("latin-1"))
        raise StoryError(f"{what} holds a story for {machine}, expected one for the Z-machine")
    return content
