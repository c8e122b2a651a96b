"""One line on a terminal that tells how far a run has come, while it lasts."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tilewright._core import CoreRunning


def progress_line() -> ProgressLine | None:
    """A line on standard error; None if that is no terminal, or if ``TILEWRIGHT_PROGRESS=0``."""
    if os.environ.get("TILEWRIGHT_PROGRESS") == "0":
        return None
    return ProgressLine() if sys.stderr is not None and sys.stderr.isatty() else None


class ProgressLine:
    """The line, which is gone when it is closed."""

    def __init__(self, console: Console | None = None) -> None:
        self._live = Live(
            console=console or Console(stderr=True),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._last: tuple[int, float] | None = None
        self._live.start()

    def show(
        self,
        cycle: int,
        instructions: int,
        seconds: float,
        running: Sequence[CoreRunning],
        waiting: int,
    ) -> None:
        """Tell where it is: the cycle, instructions of all cores so far, seconds since it began."""
        rate = None
        if self._last is not None and seconds > self._last[1]:
            rate = (instructions - self._last[0]) / (seconds - self._last[1])
        self._last = (instructions, seconds)
        text = Text(progress_text(cycle, rate, seconds, running, waiting), no_wrap=True)
        text.overflow = "ellipsis"
        self._live.update(text, refresh=True)

    def close(self) -> None:
        """Take the line away."""
        self._live.stop()


def progress_text(
    cycle: int,
    rate: float | None,
    seconds: float,
    running: Sequence[CoreRunning],
    waiting: int,
) -> str:
    """The line in words; `rate` is instructions a second."""
    parts = [f"{seconds:.0f} s", f"cycle {cycle:,}"]
    if rate is not None:
        parts.append(f"{rate / 1e6:.1f} M instructions/s")
    if waiting:
        parts.append(f"{waiting} waiting")
    if running:  # last, as it may be too long for the line
        places = Counter(place_text(core) for core in running)
        place, there = places.most_common(1)[0]
        more = f" and {len(running) - there} elsewhere" if there < len(running) else ""
        cores = "1 core" if len(running) == 1 else f"{len(running)} cores"
        parts.append(f"{cores} at work: {place}{more}")
    return "; ".join(parts)


def place_text(core: CoreRunning) -> str:
    """Where a core is: its function and line, or its kernel."""
    if not core.file:
        return core.kernel
    return f"{core.file}:{core.line}" + (f" in {core.function}" if core.function else "")
