"""Measures what a recorded timeline costs the host: 64 tiles that scale and add a million numbers,
and commands of a story, each with and without `device.trace`, in turns.

Run with `make figures`. The story is Zork I if it is in the folder that TILEWRIGHT_STORIES names,
else the one that ships. Numbers are medians of processor time; nothing is asserted here.
"""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

import numpy as np

import tilewright as tw
from tilewright.zmachine import Game

NUMBERS = 1 << 20
TILES = [(x, y) for y in range(8) for x in range(8)]
PART = NUMBERS // len(TILES)


def scale_add(device: tw.Device) -> Callable[[], object]:
    x, y = (device.put(np.full(NUMBERS, value, np.int32)) for value in (3, 4))
    arguments: dict[tuple[int, int] | tuple[int, int, int], list[tw.Buffer | int]] = {
        tile: [x, y, 2, 0, rank * PART, PART] for rank, tile in enumerate(TILES)
    }
    kernel = tw.Kernel.builtin("scale_add")
    return lambda: device.run(kernel, TILES, arguments)


def measure(name: str, device: tw.Device, work: Callable[[], object], times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.pftrace"
        ways: dict[str, Callable[[], AbstractContextManager[None]]] = {
            "no timeline": nullcontext,
            "without functions": lambda: device.trace(file, functions=False),
            "as it is by default": lambda: device.trace(file),
            "with every function": lambda: device.trace(file, shortest_function=0),
        }
        samples: dict[str, list[float]] = {way: [] for way in ways}
        sizes: dict[str, int] = {}
        for _ in range(times):
            for way, recording in ways.items():
                start = time.process_time()
                with recording():
                    work()
                samples[way].append(time.process_time() - start)
                sizes[way] = file.stat().st_size if file.exists() else 0
                file.unlink(missing_ok=True)
    plain = median(samples["no timeline"])
    print(f"{name} (with a timeline: under 30 % by default)")
    for way, times_taken in samples.items():
        taken = median(times_taken)
        print(
            f"  {way:20} {taken * 1e3:8.2f} ms {100 * (taken / plain - 1):+5.0f} % "
            f"{sizes[way] / 1e3:8.0f} KB"
        )


def main() -> None:
    zork = Path(os.environ.get("TILEWRIGHT_STORIES", "")) / "zork1.z3"
    story = zork if zork.exists() else None
    with tw.open("blackhole") as device:
        measure("scale_add, 64 tiles", device, scale_add(device), 25)
    with tw.open("blackhole") as device, Game(story, device=device, seed=1) as game:
        game.read()
        measure("100 commands", device, lambda: [game.send("look") for _ in range(100)], 25)


if __name__ == "__main__":
    main()
