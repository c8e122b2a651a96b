"""What the commands share: how a subcommand is declared, and the console.

To print the help all commands are declared, so that their modules import what takes its time where
a command uses it.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from tilewright.cli.parser import CommandParser

if TYPE_CHECKING:
    from rich.console import Console

Subcommands: TypeAlias = "argparse._SubParsersAction[CommandParser]"


def add_command(
    commands: Subcommands,
    name: str,
    function: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
    *,
    has_json: bool = False,
) -> CommandParser:
    """A subcommand whose help ends with an example. With `has_json` it takes ``--json``."""
    parser = commands.add_parser(
        name, help=summary, description=summary, epilog=f"example: {example}"
    )
    parser.set_defaults(command=function, own_parser=parser, json=False)
    if has_json:
        parser.add_argument(
            "--json", action="store_true", help="print the results as JSON, and nothing else"
        )
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument(
        "-q", "--quiet", action="store_true", help="print results and errors only, no progress"
    )
    volume.add_argument(
        "-v", "--verbose", action="store_true", help="print more, of an error where it comes from"
    )
    return parser


def add_include_paths(parser: argparse.ArgumentParser) -> None:
    """The option ``-I``, of commands that compile."""
    parser.add_argument(
        "-I",
        dest="include_paths",
        action="append",
        default=[],
        metavar="FOLDER",
        help="where to look for headers",
    )


def make_console() -> Console:
    """Colour and progress only where there is a terminal; full lines where there is none."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=100)
    return console


@contextmanager
def working(options: argparse.Namespace, what: str) -> Iterator[None]:
    """Tell on a terminal's standard error what takes its time, while it does."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if options.quiet or not console.is_terminal:
        yield
    else:
        with console.status(what):
            yield


def print_json(value: Any) -> None:
    """A result for programs to read: indented, one value."""
    print(json.dumps(value, indent=1, default=_plain))


def _plain(value: Any) -> Any:
    """Arrays and numbers of NumPy as JSON has them, paths as text."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return os.fspath(value)
