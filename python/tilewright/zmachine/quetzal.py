"""Quetzal, the file format in which Z-machine interpreters save games (Standard, "Quetzal" 1.4).

Here the registers, stack and memory of a machine become a file and the other way round; chunks
IFhd, CMem or UMem, and Stks. A frame of a file says where its routine will return to, which
variable takes the result, and holds its locals and its own stack; the machine keeps locals and
stacks one after the other, and in each frame what the caller needs when it goes on.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from tilewright.errors import StoryError
from tilewright.zmachine import iff, layout


class Saved(NamedTuple):
    """A game at the place where save takes its result."""

    memory: bytes  #: dynamic memory
    stack: tuple[int, ...]
    frames: tuple[tuple[int, int, int, int], ...]  #: pc, locals, local_count, call of each Frame
    pc: int
    locals: int
    local_count: int


def encode(saved: Saved, story: bytes) -> bytes:
    """The file; `story` is the story's file, whose dynamic memory most of the game's equals."""
    chunks = (
        _chunk(b"IFhd", _identity(story) + saved.pc.to_bytes(3, "big"))
        + _chunk(b"CMem", compress(saved.memory, story))
        + _chunk(b"Stks", _encode_stack(saved, saved.memory + story[len(saved.memory) :]))
    )
    return b"FORM" + struct.pack(">I", 4 + len(chunks)) + b"IFZS" + chunks


def decode(data: bytes, story: bytes, dynamic_bytes: int) -> Saved:
    """What a file holds; StoryError if it is damaged or of another story."""
    chunks = _chunks(data)
    header = chunks.get(b"IFhd", b"")
    if len(header) < 13:
        raise StoryError("load: the Quetzal file has no chunk IFhd of 13 bytes")
    if header[:10] != _identity(story):
        release, serial = struct.unpack_from(">H6s", header)
        raise StoryError(
            f"load: the Quetzal file is of another story (release {release}, serial "
            f"{serial.decode('latin-1')})"
        )
    if (packed := chunks.get(b"CMem")) is not None:
        memory = decompress(packed, story, dynamic_bytes)
    else:
        memory = chunks.get(b"UMem", b"")
    if len(memory) != dynamic_bytes:
        raise StoryError(
            f"load: the Quetzal file holds {len(memory)} bytes of memory, expected {dynamic_bytes}"
        )
    pc = int.from_bytes(header[10:13], "big")
    if pc >= len(story):
        raise StoryError(f"load: the Quetzal file goes on at {pc:#x}, outside the story")
    return _decode_stack(chunks.get(b"Stks", b""), memory, memory + story[dynamic_bytes:], pc)


def compress(memory: bytes, story: bytes) -> bytes:
    """The difference to the story's own memory: each run of zeros as a zero and its length - 1."""
    packed = bytearray()
    zeros = 0
    for ours, original in zip(memory, story, strict=False):
        different = ours ^ original
        if different == 0:
            zeros += 1
            continue
        while zeros:
            run = min(zeros, 256)
            packed += bytes((0, run - 1))
            zeros -= run
        packed.append(different)
    return bytes(packed)


def decompress(packed: bytes, story: bytes, dynamic_bytes: int) -> bytes:
    """The other way round; what the file leaves out at the end is equal."""
    memory = bytearray(story[:dynamic_bytes])
    at = 0
    data = iter(packed)
    for different in data:
        if different == 0:
            at += next(data, 0) + 1
            continue
        if at >= dynamic_bytes:
            break
        memory[at] ^= different
        at += 1
    if at > dynamic_bytes:
        raise StoryError(
            f"load: the Quetzal file holds more than {dynamic_bytes} bytes of dynamic memory"
        )
    return bytes(memory)


def _identity(story: bytes) -> bytes:
    """Release, serial number and checksum."""
    return story[2:4] + story[0x12:0x18] + story[0x1C:0x1E]


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack(">I", len(data)) + data + bytes(len(data) & 1)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    if iff.form(data) != b"IFZS":
        raise StoryError("load: expected a Quetzal file (FORM ... IFZS), got something else")
    return iff.chunks(data, "load: the Quetzal file")


# A frame: return pc (24 bits), flags (16: no result, 0-15 count of locals), variable of the
# result, bit set of arguments, words of its own stack; then its locals, then that stack.
_NO_RESULT = 0x10


def _encode_stack(saved: Saved, memory: bytes) -> bytes:
    packed = bytearray()
    begins = [locals_ for _, locals_, _, _ in saved.frames] + [saved.locals]
    counts = [count for _, _, count, _ in saved.frames] + [saved.local_count]
    ends = [*begins[1:], len(saved.stack)]
    for level, (begin, count, end) in enumerate(zip(begins, counts, ends, strict=True)):
        if level == 0:
            pc, flags, variable, arguments = 0, 0, 0, 0
        else:
            pc, _, _, call = saved.frames[level - 1]
            flags = count
            variable = 0
            if call & layout.DISCARD_RESULT:
                flags |= _NO_RESULT
            else:
                variable = memory[pc]
                pc += 1
            arguments = (1 << (call & layout.ARGUMENT_MASK)) - 1
        packed += pc.to_bytes(3, "big") + bytes((flags, variable, arguments))
        own = end - begin - count
        packed += struct.pack(f">H{end - begin}H", own, *saved.stack[begin:end])
    return bytes(packed)


def _decode_stack(data: bytes, dynamic: bytes, memory: bytes, pc: int) -> Saved:
    stack: list[int] = []
    frames: list[tuple[int, int, int, int]] = []
    locals_ = local_count = 0
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise StoryError("load: the Quetzal file is damaged: its stack is cut off")
        return_pc = int.from_bytes(data[at : at + 3], "big")
        flags, variable, arguments, own = struct.unpack_from(">3BH", data, at + 3)
        count = flags & 0xF
        words = count + own
        if at + 8 + 2 * words > len(data):
            raise StoryError("load: the Quetzal file is damaged: its stack is cut off")
        if at == 0:
            if count or return_pc:
                raise StoryError("load: the Quetzal file is damaged: its first frame is a routine")
        else:
            call = arguments.bit_count()
            if flags & _NO_RESULT:
                call |= layout.DISCARD_RESULT
            else:
                return_pc -= 1
            if not 0 <= return_pc < len(memory):
                raise StoryError("load: the Quetzal file is damaged: a routine returns nowhere")
            if not flags & _NO_RESULT and memory[return_pc] != variable:
                raise StoryError("load: the Quetzal file is damaged: a result goes elsewhere")
            frames.append((return_pc, locals_, local_count, call))
        locals_, local_count = len(stack), count
        stack += struct.unpack_from(f">{words}H", data, at + 8)
        at += 8 + 2 * words
    if not data or len(stack) > layout.STACK_WORDS or len(frames) > layout.MAX_FRAMES:
        raise StoryError(
            f"load: the Quetzal file has {len(stack)} words of stack in {len(frames)} calls, "
            f"expected 1 frame or more, at most {layout.STACK_WORDS} words and "
            f"{layout.MAX_FRAMES} calls"
        )
    return Saved(dynamic, tuple(stack), tuple(frames), pc, locals_, local_count)
