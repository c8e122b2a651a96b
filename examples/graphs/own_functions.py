"""Runs one graph twice: with the functions that ship, and with one's own in their place.

The command that builds them is the one that anybody would type:

    tilewright firmware build --functions examples/graphs/saturating.cpp
"""

import tempfile
from pathlib import Path

import numpy as np

import tilewright.cli
from pto_runtime import DeviceRunner, Graph

COUNT = 1000


def run(aicore_kernel_path: Path | None) -> float:
    """The largest element of (a + b) + 5, by these functions."""
    runner = DeviceRunner()
    runner.init(0, num_cores=3, aicore_kernel_path=aicore_kernel_path)
    a, b, c, d = (runner.allocate_tensor(4 * COUNT) for _ in range(4))
    runner.copy_to_device(a, np.linspace(0, 4, COUNT, dtype=np.float32))
    runner.copy_to_device(b, np.linspace(0, 3, COUNT, dtype=np.float32))
    graph = Graph()
    first = graph.add_task([a, b, c, COUNT], func_id=0)
    second = graph.add_task([c, 5.0, d, COUNT], func_id=1)
    graph.add_successor(first, second)
    runner.run(graph)
    result = np.empty(COUNT, np.float32)
    runner.copy_from_device(result, d)
    runner.finalize()
    return float(result.max())


def main() -> None:
    source = Path(__file__).with_name("saturating.cpp")
    with tempfile.TemporaryDirectory() as folder:
        if tilewright.cli.main(["firmware", folder, "--functions", str(source)]) != 0:
            raise SystemExit(1)
        print("largest element, functions that ship:", run(None))
        print("largest element, saturating functions:", run(Path(folder, "aicore", "kernel.o")))


if __name__ == "__main__":
    main()
