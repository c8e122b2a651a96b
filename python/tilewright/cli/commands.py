"""What the commands share: how a subcommand is declared, and the console."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

from rich.console import Console

Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    commands: Subcommands,
    name: str,
    function: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    """A subcommand whose help ends with an example."""
    parser = commands.add_parser(
        name, help=summary, description=summary, epilog=f"example: {example}"
    )
    parser.set_defaults(command=function)
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
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=100)
    return console
