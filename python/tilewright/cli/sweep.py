"""`tilewright sweep`: the layers of a file on one chip or on many."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any

from tilewright.cli.commands import Subcommands, add_command, make_console, print_json
from tilewright.errors import ArgumentError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from tilewright.sweep import Failure

DTYPES = ("float32", "bfloat16", "float16", "int8")
SHOWN = ("array_cycles", "cycles", "utilisation", "dram_bytes", "chosen_dataflow")


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "sweep",
        sweep_layers,
        "Simulate the layers of a network on one or many chips; convolutions as in SCALE-Sim's "
        "topology files, matmuls as name, M, N, K.",
        "tilewright sweep resnet18.csv --set systolic_rows=16,32 --output results.csv",
        has_json=True,
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
    parser.add_argument("--dtype", default="float32", choices=DTYPES)
    parser.add_argument(
        "--output",
        metavar="FILE.csv",
        type=Path,
        help="write results as they are done; what is in the file already is not run again",
    )
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=positive,
        help="processes (default: one for each processor; 1: none but this one)",
    )
    parser.add_argument(
        "--dask",
        metavar="SCHEDULER",
        help="run on a Dask cluster instead, e.g. tcp://host:8786 (needs the package distributed)",
    )


def positive(text: str) -> int:
    """A number of at least 1, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {number}")
    return number


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


def obey_parent() -> None:
    """In a process of the pool: Ctrl-C ends it silently, and so does the end of its parent."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Waits for the end of the process that this one serves, and ends this one."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def executor_of(options: argparse.Namespace, points: int) -> Iterator[Executor | None]:
    """What the points run in; None: in this process."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    jobs = min(options.jobs or os.cpu_count() or 1, points)
    if options.dask is not None:
        try:
            from distributed import Client
        except ImportError as error:
            raise ArgumentError("--dask: the package distributed is not installed") from error
        try:
            client = Client(options.dask, timeout=20)
        except (OSError, ValueError) as error:
            raise ArgumentError(f"--dask {options.dask}: no scheduler answers there") from error
        with client:
            yield client.get_executor()
    elif jobs > 1:
        # Fresh processes: what this one has open is not theirs.
        pool = ProcessPoolExecutor(
            jobs,
            mp_context=get_context("spawn"),
            initializer=obey_parent,
        )
        try:
            yield pool
        except KeyboardInterrupt:
            for process in active_children():
                process.terminate()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    else:
        yield None


def sweep_layers(options: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from tilewright import sweep

    layers = sweep.read_layers(options.layers)
    fields = parse_fields(options.set)
    points = sweep.points(
        layers, options.preset, fields, options.dataflow.split(","), options.dtype
    )
    if not points:
        raise ArgumentError(f"{options.layers}: no layers")
    with ExitStack() as stack:
        output = options.output
        if output is None:  # a file all the same: one way for all sweeps
            output = Path(stack.enter_context(TemporaryDirectory())) / "results.csv"
        results = sweep.ResultsFile(output, points)
        todo = len(results.todo())
        bar = Console(stderr=True)
        hidden = options.quiet or not bar.is_terminal
        progress = stack.enter_context(Progress(console=bar, disable=hidden))
        task = progress.add_task("points", total=todo)
        executor = stack.enter_context(executor_of(options, todo))
        failures: list[Failure] = []
        for _ in results.run(executor, failures):
            progress.advance(task)
        done = results.done()

    for failure in failures:
        print(f"tilewright: {failure}", file=sys.stderr)
    if options.json:
        print_json([{name: _as_json(name, value) for name, value in row.items()} for row in done])
    else:
        print_table(options, fields, done)
    return 1 if failures else 0


def print_table(
    options: argparse.Namespace,
    fields: Mapping[str, Sequence[int | float]],
    done: Sequence[Mapping[str, Any]],
) -> None:
    """The points that are done, and their sum."""
    from rich.table import Table

    console = make_console()
    named = ["layer", *(name for name, values in fields.items() if len(values) > 1)]
    table = Table(*named, *SHOWN, title=f"{options.layers.name} on {options.preset}")
    for row in done:
        table.add_row(*(str(row[name]) for name in (*named, *SHOWN)))
    console.print(table)
    array, whole = (sum(int(row[name]) for row in done) for name in SHOWN[:2])
    if not options.quiet:
        console.print(f"{len(done)} points, {whole} cycles; {array} of one array by itself")


def _as_json(name: str, value: Any) -> Any:
    """A field of a row, which may come from a file of text."""
    if name != "layer":
        for kind in (int, float):
            with suppress(TypeError, ValueError):
                return kind(value)
    return value
