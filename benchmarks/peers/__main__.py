"""Tilewright beside its peers, interleaved: a table on the terminal, and kept by machine kind.

Each line is what one thing costs: processor time of ours and of theirs (medians), and the median of
the ratios of each round, with the least and the greatest. A peer that is not installed is said.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import cores, graphs, products, stories
from benchmarks.peers.contest import Contest, Result, hold
from benchmarks.peers.machine import Machine, this_machine
from benchmarks.peers.places import BUILD, ROOT
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

KINDS: dict[str, Callable[[Path, Path], Iterator[Contest]]] = {
    "cores": cores.contests,
    "graphs": graphs.contests,
    "products": products.contests,
    "stories": stories.contests,
}


def commit() -> str:
    """The commit that is measured, with a + if there are changes that no commit has."""

    def git(*command: str) -> str:
        done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+" if changed else "")


def seconds(value: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def cells(result: Result) -> list[str]:
    if result.theirs is None:
        return [result.name, result.peer, seconds(result.ours), result.reason, "", result.note]
    ratios = f"{result.ratio:.2f} ({min(result.ratios):.2f} to {max(result.ratios):.2f})"
    theirs = seconds(result.theirs)
    return [result.name, result.peer, seconds(result.ours), theirs, ratios, result.note]


HEAD = ["what", "peer", "Tilewright", "peer's", "ratio", "what only one does"]


def markdown(results: list[Result], machine: Machine, at: str, rounds: int) -> str:
    lines = [
        f"# {machine.kind}",
        "",
        f"Commit {at}, {datetime.now(UTC):%Y-%m-%d}, {machine.text}. Processor time, medians of "
        f"{rounds} rounds in turns; the ratio is the median of the rounds' ratios (least to "
        "greatest). Below 1 is faster than the peer.",
        "",
        f"| {' | '.join(HEAD)} |",
        f"| {' | '.join('---' for _ in HEAD)} |",
        *(f"| {' | '.join(cells(result))} |" for result in results),
    ]
    return "\n".join(lines) + "\n"


def data(results: list[Result], machine: Machine, at: str) -> str:
    rows = [
        {
            "what": r.name,
            "peer": r.peer,
            "seconds": r.ours,
            "peer_seconds": r.theirs,
            "ratio": statistics.median(r.ratios) if r.ratios else None,
            "reason": r.reason,
        }
        for r in results
    ]
    return json.dumps({"machine": machine.text, "commit": at, "results": rows}, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], help="which (default: all)")
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="default: 9")
    parser.add_argument(
        "--write", action="store_true", help="keep the table in benchmarks/results, by machine"
    )
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds: expected 1 or more")
    console = Console(stderr=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as name, Progress(console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        for kind in arguments.kinds or KINDS:
            for contest in KINDS[kind](Path(name), BUILD):
                bar.update(task, description=contest.name)
                results += hold(contest, arguments.rounds)
    machine, at = this_machine(), commit()
    table = Table(*HEAD, title=f"{machine.text}, commit {at}")
    for result in results:
        table.add_row(*cells(result))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if arguments.write:
        folder = ROOT / "benchmarks" / "results"
        folder.mkdir(exist_ok=True)
        (folder / f"{machine.kind}.md").write_text(markdown(results, machine, at, arguments.rounds))
        (folder / f"{machine.kind}.json").write_text(data(results, machine, at))
        console.print(f"Written: benchmarks/results/{machine.kind}.md and .json")


if __name__ == "__main__":
    main()
