"""Z-machine stories, played on one RISC-V core of a chip.

The interpreter is the built-in kernel ``zmachine``: no Z-machine instruction is executed here. All
of a game lies in the L1 of its tile; what stands there is read and written by offsets that
kernels/zmachine/protocol.hpp asserts, and that `Game` checks against the kernel when it starts::

    with Game("zork1.z3") as game:
        print(game.read())
        print(game.send("open mailbox"))
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from tilewright.device import Device, open_device
from tilewright.errors import StoryError
from tilewright.kernel import Kernel
from tilewright.launch import Argument, Core

# --- protocol.hpp ---------------------------------------------------------------------------------

_BASE = 0x20000  # abi.hpp: l1_user_base
_MAGIC = 0x4D5A5754
_LAYOUT = 1
_AREA_BYTES = 742144
_CONTROL_BYTES = 256
_INPUT = 384
_MEMORY = 640
_STACK = 529024
_FRAMES = 594592
_FRAME_BYTES = 8
_PRISTINE = 676608
_OUTPUT_BYTES = 65536
_MAX_INPUT = 255
_MAX_STORY_BYTES = 512 * 1024
_GUARD_BYTES = 4096
_MAX_LOCALS = 15
_RUN_TO_PROMPT = 0xFFFFFFFF

_FRESH, _READY, _WAITING_FOR_LINE, _WAITING_FOR_KEY, _OUTPUT_FULL, _FINISHED, _ERROR = range(7)

_STORY_TOO_SHORT, _STORY_TOO_LONG, _UNSUPPORTED_VERSION, _DAMAGED_HEADER = range(1, 5)
_ERRORS = {
    _STORY_TOO_SHORT: "it is shorter than its header says",
    _STORY_TOO_LONG: f"it is longer than {_MAX_STORY_BYTES} bytes",
    _DAMAGED_HEADER: "its header names a table that lies outside the story",
    5: "illegal opcode",
    6: "stack overflow",
    7: "stack underflow",
    8: "call of an address outside the story",
    9: "call of something that is not a routine",
    10: "jump to an address outside the story",
    11: "division by zero",
    12: "an object number that no object can have",
    13: "an attribute that no object can have",
    14: "a property that the object does not have",
    15: "a store outside dynamic memory",
    16: "text outside the story",
    17: "output stream 3 nested too deeply",
    18: "a stack frame that is not there",
    19: "an object tree whose siblings go round in a circle",
}

_STATE_MAGIC = b"tilewright Z-machine state\n"


class _Control(NamedTuple):
    """The control block of a game: its leading fields, which the host reads."""

    magic: int
    layout: int
    area_bytes: int
    status: int
    error: int
    error_pc: int
    error_opcode: int
    version: int
    instructions: int
    story_bytes: int
    dynamic_bytes: int
    pc: int
    sp: int
    locals: int
    local_count: int
    frames: int

    @classmethod
    def parse(cls, data: bytes) -> _Control:
        return cls(*struct.unpack_from("<8IQ7I", data))


# Offsets of what the host writes.
_INPUT_READY = 92
_INPUT_LENGTH = 96


class Game:
    """A story that is being played; its state is in the chip, this object only drives it.

    `story` is a path, the bytes of a story, or None for the one that ships. Without a `device` the
    game opens one of its own, preset ``blackhole``. `seed` starts the random numbers; the default
    is always the same. StoryError if the story is missing, damaged or of a version that is not
    supported.
    """

    def __init__(
        self,
        story: str | os.PathLike[str] | bytes | None = None,
        device: Device | None = None,
        core: Core = (0, 0),
        seed: int | None = None,
    ) -> None:
        self._name, data = _read_story(story)
        self._seed = 1 if seed is None else seed
        if not 0 <= self._seed < 1 << 32:
            raise StoryError(f"seed: expected 0 to 2**32 - 1, got {seed}")
        self._kernel = Kernel.builtin("zmachine")
        self._own_device = device is None
        self._device = open_device() if device is None else device
        self._core = core
        self._tile = (core[0], core[1])
        self._closed = False
        self._interrupted = False
        self._printed: list[str] = []
        try:
            self._story_bytes = len(data)
            self._story = self._device.put(data)
            self._output = self._device.empty(4 + _OUTPUT_BYTES, np.uint8)
            self._write(0, bytes(_CONTROL_BYTES))
            self._batch(0)
            self._check_layout()
        except BaseException:
            self.close()
            raise

    # --- Playing ----------------------------------------------------------------------------------

    def step(self, n: int = 100) -> str:
        """Execute exactly `n` Z-machine instructions, fewer if the game ends or waits for a line;
        gives the text that they printed. A read counts when it is met."""
        if not 0 <= n < _RUN_TO_PROMPT:
            raise ValueError(f"step: expected 0 to 2**32 - 2 instructions, got {n}")
        end = self.instructions + n
        text = self._batch(n)
        while (control := self._control()).status == _OUTPUT_FULL and control.instructions < end:
            text += self._batch(end - control.instructions)
        return text

    def read(self) -> str:
        """Play to the next prompt, or to the end of the game; gives the text."""
        text = self._batch(_RUN_TO_PROMPT)
        while self._control().status in (_OUTPUT_FULL, _READY):
            text += self._batch(_RUN_TO_PROMPT)
        return text

    def enter(self, line: str) -> None:
        """Put a line where the game reads its next one; it plays on with `step` or `read`.

        A line longer than 255 characters is cut, and characters outside Latin-1 become ``?``.
        """
        self._check_usable()
        if self.finished:
            raise StoryError(f"{self._name}: the game has ended, nobody reads {line!r}")
        text = line.rstrip("\r\n").encode("latin-1", "replace")[:_MAX_INPUT]
        self._write(_INPUT, text)
        self._write(_INPUT_READY, struct.pack("<II", 1, len(text)))

    def send(self, line: str) -> str:
        """Type a line and play to the next prompt; gives the text. A game that has not come to its
        first prompt gets there first."""
        before = "" if self.waiting or self.finished else self.read()
        self.enter(line)
        return before + self.read()

    @property
    def text(self) -> str:
        """All that this object has read so far."""
        return "".join(self._printed)

    @property
    def waiting(self) -> bool:
        """The game waits for a line."""
        return self._control().status == _WAITING_FOR_LINE

    @property
    def finished(self) -> bool:
        """The game has ended."""
        return self._control().status == _FINISHED

    @property
    def instructions(self) -> int:
        """Z-machine instructions executed since the game began."""
        return self._control().instructions

    @property
    def version(self) -> int:
        """The version of the Z-machine that the story is for."""
        return self._control().version

    @property
    def device(self) -> Device:
        """The chip it is played on."""
        return self._device

    # --- State ------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """All of the game, the story included; `restore` of any `Game` goes on from it."""
        self._check_usable()
        control = self._control()
        parts = [
            self._read(offset, size)
            for offset, size in _state_parts(
                control.story_bytes, control.dynamic_bytes, control.sp, control.frames
            )
        ]
        packed = zlib.compress(b"".join(parts), 1)
        return _STATE_MAGIC + struct.pack("<II", _LAYOUT, zlib.crc32(packed)) + packed

    def restore(self, state: bytes) -> None:
        """Go on from what `state` gave, of this game or another, here or elsewhere. StoryError, and
        nothing changed, if it is damaged."""
        self._check_open()
        data, control = _unpack_state(state)
        at = 0
        for offset, size in _state_parts(
            control.story_bytes, control.dynamic_bytes, control.sp, control.frames
        ):
            self._write(offset, data[at : at + size])
            at += size
        readable = max(control.story_bytes, 0x10000) + _GUARD_BYTES
        self._write(_MEMORY + control.story_bytes, bytes(readable - control.story_bytes))
        self._interrupted = False

    # --- Lifetime ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Give back what the game took, and a device that it opened; harmless when done twice."""
        if self._closed:
            return
        self._closed = True
        for name in ("_story", "_output"):
            if hasattr(self, name):
                getattr(self, name).free()
        if self._own_device:
            self._device.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._closed:
            return f"<Game {self._name}, closed>"
        return f"<Game {self._name} after {self.instructions} instructions>"

    # --- The kernel -------------------------------------------------------------------------------

    def _batch(self, instructions: int) -> str:
        self._check_usable()
        arguments: list[Argument] = [
            self._story,
            self._output,
            self._story_bytes,
            instructions,
            self._seed,
        ]
        try:
            self._device.run(self._kernel, cores=[self._core], args=arguments)
        except BaseException:
            # The registers of the Z-machine are in L1 only between two batches.
            self._interrupted = True
            raise
        output = self._output.numpy()
        length = int(output[:4].view("<u4")[0])
        text = output[4 : 4 + length].tobytes().decode("utf-8")
        self._printed.append(text)
        control = self._control()
        if control.status == _ERROR:
            raise StoryError(f"{self._name}: {_describe(control, text)}")
        return text

    def _control(self) -> _Control:
        self._check_open()
        return _Control.parse(self._read(0, _CONTROL_BYTES))

    def _check_layout(self) -> None:
        control = self._control()
        if (control.magic, control.layout, control.area_bytes) != (_MAGIC, _LAYOUT, _AREA_BYTES):
            raise StoryError(
                f"the kernel 'zmachine' has layout {control.layout} of {control.area_bytes} bytes, "
                f"this package expects layout {_LAYOUT} of {_AREA_BYTES} bytes"
            )

    def _check_open(self) -> None:
        if self._closed:
            raise StoryError(f"{self._name}: the game is closed")

    def _check_usable(self) -> None:
        self._check_open()
        if self._interrupted:
            raise StoryError(
                f"{self._name}: the game was interrupted in the middle of a batch; restore a state"
            )

    def _read(self, offset: int, size: int) -> bytes:
        return self._device.read_l1(self._tile, _BASE + offset, size) if size else b""

    def _write(self, offset: int, data: bytes) -> None:
        if data:
            self._device.write_l1(self._tile, _BASE + offset, data)


def _state_parts(
    story_bytes: int, dynamic_bytes: int, sp: int, frames: int
) -> list[tuple[int, int]]:
    """Offset and size of everything in the area that the game's future depends on: control block,
    input and story; the stack, with the room that a routine can reach beyond its top; the frames;
    dynamic memory as it was at the beginning."""
    return [
        (0, _MEMORY + story_bytes),
        (_STACK, 2 * (sp + _MAX_LOCALS)),
        (_FRAMES, _FRAME_BYTES * frames),
        (_PRISTINE, dynamic_bytes),
    ]


def _unpack_state(state: bytes) -> tuple[bytes, _Control]:
    at = len(_STATE_MAGIC)
    if len(state) < at + 8 or state[:at] != _STATE_MAGIC:
        raise StoryError("restore: expected what Game.state() gave, got something else")
    layout, checksum = struct.unpack_from("<II", state, at)
    if layout != _LAYOUT:
        raise StoryError(f"restore: the state has layout {layout}, expected {_LAYOUT}")
    packed = state[at + 8 :]
    if zlib.crc32(packed) != checksum:
        raise StoryError("restore: the state is damaged (its checksum is wrong)")
    data = zlib.decompress(packed)
    return data, _Control.parse(data)


def _read_story(story: str | os.PathLike[str] | bytes | None) -> tuple[str, bytes]:
    """What messages call a story, and its bytes."""
    if isinstance(story, (bytes, bytearray, memoryview)):
        name, data = "story", bytes(story)
    elif story is None:
        name = "darksilicon.z3"
        data = resources.files("tilewright").joinpath("stories", name).read_bytes()
    else:
        path = Path(story)
        name = f"story {path}"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoryError(f"{name}: {error.strerror}") from error
    if len(data) < 64:
        raise StoryError(f"{name}: expected at least the 64 bytes of a header, got {len(data)}")
    if len(data) > _MAX_STORY_BYTES:
        raise StoryError(f"{name}: {_ERRORS[_STORY_TOO_LONG]}")
    _check_sum(name, data)
    return name, data


def _check_sum(name: str, data: bytes) -> None:
    """A wrong checksum is worth a warning: some published stories have none that is right."""
    version = data[0]
    words, expected = struct.unpack_from(">HH", data, 0x1A)
    length = words * (2 if version <= 3 else 4 if version <= 5 else 8)
    if 64 <= length <= len(data) and sum(data[64:length]) & 0xFFFF != expected:
        warnings.warn(f"{name}: its checksum is wrong, it may be damaged", stacklevel=4)


def _describe(control: _Control, text: str) -> str:
    if control.error == _UNSUPPORTED_VERSION:
        return f"version {control.version} of the Z-machine is not supported (expected 3)"
    reason = _ERRORS.get(control.error, f"error {control.error}")
    if control.error <= _DAMAGED_HEADER:
        return reason
    message = (
        f"{reason} at {control.error_pc:#x} (opcode {control.error_opcode:#x}), after "
        f"{control.instructions} instructions"
    )
    return f"{message}; before it: {text.strip()}" if text.strip() else message
