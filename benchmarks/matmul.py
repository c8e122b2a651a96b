"""Products on the preset kpu: simulated cycles, time on the host beside NumPy's, and memory.

NumPy is kept to one thread, so that one is compared with one. The two take turns, and medians of
their processor times are printed. With --memory it prints instead by how much the peak of resident
memory grows during one product, each size in a process of its own (Linux).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402  (it reads the variables when it is imported)

import tilewright as tw  # noqa: E402


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def operands(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((size, size), dtype=np.float32)
    b = rng.standard_normal((size, size), dtype=np.float32)
    return a, b


def measure(size: int, arrays: int, repeat: int) -> str:
    a, b = operands(size)
    with tw.open("kpu") as device:
        numpy_times, times = [], []
        for _ in range(repeat):
            numpy_times.append(seconds(lambda: a @ b))
            times.append(seconds(lambda: device.matmul(a, b, arrays=arrays)))
        report = device.last_matmul
    assert report is not None
    mine, numpys = statistics.median(times), statistics.median(numpy_times)
    return (
        f"{size} {arrays} {report.cycles} {report.array_utilisation:.3f} {mine:.4f} {numpys:.4f} "
        f"{mine / numpys:.2f}"
    )


def resident(name: str) -> int:
    """VmRSS, or VmHWM for the peak, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def measure_memory(size: int) -> str:
    a, b = operands(size)
    with tw.open("kpu") as device:
        device.matmul(a[:16, :16].copy(), b[:16, :16].copy())  # what is loaded on first use
        Path("/proc/self/clear_refs").write_text("5")  # the peak is what there is now
        before = resident("VmRSS")
        c = device.matmul(a, b)
        grown = resident("VmHWM") - before
    return f"{size} {grown / 2**20:.1f} {grown / (a.nbytes + b.nbytes + c.nbytes):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[256, 512, 1024])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    if arguments.memory:
        if len(arguments.sizes) == 1:
            print(measure_memory(arguments.sizes[0]))
            return
        print("size mib_grown of_operands_and_product")
        for size in arguments.sizes:
            subprocess.run([sys.executable, __file__, "--memory", str(size)], check=True)
        return
    print("size arrays cycles utilisation host_seconds numpy_seconds ratio")
    for size in arguments.sizes:
        for arrays in (1, 2):
            print(measure(size, arrays, arguments.repeat))


if __name__ == "__main__":
    main()
