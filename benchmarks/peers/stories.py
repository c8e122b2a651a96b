"""Commands of a story: beside dfrotz as a process, and beside Jericho as an environment for agents,
which after each step wants the score, the moves and whether the game is over."""

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.peers.contest import Contest, Seconds, printed_seconds, processor_seconds
from benchmarks.peers.places import peers_python
from benchmarks.zmachine import choose

STEPS = """
import sys, time
story, script = sys.argv[1:]
commands = open(script).read().splitlines()
{imports}
env = {make}
env.reset()
start = time.process_time()
for command in commands:
    if env.step(command)[2]:
        env.reset()
print((time.process_time() - start) / len(commands))
"""
OURS = STEPS.format(
    imports="from tilewright.agents import FrotzEnv", make="FrotzEnv(story, seed=12)"
)
JERICHO = STEPS.format(imports="from jericho import FrotzEnv", make="FrotzEnv(story, seed=12)")


def contests(folder: Path, build_tree: Path) -> Iterator[Contest]:
    story, commands = choose([])
    script = folder / "commands.txt"
    script.write_text("\n".join(commands) + "\n")
    dfrotz = shutil.which("dfrotz") or shutil.which("dfrotz", path="/usr/games")
    flags = ["-m", "-q", "-s", "12", "-w", "80"]
    peers: dict[str, Seconds | str] = {"dfrotz": "not installed"}
    if dfrotz is not None:
        typed = script.read_text()
        peers["dfrotz"] = partial(processor_seconds, [dfrotz, *flags, story], typed)
    tool = [build_tree.parents[1] / ".venv/bin/tilewright", "play", story]
    yield Contest(
        f"story: {len(commands)} commands of {story.stem}, as a process",
        partial(processor_seconds, tool, script.read_text()),
        peers,
        "a chip that counts",
    )
    jericho = peers_python("jericho")
    yield Contest(
        f"story: a step of an environment, {story.stem}",
        partial(printed_seconds, [sys.executable, "-c", OURS, story, script]),
        {
            "Jericho": partial(printed_seconds, [jericho, "-c", JERICHO, story, script])
            if jericho
            else "not installed"
        },
        "a chip that counts",
    )
