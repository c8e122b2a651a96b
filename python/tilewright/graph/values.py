"""What users write as arguments, accesses and kinds of tasks, as the numbers that the chip gets."""

from __future__ import annotations

import operator
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, SupportsIndex, TypeAlias

import numpy as np

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import AddressError, ArgumentError, Error, GraphError
from tilewright.kernel import Kernel
from tilewright.launch import argument_list

WORD = 1 << 64
#: Where the direct-memory window of the cores begins.
WINDOW = 0x8000_0000


@dataclass(frozen=True)
class Parameter:
    """A value that a subgraph leaves open; made by `Graph.parameter`, given to `Graph.append`."""

    number: int


Argument: TypeAlias = SupportsIndex | float | np.floating[Any] | Buffer | Parameter
#: A buffer, rows of one, bytes from one address to another, or bytes counted from a parameter.
Range: TypeAlias = Buffer | tuple[Buffer, slice] | tuple[int, int] | tuple[Parameter, int, int]


def float_bits(value: float) -> int:
    """The bits of a float32 in the low half of a word. ArgumentError if it is out of range."""
    try:
        return int.from_bytes(struct.pack("<f", value), "little")
    except OverflowError:
        raise ArgumentError(f"{value!r} is too large for a float32") from None


def pointer(buffer: Buffer) -> int:
    """The address at which the workers of every tile reach a buffer."""
    address = buffer.core_address
    if address < WINDOW:
        raise AddressError(
            f"{buffer!r} lies in the L1 of one tile; tasks reach buffers in one DRAM bank, such as "
            "tilewright.Placement.bank(0)"
        )
    return address


def word(value: Argument) -> int:
    """An argument as 64 bits: integers as they are, floats as a float32, buffers as pointers."""
    if isinstance(value, Buffer):
        return pointer(value)
    if isinstance(value, (float, np.floating)):
        return float_bits(float(value))
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        hint = "; put it on the device first" if isinstance(value, np.ndarray) else ""
        raise ArgumentError(
            f"expected an integer, a float or a Buffer, got {type(value).__name__}{hint}"
        ) from None
    if not -(1 << 63) <= number < WORD:
        raise ArgumentError(f"{number} does not fit into 64 bits")
    return number % WORD


@dataclass
class Words:
    """The arguments of a task as words, and what is known about them."""

    words: list[int]
    buffers: list[Buffer]
    pointers: list[int]
    open_places: list[tuple[int, int]]  # argument, parameter


def task_words(args: Sequence[Argument], parameters: int) -> Words:
    """Arguments of a function of the worker program. Errors begin with ", argument N"."""
    result = Words([], [], [], [])
    for index, value in enumerate(args):
        if isinstance(value, Parameter):
            if value.number >= parameters:
                raise ArgumentError(f", argument {index}: {value} was not made by this graph")
            result.open_places.append((index, value.number))
            result.words.append(0)
            continue
        if isinstance(value, Buffer):
            result.pointers.append(index)
            result.buffers.append(value)
        try:
            result.words.append(word(value))
        except Error as error:
            raise type(error)(f", argument {index}: {error}") from None
    return result


def kernel_words(kernel: Kernel, args: Sequence[Any]) -> Words:
    """Launch arguments of a kernel: its 32-bit words, two in each word, the first one low."""
    if any(isinstance(value, Parameter) for value in args):
        raise ArgumentError(": the arguments of kernels cannot be parameters")
    try:
        halves = _core.encode_arguments(kernel.handle, argument_list(kernel, args))
    except Error as error:
        raise type(error)(f": {error}") from None
    halves += [0] * (len(halves) % 2)
    words = [low | high << 32 for low, high in zip(halves[::2], halves[1::2], strict=True)]
    return Words(words, [value for value in args if isinstance(value, Buffer)], [], [])


def address_range(value: Range) -> tuple[Parameter | None, int, int]:
    """First byte and the one after the last, from a parameter if there is one."""
    if isinstance(value, Buffer):
        begin = pointer(value)
        return None, begin, begin + value.nbytes
    if isinstance(value, tuple):
        whole = [isinstance(part, (int, np.integer)) for part in value]
        if len(value) == 2 and isinstance(value[0], Buffer) and isinstance(value[1], slice):
            return None, *rows(value[0], value[1])
        if len(value) == 2 and all(whole):
            return None, operator.index(value[0]), operator.index(value[1])
        if len(value) == 3 and isinstance(value[0], Parameter) and all(whole[1:]):
            return value[0], operator.index(value[1]), operator.index(value[2])
    raise ArgumentError(
        "expected a Buffer, (Buffer, slice), (first address, address after the last) or "
        f"(Parameter, first offset, offset after the last), got {value!r}"
    )


def as_ranges(value: Any) -> list[Range]:
    """What a task reads or writes: ranges, or a single one. Errors begin with ": "."""
    if isinstance(value, Buffer):
        return [value]
    if isinstance(value, tuple) and value:
        rows_of_one = isinstance(value[0], Buffer) and isinstance(value[-1], slice)
        if rows_of_one or isinstance(value[0], (int, np.integer, Parameter)):
            return [value]
    return [*_all_of("ranges of bytes, or one of them", value)]


def as_tasks(value: Any) -> list[int]:
    """Numbers of tasks, or a single one. Errors begin with ": "."""
    if isinstance(value, (int, np.integer)):
        return [int(value)]
    return [*_all_of("numbers of tasks, or one of them", value)]


def as_arguments(value: Any) -> list[Argument]:
    """The arguments of a task. Errors begin with ": "."""
    return [*_all_of("a list of arguments", value)]


def _all_of(expected: str, value: Any) -> Iterator[Any]:
    try:
        if not isinstance(value, (str, bytes, Mapping)):
            return iter(value)
    except TypeError:
        pass
    raise ArgumentError(f": expected {expected}, got {type(value).__name__}")


def buffer_of(value: Range) -> Buffer | None:
    """The buffer that a range is of."""
    whole = value[0] if isinstance(value, tuple) else value
    return whole if isinstance(whole, Buffer) else None


def rows(buffer: Buffer, part: slice) -> tuple[int, int]:
    """The bytes of some rows (elements along the first axis) of a buffer."""
    start, stop, step = part.indices(len(buffer))
    if step != 1:
        raise ArgumentError(f"{part}: expected rows that follow one another, got every {step}th")
    row = buffer.nbytes // len(buffer) if len(buffer) else 0
    begin = pointer(buffer)
    return begin + start * row, begin + stop * row


def kind_number(kind: str | None) -> int:
    """The number of a worker kind; None is the kind that the function belongs to."""
    if kind is None:
        return _core.kind_of_function
    kinds = _core.core_kinds()
    if kind not in kinds:
        raise GraphError(f"kind {kind!r}: expected one of {', '.join(kinds)} or None")
    return kinds.index(kind)
