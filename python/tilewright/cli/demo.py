"""`tilewright demo`: the chip shown in six steps."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from io import StringIO
from pathlib import Path

from tilewright.cli.commands import Subcommands, add_command, make_console, print_json


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "demo",
        demo,
        "Show the chip in six steps, and compare every result; non-zero if one differs.",
        "tilewright demo --story zork1.z3 --commands 'open mailbox,read leaflet'",
        has_json=True,
    )
    parser.add_argument("--story", type=Path, metavar="FILE", help="a Z-machine story to play")
    parser.add_argument(
        "--commands",
        metavar="FILE|TEXT",
        help="what to type: a file with a command a line, or commands with commas between",
    )
    parser.add_argument("--seed", type=int, default=1, help="start of the story's random numbers")


def demo(options: argparse.Namespace) -> int:
    from rich.console import Console

    from tilewright.demo import run_demo
    from tilewright.demo.options import DemoOptions, read_commands
    from tilewright.demo.report import Reporter
    from tilewright.zmachine.story import read_story

    read_story(options.story)  # a story that is not there is refused before anything runs
    commands = read_commands(options.commands) if options.commands else None
    console = make_console()
    silent = options.json or options.quiet
    reporter = Reporter(Console(file=StringIO()) if silent else console)
    results = run_demo(DemoOptions(options.story, commands, options.seed), reporter)
    if options.json:
        print_json([asdict(result) for result in results])
    else:
        Reporter(console).table(results)
    return 0 if all(check.passed for result in results for check in result.checks) else 1
