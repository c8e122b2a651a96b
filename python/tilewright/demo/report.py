"""How the demonstration looks: headings, progress on a terminal, the final table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tilewright.demo.result import Check, StepResult

Advance = Callable[[float], None]


class Reporter:
    """Writes to a console; `progress` draws only if that is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def heading(self, number: int, title: str) -> None:
        self._console.print(f"\n[bold]{number}. {title}[/bold]")

    def result(self, result: StepResult) -> None:
        for line in result.lines:
            self._console.out(f"   {line}")
        for check in result.checks:
            self._check(check)

    def _check(self, check: Check) -> None:
        mark = "[green]ok[/green]" if check.passed else "[bold red]DIFFERS[/bold red]"
        self._console.print(f"   {mark}  ", end="")
        self._console.out(check.what)

    @contextmanager
    def progress(self, what: str) -> Iterator[Advance]:
        """Call what this yields with the fraction that is done."""
        with Progress(
            console=self._console, transient=True, disable=not self._console.is_terminal
        ) as progress:
            task = progress.add_task(f"   {what}", total=1.0)
            yield lambda done: progress.update(task, completed=done)

    def table(self, results: list[StepResult]) -> None:
        table = Table()
        table.add_column("what")
        for heading in ("cycles", "simulated time", "host time", "instructions/s"):
            table.add_column(heading, justify="right")
        for result in results:
            for row in result.rows:
                rate = None
                if row.instructions is not None and row.host_seconds:
                    rate = row.instructions / row.host_seconds
                table.add_row(
                    row.what,
                    "" if row.cycles is None else f"{row.cycles:,}",
                    _duration(row.simulated_seconds),
                    _duration(row.host_seconds),
                    "" if rate is None else f"{rate / 1e6:,.1f} M",
                )
        self._console.print()
        self._console.print(table)
        checks = [check for result in results for check in result.checks]
        failed = [check for check in checks if not check.passed]
        if failed:
            self._console.print(f"[bold red]{len(failed)} of {len(checks)} comparisons failed.[/]")
        else:
            self._console.print(f"All {len(checks)} comparisons hold.")


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"
