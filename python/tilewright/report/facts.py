"""What a report tells, gathered from a profile as plain values."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tilewright._core import version
from tilewright.profile.text import line_text, short_name

if TYPE_CHECKING:
    from tilewright.profile.rows import Costs, LineProfile

Grid = npt.NDArray[np.float64]

#: Shown of functions and lines; the rest is summed up.
MOST_ROWS = 40


@dataclass(frozen=True)
class Row:
    """One line of a table of costs."""

    name: str
    cycles: int
    share: float  #: of all cycles
    instructions: int
    parts: list[tuple[str, int]]  #: what was lost and waited for, the most first


@dataclass(frozen=True)
class Bank:
    """A DRAM bank between the two ends of the profile."""

    number: int
    bytes_read: int
    bytes_written: int
    busy: float  #: share of the cycles
    row_hits: float  #: share of its accesses


@dataclass(frozen=True)
class Facts:
    """All of them. Grids are rows of tiles; what no core of a tile did is NaN there."""

    chip: str
    elapsed: int  #: cycles between the two ends
    microseconds: float
    cores: int
    core_cycles: int
    instructions: int
    busy: Grid  #: share of the elapsed cycles in which cores of the tile ran and did not wait
    waiting: Grid  #: the share in which they waited
    parts: list[tuple[str, int]]  #: cycles that instructions took, and what was lost and waited for
    functions: list[Row]
    lines: list[Row]
    banks: list[Bank]
    network: list[tuple[str, int]]
    hints: list[str]
    settings: Mapping[str, object]
    versions: list[tuple[str, str]]


def gather(profile: Costs) -> Facts:
    """StateError if the device was closed or went to a snapshot while the profile was made."""
    setting = profile.setting
    busy, waiting = _grids(profile, setting.grid, setting.elapsed)
    counters = setting.counters
    banks = [
        _bank(counters, n, setting.elapsed) for n in range(int(setting.fields["dram_bank_count"]))
    ]
    return Facts(
        chip=setting.chip,
        elapsed=setting.elapsed,
        microseconds=setting.elapsed / float(setting.fields["clock_mhz"]),
        cores=len(profile.cores),
        core_cycles=profile.cycles,
        instructions=profile.instructions,
        busy=busy,
        waiting=waiting,
        parts=_parts(profile),
        functions=_rows(
            profile, profile.functions, lambda f: f"{short_name(f.function)} in {f.kernel}"
        ),
        lines=_rows(profile, profile.lines, line_text),
        banks=[bank for bank in banks if bank.bytes_read or bank.bytes_written],
        network=[
            (f"NoC {noc}: {what.replace('_', ' ')}", counters[f"noc{noc}.{what}"])
            for noc in (0, 1)
            for what in ("packets", "data_bytes", "hops", "blocked_cycles")
            if counters.get(f"noc{noc}.packets")
        ],
        hints=profile.hints,
        settings=setting.fields,
        versions=[
            ("Tilewright", version),
            ("Python", platform.python_version()),
            ("system", platform.platform(terse=True)),
        ],
    )


def _grids(profile: Costs, grid: tuple[int, int], elapsed: int) -> tuple[Grid, Grid]:
    """Of each tile, shares of the time of its cores that took part."""
    columns, rows = grid
    sums = np.zeros((3, rows, columns))
    seen: set[tuple[int, int, int]] = set()
    for program in profile.programs:
        x, y, _ = program.core
        waited = sum(wait[3] for wait in program.waits)
        sums[0, y, x] += float(program.cycles.sum())
        sums[1, y, x] += waited
        if program.core not in seen:
            sums[2, y, x] += elapsed
            seen.add(program.core)
    whole = np.where(sums[2] > 0, sums[2], np.nan)
    return sums[0] / whole, sums[1] / whole


def _parts(profile: Costs) -> list[tuple[str, int]]:
    total: dict[str, int] = {}
    for kernel in profile.kernels:
        for name, cycles in [
            *kernel.lost.items(),
            *((f"wait: {n}", c) for n, c in kernel.waited.items()),
        ]:
            total[name] = total.get(name, 0) + cycles
    first = ("one for each instruction", profile.cycles - sum(total.values()))
    return [first, *sorted(total.items(), key=lambda item: -item[1])]


def _rows(
    profile: Costs, rows: list[LineProfile], describe: Callable[[LineProfile], str]
) -> list[Row]:
    total = profile.cycles or 1
    shown = [
        Row(
            describe(row),
            row.cycles,
            row.cycles / total,
            row.instructions,
            sorted(_costs(row), key=lambda item: -item[1])[:4],
        )
        for row in rows[:MOST_ROWS]
    ]
    rest = rows[MOST_ROWS:]
    if rest:
        cycles = sum(row.cycles for row in rest)
        instructions = sum(row.instructions for row in rest)
        shown.append(Row(f"{len(rest)} more", cycles, cycles / total, instructions, []))
    return shown


def _costs(row: LineProfile) -> list[tuple[str, int]]:
    waits = [(f"wait: {name}", cycles) for name, cycles in row.waited.items()]
    return [*row.lost.items(), *waits]


def _function(row: LineProfile) -> str:
    return f"{short_name(row.function)} in {row.kernel}"


def _bank(counters: Mapping[str, int], number: int, elapsed: int) -> Bank:
    def of(name: str) -> int:
        return counters.get(f"dram{number}.{name}", 0)

    accesses = of("row_hits") + of("row_misses")
    return Bank(
        number=number,
        bytes_read=of("bytes_read"),
        bytes_written=of("bytes_written"),
        busy=of("busy_cycles") / elapsed if elapsed else 0.0,
        row_hits=of("row_hits") / accesses if accesses else 0.0,
    )
