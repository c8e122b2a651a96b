"""`tilewright completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse

import shtab

from tilewright.cli.commands import Subcommands, add_command


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "completion",
        completion,
        "Print the completion of commands and options for a shell.",
        "tilewright completion bash > ~/.local/share/bash-completion/completions/tilewright",
    )
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="which shell")


def completion(options: argparse.Namespace) -> int:
    from tilewright.cli import make_parser

    print(shtab.complete(make_parser(), shell=options.shell))
    return 0
