"""How much faster several threads of the host simulate tiles that compute.

    python benchmarks/host_threads.py --threads 2

64 tiles of a kernel of arithmetic, with one thread and with several in turn; medians of ratios of
wall time. On a machine that does anything else they tell little: the load is printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import tilewright as tw

KERNEL = """
#include <cstdint>
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void arithmetic(std::uint32_t rounds, std::uint32_t seed) {
    std::uint32_t a = seed, b = 1;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        a = a * 1664525u + 1013904223u;
        b ^= a >> 7;
        b += i;
        if (b & 8) b = b * 3 + 1; else b ^= a << 3;
    }
    *l1<volatile std::uint32_t>(l1_user_base) = a ^ b;
}
TILEWRIGHT_KERNEL(arithmetic)
"""


def seconds(kernel: tw.Kernel, threads: int, rounds: int) -> tuple[float, float, int]:
    """Of wall time, of processor time of all threads; and simulated cycles."""
    with tw.open("blackhole", threads=threads) as device:
        begin, used = time.perf_counter(), time.process_time()
        run = device.run(kernel, cores=device.tiles[:64], args=[rounds, 7])
        return time.perf_counter() - begin, time.process_time() - used, run.cycles


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    kernel = tw.Kernel.from_source(KERNEL)
    seconds(kernel, options.threads, 1000)
    wall, processor = [], []
    for _ in range(options.repeats):
        alone = seconds(kernel, 1, options.rounds)
        together = seconds(kernel, options.threads, options.rounds)
        if alone[2] != together[2]:
            raise SystemExit("the cycles differ")
        wall.append(alone[0] / together[0])
        processor.append(together[1] / alone[1])
    print(
        f"{options.threads} threads: {statistics.median(wall):.2f} times as fast as one, "
        f"with {statistics.median(processor):.2f} times the processor time "
        f"(load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)"
    )


if __name__ == "__main__":
    main()
