"""Pictures of our cycles against the board's."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from benchmarks.silicon.data import Point
from benchmarks.silicon.score import Cycles

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def against_the_board(points: Sequence[Point], ours: Cycles, folder: Path = FOLDER) -> Path:
    """Each point of each data set: cycles of ours over those of the board."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for dataset in dict.fromkeys(p.dataset for p in points):
        mine = [p for p in points if p.dataset == dataset]
        x = [p.median for p in mine]
        axes.plot(x, [ours[p.name] / p.median for p in mine], "o", ms=4, alpha=0.6, label=dataset)
    axes.axhline(1, color="black", lw=0.8)
    axes.set(xscale="log", yscale="log", xlabel="cycles on the board", ylabel="ours / board's")
    axes.set_ylim(0.1, 10)
    axes.legend()
    path = folder / "accuracy-points.png"
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
    return path


def dram_readers(points: Sequence[Point], ours: Cycles, folder: Path = FOLDER) -> Path:
    """Bytes a cycle that readers of one and of eight channels get together."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for arm, colour in (("onechan", "tab:blue"), ("fanchan", "tab:orange")):
        mine = sorted((p for p in points if p.experiment == arm), key=lambda p: p.x)
        total = [int(p.key[0]) * int(p.key[1]) * int(p.key[2]) for p in mine]
        x = [p.x for p in mine]
        board = [b / p.median for b, p in zip(total, mine, strict=True)]
        own = [b / ours[p.name] for b, p in zip(total, mine, strict=True)]
        name = "one channel" if arm == "onechan" else "eight channels"
        axes.plot(x, board, "o", color=colour, label=f"{name}, board")
        axes.plot(x, own, "-", color=colour, label=f"{name}, ours")
    axes.set(xscale="log", xlabel="readers", ylabel="bytes a cycle, all readers")
    axes.legend()
    path = folder / "accuracy-dram.png"
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)
    return path
