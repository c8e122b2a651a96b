"""What a simulator has counted, as plain dicts: the shape that `KPUSimulator.statistics()` gives
and that the analysis and the plots take.

Everything is a number or a string, so that statistics can be stored as JSON and compared. Cycles
are those of the chip clock since the simulator was made or reset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, cast

from tilewright.errors import ArgumentError


class EngineStatistics(TypedDict):
    """One engine."""

    kind: str  #: "dma", "block_mover", "streamer" or "systolic"
    commands: int  #: that have ended
    busy_cycles: int  #: from the start of a command to its end, summed
    stall_cycles: int  #: of the busy ones, those in which a resource was waited for
    bytes: int  #: moved
    macs: int  #: multiply-accumulates carried out
    bytes_per_cycle: float  #: the most it can move; 0 if it moves nothing
    macs_per_cycle: int  #: the most it can do; 0 if it does no arithmetic


class MemoryStatistics(TypedDict):
    """One memory."""

    kind: str  #: "host", "external", "l3", "l2", "l1", "scratchpad" or "page_buffer"
    base: int  #: its global address
    capacity: int  #: bytes
    bytes_read: int  #: by engines
    bytes_written: int  #: by engines
    bytes_per_cycle: float  #: the most it can take and give; 0 if nothing limits it but engines


class CommandRecord(TypedDict):
    """One command of an engine that has ended."""

    engine: str  #: its name among the engines
    operation: str  #: what it did
    start: int  #: cycle
    end: int  #: cycle; the engine was free again then
    bytes: int  #: moved
    source: int  #: global address
    destination: int  #: global address


class Statistics(TypedDict):
    """All of a simulator."""

    name: NotRequired[str]  #: for tables and plots that compare runs
    cycles: int
    clock_mhz: float
    elapsed_ms: float  #: simulated: cycles at the clock
    host_ms: float  #: what simulating them took
    engines: dict[str, EngineStatistics]
    memories: dict[str, MemoryStatistics]
    commands: list[CommandRecord]  #: the latest, in the order in which they ended
    commands_left_out: int  #: earlier ones, which are in the sums above only


Results = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_EMPTY: dict[str, Any] = {
    "clock_mhz": 1000.0,
    "host_ms": 0.0,
    "engines": {},
    "memories": {},
    "commands": [],
    "commands_left_out": 0,
}


def one_run(data: Mapping[str, Any], name: str = "") -> Statistics:
    """Statistics with every key there, whatever of them was left out but `cycles`.

    Raises ArgumentError that names what is missing or of the wrong shape.
    """
    if not isinstance(data, Mapping):
        raise ArgumentError(
            f"statistics: expected a dict as statistics() gives, got {type(data).__name__}"
        )
    if "cycles" not in data:
        there = ", ".join(map(str, data)) or "none"
        raise ArgumentError(f"statistics: the key 'cycles' is missing; there are {there}")
    full: dict[str, Any] = {**_EMPTY, **data}
    full.setdefault("elapsed_ms", full["cycles"] / (full["clock_mhz"] * 1e3))
    for key, shape in (
        ("engines", EngineStatistics),
        ("memories", MemoryStatistics),
    ):
        if not isinstance(full[key], Mapping):
            raise ArgumentError(f"statistics: {key}: expected a dict, got {full[key]!r}")
        for part, numbers in full[key].items():
            _require(numbers, shape.__required_keys__, f"{key}[{part!r}]")
    for index, record in enumerate(full["commands"]):
        _require(record, CommandRecord.__required_keys__, f"commands[{index}]")
    if name and "name" not in full:
        full["name"] = name
    return cast(Statistics, full)


def all_runs(results: Results) -> list[Statistics]:
    """One or more runs as a list, each with a name."""
    if isinstance(results, Mapping):
        return [one_run(results, "run")]
    if isinstance(results, (str, bytes)) or not isinstance(results, Sequence):
        raise ArgumentError(
            f"results: expected statistics() or a list of it, got {type(results).__name__}"
        )
    return [one_run(data, f"run {index}") for index, data in enumerate(results)]


def _require(value: object, keys: frozenset[str], where: str) -> None:
    if not isinstance(value, Mapping):
        raise ArgumentError(f"statistics: {where}: expected a dict, got {value!r}")
    missing = sorted(keys - value.keys())
    if missing:
        raise ArgumentError(f"statistics: {where}: missing {', '.join(missing)}")
