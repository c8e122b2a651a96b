"""What a profile holds, and how it is looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tilewright.errors import ArgumentError, StateError
from tilewright.profile.rows import Core, LineProfile, Setting

if TYPE_CHECKING:
    from tilewright._core import ProgramProfile


@dataclass
class _Sum:
    instructions: int = 0
    cycles: int = 0
    lost: dict[str, int] = field(default_factory=dict)
    waited: dict[str, int] = field(default_factory=dict)

    def add(self, other: LineProfile) -> None:
        self.instructions += other.instructions
        self.cycles += other.cycles
        for mine, theirs in ((self.lost, other.lost), (self.waited, other.waited)):
            for name, cycles in theirs.items():
                mine[name] = mine.get(name, 0) + cycles


class Profile:
    """What cores did while it was made, instruction by instruction; nothing is sampled. The cycles
    of all lines are those from the launch of each kernel to its end, summed over the cores."""

    def __init__(
        self,
        programs: Sequence[ProgramProfile] | None = None,
        setting: Setting | None = None,
    ) -> None:
        self._programs = None if programs is None else list(programs)
        self._setting = setting

    def __repr__(self) -> str:
        if self._programs is None:
            return "<Profile: being made>"
        return f"<Profile of {len(self.cores)} cores, {self.cycles:,} cycles>"

    def __str__(self) -> str:
        return self.text()

    def finish(self, programs: Sequence[ProgramProfile], setting: Setting | None) -> None:
        """Filled when the ``with`` ends."""
        self._programs = list(programs)
        self._setting = setting

    # --- Data -----------------------------------------------------------------------------------

    @property
    def programs(self) -> list[ProgramProfile]:
        """Each program on each core. StateError while the profile is being made."""
        if self._programs is None:
            raise StateError("profile: it is still being made; it is known when the `with` ends")
        return self._programs

    @property
    def cores(self) -> list[Core]:
        """Which took part, in their order."""
        return list(dict.fromkeys(program.core for program in self.programs))

    def of(self, *cores: Core | tuple[int, int]) -> Profile:
        """Of these cores, or tiles, alone. ArgumentError if one did not take part."""
        chosen = []
        for core in cores:
            found = [p for p in self.programs if p.core[: len(core)] == tuple(core)]
            if not found:
                raise ArgumentError(f"profile: {core} took no part; expected one of {self.cores}")
            chosen += found
        return Profile(chosen, self._setting)

    @property
    def setting(self) -> Setting:
        """The chip, and what it counted meanwhile. StateError if the device was closed or
        went to a snapshot before the profile was made."""
        _ = self.programs
        if self._setting is None:
            raise StateError(
                "profile: the device was closed, or went to a snapshot, before the `with` ended"
            )
        return self._setting

    @cached_property
    def lines(self) -> list[LineProfile]:
        """By source line, the most cycles first. What one line of the source is in several
        functions is told apart."""
        return _by_cycles(
            self._known_lines, lambda row: (row.kernel, row.file, row.line, row.function)
        )

    @cached_property
    def functions(self) -> list[LineProfile]:
        """By function of each kernel, the most cycles first."""
        return _by_cycles(self.lines, lambda row: (row.kernel, "", 0, row.function))

    @cached_property
    def kernels(self) -> list[LineProfile]:
        """By kernel, the most cycles first."""
        return _by_cycles(self.lines, lambda row: (row.kernel, "", 0, ""))

    @property
    def cycles(self) -> int:
        """Of all cores together."""
        return sum(kernel.cycles for kernel in self.kernels)

    @property
    def instructions(self) -> int:
        """Retired by all cores."""
        return sum(kernel.instructions for kernel in self.kernels)

    @property
    def hints(self) -> list[str]:
        """What dominates, where that has a known cause and a remedy."""
        from tilewright.profile.hints import hints

        return hints(self)

    def table(self) -> list[dict[str, Any]]:
        """The lines as rows of plain values, such as `pandas.DataFrame` takes; a column for each
        reason that occurs."""
        rows = []
        for line in self.lines:
            row = asdict(line)
            lost, waited = row.pop("lost"), row.pop("waited")
            row |= {f"lost: {name}": cycles for name, cycles in lost.items()}
            rows.append(row | {"waited": sum(waited.values())})
        return rows

    # --- To look at -----------------------------------------------------------------------------

    def text(self, *, lines: int = 20) -> str:
        """Functions, the ``lines`` that took the most, each with its source where that can be read,
        and hints."""
        from tilewright.profile.text import text

        if lines < 1:
            raise ArgumentError(f"profile: lines is {lines}; expected 1 or more")
        return text(self, lines)

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write a file that other tools read: ``*.speedscope.json`` for Speedscope, ``*.json`` with
        the lines as data, ``*.folded`` for flame graphs, anything whose name begins with
        ``callgrind`` for KCachegrind and `callgrind_annotate`. ArgumentError for another name."""
        from tilewright.profile.files import save

        save(self, os.fspath(file))

    def report(self, file: str | os.PathLike[str]) -> None:
        """Write an HTML page, complete in itself: the grid with what its tiles did, what the cycles
        went to, functions and lines, DRAM, network, the chip's configuration. UnsupportedError
        without the extra ``tilewright[report]``, StateError as `setting`."""
        from tilewright.report import write_report

        write_report(self, file)

    @cached_property
    def _known_lines(self) -> list[LineProfile]:
        from tilewright.profile.lines import known_lines

        return known_lines(self.programs)


def _by_cycles(
    lines: Iterable[LineProfile], key: Callable[[LineProfile], tuple[str, str, int, str]]
) -> list[LineProfile]:
    """Summed up by key, which names the result."""
    sums: dict[tuple[str, str, int, str], _Sum] = {}
    for line in lines:
        sums.setdefault(key(line), _Sum()).add(line)
    result = [
        LineProfile(*name, s.instructions, s.cycles, s.lost, s.waited) for name, s in sums.items()
    ]
    return sorted(result, key=lambda r: (-r.cycles, r.kernel, r.file, r.line, r.function))
