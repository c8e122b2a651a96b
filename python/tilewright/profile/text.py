"""A profile as tables: functions, then lines with their source."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tilewright.profile.rows import Costs, LineProfile

WIDTH = 120
FUNCTIONS = 10
NAME_WIDTH = 52


def text(profile: Costs, lines: int) -> str:
    """Plain text; `show` prints the same on a console."""
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None)
    show(profile, console, lines)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue().rstrip()


def show(profile: Costs, console: Console, lines: int = 20) -> None:
    """Print it; in colour where the console has any."""
    cores = len(profile.cores)
    console.print(
        f"{profile.cycles:,} cycles and {profile.instructions:,} instructions on "
        f"{cores} core{'' if cores == 1 else 's'}"
    )
    functions = _table("function", profile.cycles, profile.functions[:FUNCTIONS], _function)
    console.print(functions)
    shown = profile.lines[:lines]
    console.print(_table("line", profile.cycles, shown, line_text))
    if len(profile.lines) > lines:
        rest = sum(line.cycles for line in profile.lines[lines:])
        share = rest / profile.cycles if profile.cycles else 0.0
        console.print(f"{len(profile.lines) - lines} more lines: {rest:,} cycles, {share:.1%}")
    for hint in profile.hints:
        console.print(Text(f"* {hint}"), style="bold")


def _table(
    name: str, total: int, rows: Sequence[LineProfile], describe: Callable[[LineProfile], str]
) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    cells = [
        (
            f"{row.cycles:,}",
            f"{row.cycles / total if total else 0.0:.1%}",
            f"{row.instructions:,}",
            Text(describe(row)),
            Text(_why({**row.lost, **{f"wait: {k}": v for k, v in row.waited.items()}})),
        )
        for row in rows
    ]
    for column, head in enumerate(("cycles", "", "instructions")):
        width = max(len(head), *(len(str(row[column])) for row in cells), 1)
        table.add_column(head, justify="right", no_wrap=True, min_width=width)
    table.add_column(name, no_wrap=True, overflow="ellipsis", max_width=NAME_WIDTH)
    table.add_column("lost and waited for", no_wrap=True, overflow="ellipsis")
    for row in cells:
        table.add_row(*row)
    return table


def _why(parts: Mapping[str, int]) -> str:
    greatest = sorted(parts.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {cycles:,}" for name, cycles in greatest[:3])


def _function(row: LineProfile) -> str:
    return f"{short_name(row.function)}  in {row.kernel}"


def line_text(row: LineProfile) -> str:
    """Where it is, and its source where that can be read."""
    source = _source(row.file)
    code = source[row.line - 1].strip() if 0 < row.line <= len(source) else short_name(row.function)
    return f"{row.place}  {code}"


def short_name(function: str) -> str:
    """Without parameters and namespaces: "scale" of "app::scale(unsigned int)"."""
    name = function.replace("(anonymous namespace)::", "").partition("(")[0]
    head, less, arguments = name.partition("<")
    return head.rpartition("::")[2] + less + arguments or "code without symbols"


@cache
def _source(file: str) -> tuple[str, ...]:
    """Its lines; none if it cannot be read here."""
    try:
        return tuple(Path(file).read_text(errors="replace").splitlines())
    except OSError:
        return ()
