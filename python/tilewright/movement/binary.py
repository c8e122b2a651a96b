"""The binary form of programs: a header, and instructions as numbers of variable length.

    offset  bytes
    0       4      "TWMV"
    4       2      version, 1
    6       2      0
    8       4      length of what follows the header, in bytes
    12      4      its CRC-32

All little-endian. Then instructions: a byte with the code of the instruction (its highest bits say
whether wait and signal follow), its operands, its words by their numbers in the lists of
`instructions.SHAPES`. A loop is code 7, its count, its body and code 8. A number is zigzag-coded,
seven bits a byte, lowest first, as in protocol buffers; an operand is its constant, the number of
its steps and these, 0 or the number of its memory from 1 on and, if not 0, the memory's index.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from tilewright.errors import FileError, ProgramError
from tilewright.files import write_whole
from tilewright.movement.instructions import (
    LARGEST,
    MEMORIES,
    MOST_NESTED,
    SHAPES,
    Instruction,
    Loop,
    Operand,
    Program,
    Step,
)

_HEADER = struct.Struct("<4sHHII")
_MAGIC = b"TWMV"
_VERSION = 1
_LOOP, _END = 7, 8
_WAITS, _SIGNALS = 0x80, 0x40
_NAMES = {shape.code: name for name, shape in SHAPES.items()}


def to_bytes(program: Program) -> bytes:
    """The program as a file holds it."""
    body = bytearray()
    _write_steps(body, program.steps)
    return _HEADER.pack(_MAGIC, _VERSION, 0, len(body), zlib.crc32(body)) + bytes(body)


def from_bytes(data: bytes) -> Program:
    """The program of such bytes. ProgramError says what is damaged."""
    if len(data) < _HEADER.size:
        raise ProgramError(f"program file: expected a header of {_HEADER.size} bytes")
    magic, version, zero, length, checksum = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise ProgramError(f"program file: expected it to begin with {_MAGIC!r}, got {magic!r}")
    if version != _VERSION or zero != 0:
        raise ProgramError(f"program file: expected version {_VERSION}, got {version}")
    body = data[_HEADER.size :]
    if len(body) != length:
        raise ProgramError(f"program file: expected {length} bytes of program, got {len(body)}")
    if zlib.crc32(body) != checksum:
        raise ProgramError("program file: its checksum is wrong; it is damaged")
    reader = _Reader(body)
    steps = reader.steps(0)
    return Program(steps)


def save(program: Program, file: str | os.PathLike[str]) -> None:
    """Write a program to a file. FileError if it cannot be written."""
    write_whole(file, to_bytes(program))


def load(file: str | os.PathLike[str]) -> Program:
    """Read a program from a file. ProgramError says what is damaged, FileError why it cannot be
    read."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise FileError(f"{os.fspath(file)}: {error.strerror}") from error
    return from_bytes(data)


def _write_steps(body: bytearray, steps: Sequence[Step]) -> None:
    for step in steps:
        if isinstance(step, Loop):
            body.append(_LOOP)
            _write_number(body, step.count)
            _write_steps(body, step.body)
            body.append(_END)
            continue
        shape = SHAPES[step.name]
        guards = (_WAITS if step.wait else 0) | (_SIGNALS if step.signal else 0)
        body.append(shape.code | guards)
        for operand in step.numbers:
            _write_operand(body, operand)
        body.extend(words.index(word) for word, words in zip(step.words, shape.words, strict=True))


def _write_operand(body: bytearray, operand: Operand) -> None:
    _write_number(body, operand.constant)
    body.append(len(operand.steps))
    for step in operand.steps:
        _write_number(body, step)
    if operand.memory:
        body.append(MEMORIES.index(operand.memory) + 1)
        _write_number(body, operand.index)
    else:
        body.append(0)


def _write_number(body: bytearray, number: int) -> None:
    rest = number << 1 if number >= 0 else (-number << 1) - 1
    while rest > 0x7F:
        body.append(rest & 0x7F | 0x80)
        rest >>= 7
    body.append(rest)


class _Reader:
    """Takes a body apart; every byte is checked, because a checksum can be right by design."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def steps(self, depth: int) -> tuple[Step, ...]:
        if depth > MOST_NESTED:
            raise ProgramError(f"program file: more than {MOST_NESTED} loops are nested")
        steps: list[Step] = []
        while depth or self._at < len(self._body):
            code = self._byte()
            if code == _END and depth:
                return tuple(steps)
            if code == _LOOP:
                count = self._number()
                steps.append(Loop(count, self.steps(depth + 1)))
            else:
                steps.append(self._instruction(code))
        return tuple(steps)

    def _instruction(self, code: int) -> Instruction:
        name = _NAMES.get(code & ~(_WAITS | _SIGNALS))
        if name is None:
            raise ProgramError(f"program file: unknown instruction {code} at byte {self._at - 1}")
        shape = SHAPES[name]
        operands = tuple(self._operand() for _ in shape.operands)
        wait = (self._operand(), self._operand()) if code & _WAITS else None
        signal = (self._operand(), self._operand()) if code & _SIGNALS else None
        words = tuple(self._choice(words) for words in shape.words)
        return Instruction(name, operands, words, wait, signal)

    def _operand(self) -> Operand:
        constant = self._number()
        steps = tuple(self._number() for _ in range(self._byte()))
        memory = self._choice(("", *MEMORIES))
        return Operand(constant, steps, memory, self._number() if memory else 0)

    def _choice(self, choices: Sequence[str]) -> str:
        number = self._byte()
        if number >= len(choices):
            raise ProgramError(f"program file: expected a number below {len(choices)}")
        return choices[number]

    def _number(self) -> int:
        rest = shift = 0
        while True:
            byte = self._byte()
            rest |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift > 63:
                raise ProgramError("program file: a number has more than 64 bits")
        number = -((rest + 1) >> 1) if rest & 1 else rest >> 1
        if abs(number) > LARGEST:
            raise ProgramError("program file: a number has more than 64 bits")
        return number

    def _byte(self) -> int:
        if self._at == len(self._body):
            raise ProgramError("program file: it ends in the middle of an instruction")
        self._at += 1
        return self._body[self._at - 1]
