"""Compares our cycles with those measured on a Blackhole board, experiment by experiment.

    python -m benchmarks.silicon [DATA SET...] [--write] [--held-out]

The measurements are those of the PyPI package that split.toml names, read where it is installed
(`make silicon` installs it). Held-out experiments and external programs are scored only with
--held-out, which writes a line for each into held-out.log. --write puts table and pictures into
docs/accuracy.md.

Columns: `slope` is the error of the slope against what the experiment sweeps (flat: the board shows
no trend), `intercept` how many cycles ours is off where the sweep begins, then the relative error
of all points; `repeats` is how far runs of the board lie apart (90th percentile), `unfitted` our
median error with the fields that were fitted to these data turned off, `peer` that of the package's
own model where it publishes one.
"""

import argparse
import sys
from importlib.metadata import Distribution

from benchmarks.silicon import report
from benchmarks.silicon.chip import UNFITTED, open_board
from benchmarks.silicon.data import DataError, Point, open_package, read_points
from benchmarks.silicon.external import PROGRAMS
from benchmarks.silicon.peer import peer_error
from benchmarks.silicon.report import Line
from benchmarks.silicon.run import RUNNERS
from benchmarks.silicon.score import score, together
from benchmarks.silicon.split import HELD_OUT, TRAIN, Split, read_split


def measure(dataset: str, points: list[Point], *, fitted: bool = True) -> dict[str, float]:
    """Cycles of our chip by the name of the point."""
    with open_board(fitted=fitted) as device:
        return {p.name: float(cycles) for p, cycles in RUNNERS[dataset](device, points)}


def of_dataset(
    package: Distribution, split: Split, dataset: str, held_out: bool
) -> tuple[list[Line], list[Point], dict[str, float]]:
    """The rows of one data set, and what was measured for them."""
    every = read_points(package, split, dataset)
    wanted = {TRAIN, HELD_OUT} if held_out else {TRAIN}
    runnable = [p for p in every if split.parts[dataset][p.experiment] in wanted]
    ours = measure(dataset, runnable) if runnable else {}
    bare = measure(dataset, runnable, fitted=False) if runnable and UNFITTED else ours
    lines = []
    for experiment, part in split.experiments(dataset):
        points = [p for p in every if p.experiment == experiment]
        if part not in wanted:
            lines.append(Line(dataset, experiment, part, len(points), why="not looked at"))
            continue
        found = score(points, ours)
        unfitted = score(points, bare).median if UNFITTED else None
        peer = peer_error(points)
        lines.append(Line(dataset, experiment, part, len(points), found, unfitted, peer))
    return lines, runnable, ours


def external(split: Split) -> list[str]:
    """A sentence for each program that others published."""
    told = []
    for program in split.external:
        with open_board() as device:
            cycles = PROGRAMS[program.name](device)
        board = sum(program.cycles) / len(program.cycles)
        told.append(
            f"external {program.name}: {cycles} cycles, board {board:.0f}, "
            f"{100 * (cycles / board - 1):+.1f} %"
        )
    return told


def log(lines: list[Line]) -> list[str]:
    """A sentence for each held-out experiment that was scored."""
    return [
        f"{line.dataset} {line.experiment}: median {100 * line.score.median:.1f} %, "
        f"p90 {100 * line.score.p90:.1f} %, worst {line.score.worst}"
        for line in lines
        if line.part == HELD_OUT and line.score is not None
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("datasets", nargs="*", metavar="DATA SET", help=", ".join(RUNNERS))
    parser.add_argument("--held-out", action="store_true", help="score what is held out; logs it")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md's table")
    args = parser.parse_args()
    unknown = [name for name in args.datasets if name not in RUNNERS]
    if unknown:
        parser.error(f"no data set {unknown[0]}; expected one of {', '.join(RUNNERS)}")
    if args.write and args.datasets:
        parser.error("--write needs all data sets")

    split = read_split()
    lines: list[Line] = []
    points: list[Point] = []
    ours: dict[str, float] = {}
    try:
        package = open_package(split)
        for dataset in args.datasets or RUNNERS:
            more, measured, cycles = of_dataset(package, split, dataset, args.held_out)
            lines += more
            points += measured
            ours |= {p.name: cycles[p.name] for p in measured}
    except DataError as error:
        print(f"silicon: {error}", file=sys.stderr)
        return 1
    report.print_table(lines)
    trained = [p for p in points if split.parts[p.dataset][p.experiment] == TRAIN]
    summary = f"Training: {together(trained, ours)}."
    print(summary)
    for line in lines:
        if line.score is not None and line.score.wrong_signs:
            print(f"wrong sign: {line.dataset} {line.experiment}: {line.score.wrong_signs}")
    if args.held_out:
        told = [*log(lines), *external(split)]
        report.log_held_out(told)
        print("\n".join(told))
    if args.write:
        from benchmarks.silicon import plots  # matplotlib takes a while

        report.write_page(lines, summary)
        plots.against_the_board(points, ours)
        plots.dram_readers([p for p in points if p.dataset == "dramratebench"], ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
