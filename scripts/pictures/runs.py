"""Pictures of runs: a grid of tiles, and timelines."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scripts.pictures.listings import listing
from scripts.pictures.svg import EDGE, QUIET, Svg
from scripts.pictures.timeline import Slice, read_cores

import tilewright as tw

WAITS = "#f59e0b"
WORKS = "#2563eb"
#: From little to much.
SCALE = ("#dbeafe", "#bfdbfe", "#93c5fd", "#60a5fa", "#3b82f6", "#1d4ed8", "#1e3a8a")


def waits(slices: list[Slice]) -> list[Slice]:
    """Those in which the core was parked."""
    return [s for s in slices if s.name.startswith("wait ")]


def draw_axis(svg: Svg, x: float, y: float, width: float, cycles: int) -> None:
    """A line with round numbers of cycles."""
    step = next(s * 10**p for p in range(2, 9) for s in (1, 2, 5) if cycles / (s * 10**p) <= 6)
    svg.line((x, y), (x + width, y), colour=EDGE, width=1)
    for cycle in range(0, cycles + 1, step):
        at = x + width * cycle / cycles
        svg.line((at, y), (at, y + 4), colour=EDGE, width=1)
        svg.text(at, y + 18, f"{cycle:,}", size=11, colour=QUIET, anchor="middle")


def draw_legend(svg: Svg, x: float, y: float, entries: dict[str, str]) -> None:
    """Names beside their colours, in a row."""
    for name, colour in entries.items():
        svg.box(x, y - 10, 12, 12, fill=colour, radius=2)
        svg.text(x + 18, y, name, size=12, colour=QUIET)
        x += 40 + 6.8 * len(name)


def draw_adding_tiles(folder: Path) -> None:
    """All tiles of a chip add a part of two vectors each, with the kernel of the first tutorial."""
    part = 512
    kernel = tw.Kernel.from_source(listing("first-kernel.md", "add.cpp"), "add.cpp")
    with tw.open("blackhole") as device, TemporaryDirectory() as work:
        columns, rows = device.grid
        count = part * columns * rows
        a = device.put(np.arange(count, dtype=np.int32))
        b = device.put(np.full(count, 1000, np.int32))
        total = device.zeros(count, np.int32)
        timeline = Path(work) / "add.json"
        with device.trace(timeline, functions=False):
            run = device.run(
                kernel,
                device.tiles,
                lambda core: [a, b, total, (core[0] + columns * core[1]) * part, part],
            )
        assert np.array_equal(total.numpy(), np.arange(count) + 1000)
        cores = read_cores(timeline)
    waited = {core.core[:2]: core.waiting_cycles for core in run.cores}
    least, most = min(waited.values()), max(waited.values())
    svg = Svg(980, 372, f"{columns * rows} tiles add {count:,} numbers in {run.cycles:,} cycles")
    svg.text(
        24,
        34,
        f"{columns * rows} tiles add two vectors of {count:,} numbers: {run.cycles:,} cycles",
        size=17,
        bold=True,
    )
    svg.text(24, 64, "each tile: cycles that it waited for memory", size=13)
    for (x, y), cycles in waited.items():
        shade = SCALE[min(len(SCALE) - 1, (cycles - least) * len(SCALE) // max(1, most - least))]
        svg.box(24 + 28 * x, 76 + 25 * y, 26, 23, fill=shade, radius=3)
    for index, shade in enumerate(SCALE):
        svg.box(24 + 28 * index, 340, 26, 12, fill=shade, radius=2)
    svg.text(24 + 28 * len(SCALE) + 8, 350, f"{least:,} to {most:,} cycles", size=12, colour=QUIET)
    left, width = 536, 420
    svg.text(left - 72, 64, "the tiles of the first row, from start to end", size=13)
    for x in range(columns):
        top = 76 + 17.6 * x
        slices = cores[f"tile ({x}, 0), core 0"]
        svg.text(left - 8, top + 11, f"({x}, 0)", size=11, colour=QUIET, anchor="end")
        svg.box(left, top, width * slices[0].end / run.cycles, 13.5, fill=WORKS, radius=2)
        for wait in waits(slices):
            begin, end = (left + width * cycle / run.cycles for cycle in (wait.begin, wait.end))
            svg.box(begin, top, max(0.5, end - begin), 13.5, fill=WAITS)
    draw_axis(svg, left, 326, width, run.cycles)
    draw_legend(svg, left - 72, 362, {"working": WORKS, "waiting for memory": WAITS})
    svg.save(folder / "run.svg")


def draw_ring(folder: Path) -> None:
    """The all-reduce of the tutorial, with vectors of 4 KiB."""
    chunk = 64
    kernel = tw.Kernel.from_source(listing("ring-all-reduce.md", "ring.cpp"), "ring.cpp")
    snake = [(x if y % 2 == 0 else 3 - x, y) for y in range(4) for x in range(4)]
    values = np.arange(256 * chunk, dtype=np.uint32).reshape(16, 16 * chunk)
    with tw.open("blackhole") as device, TemporaryDirectory() as work:
        vectors, arrived = device.put(values), device.semaphore()
        timeline = Path(work) / "ring.json"

        def arguments(core: tuple[int, ...]) -> list[object]:
            rank = snake.index(core[:2])  # type: ignore[arg-type]
            return [vectors, arrived, rank, *snake[(rank + 1) % 16], chunk, False]

        with device.trace(timeline, functions=False):
            run = device.run(kernel, snake, arguments)  # type: ignore[arg-type]
        assert (vectors.numpy() == values.sum(axis=0, dtype=np.uint32)).all()
        cores = read_cores(timeline)
    colours = {"reduce-scatter": "#7c3aed", "all-gather": "#059669"}
    svg = Svg(980, 392, f"Ring all-reduce over 16 tiles: {run.cycles:,} cycles")
    left, width = 130, 826
    svg.text(24, 34, f"Ring all-reduce over 16 tiles: {run.cycles:,} cycles", size=17, bold=True)
    for rank, (x, y) in enumerate(snake):
        top = 52 + 18 * rank
        slices = cores[f"tile ({x}, {y}), core 0"]
        label = f"rank {rank}, tile ({x}, {y})"
        svg.text(left - 8, top + 11, label, size=11, colour=QUIET, anchor="end")

        def bar(part: Slice, colour: str, top: float = top) -> None:
            begin, end = (left + width * cycle / run.cycles for cycle in (part.begin, part.end))
            svg.box(round(begin, 1), top, round(max(0.5, end - begin), 1), 14, fill=colour)

        bar(slices[0], WORKS)
        for part in slices:
            if part.name in colours:
                bar(part, colours[part.name])
        for part in waits(slices):
            bar(part, WAITS)
    draw_axis(svg, left, 346, width, run.cycles)
    draw_legend(svg, left, 382, {"memory": WORKS, **colours, "waiting": WAITS})
    svg.save(folder / "ring-timeline.svg")
