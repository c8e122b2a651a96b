"""The command line: `tilewright demo | presets | info | doctor | run | play | sweep | ...`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tilewright import __version__
from tilewright.errors import Error


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


def make_parser() -> argparse.ArgumentParser:
    """The commands, their options and an example of each."""
    from tilewright.cli import completion, demo, doctor, firmware, play, presets, run, sweep

    parser = argparse.ArgumentParser(
        prog="tilewright",
        description="A tiled accelerator in software: true numbers, exact cycles.",
        epilog="example: tilewright demo",
    )
    parser.add_argument("--version", action="version", version=f"tilewright {__version__}")
    parser.add_argument(
        "--cmake-dir",
        action=PrintCMakeFolder,
        help="print the folder in which find_package(tilewright) finds its package, and exit",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, presets, doctor, run, firmware, play, sweep):
        command.add_to(commands)
    completion.add_to(commands, parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 for what went wrong, 2 for a wrong command line."""
    options = make_parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except Error as error:
        print(f"tilewright: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tilewright: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again when it flushes at exit.
        sys.stderr.close()
        return 1
    return code
