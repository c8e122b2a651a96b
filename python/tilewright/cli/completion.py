"""`tilewright completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
from functools import partial

import shtab

from tilewright.cli.commands import Subcommands, add_command


def add_to(commands: Subcommands, whole: argparse.ArgumentParser) -> None:
    """`whole` is the parser that is completed."""
    parser = add_command(
        commands,
        "completion",
        partial(completion, whole),
        "Print the completion of commands and options for a shell.",
        "tilewright completion bash > ~/.local/share/bash-completion/completions/tilewright",
    )
    parser.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="which shell")


def completion(whole: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    print(shtab.complete(whole, shell=options.shell))
    return 0
