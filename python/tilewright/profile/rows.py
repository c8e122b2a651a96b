"""What a profile consists of: costs by line, and what it was made on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from tilewright._core import ProgramProfile
    from tilewright.counters import Counters

Core: TypeAlias = tuple[int, int, int]

#: Why the clock of a core went on where no word is known that it waited for.
TURN = "its turn"


@dataclass(frozen=True)
class Setting:
    """What a profile was made on."""

    chip: str  #: its name
    grid: tuple[int, int]  #: columns and rows of tiles
    fields: Mapping[str, float]  #: of its configuration
    elapsed: int  #: cycles from the profile's beginning to its end
    counters: Counters  #: what was counted meanwhile


@dataclass(frozen=True)
class LineProfile:
    """What a line of the source took, or a function, or a whole kernel (then `line` is 0, and
    `function` empty for a kernel). The cycles are one for each instruction, what is lost, and what
    is waited for."""

    kernel: str
    file: str  #: empty if it is not known
    line: int  #: 0 if it is not known
    function: str  #: with parameter types; what the compiler inlined is part of its caller
    instructions: int
    cycles: int
    lost: Mapping[str, int]  #: cycles by reason: "L1", "division", "prediction", ...
    waited: Mapping[str, int]  #: cycles by what for: "semaphore 3", "reads, NoC 0", ...

    @property
    def place(self) -> str:
        """ "scale.cpp:12", as far as it is known."""
        name = os.path.basename(self.file)
        return f"{name}:{self.line}" if self.line else name or "?"


class Costs(Protocol):
    """A `Profile`, for what shows one."""

    @property
    def programs(self) -> list[ProgramProfile]:
        """Each program on each core."""

    @property
    def setting(self) -> Setting:
        """The chip, and what it counted meanwhile."""

    @property
    def cores(self) -> list[Core]:
        """Which took part."""

    @property
    def lines(self) -> list[LineProfile]:
        """By source line, the most cycles first."""

    @property
    def functions(self) -> list[LineProfile]:
        """By function, likewise."""

    @property
    def kernels(self) -> list[LineProfile]:
        """By kernel, likewise."""

    @property
    def cycles(self) -> int:
        """Of all cores together."""

    @property
    def instructions(self) -> int:
        """Retired by all cores."""

    @property
    def hints(self) -> list[str]:
        """What dominates."""

    def table(self) -> list[dict[str, Any]]:
        """The lines as rows of plain values."""
