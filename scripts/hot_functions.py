"""Writes the list of functions that are translated when the package is built.

    python scripts/hot_functions.py

Plays the story that ships (and Zork I, if it lies in the folder that TILEWRIGHT_STORIES names)
under a trace of functions, and keeps the functions that took at least SHARE of the time of one of
these runs themselves. Run it when the interpreter of stories has changed: the build stops at a name
that a program lacks.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

import tilewright as tw
from tilewright.zmachine import Game

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "tests/cpp/zmachine/scripts"
STORY = ROOT / "python/tilewright/stories/darksilicon.z3"
#: Of the time of a run, in which a function is worth the compiler's.
SHARE = 0.005
COMMANDS = 100


def own_times(trace: Path) -> Counter[str]:
    """What each function took on the only core that ran, without what it called."""
    events = json.loads(trace.read_text())["traceEvents"]
    tracks = {
        (e["pid"], e["tid"])
        for e in events
        if e["ph"] == "M" and e["args"]["name"] == "core 0 functions"
    }
    times: Counter[str] = Counter()
    stack: list[str] = []
    last = 0.0
    for event in events:
        if event["ph"] not in "BE" or (event["pid"], event["tid"]) not in tracks:
            continue
        if stack:
            times[stack[-1]] += event["ts"] - last
        last = event["ts"]
        if event["ph"] == "B":
            stack.append(event["name"])
        elif stack:
            stack.pop()
    return times


def hot(times: Counter[str]) -> set[str]:
    total = times.total()
    return {name for name, time in times.items() if time >= SHARE * total}


def play(story: Path, commands: list[str], folder: Path) -> set[str]:
    times: Counter[str] = Counter()
    trace = folder / "story.json"
    with tw.open("blackhole", translate="off") as device, Game(story, device, seed=12) as game:
        for first in range(0, len(commands), 20):
            with device.trace(trace, shortest_function=0):
                for command in commands[first : first + 20]:
                    if not game.finished:
                        game.send(command)
            times += own_times(trace)
    return hot(times)


def write(path: Path, program: str, names: set[str]) -> None:
    text = f"# Where {program} spends its time: see scripts/hot_functions.py.\n"
    path.write_text(text + "".join(f"{name}\n" for name in sorted(names)))
    print(f"{path.relative_to(ROOT)}: {len(names)} functions")


def main() -> None:
    stories = {STORY: "darksilicon.txt"}
    zork = Path(os.environ.get("TILEWRIGHT_STORIES", "/nowhere")) / "zork1.z3"
    if zork.exists():
        stories[zork] = "zork1.txt"
    names: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for story, script in stories.items():
            commands = (SCRIPTS / script).read_text().splitlines()[:COMMANDS]
            names |= play(story, commands, Path(folder))
    write(ROOT / "kernels/zmachine/hot_functions.txt", "the story interpreter", names)


if __name__ == "__main__":
    main()
