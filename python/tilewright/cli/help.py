"""`tilewright help`: what there is, or what one command does."""

from __future__ import annotations

import argparse
from functools import partial

from tilewright.cli.commands import Subcommands, add_command
from tilewright.cli.parser import CommandParser


def add_to(commands: Subcommands, whole: CommandParser) -> None:
    """`whole` is the parser of all commands."""
    parser = add_command(
        commands,
        "help",
        partial(show_help, whole),
        "Show the commands, or what one of them does.",
        "tilewright help run",
    )
    parser.add_argument("topic", nargs="*", metavar="COMMAND", help="the command")


def show_help(whole: CommandParser, options: argparse.Namespace) -> int:
    parser = whole
    for name in options.topic:
        commands = parser.commands()
        if name not in commands:
            parser.no_command(name)
        parser = commands[name]
    print(parser.format_help(), end="")
    return 0
