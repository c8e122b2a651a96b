"""What a small program for TT-Metalium costs the host, from opening the device to the last
comparison: the loopback of examples/metalium, 50 pages of 2 KiB, kernel in the cache.

    cmake -S examples/metalium -B build/metalium \\
        -DTT-Metalium_DIR="$(tilewright --cmake-dir)/../TT-Metalium"
    cmake --build build/metalium
    python benchmarks/metalium.py build/metalium/loopback

The median of several runs of the program's own time, and of the processor time of its whole
process, which other work on the machine changes less.
"""

import argparse
import re
import resource
import statistics
import subprocess
from pathlib import Path

KERNELS = Path(__file__).parent.parent / "examples" / "metalium"


def run(program: Path) -> tuple[float, float]:
    """Milliseconds that the program says it took, and of processor time of its process."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    text = subprocess.run([program], cwd=KERNELS, check=True, capture_output=True, text=True).stdout
    match = re.search(r"came back equal in ([0-9.]+) ms", text)
    if match is None:
        raise SystemExit(f"{program} is not the loopback; it printed: {text}")
    return float(match[1]), (used() - before) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="the loopback, built as above")
    parser.add_argument("--runs", type=int, default=21)
    args = parser.parse_args()
    program = args.program.resolve()
    run(program)  # compiles the kernel if it is not in the cache
    times = [run(program) for _ in range(args.runs)]
    wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"median of {args.runs} runs: {wall:.1f} ms from open to verified, best", end=" ")
    print(f"{min(times)[0]:.1f}; processor time of the process {processor:.1f} ms")


if __name__ == "__main__":
    main()
