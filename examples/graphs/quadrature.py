"""Adaptive quadrature as a graph with dynamic tasks: tasks halve their interval by adding two
tasks and one that sums (quadrature.cpp). Checked against the same recursion on the host.

    python quadrature.py
"""

from pathlib import Path

import numpy as np

import tilewright as tw

TOLERANCE = 1e-6
DEPTH = 9  # the recursion must not be deeper; areas has a place for every node


def on_host(a: float, b: float, tolerance: float) -> tuple[float, int]:
    """The integral, and how many intervals were looked at."""

    def f(x: float) -> float:
        return 4 / (1 + x * x)

    def parabola(a: float, b: float) -> float:
        return (b - a) / 6 * (f(a) + 4 * f((a + b) / 2) + f(b))

    middle = (a + b) / 2
    two = parabola(a, middle) + parabola(middle, b)
    if abs(two - parabola(a, b)) <= tolerance:
        return two, 1
    left, right = on_host(a, middle, tolerance / 2), on_host(middle, b, tolerance / 2)
    return left[0] + right[0], left[1] + right[1] + 1


def main() -> None:
    with tw.open("ascend") as device:
        functions = tw.Kernel.from_file(
            Path(__file__).with_name("quadrature.cpp"), isa=device.config.isas[0]
        )
        areas = device.zeros(2 ** (DEPTH + 1), placement=tw.Placement.bank(0))
        graph = tw.Graph(device, functions=functions)
        graph.add("integrate", [areas, 0, 0.0, 1.0, TOLERANCE], name="integral")
        graph.reserve(tasks=200)
        run = graph.run(schedulers=2)

        expected, intervals = on_host(0.0, 1.0, TOLERANCE)
        integral = float(areas.numpy()[0])
        calls = run.tasks["function"]
        print(f"integral {integral:.6f}, on the host {expected:.6f}, pi is {np.pi:.6f}")
        print(f"{len(run.tasks)} tasks, of which {len(run.tasks) - 1} were added by tasks")
        print(f"{(calls == 0).sum()} intervals, on the host {intervals}")
        depth = np.zeros(len(calls), int)
        for task, parent in enumerate(run.tasks["parent"]):
            depth[task] = depth[parent] + 1 if parent >= 0 else 0
        print(f"{depth.max()} levels, {run.cycles} cycles on {len(run.workers)} workers")
        assert abs(integral - expected) < 1e-5
        assert (calls == 0).sum() == intervals


if __name__ == "__main__":
    main()
