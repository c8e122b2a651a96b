"""`tilewright metalium check`: which of your TT-Metalium programs work on the simulated chips."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright.cli.commands import (
    Subcommands,
    add_command,
    add_include_paths,
    make_console,
    print_json,
)
from tilewright.cli.sweep import positive

if TYPE_CHECKING:
    from tilewright.programs import Verdict


def add_to(commands: Subcommands) -> None:
    summary = "Host programs written for TT-Metalium (C++)."
    group = commands.add_parser(
        "metalium",
        help=summary,
        description=summary,
        epilog="example: tilewright metalium check examples",
    )
    parser = add_command(
        group.add_subparsers(title="commands", metavar="COMMAND", required=True),
        "check",
        check_programs,
        "Compile and run each program of a folder, and say what works, or what is missing first.",
        "tilewright metalium check programs --chip blackhole --chip wormhole",
        has_json=True,
    )
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="a folder with C++ programs, or one program"
    )
    parser.add_argument(
        "--chip",
        action="append",
        metavar="PRESET",
        help="the chip to run on; give several for several (default: blackhole)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=120.0,
        metavar="SECONDS",
        help="how long each program may run (default: 120)",
    )
    parser.add_argument(
        "--jobs",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="programs at a time (default: one for each processor)",
    )
    parser.add_argument(
        "--build-dir",
        type=Path,
        metavar="FOLDER",
        help="keep executables there, and compile only what has changed since",
    )
    parser.add_argument("--cxx", metavar="COMMAND", help="C++ compiler (default: CXX, c++)")
    add_include_paths(parser)


def seconds(text: str) -> float:
    """A time above 0, for argparse."""
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text}")
    return number


def check_programs(options: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from tilewright.config import preset
    from tilewright.programs import check, find_compiler, find_programs

    chips = list(dict.fromkeys(options.chip or ["blackhole"]))
    for chip in chips:
        preset(chip)  # names a chip that is not there, before anything is compiled
    folder, programs = find_programs(options.folder)
    compiler = find_compiler(options.cxx, options.include_paths)
    bar = Console(stderr=True)
    verdicts: list[Verdict] = []
    with Progress(console=bar, disable=options.quiet or not bar.is_terminal) as progress:
        task = progress.add_task("programs", total=len(programs) * len(chips))
        for verdict in check(
            compiler,
            folder,
            programs,
            chips=chips,
            timeout=options.timeout,
            jobs=options.jobs,
            build_folder=options.build_dir,
        ):
            verdicts.append(verdict)
            progress.update(task, advance=1, description=verdict.program)
    verdicts.sort(key=lambda verdict: (verdict.program, chips.index(verdict.chip)))
    if options.json:
        print_json([asdict(verdict) for verdict in verdicts])
    else:
        show(options, verdicts)
    return 0 if all(verdict.works for verdict in verdicts) else 1


def show(options: argparse.Namespace, verdicts: Sequence[Verdict]) -> None:
    """The table, and with -v what programs that do not work printed."""
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    table = Table()
    table.add_column("program", overflow="fold")
    table.add_column("chip", no_wrap=True)
    table.add_column("works, or the first missing thing", overflow="fold")
    table.add_column("cycles", justify="right", no_wrap=True)
    table.add_column("host s", justify="right", no_wrap=True)
    for verdict in verdicts:
        table.add_row(
            Text(verdict.program),
            verdict.chip,
            "works" if verdict.works else Text(verdict.problem),
            f"{verdict.cycles:,}" if verdict.cycles else "",
            f"{verdict.run_seconds:.1f}" if verdict.run_seconds else "",
            style=None if verdict.works else "yellow",
        )
    console.print(table)
    if options.verbose:
        for verdict in verdicts:
            if not verdict.works:
                console.print(f"--- {verdict.program} on {verdict.chip}", markup=False)
                console.out(verdict.output)
    if not options.quiet:
        working = sum(verdict.works for verdict in verdicts)
        console.print(f"{working} of {len(verdicts)} work")
