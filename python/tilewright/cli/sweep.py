"""`tilewright sweep`: the layers of a file on one chip or on many."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.progress import Progress
from rich.table import Table

from tilewright import sweep
from tilewright.cli.commands import Subcommands, add_command, make_console
from tilewright.errors import ArgumentError
from tilewright.matmul import DTYPES

Row = dict[str, str | int | float]
SHOWN = ("cycles", "utilisation", "dram_bytes", "arithmetic_intensity", "chosen_dataflow")


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "sweep",
        sweep_layers,
        "Simulate the layers of a network on one or many chips; convolutions as in SCALE-Sim's "
        "topology files, products as name, M, N, K.",
        "tilewright sweep resnet18.csv --set systolic_rows=16,32 --output results.csv",
    )
    parser.add_argument("layers", metavar="LAYERS.csv", type=Path, help="the layers, one a line")
    parser.add_argument("--preset", default="kpu", help="the chip (default: kpu)")
    parser.add_argument(
        "--set",
        metavar="FIELD=VALUE[,VALUE...]",
        action="append",
        default=[],
        help="change a field of the chip; with several values, a chip for each",
    )
    parser.add_argument("--dataflow", default="auto", help="one or several, with commas between")
    parser.add_argument("--dtype", default="float32", choices=[t for t in DTYPES if t != "int32"])
    parser.add_argument(
        "--output",
        metavar="FILE.csv",
        type=Path,
        help="write results as they are done; what is in the file already is not run again",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")


def parse_fields(settings: Sequence[str]) -> dict[str, list[int | float]]:
    """FIELD=VALUE,VALUE as names and values. ArgumentError shows what cannot be read."""
    fields: dict[str, list[int | float]] = {}
    for setting in settings:
        name, _, values = setting.partition("=")
        try:
            fields[name] = [float(v) if "." in v else int(v, 0) for v in values.split(",")]
        except ValueError as error:
            raise ArgumentError(f"--set {setting}: expected FIELD=NUMBER[,NUMBER...]") from error
    return fields


def key_of(row: Row) -> tuple[str, ...]:
    """What tells a row of this sweep from the others."""
    return tuple(str(value) for name, value in row.items() if name not in sweep.RESULTS)


def read_results(path: Path, columns: Sequence[str]) -> list[Row]:
    """Results of an earlier run. ArgumentError if the file is of another sweep."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames is None or list(reader.fieldnames) != list(columns):
            raise ArgumentError(f"{path}: not the results of this sweep: its columns are others")
        # A run that was killed may have left half a line.
        return [dict(row) for row in reader if None not in row.values()]


def sweep_layers(options: argparse.Namespace) -> int:
    console = make_console()
    try:
        layers = sweep.read_layers(options.layers)
    except OSError as error:
        raise ArgumentError(f"{options.layers}: {error.strerror}") from error
    fields = parse_fields(options.set)
    todo = sweep.points(layers, options.preset, fields, options.dataflow.split(","), options.dtype)
    if not todo:
        raise ArgumentError(f"{options.layers}: no layers")
    columns = [*sweep.name_of(todo[0]), *sweep.RESULTS]
    done: list[Row] = []
    if options.output is not None and options.output.exists():
        done = read_results(options.output, columns)
        write_results(options.output, columns, done)
        known = {key_of(row) for row in done}
        todo = [point for point in todo if key_of(sweep.name_of(point)) not in known]
    elif options.output is not None:
        write_results(options.output, columns, [])

    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("layers", total=len(todo))
        # Fresh processes: what this one has open is not theirs.
        pool = (
            ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn"))
            if options.jobs > 1
            else None
        )
        try:
            for row in sweep.run(todo, pool):
                done.append(row)
                if options.output is not None:
                    append_result(options.output, columns, row)
                progress.advance(task)
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)

    named = ["layer", *(name for name, values in fields.items() if len(values) > 1)]
    table = Table(*named, *SHOWN, title=f"{options.layers.name} on {options.preset}")
    for row in done:
        table.add_row(*(str(row[name]) for name in (*named, *SHOWN)))
    console.print(table)
    console.print(f"{len(done)} points, {sum(int(row['cycles']) for row in done)} cycles")
    return 0


def write_results(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """All of the file at once: a reader sees the old one or the new one."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    os.replace(temporary, path)


def append_result(path: Path, columns: Sequence[str], row: Row) -> None:
    with path.open("a", newline="") as file:
        csv.DictWriter(file, columns).writerow(row)
