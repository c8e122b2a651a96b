"""Which engine did what when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillwater_kpu.statistics import one_run
from stillwater_kpu.visualization.figure import COLOURS, OTHER_COLOUR, SaveTo, new_figure, saved

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class GanttBar:
    """One command on the line of its engine."""

    engine: str
    kind: str
    operation: str
    start: int  #: cycle
    end: int  #: cycle


def gantt_data(results: Mapping[str, Any]) -> list[GanttBar]:
    """The recorded commands of one run, in the order of engines, then of time."""
    run = one_run(results)
    order = {name: index for index, name in enumerate(run["engines"])}
    bars = [
        GanttBar(
            record["engine"],
            run["engines"][record["engine"]]["kind"] if record["engine"] in order else "",
            record["operation"],
            record["start"],
            record["end"],
        )
        for record in run["commands"]
    ]
    return sorted(bars, key=lambda bar: (order.get(bar.engine, len(order)), bar.start))


def plot_gantt(results: Mapping[str, Any], save: SaveTo = None) -> Figure:
    """A line for each engine that did something, a bar for each of its commands."""
    bars = gantt_data(results)
    engines = list(dict.fromkeys(bar.engine for bar in bars))
    figure = new_figure(9, 1.2 + 0.45 * max(1, len(engines)))
    axes = figure.subplots()
    for line, engine in enumerate(engines):
        own = [bar for bar in bars if bar.engine == engine]
        axes.broken_barh(
            [(bar.start, bar.end - bar.start) for bar in own],
            (line - 0.4, 0.8),
            facecolors=COLOURS.get(own[0].kind, OTHER_COLOUR),
            edgecolor="white",
            linewidth=0.5,
        )
    axes.set_yticks(range(len(engines)), engines)
    axes.invert_yaxis()
    axes.set_xlabel("cycle")
    return saved(figure, save)
