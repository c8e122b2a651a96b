"""`tilewright play`: a story, played on one RISC-V core of the simulated chip."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import tilewright
from tilewright.cli.commands import Subcommands, add_command
from tilewright.zmachine import Game


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "play",
        play,
        "Play a Z-machine story on one RISC-V core; an end of input ends the game.",
        "tilewright play zork1.z3",
    )
    parser.add_argument(
        "story", nargs="?", type=Path, metavar="STORY", help="a story file (the one that ships)"
    )
    parser.add_argument("--seed", type=int, help="start of the random numbers")
    parser.add_argument("--preset", default="blackhole", help="chip to play on (blackhole)")


def play(options: argparse.Namespace) -> int:
    with (
        tilewright.open(options.preset) as device,
        Game(options.story, device=device, seed=options.seed) as game,
    ):
        print(game.read(), end="", flush=True)
        while not game.finished:
            line = sys.stdin.readline()
            if not line:
                print()
                break
            print(game.send(line.rstrip("\n")), end="", flush=True)
        print(f"\n[{game.instructions} Z-instructions, {device.cycle} cycles]")
    return 0
