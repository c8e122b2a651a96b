"""Why a number is what it is: one number of a compute engine, from its operands to what was packed.

Use `Device.explain`. Everything here comes from the simulated engine: operands are what lay in SrcA
and SrcB, numbers of Dst what lay there before and after each instruction, the result what a packer
left in L1.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tilewright.errors import ArgumentError
from tilewright.open_device import OpenDevice
from tilewright.unsigned import unsigned, unsigned32

#: Bits of a number, with its sign, in each format of a block.
_BLOCKS = {"bfp8": 8, "bfp4": 4, "bfp2": 2}
_FIDELITIES = {1: "LoFi", 2: "HiFi2", 3: "HiFi3", 4: "HiFi4"}
#: Steps that a text shows of a longer explanation, at its beginning and at its end.
_SHOWN = 16


def value_of(kind: str, bits: int, shared_exponent: int | None = None) -> float:
    """The number that the bits of a format of the engine stand for; NaN for a format that holds
    none (int16) or whose bits the name alone does not tell (fp8, blocks of 5 bits of exponent)."""
    if kind in ("fp32", "tf32", "bf16"):
        word = bits << 16 if kind == "bf16" else bits
        return float(struct.unpack("<f", struct.pack("<I", word))[0])
    if kind == "fp16":  # without infinities
        exponent, mantissa = bits >> 10 & 31, bits & 0x3FF
        size = math.ldexp(mantissa + (1024 if exponent else 0), max(exponent, 1) - 25)
        return -size if bits >> 15 else size
    if kind in ("int32", "int8"):
        width = 32 if kind == "int32" else 8
        magnitude = bits & (1 << (width - 1)) - 1
        return float(-magnitude if bits >> (width - 1) else magnitude)
    if kind in _BLOCKS and shared_exponent is not None:
        width = _BLOCKS[kind]
        magnitude = bits & (1 << (width - 1)) - 1
        negative = bits >> (width - 1) != 0
        if negative and magnitude == 0:
            return -math.inf
        size = math.ldexp(magnitude, shared_exponent - 127 - (width - 2))
        return -size if negative else size
    return math.nan


@dataclass(frozen=True)
class DstNumber:
    """What Dst holds: its format (fp32, bf16, fp16, int32) and bits in the usual order."""

    format: str
    bits: int

    @property
    def value(self) -> float:
        """As a number."""
        return value_of(self.format, self.bits)

    def __repr__(self) -> str:
        return f"{self.format} {self.value:.10g}"


@dataclass(frozen=True)
class Operands:
    """The numbers of SrcA and SrcB that the matrix unit took for this one, in pairs."""

    a: tuple[float, ...]
    b: tuple[float, ...]
    #: Of these, what the fidelity phase multiplies: some bits of their mantissas.
    parts_of_a: tuple[float, ...]
    parts_of_b: tuple[float, ...]
    formats: tuple[str, str]
    #: 0 to 3; None where they are added or subtracted.
    phase: int | None
    #: Whether the result is added to what Dst has.
    accumulates: bool

    @property
    def products(self) -> float:
        """The sum of the products of the parts, without any rounding."""
        pairs = zip(self.parts_of_a, self.parts_of_b, strict=True)
        return math.fsum(x * y for x, y in pairs)


@dataclass(frozen=True)
class Packed:
    """What a packer made of it."""

    packer: int
    intermediate: str  #: the format in which it read Dst
    format: str  #: the format in L1
    address: int  #: in L1, of the byte in which it begins
    bits: int
    shared_exponent: int | None  #: of a block's numbers
    added: bool  #: to what L1 had
    relu: bool

    @property
    def value(self) -> float:
        """As a number."""
        return value_of(self.format, self.bits, self.shared_exponent)


@dataclass(frozen=True)
class Step:
    """What one instruction did.

    ``kind`` is "matrix" (see `operands`), "vector" (`registers` of the number's lane), "packed"
    (see `packed`) or "other" (moved, unpacked, cleared). `before` and `after` are None where the
    row of Dst is not defined: it counts as zeros.
    """

    kind: str
    cycle: int
    thread: int  #: 0 unpacks, 1 computes, 2 packs
    instruction: str
    dst_row: int  #: as instructions count them
    before: DstNumber | None
    after: DstNumber | None
    operands: Operands | None = None
    packed: Packed | None = None
    registers: tuple[int, ...] = ()  #: bits of L0 to L7 afterwards
    result: int | None = None  #: the register that the instruction changed

    @property
    def exact(self) -> float | None:
        """Of the matrix unit: what Dst would hold if nothing were rounded in this step."""
        if self.operands is None:
            return None
        before = self.before.value if self.before and self.operands.accumulates else 0.0
        if self.operands.phase is not None:
            return before + self.operands.products
        sign = -1 if self.instruction.startswith("ELWSUB") else 1
        return before + self.operands.a[0] + sign * self.operands.b[0]

    @property
    def rounding(self) -> float | None:
        """Of the matrix unit: what the step's rounding added."""
        exact = self.exact
        return None if exact is None or self.after is None else self.after.value - exact

    def __str__(self) -> str:
        return f"{self.cycle:>12,}  T{self.thread}  {self.instruction:<34}  {self._what()}"

    def _what(self) -> str:
        if self.packed is not None:
            packed = self.packed
            how = "added to" if packed.added else "at"
            relu = ", after ReLU" if packed.relu else ""
            where = f"{how} L1 {packed.address:#x}"
            return f"{self.after or 0} -> {packed.format} {packed.value:.10g} {where}{relu}"
        if self.operands is not None:
            ours = self.operands
            if ours.phase is None:
                what = f"{ours.a[0]:.10g}, {ours.b[0]:.10g}"
            elif len(ours.a) == 1:
                what = f"phase {ours.phase}: {ours.parts_of_a[0]:.10g} * {ours.parts_of_b[0]:.10g}"
            else:
                what = f"phase {ours.phase}: {len(ours.a)} products, {ours.products:.10g}"
            rounding = self.rounding
            lost = f", rounded by {rounding:.3g}" if rounding else ""
            return f"{what}; Dst {self.before or 0} -> {self.after}{lost}"
        if self.kind == "vector" and self.instruction.startswith("SFPSTORE"):
            return f"Dst {self.before or 0} -> {self.after}"
        if self.kind == "vector":
            if self.result is None:
                return ""
            bits = self.registers[self.result]
            return f"L{self.result} = {value_of('fp32', bits):.10g} ({bits:#010x})"
        return f"Dst {self.before or 0} -> {self.after or 'undefined, which counts as 0'}"


class Explanation:
    """All that happened to one number inside a `Device.explain`; printed, the story of it."""

    def __init__(self, element: str) -> None:
        self._element = element
        #: What happened, in order; filled at the end of the ``with``.
        self.steps: tuple[Step, ...] = ()
        #: Whether these are all; the first 100,000 are kept.
        self.complete = True

    @property
    def phases(self) -> tuple[int, ...]:
        """Fidelity phases in which products were made."""
        found = {step.operands.phase for step in self.steps if step.operands is not None}
        return tuple(sorted(phase for phase in found if phase is not None))

    @property
    def fidelity(self) -> str | None:
        """LoFi, HiFi2, HiFi3 or HiFi4, by the phases; None without products."""
        phases = self.phases
        return _FIDELITIES[phases[-1] + 1] if phases else None

    @property
    def results(self) -> tuple[Packed, ...]:
        """What packers made of it, each time they did."""
        return tuple(step.packed for step in self.steps if step.packed is not None)

    def __repr__(self) -> str:
        return f"<Explanation of {self._element}: {len(self.steps):,} steps>"

    def __str__(self) -> str:
        head = f"{self._element}: {len(self.steps):,} steps"
        if self.fidelity is not None:
            head += f", products at {self.fidelity}"
        if not self.steps:
            return f"{head}; no instruction of the engine touched it"
        lines = [str(step) for step in self.steps]
        if len(lines) > 2 * _SHOWN:
            left = len(lines) - 2 * _SHOWN
            lines[_SHOWN:-_SHOWN] = [f"{'':>12}  ... {left:,} more, in `steps`"]
        if not self.complete:
            lines.append(f"{'':>12}  ... and more, which were not kept")
        return "\n".join([head, *lines])


@contextmanager
def explain(
    device: OpenDevice,
    tile: tuple[int, int],
    *,
    row: int,
    column: int,
    dst: int = 0,
    full_sync: bool = False,
) -> Iterator[Explanation]:
    """Follow one number of a tile of Dst through what runs inside the ``with``.

    `tile` is the (x, y) of the worker tile, `dst` the tile of Dst that the compute kernel names (0
    to 7, 15 with `full_sync`), `row` and `column` those of the number in that tile, as in a matrix
    of 32 x 32. A kernel that uses `dst` again and again has all of it in the explanation. With
    `full_sync` (``dst_full_sync_en`` of a kernel) Dst is one piece and not two halves in turn.

    The explanation has, in order, every instruction that used or changed the number: operands of
    the matrix unit as they were unpacked, with the part of them that the fidelity phase multiplies
    and what each step rounded; results of the vector unit in the number's lane; what was packed,
    and where. One number of a device is followed at a time. It costs host time, no cycles.
    ArgumentError for a number that does not exist, AddressError for a tile that does not, and
    UnsupportedError if its chip has no compute engines.

    Example: ``with device.explain((0, 0), row=3, column=5) as why: program.run()``, and
    ``print(why)``.
    """
    if len(tile) != 2:
        raise ArgumentError(f"explain: expected a tile (x, y), got {tile!r}")
    x, y = (unsigned("explain: tile", part, 16) for part in tile)
    device.handle.start_watch(
        x,
        y,
        unsigned32("explain: dst", dst),
        unsigned32("explain: row", row),
        unsigned32("explain: column", column),
        bool(full_sync),
    )
    explanation = Explanation(f"number ({row}, {column}) of Dst tile {dst} on tile ({x}, {y})")
    try:
        yield explanation
    finally:
        steps, explanation.complete = device.handle.finish_watch()
        explanation.steps = tuple(_steps(steps))


def _steps(steps: Iterable[Mapping[str, Any]]) -> Iterator[Step]:
    for step in steps:
        parts = dict(step)
        for name in ("before", "after"):
            parts[name] = None if parts[name] is None else DstNumber(*parts[name])
        if "operands" in parts:
            operands: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in parts["operands"].items()
            }
            parts["operands"] = Operands(**operands)
        if "packed" in parts:
            parts["packed"] = Packed(**parts["packed"])
        parts["registers"] = tuple(parts.get("registers", ()))
        yield Step(**parts)
