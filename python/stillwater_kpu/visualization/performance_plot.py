"""How much each engine and memory was used, and how runs compare."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from stillwater_kpu.analysis import PerformanceAnalyzer, Report
from stillwater_kpu.analysis.report import Use
from stillwater_kpu.statistics import Results, all_runs
from stillwater_kpu.visualization.figure import COLOURS, OTHER_COLOUR, SaveTo, new_figure, saved
from stillwater_kpu.visualization.roofline_plot import draw_roofline
from stillwater_kpu.visualization.series_plot import is_series, plot_series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def utilisation_data(results: Results) -> dict[str, dict[str, float]]:
    """By run, by engine or memory that was used: busy of all cycles, 0 to 1."""
    return {
        report.name: {use.name: use.utilisation for use in _used(report)}
        for report in _reports(results)
    }


def plot_performance(results: Results, save: SaveTo = None) -> Figure:
    """Of one run: utilisation, and the roofline if it did arithmetic. Of several: their cycles, and
    how busy each kept its bottleneck.

    `results` is ``sim.statistics()`` or a list of it; or what `benchmark_matmul` returns, a list of
    that, or a mapping with lists of numbers such as ``{"size": [64, 128], "gflops": [3.1, 5.0]}``,
    which become bars or lines by unit. ArgumentError if it is of another shape or the list is
    empty.
    """
    if is_series(results):
        return saved(plot_series(results), save)
    reports = _reports(results)
    if len(reports) > 1:
        return saved(_compare(reports), save)
    report = reports[0]
    figure = new_figure(11 if report.roofline else 7, max(4.5, _height(report)))
    if report.roofline is None:
        _draw_utilisation(figure.subplots(), report)
    else:
        left, right = figure.subplots(1, 2)
        _draw_utilisation(left, report)
        draw_roofline(right, [report])
    figure.suptitle(fill(report.summary, 130 if report.roofline else 85), fontsize="medium")
    return saved(figure, save)


def plot_utilisation(results: Results, save: SaveTo = None) -> Figure:
    """Bars of busy cycles of all cycles, one panel for each run."""
    reports = _reports(results)
    heights = [max(3.5, _height(report)) for report in reports]
    figure = new_figure(7, sum(heights))
    panels = figure.subplots(len(reports), 1, squeeze=False, height_ratios=heights)
    for axes, report in zip(panels[:, 0], reports, strict=True):
        _draw_utilisation(axes, report)
        axes.set_title(f"{report.name}: {report.cycles:,} cycles")
    return saved(figure, save)


def _reports(results: Results) -> list[Report]:
    analyzer = PerformanceAnalyzer()
    return [analyzer.analyze(run) for run in all_runs(results)]


def _used(report: Report) -> list[Use]:
    return [use for use in (*report.engines, *report.memories) if use.utilisation > 0]


def _height(report: Report) -> float:
    """Inches, in which the names beside the bars do not meet."""
    return 1.2 + 0.2 * len(_used(report))


def _draw_utilisation(axes: Axes, report: Report) -> None:
    used = _used(report)
    names = [use.name for use in used]
    axes.barh(
        names,
        [100 * use.utilisation for use in used],
        color=[COLOURS.get(use.kind, OTHER_COLOUR) for use in used],
    )
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("in use, % of all cycles")
    if not used:
        axes.text(0.5, 0.5, "nothing was used", ha="center", transform=axes.transAxes)


def _compare(reports: list[Report]) -> Figure:
    figure = new_figure(11, 4.5)
    left, right = figure.subplots(1, 2)
    names = [report.name for report in reports]
    places = range(len(reports))
    left.bar(places, [report.cycles for report in reports], color=OTHER_COLOUR)
    left.set_ylabel("cycles")
    shares = [100 * r.use(r.bottleneck).utilisation if r.bottleneck else 0.0 for r in reports]
    bars = right.bar(places, shares, color=OTHER_COLOUR)
    right.bar_label(bars, [report.bottleneck for report in reports], fontsize="small")
    right.set_ylabel("bottleneck in use, % of all cycles")
    right.set_ylim(0, 110)
    for axes in (left, right):
        axes.set_xticks(places, names, rotation=45 if len(names) > 4 else 0)
    return figure
