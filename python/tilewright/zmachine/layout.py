"""Where things lie in the area of L1 that holds a game.

The numbers are those of kernels/zmachine/protocol.hpp, which asserts them; `Game` checks the magic
number, layout and size against the kernel.
"""

from __future__ import annotations

import enum
import struct
from typing import NamedTuple

BASE = 0x20000  # abi.hpp: l1_user_base
MAGIC = 0x4D5A5754
LAYOUT = 3
AREA_BYTES = 988160
CONTROL_BYTES = 320
INPUT = 448
MEMORY = 704
STACK = 529088
FRAMES = 594656
FRAME_BYTES = 8
PRISTINE = 676672
UNDO = 742208
EVENTS = 889792
EVENT_BYTES = 12
OUTPUT_BYTES = 65536
MAX_INPUT = 255
MAX_STORY_BYTES = 512 * 1024
GUARD_BYTES = 4096
STACK_WORDS = 32 * 1024
MAX_FRAMES = 2048
MAX_LOCALS = 15
DISCARD_RESULT = 0x80
ARGUMENT_MASK = 0x0F
RUN_TO_PROMPT = 0xFFFFFFFF

# Offsets in the control block of what the host writes.
STATUS = 12
PC = 48
INPUT_READY = 92
STREAMS = 104
STREAM_TABLE = 4
WINDOW = 108
TERMINATOR = 220
TIME_PASSED = 228
PENDING = 240
ANSWER = 244
TRANSCRIPT = 0x11  # in the story's header: bit 0 is the transcript, bit 1 fixed pitch


class Status(enum.IntEnum):
    """Why a batch stopped."""

    FRESH = 0
    READY = 1
    WAITING_FOR_LINE = 2
    WAITING_FOR_KEY = 3
    OUTPUT_FULL = 4
    FINISHED = 5
    ERROR = 6
    SAVING = 7
    RESTORING = 8


UNSUPPORTED_VERSION, DAMAGED_HEADER = 3, 4
ERRORS = {
    1: "it is shorter than its header says",
    2: f"it is longer than {MAX_STORY_BYTES} bytes",
    DAMAGED_HEADER: "its header names a table that lies outside the story",
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
    20: "a load from an address outside the story",
    21: "an operation on object 0",
}


class Control(NamedTuple):
    """The control block of a game: those of its fields that the host reads."""

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
    unicode_table: int
    time_interval: int
    file_table: int
    file_bytes: int
    file_name: int
    upper_rows: int
    strict: int
    undo_used: int

    @classmethod
    def parse(cls, data: bytes) -> Control:
        return cls._make(_CONTROL.unpack_from(data))


_CONTROL = struct.Struct("<8IQ7I 144x I 8x I 20x 3I 8x I 8x 2I")


def live_parts(control: Control) -> list[tuple[int, int]]:
    """Offset and size of everything in the area that changes as a game goes on: control block and
    input; dynamic memory; the stack, with the room that a routine can reach beyond its top; the
    frames; and the games that save_undo keeps."""
    parts = [
        (0, MEMORY),
        (MEMORY, control.dynamic_bytes),
        (STACK, 2 * (control.sp + MAX_LOCALS)),
        (FRAMES, FRAME_BYTES * control.frames),
    ]
    if control.undo_used:
        parts.append((UNDO, control.undo_used))
    return parts
