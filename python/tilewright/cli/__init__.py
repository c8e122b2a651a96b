"""The command line: `tilewright demo | presets | info | doctor | run | play`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tilewright import __version__
from tilewright.errors import Error


def make_parser() -> argparse.ArgumentParser:
    """The commands, their options and an example of each."""
    from tilewright.cli import demo, doctor, play, presets, run

    parser = argparse.ArgumentParser(
        prog="tilewright",
        description="A tiled accelerator in software: true numbers, exact cycles.",
        epilog="example: tilewright demo",
    )
    parser.add_argument("--version", action="version", version=f"tilewright {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (demo, presets, doctor, run, play):
        command.add_to(commands)
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
