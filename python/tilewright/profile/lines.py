"""From what instructions cost to what lines cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tilewright import _core
from tilewright.profile.rows import TURN, LineProfile

if TYPE_CHECKING:
    from tilewright._core import ProgramProfile


def known_lines(programs: Sequence[ProgramProfile]) -> list[LineProfile]:
    """An entry for each instruction and each wait of each program, summed over the cores."""
    same: dict[tuple[str, int], list[ProgramProfile]] = defaultdict(list)
    for program in programs:
        same[program.name, program.program].append(program)
    return [line for (name, _), group in same.items() for line in _lines_of(name, group)]


def _lines_of(name: str, group: Sequence[ProgramProfile]) -> list[LineProfile]:
    waits = [wait for program in group for wait in program.waits]
    # NumPy sums what up to hundreds of cores have counted of the same instructions.
    every = np.concatenate([program.addresses for program in group])
    addresses, places = np.unique(every, return_inverse=True)

    def total(columns: list[np.ndarray]) -> np.ndarray:
        sums = np.zeros(len(addresses), np.uint64)
        np.add.at(sums, places, np.concatenate(columns))
        return sums

    executed = total([program.executed for program in group])
    cycles = total([program.cycles for program in group])
    lost = {
        reason: total([program.lost(number) for program in group])
        for number, reason in enumerate(_core.profile_reasons())
    }
    waiting = [wait[0] for wait in waits]
    located = group[0].locate([*map(int, addresses), *waiting])
    result = []
    for i, (file, line, function) in enumerate(located[: len(addresses)]):
        reasons = {reason: int(by[i]) for reason, by in lost.items() if by[i]}
        result.append(
            LineProfile(name, file, line, function, int(executed[i]), int(cycles[i]), reasons, {})
        )
    for (_, what, _, spent, polled), (file, line, function) in zip(
        waits, located[len(addresses) :], strict=True
    ):
        waited = {what or TURN: spent}
        result.append(LineProfile(name, file, line, function, polled, spent, {}, waited))
    return result
