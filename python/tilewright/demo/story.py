"""Step 4: a Z-machine story on one RISC-V core, in batches, with a snapshot in the middle."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass

import tilewright
from tilewright.demo.options import DemoOptions
from tilewright.demo.result import Check, Row, StepResult
from tilewright.zmachine import Game

TITLE = "A story on one RISC-V core, 100 Z-instructions at a time"
BATCH = 100
OWN_STORY_COMMANDS = [
    "open locker",
    "take lamp",
    "down",
    "in",
    "charge lamp",
    "out",
    "turn on lamp",
    "east",
]
ANY_STORY_COMMANDS = ["look", "inventory"]


@dataclass(frozen=True)
class Passage:
    """What the game said to one command, and when it had said it."""

    text: str
    cycle: int


def play_to_prompt(game: Game) -> str:
    """Batches until the game waits for a line or ends."""
    text = game.step(BATCH)
    while not (game.waiting or game.finished):
        text += game.step(BATCH)
    return text


def play(device: tilewright.Device, game: Game, commands: list[str]) -> list[Passage]:
    """Type commands until there are no more or the game ends."""
    passages = []
    for command in commands:
        if game.finished:
            break
        passages.append(Passage(game.send(command), device.cycle))
    return passages


def run(
    device: tilewright.Device, options: DemoOptions, advance: Callable[[float], None]
) -> StepResult:
    commands = options.commands
    if commands is None:
        commands = OWN_STORY_COMMANDS if options.story is None else ANY_STORY_COMMANDS
    half = len(commands) // 2
    result = StepResult()
    clock = Stopwatch(device, result)
    with Game(options.story, device=device, seed=options.seed) as game:
        clock.restart()
        opening = play_to_prompt(game)
        clock.row(f"story, {game.instructions:,} Z-instructions")
        advance(0.25)
        first = play(device, game, commands[:half])
        clock.row(f"story, the first {len(first)} commands")
        ended = game.finished
        image = device.snapshot()
        advance(0.5)
        clock.restart()
        rest = play(device, game, commands[half:])
        clock.row(f"story, {len(rest)} more commands")
        z_instructions = game.instructions
        advance(0.75)
        device.restore(image)
        clock.restart()
        again = play(device, game, commands[half:])
        clock.row(f"story, these {len(again)} commands again")
    result.lines += _transcript(opening, commands, first + rest)
    result.lines.append(
        f"{z_instructions:,} Z-instructions; a snapshot of {image.nbytes / 1e6:.1f} MB was taken "
        f"before command {len(first) + 1}, and restored after command {len(first) + len(rest)}"
    )
    result.checks += [
        Check("the game came to its first prompt", bool(opening.strip())),
        Check(
            "after restoring, the same text at the same cycles",
            rest == again and bool(rest) != ended,
        ),
    ]
    return result


class Stopwatch:
    """Turns what passed since the last row into the next one."""

    def __init__(self, device: tilewright.Device, result: StepResult) -> None:
        self._device = device
        self._result = result
        self.restart()

    def restart(self) -> None:
        self._cycle = self._device.cycle
        self._instructions = self._device.counters["cores.instructions"]
        self._start = time.perf_counter()

    def row(self, what: str) -> None:
        seconds = time.perf_counter() - self._start
        cycles = self._device.cycle - self._cycle
        clock = float(self._device.config.fields()["clock_mhz"]) * 1e6
        instructions = self._device.counters["cores.instructions"] - self._instructions
        self._result.rows.append(Row(what, cycles, cycles / clock, seconds, instructions))
        self.restart()


def _transcript(opening: str, commands: list[str], passages: list[Passage]) -> list[str]:
    """Text as it would stand on a screen of 80 columns: the prompts are the game's."""
    text = opening
    for command, passage in zip(commands, passages, strict=False):
        text += f"{command}\n{passage.text}"
    lines = []
    for paragraph in text.strip().removesuffix(">").rstrip().splitlines():
        lines += textwrap.wrap(paragraph, 80) or [""]
    return [f"| {line}".rstrip() for line in lines]
