"""What the three threads of a compute engine waited for, and how long: whether a kernel is held up
by its operands, by its arithmetic or by its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tilewright.counters import Counters
from tilewright.errors import AddressError, ArgumentError, UnsupportedError
from tilewright.open_device import OpenDevice

_THREADS = ("T0 unpacks", "T1 computes", "T2 packs")
#: For what, and for which thread if that is the same each time.
_REASONS = {
    "source_a": "T0 to unpack SrcA",
    "source_b": "T0 to unpack SrcB",
    "bank_a": "T1 to give back a bank of SrcA",
    "bank_b": "T1 to give back a bank of SrcB",
    "mutex": "a mutex that another thread holds",
    "semaphore": "a semaphore of another thread",
    "condition": "what a STALLWAIT names",
    "unit": "its unit, at work",
    "dst": "rows of Dst just written",
    "own": "its last instruction",
}
#: Of a semaphore by which T1 and T2 share Dst: what it means to each, as kernels use it.
_DST = {1: "T2 to pack, so that a half of Dst is free", 2: "T1 to compute, so that Dst is ready"}


@dataclass(frozen=True)
class ThreadWaits:
    """One thread: how many instructions began, and for how many cycles the next one was held at
    the gate, by reason (the names of the counters). Cycles in which its core had pushed none are
    in neither: there the core waits, mostly for a circular buffer."""

    name: str
    instructions: int
    waits: Mapping[str, int]

    @property
    def waiting_cycles(self) -> int:
        """For all reasons."""
        return sum(self.waits.values())


@dataclass(frozen=True)
class EngineWaits:
    """The compute engine of a tile between two points; printed, in sentences."""

    tile: tuple[int, int]
    cycles: int  #: between the two points
    threads: tuple[ThreadWaits, ...]  #: T0, T1 and T2
    busy_cycles: Mapping[str, int]  #: of each unit; empty if nobody has used the engine

    @property
    def busiest(self) -> str | None:
        """The unit that was at work the longest; None if none was."""
        unit = max(self.busy_cycles, key=lambda name: self.busy_cycles[name], default=None)
        return unit if unit and self.busy_cycles[unit] else None

    def __str__(self) -> str:
        lines = [f"compute engine of tile {self.tile}, {self.cycles:,} cycles:"]
        for number, thread in enumerate(self.threads):
            line = f"  {thread.name:<11}  {thread.instructions:>9,} instructions"
            waits = sorted(thread.waits.items(), key=lambda item: -item[1])
            why = [f"{cycles:,} for {_why(number, reason)}" for reason, cycles in waits if cycles]
            if why:
                line += f", held {thread.waiting_cycles:,} cycles: {'; '.join(why)}"
            lines.append(line)
        unit = self.busiest
        if unit is None:
            lines.append("  no unit was at work")
        else:
            share = self.busy_cycles[unit] / self.cycles if self.cycles else 0.0
            busy = f"{self.busy_cycles[unit]:,} cycles, {share:.0%}"
            lines.append(f"  busiest: the {unit.replace('_', ' ')}, {busy}")
        return "\n".join(lines)


def _why(thread: int, reason: str) -> str:
    return _DST.get(thread, _REASONS[reason]) if reason == "semaphore" else _REASONS[reason]


def engine_waits(
    device: OpenDevice, tile: tuple[int, int], *, since: Counters | None = None
) -> EngineWaits:
    """What the threads of a tile's compute engine waited for, from `since` (counters of this
    device) or else from when it was opened.

    The engine's own waiting only; what its cores waited for is in the report of the run.
    AddressError for a tile that does not exist, UnsupportedError where chips have no compute
    engines.

    Example: ``before = device.counters; program.run(); print(device.engine_waits((0, 0),
    since=before))``
    """
    config = device.config
    columns, rows = config.tile_columns, config.tile_rows
    if len(tile) != 2 or not (0 <= tile[0] < columns and 0 <= tile[1] < rows):
        raise AddressError(
            f"engine_waits: there is no tile {tile!r}; the grid is {columns} x {rows}"
        )
    if not config.fields()["compute_engines"]:
        raise UnsupportedError("engine_waits: the tiles of this chip have no compute engines")
    if since is not None and not isinstance(since, Counters):
        raise ArgumentError(f"engine_waits: since: expected Counters, got {type(since).__name__}")
    counted = Counters(device.handle.counters())
    if since is not None:
        counted = counted - since
    x, y = tile
    prefix = f"compute_engine.{y * columns + x}."
    own = {name.removeprefix(prefix): n for name, n in counted.items() if name.startswith(prefix)}
    threads = tuple(
        ThreadWaits(
            name,
            own.get(f"t{number}.instructions", 0),
            {reason: own.get(f"t{number}.waits.{reason}", 0) for reason in _REASONS},
        )
        for number, name in enumerate(_THREADS)
    )
    busy = {
        name.removesuffix(".busy_cycles"): n
        for name, n in own.items()
        if name.endswith(".busy_cycles")
    }
    return EngineWaits((x, y), counted["cycle"], threads, busy)
