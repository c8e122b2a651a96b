"""`tilewright run`: compile a kernel and run it, without a host program."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

import tilewright
from tilewright.cli.commands import Subcommands, add_command, add_include_paths, make_console
from tilewright.launch import Argument, Core


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "run",
        run,
        "Compile a kernel, run it on some cores, and print what it printed and what it cost.",
        "tilewright run scale.cpp --cores 0,0-3,3 --arg zeros:float32:1024 --arg 2.5 --arg 1024",
    )
    parser.add_argument("kernel", type=Path, metavar="KERNEL", help="a C++ source, or an .elf file")
    parser.add_argument("--preset", default="blackhole", help="chip to run on (blackhole)")
    parser.add_argument(
        "--cores",
        action="append",
        type=parse_cores,
        metavar="X,Y[-X,Y]",
        help="a tile, or all tiles of a rectangle; may be given again (0,0)",
    )
    parser.add_argument("--processor", type=int, default=0, help="which core of each tile (0)")
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="VALUE",
        help="a number; FILE.npy, an array to put into DRAM; or zeros:DTYPE:COUNT, a buffer; "
        "buffers are shown after the run",
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
    parser.add_argument("--cycle-limit", type=int, metavar="N", help="give up after N cycles")


def parse_cores(text: str) -> list[tuple[int, int]]:
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
    """A number, or a buffer with the contents that `text` describes."""
    if text.startswith("zeros:"):
        match = re.fullmatch(r"zeros:(\w+):(\d+)", text)
        if match is None:
            raise tilewright.ArgumentError(f"{text!r}: expected zeros:DTYPE:COUNT")
        try:
            dtype = np.dtype(match[1])
        except TypeError:
            raise tilewright.ArgumentError(f"{text!r}: NumPy has no dtype {match[1]!r}") from None
        return device.zeros(int(match[2]), dtype)
    if text.endswith(".npy"):
        try:
            return device.put(np.load(text))
        except (OSError, ValueError) as error:
            raise tilewright.ArgumentError(f"{text}: {error}") from error
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise tilewright.ArgumentError(
            f"{text!r}: expected a number, FILE.npy or zeros:DTYPE:COUNT"
        ) from None


def run(options: argparse.Namespace) -> int:
    console = make_console()
    if options.kernel.suffix == ".elf":
        kernel = tilewright.Kernel.from_elf(options.kernel)
    else:
        defines = dict(text.partition("=")[::2] for text in options.defines)
        kernel = tilewright.Kernel.from_file(
            options.kernel, defines=defines, include_paths=options.include_paths
        )
    tiles = [tile for group in options.cores or [[(0, 0)]] for tile in group]
    cores: list[Core] = [(x, y, options.processor) for x, y in tiles]
    with tilewright.open(options.preset, checks=options.checks) as device:
        arguments = [parse_argument(device, text) for text in options.arg]
        result = device.run(kernel, cores, arguments, cycle_limit=options.cycle_limit)
        if result.output:
            console.out(result.output, end="" if result.output.endswith("\n") else "\n")
        for index, argument in enumerate(arguments):
            if isinstance(argument, tilewright.Buffer):
                console.out(f"argument {index}: {argument.numpy()}")
        console.out(
            f"{kernel.name} on {len(cores)} cores: {result.cycles} cycles "
            f"({result.seconds * 1e6:.3f} us at {device.config.fields()['clock_mhz']:g} MHz), "
            f"{result.instructions} instructions"
        )
    return 0
