"""Pictures of the gallery, made by running the examples."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scripts.pictures.listings import listing
from scripts.pictures.runs import WAITS, WORKS, draw_axis, draw_legend, waits
from scripts.pictures.svg import QUIET, Svg
from scripts.pictures.timeline import read_cores

import tilewright as tw

EXAMPLES = Path(__file__).parents[2] / "examples"
#: Examples that draw a picture themselves, into the file that they are given.
DRAWING = {"design-space": "arrays/design_space.py", "double-buffered": "arrays/double_buffered.py"}
#: The same identifiers in each run, and no date.
STYLE = "import matplotlib\nmatplotlib.rcParams['svg.hashsalt'] = 'tilewright'\n"


def draw_by_examples(folder: Path) -> None:
    """Those that draw with Matplotlib."""
    for name, example in DRAWING.items():
        script = STYLE + (
            "import runpy, sys\nsys.argv = sys.argv[1:]\n"
            "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        )
        file = folder / f"{name}.svg"
        command = [sys.executable, "-c", script, str(EXAMPLES / example), str(file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        lines = file.read_text().splitlines()
        kept = [line.rstrip() for line in lines if "<dc:date>" not in line]
        file.write_text("\n".join(kept) + "\n")


def draw_cholesky(folder: Path) -> None:
    """The tasks of a blocked Cholesky factorisation on the workers, the critical path marked."""
    example = runpy.run_path(str(EXAMPLES / "graphs" / "cholesky.py"))
    with tw.open("ascend") as device:
        _, run = example["factorise"](device, example["positive_definite"](8 * example["N"]))
        critical = {step.task for step in run.critical_path()}
        tasks = run.tasks
        names = [run.graph.function_name(task) for task in range(len(tasks))]
    used = sorted(set(tasks["worker"].tolist()))
    start, cycles = run.start, int(tasks["ended"].max()) - run.start
    height = 90 + 11 * len(used) + 30
    svg = Svg(980, height, "A Cholesky factorisation as a graph of tasks")
    svg.text(
        24,
        34,
        f"Cholesky factorisation: {len(tasks)} tasks on {len(used)} workers, {cycles:,} cycles",
        size=17,
        bold=True,
    )
    colours = {"potrf": "#dc2626", "trsm": "#059669", "gemm": WORKS}
    left, width = 76, 880
    for row, worker in enumerate(used):
        x, y, processor = run.workers[worker]
        if row % 4 == 0:
            label = f"({x}, {y}, {processor})"
            svg.text(left - 6, 62 + 11 * row, label, size=10, colour=QUIET, anchor="end")
    for task, times in enumerate(tasks):
        begin = left + width * (int(times["started"]) - start) / cycles
        end = left + width * (int(times["ended"]) - start) / cycles
        y = 54 + 11 * used.index(int(times["worker"]))
        edge = "#111827" if task in critical else "none"
        fill = colours[names[task]]
        svg.box(round(begin, 1), y, round(end - begin, 1), 9, fill=fill, edge=edge)
    draw_axis(svg, left, 62 + 11 * len(used), width, cycles)
    draw_legend(svg, left, height - 14, {**colours, "edge: critical path": "#111827"})
    svg.save(folder / "cholesky.svg")


def draw_team(folder: Path) -> None:
    """The movers and workers of the tutorial on matmuls, on four tiles."""
    size = 64
    with tw.open("blackhole") as device, TemporaryDirectory() as work:
        for file in ("multiply.hpp", "team.cpp"):
            (Path(work) / file).write_text(listing("tiled-matmul.md", file))
        kernel = tw.Kernel.from_file(Path(work) / "team.cpp", include_paths=[work])
        a, b = (device.put(np.ones((size, size), np.int32)) for _ in range(2))
        c = device.zeros((size, size), np.int32)
        tiles = [(x, y) for y in range(4) for x in range(4)]
        cores = [(x, y, processor) for x, y in tiles for processor in range(4)]
        filled, freed = device.semaphore(), device.semaphore()
        timeline = Path(work) / "team.json"
        with device.trace(timeline, functions=False):
            run = device.run(kernel, cores, [a, b, c, size, filled, freed])
        assert (c.numpy() == size).all()
        tracks = read_cores(timeline)
    svg = Svg(980, 382, "Movers and workers of a tiled matmul")
    title = f"A mover and three workers on each tile: {run.cycles:,} cycles for 64 x 64 x 64"
    svg.text(24, 34, title, size=17, bold=True)
    left, width = 130, 826
    for row, (x, y, processor) in enumerate(cores[:16]):
        top = 52 + 17 * row + 4 * (row // 4)
        slices = tracks[f"tile ({x}, {y}), core {processor}"]
        label = f"({x}, {y}), {'worker' if processor else 'mover'} {processor}"
        svg.text(left - 8, top + 11, label, size=11, colour=QUIET, anchor="end")
        for part, colour in [(slices[0], WORKS), *((wait, WAITS) for wait in waits(slices))]:
            begin, end = (left + width * cycle / run.cycles for cycle in (part.begin, part.end))
            svg.box(round(begin, 1), top, round(max(0.5, end - begin), 1), 13, fill=colour)
    draw_axis(svg, left, 342, width, run.cycles)
    draw_legend(svg, left, 374, {"working": WORKS, "waiting": WAITS})
    svg.save(folder / "matmul-team.svg")


def draw_all(folder: Path) -> None:
    """Every picture of the gallery."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_cholesky(folder)
    draw_team(folder)
    draw_by_examples(folder)
