"""`tilewright run`: compile a kernel and run it, without a host program."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import tilewright
from tilewright.checks import CHECKS
from tilewright.cli.commands import (
    Subcommands,
    add_command,
    add_include_paths,
    make_console,
    print_json,
    working,
)

if TYPE_CHECKING:
    from rich.console import Console

    from tilewright.launch import Argument, Arguments, Core

Tile: TypeAlias = tuple[int, int]

#: What is told of each core.
CORE_NUMBERS = ("core", "cycles", "instructions", "waiting_cycles")


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "run",
        run,
        "Compile a kernel, run it on some tiles, and print what it printed and what it cost.",
        "tilewright run scale.cpp --tiles 0,0-3,3 --arg zeros:float32:1024 --arg 2.5 --arg 1024",
        has_json=True,
    )
    parser.add_argument("kernel", type=Path, metavar="KERNEL", help="a C++ source, or an .elf file")
    parser.add_argument("--preset", default="blackhole", help="chip to run on (blackhole)")
    parser.add_argument(
        "--tiles",
        "--cores",
        dest="tiles",
        action="append",
        type=parse_tiles,
        metavar="X,Y[-X,Y]",
        help="a tile, or all tiles of a rectangle; may be given again (0,0)",
    )
    parser.add_argument("--processor", type=int, default=0, help="which core of each tile (0)")
    parser.add_argument(
        "--arg",
        dest="args",
        action="append",
        default=[],
        metavar="[X,Y[-X,Y]=]VALUE",
        help="an argument, the first one first. A number; FILE.npy, an array to put into DRAM; "
        "zeros:DTYPE:COUNT, a buffer; or semaphore[:INITIAL], a semaphore. Buffers are shown after "
        "the run. With tiles before it, an argument of those only",
    )
    parser.add_argument(
        "-D",
        dest="defines",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="a preprocessor definition",
    )
    add_include_paths(parser)
    parser.add_argument(
        "--checks", action="store_true", help="make all checks of kernels (they cost no cycles)"
    )
    parser.add_argument(
        "--check",
        dest="some_checks",
        action="append",
        default=[],
        choices=CHECKS,
        metavar="NAME",
        help=f"make one of the checks ({', '.join(CHECKS)}); may be given again",
    )
    parser.add_argument(
        "--trace",
        metavar="FILE",
        help="write a timeline of the run for Perfetto (a name in .json: for Chrome)",
    )
    parser.add_argument(
        "--profile", action="store_true", help="show where the cycles went, line by line"
    )
    parser.add_argument(
        "--profile-file",
        metavar="FILE",
        help="write that for other tools: *.speedscope.json, *.json, *.folded or callgrind*",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write an HTML page about the run (tilewright[report])",
    )
    parser.add_argument("--cycle-limit", type=int, metavar="N", help="give up after N cycles")


def parse_tiles(text: str) -> list[Tile]:
    """The tiles of `x,y` or of the rectangle `x,y-x,y`, both corners included."""
    match = re.fullmatch(r"(\d+),(\d+)(?:-(\d+),(\d+))?", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected X,Y or X,Y-X,Y, such as 0,0-3,3")
    left, top = int(match[1]), int(match[2])
    right, bottom = int(match[3] or left), int(match[4] or top)
    if right < left or bottom < top:
        raise argparse.ArgumentTypeError(f"{text!r}: the second corner lies before the first")
    return [(x, y) for y in range(top, bottom + 1) for x in range(left, right + 1)]


def parse_argument(device: tilewright.Device, text: str) -> Argument:
    """A number, or a buffer or semaphore with the contents that `text` describes."""
    import numpy as np

    if text.startswith("zeros:"):
        match = re.fullmatch(r"zeros:(\w+):(\d+)", text)
        if match is None:
            raise tilewright.ArgumentError(f"{text!r}: expected zeros:DTYPE:COUNT")
        try:
            dtype = np.dtype(match[1])
        except TypeError:
            raise tilewright.ArgumentError(f"{text!r}: NumPy has no dtype {match[1]!r}") from None
        return device.zeros(int(match[2]), dtype)
    if text.partition(":")[0] == "semaphore":
        match = re.fullmatch(r"semaphore(?::(\d+))?", text)
        if match is None:
            raise tilewright.ArgumentError(f"{text!r}: expected semaphore or semaphore:INITIAL")
        return device.semaphore(int(match[1] or 0))
    if text.endswith(".npy"):
        try:
            return device.put(np.load(text))
        except (OSError, ValueError) as error:
            raise tilewright.ArgumentError(f"{text}: {error}") from error
    with suppress(ValueError):
        return int(text, 0)
    with suppress(ValueError):
        return float(text)
    raise tilewright.ArgumentError(
        f"{text!r}: expected a number, FILE.npy, zeros:DTYPE:COUNT or semaphore[:INITIAL]"
    )


def arguments_of(
    device: tilewright.Device, tiles: Sequence[Tile], texts: Sequence[str]
) -> tuple[dict[Tile, list[Argument]], list[tuple[str, Argument]]]:
    """The arguments of each tile, and each argument once with the text that it was given as.
    ArgumentError if one is for a tile that does not run."""
    by_tile: dict[Tile, list[Argument]] = {tile: [] for tile in tiles}
    made: list[tuple[str, Argument]] = []
    for text in texts:
        match = re.fullmatch(r"(\d+,\d+(?:-\d+,\d+)?)=(.*)", text)
        try:
            places = list(tiles) if match is None else parse_tiles(match[1])
        except argparse.ArgumentTypeError as error:
            raise tilewright.ArgumentError(f"--arg: {error}") from None
        value = parse_argument(device, text if match is None else match[2])
        made.append((text, value))
        for tile in places:
            if tile not in by_tile:
                raise tilewright.ArgumentError(f"--arg {text}: no kernel runs on tile {tile}")
            by_tile[tile].append(value)
    return by_tile, made


def compile_kernel(options: argparse.Namespace) -> tilewright.Kernel:
    """The kernel that the options name."""
    if options.kernel.suffix == ".elf":
        return tilewright.Kernel.from_elf(options.kernel)
    defines = dict(text.partition("=")[::2] for text in options.defines)
    with working(options, f"compiling {options.kernel.name}"):
        return tilewright.Kernel.from_file(
            options.kernel, defines=defines, include_paths=options.include_paths
        )


def run(options: argparse.Namespace) -> int:
    kernel = compile_kernel(options)
    tiles = list(dict.fromkeys(tile for group in options.tiles or [[(0, 0)]] for tile in group))
    checks = options.checks or options.some_checks
    with tilewright.open(options.preset, checks=checks) as device, ExitStack() as stack:
        by_tile, made = arguments_of(device, tiles, options.args)
        args: dict[Core, list[Argument]] = {}
        for x, y in tiles:
            args[x, y, options.processor] = by_tile[x, y]
        lists = list(args.values())
        if options.trace:
            stack.enter_context(device.trace(options.trace))
        profile = None
        if options.profile or options.profile_file or options.report:
            profile = stack.enter_context(device.profile())
        same = all(each == lists[0] for each in lists)  # which is one launch
        given: Arguments = lists[0] if same else args
        result = device.run(kernel, list(args), given, cycle_limit=options.cycle_limit)
        stack.close()
        if profile is not None and options.profile_file:
            profile.save(options.profile_file)
        if profile is not None and options.report:
            profile.report(options.report)
        buffers = [
            {"argument": index, "given": text, "values": value.numpy()}
            for index, (text, value) in enumerate(made)
            if isinstance(value, tilewright.Buffer)
        ]
        if options.json:
            print_json(
                {
                    "kernel": kernel.name,
                    "chip": device.config.name,
                    "tiles": tiles,
                    "cycles": result.cycles,
                    "instructions": result.instructions,
                    "seconds": result.seconds,
                    "host_seconds": result.host_seconds,
                    "output": result.output,
                    "buffers": buffers,
                    **({"profile": profile.table()} if profile and options.profile else {}),
                    "cores": [
                        {name: getattr(core, name) for name in CORE_NUMBERS}
                        for core in result.cores
                    ],
                }
            )
            return 0
        console = make_console()
        show(console, options, device, kernel, result, made)
        if profile is not None and options.profile:
            from tilewright.profile.text import show as show_profile

            show_profile(profile, console)
    return 0


def show(
    console: Console,
    options: argparse.Namespace,
    device: tilewright.Device,
    kernel: tilewright.Kernel,
    result: tilewright.Run,
    made: Sequence[tuple[str, Argument]],
) -> None:
    """What it printed, what is in the buffers, and what it cost."""
    if result.output:
        console.out(result.output, end="" if result.output.endswith("\n") else "\n")
    for index, (_, argument) in enumerate(made):
        if isinstance(argument, tilewright.Buffer):
            console.out(f"argument {index}: {argument.numpy()}")
    if options.verbose:
        for core in result.cores:
            numbers = ", ".join(f"{name} {getattr(core, name)}" for name in CORE_NUMBERS[1:])
            console.out(f"core {core.core}: {numbers}")
        console.out(f"host: {result.host_seconds:.3f} s")
    if not options.quiet:
        console.out(
            f"{kernel.name} on {len(result.cores)} cores: {result.cycles} cycles "
            f"({result.seconds * 1e6:.3f} us at {device.config.fields()['clock_mhz']:g} MHz), "
            f"{result.instructions} instructions"
        )
