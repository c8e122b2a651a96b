"""Measures the Z-machine: what an instruction costs, states, forks, batches of games, and the time
of a script beside dfrotz, in one run.

    python benchmarks/zmachine.py [STORY COMMANDS]

Without arguments it plays Zork I from the folder that TILEWRIGHT_STORIES names, if it does, else
the story that ships; COMMANDS is a file with a command a line. Numbers are medians on the machine
at hand; nothing is asserted here. `make figures` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import tilewright as tw
from tilewright.zmachine import Game, GameBatch

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "tests/cpp/zmachine/scripts"
OWN_STORY = ROOT / "python/tilewright/stories/darksilicon.z3"
GAMES = 100


def choose(arguments: list[str]) -> tuple[Path, list[str]]:
    """The story and the commands to type."""
    if len(arguments) == 2:
        return Path(arguments[0]), Path(arguments[1]).read_text().splitlines()
    folder = os.environ.get("TILEWRIGHT_STORIES")
    if folder is not None and (Path(folder) / "zork1.z3").exists():
        return Path(folder) / "zork1.z3", (SCRIPTS / "zork1.txt").read_text().splitlines()
    return OWN_STORY, (SCRIPTS / "darksilicon.txt").read_text().splitlines()


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def play(story: Path, commands: list[str]) -> tuple[int, int, int, list[float]]:
    """Z-instructions, RISC-V instructions, cycles, and the seconds that each command took."""
    with tw.open("blackhole") as device, Game(story, device, seed=12) as game:
        game.read()
        z, retired, cycle = game.instructions, device.counters["cores.instructions"], device.cycle
        times = [seconds(partial(game.send, c)) for c in commands if not game.finished]
        return (
            game.instructions - z,
            device.counters["cores.instructions"] - retired,
            device.cycle - cycle,
            times,
        )


def dfrotz_seconds(story: Path, commands: list[str]) -> float | None:
    """The time of the same script as a process of dfrotz, or None where there is none."""
    program = shutil.which("dfrotz", path=f"{os.environ.get('PATH', '')}:/usr/games")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        script = "\n".join(commands) + "\n"
        return median(
            seconds(
                lambda: subprocess.run(
                    [program, "-m", "-q", "-s", "12", "-w", "80", str(story)],
                    input=script.encode(),
                    capture_output=True,
                    cwd=folder,
                )
            )
            for _ in range(9)
        )


def states(story: Path) -> tuple[float, float, float]:
    """Seconds of state(), restore() and fork()."""
    with tw.open("blackhole") as device, Game(story, device, seed=12) as game:
        game.read()
        state = game.state()
        taking = median(seconds(game.state) for _ in range(500))
        restoring = median(seconds(lambda: game.restore(state)) for _ in range(500))
        forks: list[Game] = []
        forking = median(seconds(lambda: forks.append(game.fork())) for _ in range(100))
        return taking, restoring, forking


def batch_ratio(story: Path, commands: list[str]) -> float:
    """Seconds a command of one of many games, over those of a game alone; medians of pairs."""
    ratios = []
    with GameBatch(GAMES, story=story, seeds=[12] * GAMES) as batch, Game(story, seed=12) as alone:
        batch.read()
        alone.read()
        for command in commands:
            if alone.finished:
                break
            one = seconds(partial(alone.send, command))
            many = seconds(partial(batch.send, [command] * GAMES))
            ratios.append(many / GAMES / one)
    return median(ratios)


def main() -> None:
    story, commands = choose(sys.argv[1:])
    z, retired, cycles, times = play(story, commands)
    taking, restoring, forking = states(story)
    peer = dfrotz_seconds(story, commands)
    print(f"{story.name}, {len(times)} commands, {z:,} Z-instructions")
    print(f"RISC-V instructions for each  {retired / z:8.1f}     (at most 80, aim 50)")
    print(f"cycles for each               {cycles / z:8.1f}")
    print(f"a command                     {median(times) * 1e3:8.3f} ms  (under 50)")
    print(f"all commands                  {sum(times) * 1e3:8.1f} ms")
    if peer is not None:
        print(f"dfrotz, the whole process     {peer * 1e3:8.1f} ms")
    print(f"taking a state                {taking * 1e6:8.1f} us  (under 50)")
    print(f"restoring it                  {restoring * 1e6:8.1f} us  (under 50)")
    print(f"fork                          {forking * 1e6:8.1f} us  (under 200)")
    ratio = batch_ratio(story, commands)
    print(f"a command in {GAMES} games, over one alone {ratio:.2f}  (at most 1.2)")


if __name__ == "__main__":
    main()
