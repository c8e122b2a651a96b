"""Which array for which network: sizes and dataflows swept over a few layers, and the Pareto front
of cycles against processing elements, as a table and as a picture.

    python examples/arrays/design_space.py [design_space.png]
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor

from tilewright import sweep

LAYERS: list[sweep.Layer] = [
    sweep.Gemm("attention", 128, 128, 64),
    sweep.Gemm("mlp", 64, 256, 128),
    sweep.Conv("convolution", 18, 18, 3, 3, 16, 32, 1),
]
SIZES = [8, 16, 32, 64]
DATAFLOWS = ["output_stationary", "weight_stationary", "input_stationary"]

Design = tuple[int, str]


def costs(jobs: int) -> dict[Design, int]:
    """Cycles of all layers, one after another, on one array of each size with each dataflow."""
    points = [
        point
        for size in SIZES
        for point in sweep.points(
            LAYERS,
            "kpu",
            {
                "systolic_rows": [size],
                "systolic_columns": [size],
                "systolic_array_count": [1],
            },
            DATAFLOWS,
        )
    ]
    cycles: dict[Design, int] = defaultdict(int)
    with ProcessPoolExecutor(jobs) as pool:
        for result in sweep.run(points, pool):
            cycles[int(result["systolic_rows"]), str(result["dataflow"])] += int(result["cycles"])
    return dict(cycles)


def pareto(cycles: dict[Design, int]) -> list[Design]:
    """The designs that no other one beats in both elements and cycles, smallest first."""
    front: list[Design] = []
    for design in sorted(cycles, key=lambda d: (d[0], cycles[d])):
        if not front or cycles[design] < cycles[front[-1]]:
            front.append(design)
    return front


def draw(cycles: dict[Design, int], front: list[Design], file: str) -> None:
    """Elements against cycles, both on logarithmic axes, with the front as a line."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(layout="constrained")
    steps = [s * s for s, _ in front], [cycles[d] for d in front]
    axes.step(*steps, "k--", where="post", label="Pareto front", zorder=0)
    for dataflow in DATAFLOWS:
        designs = [(size, dataflow) for size in SIZES]
        label = dataflow.replace("_", " ")
        axes.scatter([s * s for s, _ in designs], [cycles[d] for d in designs], label=label)
    axes.set(xscale="log", xlabel="array", ylabel="cycles of all layers", ylim=(0, None))
    axes.set_xticks([s * s for s in SIZES], [f"{s} x {s}" for s in SIZES])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(file)
    pyplot.close(figure)


def main(file: str | None = None) -> None:
    cycles = costs(os.cpu_count() or 1)
    front = pareto(cycles)
    for design, count in sorted(cycles.items()):
        size, dataflow = design
        mark = "  <- Pareto front" if design in front else ""
        print(f"{size:3} x {size:<3} {dataflow:<17}  {count:>9,} cycles{mark}")
    if file is not None:
        draw(cycles, front, file)
        print(f"drawn to {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
