"""`tilewright play`: a story, played on one RISC-V core of the simulated chip."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

import tilewright
from tilewright.cli.commands import Subcommands, add_command, make_console
from tilewright.errors import StoryError


def add_to(commands: Subcommands) -> None:
    parser = add_command(
        commands,
        "play",
        play,
        "Play a Z-machine story on one RISC-V core. On a terminal with line editing, history and a "
        "status line; otherwise commands come from standard input and the text is plain. At any "
        "prompt /save FILE and /restore FILE keep the state of the game.",
        "tilewright play zork1.z3 --monitor",
    )
    parser.add_argument(
        "story",
        nargs="?",
        type=Path,
        metavar="STORY",
        help="a story or Blorb file (the one that ships)",
    )
    parser.add_argument("--seed", type=int, help="start of the random numbers")
    parser.add_argument("--preset", default="blackhole", help="chip to play on (blackhole)")
    parser.add_argument(
        "--batch",
        type=batch_size,
        metavar="N",
        help="run N Z-instructions at a time, and show each batch",
    )
    parser.add_argument(
        "--monitor",
        action="store_true",
        help="show the chip at work under the story: instructions, cycles, traffic (on a terminal)",
    )
    parser.add_argument(
        "--transcript", type=Path, metavar="FILE", help="append all that is read and typed to FILE"
    )


def batch_size(text: str) -> int:
    """A number of instructions from 1 on."""
    if not text.isdecimal() or not 0 < int(text) < (1 << 32) - 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of instructions from 1 on")
    return int(text)


def play(options: argparse.Namespace) -> int:
    from tilewright.play.plain import play_plain
    from tilewright.play.session import Session
    from tilewright.zmachine import Game

    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if options.monitor and not terminal:
        raise StoryError("--monitor: expected a terminal as standard input and output")
    with ExitStack() as stack:
        transcript = None
        if options.transcript is not None:
            try:
                transcript = stack.enter_context(options.transcript.open("a", encoding="utf-8"))
            except OSError as error:
                raise StoryError(f"--transcript {options.transcript}: {error.strerror}") from error
        device = stack.enter_context(tilewright.open(options.preset))
        game = stack.enter_context(Game(options.story, device=device, seed=options.seed))
        name = options.story.stem if options.story is not None else "darksilicon"
        session = Session(game, options.batch, transcript, name)
        stack.callback(session.streams.close)
        if terminal:
            from tilewright.play.screen import Screen

            Screen(session, options.batch is not None, options.monitor, make_console()).play()
        else:
            play_plain(session, options.batch is not None)
        summary = f"[{game.instructions} Z-instructions, {device.cycle} cycles]"
        print(summary, file=sys.stderr)
    return 0
