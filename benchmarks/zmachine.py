"""Measures the Z-machine: what an instruction costs, states, forks, batches of games, the time of a
script beside dfrotz, and a step of an environment beside Jericho's, in one run.

    python benchmarks/zmachine.py [STORY COMMANDS]

Without arguments it plays Zork I from the folder that TILEWRIGHT_STORIES names, if it does, else
the story that ships; COMMANDS is a file with a command a line. Numbers are medians on the machine
at hand; nothing is asserted here. `make figures` runs it. Jericho is measured if this Python has
it, or the one that TILEWRIGHT_JERICHO names: both play the same story with the same commands, and
take turns.
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


#: A program that measures an environment with Jericho's names: commands come in a line each, and
#: seconds go out. Made anew for each "reset", copied for each "copy".
WORKER = """
import sys, time, warnings
warnings.simplefilter("ignore")
from {package} import FrotzEnv
def new():
    return FrotzEnv(sys.argv[1], seed=12)
env = new()
env.reset()
for line in sys.stdin:
    command = line.rstrip("\\n")
    start = time.perf_counter()
    other = None
    if command == "=new":
        other = new()
    elif command == "=copy":
        other = env.copy()
    elif command == "=reset":
        env.reset()
    else:
        env.step(command)
    print(time.perf_counter() - start, flush=True)
    if other is not None:
        other.close()
"""


class Environment:
    """A FrotzEnv in a process of its own."""

    def __init__(self, python: str, package: str, story: Path) -> None:
        program = WORKER.format(package=package)
        self._process = subprocess.Popen(
            [python, "-c", program, str(story)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def seconds(self, command: str) -> float | None:
        """What a command took; None if there is no such environment, or it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        answer = self._process.stdout.readline()
        return float(answer) if answer else None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def environments(story: Path, commands: list[str]) -> dict[str, tuple[float, float | None]]:
    """Seconds of ours and of Jericho's, None where there is none: a step, a copy, a new one."""
    ours = Environment(sys.executable, "tilewright.agents", story)
    jericho = Environment(os.environ.get("TILEWRIGHT_JERICHO", sys.executable), "jericho", story)
    found = {}
    try:
        for what, lines in (("step", commands), ("copy", ["=copy"] * 31), ("new", ["=new"] * 31)):
            pairs = []
            for line in lines:
                own, peer = ours.seconds(line), jericho.seconds(line)
                if own is None:  # the game has ended
                    break
                pairs.append((own, peer))
            peers = [peer for _, peer in pairs if peer is not None]
            found[what] = (median(own for own, _ in pairs), median(peers) if peers else None)
    finally:
        ours.close()
        jericho.close()
    return found


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
    for what, (own, other) in environments(story, commands).items():
        line = f"an environment: {what:13} {own * 1e3:8.3f} ms"
        if other is not None:
            line += f", Jericho's {other * 1e3:8.3f} ms, {own / other:5.1f} times"
        print(line)


if __name__ == "__main__":
    main()
