"""A story file: read, looked at, and kept for the games that are played with it."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import numpy as np

from tilewright.buffer import Buffer
from tilewright.errors import ArgumentError, StoryError
from tilewright.zmachine import iff, layout
from tilewright.zmachine.blorb import story_of


def length_unit(version: int) -> int:
    """What the header's length counts in."""
    return 2 if version <= 3 else 4 if version <= 5 else 8


@dataclass
class Story:
    """A story in the DRAM of a chip, shared by a game and its forks."""

    name: str
    data: bytes
    buffer: Buffer
    users: int = 1
    identity: int = 0
    memory: bytes = field(default=b"", repr=False)

    def describe(self, control: layout.Control) -> None:
        """Fill in what is known only after the kernel has accepted the story: `memory`, the story
        with the zeros that the interpreter keeps behind it, and `identity`, a checksum of it."""
        content = self.data[: control.story_bytes]
        readable = max(control.story_bytes, 0x10000) + layout.GUARD_BYTES
        self.memory = content + bytes(readable - control.story_bytes)
        self.identity = zlib.crc32(content)

    def release(self) -> None:
        """One user less; the last one gives the buffer back."""
        self.users -= 1
        if self.users == 0:
            self.buffer.free()


def read_story(story: str | os.PathLike[str] | bytes | None) -> tuple[str, bytes]:
    """What messages call a story, and its bytes, taken out of a Blorb file if it is in one."""
    if isinstance(story, (bytes, bytearray, memoryview)):
        name, data = "story", bytes(story)
    elif story is None:
        name = "darksilicon.z3"
        data = resources.files("tilewright").joinpath("stories", name).read_bytes()
    else:
        try:
            path = Path(story)
        except TypeError:
            raise ArgumentError(f"story: expected a path or bytes, got {story!r}") from None
        name = f"story {path}"
        try:
            data = _read_file(path)
        except OSError as error:
            raise StoryError(f"{name}: {error.strerror}") from error
        except ValueError as error:
            raise StoryError(f"{name}: {error}") from error
    data = story_of(data, name)
    if len(data) < 64:
        raise StoryError(f"{name}: expected at least the 64 bytes of a header, got {len(data)}")
    if len(data) > layout.MAX_STORY_BYTES:
        raise StoryError(f"{name}: {layout.ERRORS[2]}")
    _check_sum(name, data)
    return name, data


def _read_file(path: Path) -> bytes:
    """The file, or more of it than a story can have: a device may go on for ever."""
    with path.open("rb") as file:
        data = file.read(layout.MAX_STORY_BYTES + 1)
        if iff.form(data) is not None:
            data += file.read(max(0, 8 + int.from_bytes(data[4:8], "big") - len(data)))
    return data


def _check_sum(name: str, data: bytes) -> None:
    """A wrong checksum is worth a warning: some published stories have none that is right."""
    words, expected = struct.unpack_from(">HH", data, 0x1A)
    length = words * length_unit(data[0])
    found = int(np.frombuffer(data, np.uint8)[64:length].sum(dtype=np.uint64)) & 0xFFFF
    if 64 <= length <= len(data) and found != expected:
        warnings.warn(f"{name}: its checksum is wrong, it may be damaged", stacklevel=4)
