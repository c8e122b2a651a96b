"""`tilewright firmware`: the programs that run task graphs, as files: ours, or one's own."""

from __future__ import annotations

import argparse
from pathlib import Path

import tilewright
from tilewright.cli.commands import (
    Subcommands,
    add_command,
    add_include_paths,
    make_console,
    print_json,
    working,
)
from tilewright.errors import FileError

SCHEDULER = Path("aicpu") / "libaicpu_graph_kernel.so"
FUNCTIONS = Path("aicore") / "kernel.o"


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "firmware",
        firmware,
        f"Write the scheduler and the functions of task graphs as ELF files: {SCHEDULER} and "
        f"{FUNCTIONS} in a folder. Those that ship, or compiled from your own C++.",
        "tilewright firmware build --functions my_functions.cpp",
        has_json=True,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where the files go")
    parser.add_argument(
        "--functions", type=Path, metavar="SOURCE", help="C++ of the functions (TILEWRIGHT_TASKS)"
    )
    parser.add_argument("--scheduler", type=Path, metavar="SOURCE", help="C++ of the scheduler")
    parser.add_argument(
        "--preset", default="ascend", help="chip whose workers' instruction set is used (ascend)"
    )
    add_include_paths(parser)


def firmware(options: argparse.Namespace) -> int:
    from tilewright import _core

    with working(options, "compiling"):
        scheduler, functions = compile_programs(options)
    table = _core.task_functions(functions.handle)
    kinds = _core.core_kinds()
    files = []
    for name, kernel in ((SCHEDULER, scheduler), (FUNCTIONS, functions)):
        path = options.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(kernel.elf)
        except OSError as error:
            raise FileError(f"{path}: {error.strerror}") from error
        files.append({"file": path, "bytes": len(kernel.elf)})
    listed = [
        {"number": number, "name": name, "cores": kinds[kind] if kind < len(kinds) else "any"}
        for number, (name, kind) in enumerate(table)
    ]
    if options.json:
        print_json({"files": files, "functions": listed})
    elif not options.quiet:
        console = make_console()
        for file in files:
            console.out(f"{file['file']}: {file['bytes']} bytes")
        for each in listed:
            console.out(f"  function {each['number']}: {each['name']}, on {each['cores']} cores")
    return 0


def compile_programs(
    options: argparse.Namespace,
) -> tuple[tilewright.Kernel, tilewright.Kernel]:
    """The scheduler and the functions: those that ship, or compiled from what the options name."""
    from tilewright import _core

    if options.scheduler is None:
        scheduler = tilewright.Kernel(_core.builtin_scheduler())
    else:
        scheduler = tilewright.Kernel.from_file(
            options.scheduler, include_paths=options.include_paths
        )
    if options.functions is None:
        functions = tilewright.Kernel(_core.builtin_worker_program())
    else:
        functions = tilewright.Kernel.from_file(
            options.functions,
            include_paths=options.include_paths,
            isa=tilewright.preset(options.preset).isas[0],
        )
    return scheduler, functions
