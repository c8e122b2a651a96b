"""Rooflines with the runs on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stillwater_kpu.analysis import PerformanceAnalyzer, Report
from stillwater_kpu.statistics import Results, all_runs
from stillwater_kpu.visualization.figure import SaveTo, new_figure, saved
from tilewright.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_roofline(results: Results, save: SaveTo = None) -> Figure:
    """The roof of each run's chip, and the run as a point under it, on logarithmic axes.

    ArgumentError if no run did arithmetic on data from outside the chip: it has no place there.
    """
    analyzer = PerformanceAnalyzer()
    reports = [analyzer.analyze(run) for run in all_runs(results)]
    if not any(report.roofline for report in reports):
        raise ArgumentError(
            "roofline: expected a run that did arithmetic and moved bytes to or from memory off "
            "the chip; none of the given ones did"
        )
    figure = new_figure(6.5, 4.5)
    draw_roofline(figure.subplots(), reports)
    return saved(figure, save)


def draw_roofline(axes: Axes, reports: Sequence[Report]) -> None:
    """The same into a panel; runs without a roofline are left out."""
    roofs = [(report.name, report.roofline) for report in reports if report.roofline]
    low = min(min(roof.intensity, roof.ridge) for _, roof in roofs) / 4
    high = max(max(roof.intensity, roof.ridge) for _, roof in roofs) * 4
    drawn = set()
    for name, roof in roofs:
        if (roof.peak, roof.bandwidth) not in drawn:
            drawn.add((roof.peak, roof.bandwidth))
            axes.plot(
                [low, roof.ridge, high],
                [low * roof.bandwidth, roof.peak, roof.peak],
                color="black",
                linewidth=1,
            )
        axes.plot(roof.intensity, roof.attained, "o", label=f"{name}: {roof.efficiency:.0%}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("operations per byte off the chip")
    axes.set_ylabel("operations per cycle")
    axes.legend()
