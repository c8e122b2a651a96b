"""The chip at work under a story: what its last batch cost, and all of them so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from tilewright.zmachine import Game

_COUNTERS = {
    "RISC-V instructions": ("cores.", ".instructions"),
    "NoC packets": ("noc", ".packets"),
    "NoC bytes": ("noc", ".data_bytes"),
    "DRAM bytes read": ("dram", ".bytes_read"),
    "DRAM bytes written": ("dram", ".bytes_written"),
}


class Monitor:
    """Numbers of a chip since the game began, and of what lies between the last two looks."""

    def __init__(self, game: Game) -> None:
        self._game = game
        self._memory = game.memory
        self._start = self._last = self._totals()
        self._changed = np.zeros(len(self._memory), np.bool_)
        self._batch: dict[str, int] = dict.fromkeys([*self._start, "story bytes changed"], 0)

    def look(self) -> None:
        """A batch has ended."""
        totals = self._totals()
        self._batch = {name: totals[name] - self._last[name] for name in totals}
        self._last = totals
        memory = self._game.memory
        changed = np.frombuffer(memory, np.uint8) != np.frombuffer(self._memory, np.uint8)
        self._batch["story bytes changed"] = int(changed.sum())
        self._changed |= changed
        self._memory = memory

    def rows(self) -> list[tuple[str, int, int]]:
        """Name, in the last batch, since the game began."""
        rows = [(n, self._batch[n], self._last[n] - self._start[n]) for n in self._start]
        changed = "story bytes changed"
        return [*rows, (changed, self._batch[changed], int(self._changed.sum()))]

    def table(self) -> Table:
        """The rows, to be printed."""
        game = self._game
        doing = "waits" if game.waiting else "has ended" if game.finished else "plays"
        core = ", ".join(str(number) for number in game.core)
        title = f"core ({core}) of {game.device.config.name} {doing}"
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        table.add_column("")
        table.add_column("last batch", justify="right")
        table.add_column("so far", justify="right")
        for name, last, total in self.rows():
            table.add_row(name, f"{last:,}", f"{total:,}")
        return table

    def _totals(self) -> dict[str, int]:
        counters = self._game.device.counters
        totals = {"Z-instructions": self._game.instructions, "cycles": counters["cycle"]}
        for name, (start, end) in _COUNTERS.items():
            values = (v for n, v in counters.items() if n.startswith(start) and n.endswith(end))
            totals[name] = sum(values)
        return totals
