"""The command line: `tilewright demo | presets | info | doctor | run | play | sweep | ...`."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tilewright.cli.parser import CommandParser
from tilewright.errors import Error


class PrintVersion(argparse.Action):
    """Prints the version and exits."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from tilewright import __version__

        print(f"tilewright {__version__}")
        parser.exit()


class PrintCMakeFolder(argparse.Action):
    """Prints ``tilewright_DIR`` and exits, as ``--version`` does with the version."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from tilewright import _core

        folder = Path(_core.device_directory()).parents[1] / "lib" / "cmake" / "tilewright"
        if not (folder / "tilewrightConfig.cmake").exists():
            parser.exit(1, f"tilewright: {folder} is not there: this is no installed package\n")
        print(folder)
        parser.exit()


def make_parser() -> CommandParser:
    """The commands, their options and an example of each."""
    from tilewright.cli import (
        completion,
        demo,
        doctor,
        firmware,
        help,
        metalium,
        play,
        presets,
        run,
        sweep,
    )

    parser = CommandParser(
        prog="tilewright",
        description="A tiled accelerator in software: true numbers, exact cycles.",
        epilog="example: tilewright demo",
    )
    parser.add_argument("--version", action=PrintVersion, help="print the version, and exit")
    parser.add_argument(
        "--cmake-dir",
        action=PrintCMakeFolder,
        help="print the folder in which find_package(tilewright) finds its package, and exit",
    )
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in (demo, presets, doctor, run, firmware, metalium, play, sweep):
        command.add_to(commands)
    completion.add_to(commands, parser)
    help.add_to(commands, parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for what went wrong, 2 for a wrong command line.
    Without a command: the help."""
    parser = make_parser()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        getattr(options, "own_parser", parser).refuse(rest[0])
    try:
        try:
            return run_command(parser, options)
        finally:
            sys.stdout.flush()  # here, where it can still be told that this fails
    except (Error, OSError) as error:
        if getattr(options, "verbose", False):
            traceback.print_exc()
        if isinstance(error, BrokenPipeError):  # the reader of our output has gone, and knows
            drop_output()
            return 1
        print(f"tilewright: {told(error)}", file=sys.stderr)
        if not isinstance(error, Error):
            drop_output()
        return 1
    except KeyboardInterrupt:
        print("tilewright: interrupted", file=sys.stderr)
        return 130


def told(error: Exception) -> str:
    """The message of an error for people."""
    if isinstance(error, Error) or not isinstance(error, OSError):
        return str(error)
    name = f"{error.filename}: " if error.filename is not None else ""
    return f"{name}{error.strerror or error}"


def run_command(parser: CommandParser, options: argparse.Namespace) -> int:
    """The exit code of the command that the options are of."""
    if options.command is None:
        print(parser.format_help(), end="")
        return 0
    before = os.environ.get("TILEWRIGHT_PROGRESS")
    if options.quiet:
        os.environ["TILEWRIGHT_PROGRESS"] = "0"
    try:
        code: int = options.command(options)
        return code
    finally:
        if options.quiet and before is None:
            del os.environ["TILEWRIGHT_PROGRESS"]


def drop_output() -> None:
    """Python flushes what is left of the output at exit; what failed once would fail again."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
