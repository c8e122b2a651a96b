"""Measures what users notice: opening, the first result, importing, speed of cores, a command of
the story. Prints one line for each, with the bound that it should keep.

Run with `make figures`. Numbers are medians on the machine at hand; nothing is asserted here.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

import tilewright as tw
from tilewright.demo.message import read_message, shipped_kernel
from tilewright.zmachine import Game

MIX = """
#include <tilewright/kernel.hpp>
static void mix(std::uint32_t rounds) {
    std::uint32_t x = 1, y = 7;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        x = x * 1664525u + 1013904223u;
        y ^= x >> 7;
        if (y & 1) y += x; else y -= i;
        asm volatile("" : "+r"(x), "+r"(y));
    }
    tilewright::kernel::print(y);
}
TILEWRIGHT_KERNEL(mix)
"""


def median_seconds(action: Callable[[], object], times: int) -> float:
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        samples.append(time.perf_counter() - start)
    return statistics.median(samples)


def open_and_close() -> None:
    tw.open("blackhole").close()


def private_kilobytes() -> int:
    with open("/proc/self/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private"))


def kilobytes_each(devices: int) -> float:
    before = private_kilobytes()
    opened = [tw.open("blackhole") for _ in range(devices)]
    each = (private_kilobytes() - before) / devices
    for device in opened:
        device.close()
    return each


def first_result() -> None:
    with tw.open("blackhole") as device:
        read_message(device, shipped_kernel(), 1)


def import_seconds() -> float:
    script = (
        "import time, numpy; t = time.perf_counter(); import tilewright; "
        "print(time.perf_counter() - t)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", script], capture_output=True).stdout)
        for _ in range(5)
    ]
    return statistics.median(runs)


def instructions_per_second(tiles: list[tuple[int, int]], rounds: int) -> float:
    """Of all tiles together, by the processor time of this process."""
    kernel = tw.Kernel.from_source(MIX, "mix")
    speeds = []
    with tw.open("blackhole") as device:
        for _ in range(5):
            start = time.process_time()
            run = device.run(kernel, tiles, [rounds])
            speeds.append(run.instructions / (time.process_time() - start))
    return statistics.median(speeds)


def seconds_per_command() -> float:
    with tw.open("blackhole") as device, Game(None, device=device, seed=1) as game:
        game.read()
        return median_seconds(lambda: game.send("look"), 50)


def snapshot_and_restore(mega_bytes: int) -> tuple[float, float]:
    """Seconds of each, on a device whose DRAM holds that much."""
    numbers = np.random.default_rng(1).integers(1, 255, mega_bytes * 1_000_000, dtype=np.uint8)
    with tw.open("blackhole") as device:
        device.put(numbers)
        image = device.snapshot()
        return (
            median_seconds(device.snapshot, 15),
            median_seconds(lambda: device.restore(image), 15),
        )


def main() -> None:
    taken, restored = snapshot_and_restore(100)
    print(f"snapshot of 100 MB    {taken * 1e3:8.1f} ms  (under 100)")
    print(f"restoring it          {restored * 1e3:8.1f} ms  (under 100)")
    print(f"open and close        {median_seconds(open_and_close, 200) * 1e3:8.3f} ms  (under 1)")
    print(f"each of 1000 devices  {kilobytes_each(1000):8.1f} KB  (under 200, before use)")
    print(f"open to first result  {median_seconds(first_result, 50) * 1e3:8.3f} ms  (under 5)")
    print(f"import beyond NumPy   {import_seconds() * 1e3:8.1f} ms  (under 150)")
    print(f"a command of a story  {seconds_per_command() * 1e3:8.2f} ms  (under 50)")
    alone = instructions_per_second([(0, 0)], 4_000_000)
    together = instructions_per_second([(x, y) for y in range(10) for x in range(14)], 30_000)
    print(f"one core alone        {alone / 1e6:8.1f} M instructions/s")
    print(f"a core on 140 tiles   {together / 1e6:8.1f} M instructions/s  (over 88, all together)")


if __name__ == "__main__":
    main()
