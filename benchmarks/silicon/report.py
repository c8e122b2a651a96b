"""The table for a terminal and for docs/accuracy.md, and the log of what was held out."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.silicon.score import Score
from rich.console import Console
from rich.table import Table

LOG = Path(__file__).parent / "held-out.log"
PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
BEGIN, END = "<!-- table: made by the benchmark -->", "<!-- end of the table -->"

COLUMNS = (
    "data set", "experiment", "split", "points", "slope", "intercept", "median", "p90",
    "worst point", "its error", "repeats", "unfitted", "peer",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of the table: a score, or why there is none."""

    dataset: str
    experiment: str
    part: str
    points: int
    score: Score | None = None
    unfitted: float | None = None
    peer: float | None = None
    why: str = ""


def _percent(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{100 * value:{sign}.1f} %"


def cells(line: Line) -> list[str]:
    """Text of each column."""
    head = [line.dataset, line.experiment, line.part, str(line.points)]
    if line.score is None:
        return [*head, line.why, *[""] * (len(COLUMNS) - len(head) - 1)]
    s = line.score
    worst = s.worst if len(s.worst) <= 34 else s.worst[:33] + "…"
    return [
        *head,
        "flat" if s.slope is None else _percent(s.slope, "+"),
        f"{s.intercept:+.0f}",
        _percent(s.median),
        _percent(s.p90),
        worst,
        _percent(s.worst_error, "+"),
        _percent(s.spread),
        _percent(line.unfitted),
        _percent(line.peer),
    ]


def print_table(lines: Sequence[Line]) -> None:
    """To the terminal; as wide as it needs where the output is no terminal."""
    console = Console() if Console().is_terminal else Console(width=200)
    table = Table(title="Our cycles against the board's")
    for column in COLUMNS:
        text = column in COLUMNS[:3] or column == "worst point"
        table.add_column(column, justify="left" if text else "right")
    for line in lines:
        table.add_row(*cells(line))
    console.print(table)


def markdown(lines: Sequence[Line]) -> Iterator[str]:
    """The same as rows of a document."""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "| " + " | ".join("---" for _ in COLUMNS) + " |"
    for line in lines:
        yield "| " + " | ".join(cells(line)) + " |"


def write_page(lines: Sequence[Line], summary: str, page: Path = PAGE) -> None:
    """Put the table into the document in place of the one there, and the summary behind it."""
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    page.write_text("\n".join([f"{before}{BEGIN}", *markdown(lines), "", summary, f"{END}{after}"]))


def commit() -> str:
    """The commit that is scored, marked if the tree has changes."""
    command = ["git", "-C", str(LOG.parent), "describe", "--always", "--dirty", "--abbrev=12"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.stdout.strip() or "unknown"


def log_held_out(entries: Sequence[str], log: Path = LOG) -> None:
    """Append what was seen of what is held out: it can be seen for the first time only once."""
    with log.open("a") as file:
        for entry in entries:
            file.write(f"{commit()} {entry}\n")
