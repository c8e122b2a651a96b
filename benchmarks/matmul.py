"""Products on the preset kpu: simulated cycles, time on the host, and NumPy's time on one thread.

Run with OPENBLAS_NUM_THREADS=1 (or the variable of your NumPy's library), so that one thread is
compared with one.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

import tilewright as tw


def best_of(count: int, call: Callable[[], object]) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(size: int, arrays: int, repeat: int) -> str:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((size, size), dtype=np.float32)
    b = rng.standard_normal((size, size), dtype=np.float32)
    numpy_seconds = best_of(repeat, lambda: a @ b)
    with tw.open("kpu") as device:
        seconds = best_of(repeat, lambda: device.matmul(a, b, arrays=arrays))
        report = device.last_product
    assert report is not None
    return (
        f"{size} {arrays} {report.cycles} {report.utilisation:.3f} {seconds:.4f} "
        f"{numpy_seconds:.4f} {seconds / numpy_seconds:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[256, 512, 1024])
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    print("size arrays cycles utilisation host_seconds numpy_seconds ratio")
    for size in arguments.sizes:
        for arrays in (1, 2):
            print(measure(size, arrays, arguments.repeat))


if __name__ == "__main__":
    main()
