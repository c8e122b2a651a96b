"""Writes the lists of functions that are translated when the package is built.

    python scripts/hot_functions.py

Plays the story that ships (and Zork I, if it lies in the folder that TILEWRIGHT_STORIES names) and
runs a task graph, under a trace of functions, and keeps the functions that took at least SHARE of
the time of one of these runs themselves. Run it when the interpreter of stories or the scheduler
has changed: the build stops at a name that a program lacks.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import tilewright as tw
from tilewright.graph import Graph
from tilewright.zmachine import Game

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "tests/cpp/zmachine/scripts"
STORY = ROOT / "python/tilewright/stories/darksilicon.z3"
#: Of the time of a run, in which a function is worth the compiler's.
SHARE = 0.005
COMMANDS = 100
TASKS, ROW = 600, 30


def own_times(trace: Path, tile: str) -> Counter[str]:
    """What each function took on the first core of this tile, without what it called."""
    events = json.loads(trace.read_text())["traceEvents"]
    names = [event for event in events if event["ph"] == "M"]
    tiles = {e["pid"] for e in names if e["args"]["name"].startswith(tile)}
    tracks = {
        (e["pid"], e["tid"])
        for e in names
        if e["pid"] in tiles and e["args"]["name"] == "core 0 functions"
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
            times += own_times(trace, "tile")
    return hot(times)


def run_graph(folder: Path) -> set[str]:
    """Of the scheduler: a grid of small tasks, each after two others."""
    trace = folder / "graph.json"
    with tw.open("ascend", translate="off") as device:
        x = device.zeros(16, placement=tw.Placement.bank(0))
        graph = Graph(device)
        tasks: list[Any] = []
        for i in range(TASKS):
            tasks.append(graph.add(0, [x, x, x, 1]))
            for before in (i - 1, i - ROW):
                if before >= 0 and i % ROW:
                    graph.add_edge(tasks[before], tasks[i])
        with device.trace(trace, shortest_function=0):
            device.run(graph)
        control = f"tile (0, {device.grid[1]})"
    return hot(own_times(trace, control))


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
        scheduler = run_graph(Path(folder))
    write(ROOT / "kernels/zmachine/hot_functions.txt", "the story interpreter", names)
    write(ROOT / "kernels/graph/hot_functions.txt", "the scheduler of graphs", scheduler)


if __name__ == "__main__":
    main()
