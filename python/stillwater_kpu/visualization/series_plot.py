"""Numbers that are no statistics of a simulator: results of benchmarks, mappings with lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from stillwater_kpu.visualization.figure import new_figure
from tilewright.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What says which point one is, the first that is there.
_AXES = ("matrix_size", "matrix_sizes", "size", "sizes", "name")
#: Numbers of a benchmark that are no results.
_GIVEN = ("operations", "iterations", "M", "N", "K", "using_mock")

Series = dict[str, list[float]]


def is_series(results: Any) -> bool:
    """Whether it is no statistics of a simulator, which always have cycles."""
    if isinstance(results, Mapping):
        return "cycles" not in results and any(_numbers(value) for value in results.values())
    if isinstance(results, Sequence) and not isinstance(results, (str, bytes)):
        return bool(results) and all(
            isinstance(each, Mapping) and is_series(each) for each in results
        )
    return False


def series_of(results: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> tuple[Series, list[str]]:
    """The lists of numbers by name, and what to write under each point. ArgumentError if they are
    not of one length."""
    if not isinstance(results, Mapping):
        names = dict.fromkeys(name for each in results for name in each)
        results = {name: [each.get(name, float("nan")) for each in results] for name in names}
    series = {
        name: _numbers(value)
        for name, value in results.items()
        if name not in (*_AXES, *_GIVEN) and _numbers(value)
    }
    lengths = {name: len(numbers) for name, numbers in series.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ArgumentError(f"results: expected lists of one length; {told}")
    count = next(iter(lengths.values()))
    for name in _AXES:
        labels = results.get(name)
        labels = [labels] if isinstance(labels, (str, Real)) else labels
        if labels is not None and len(labels) == count:
            return series, [str(label) for label in labels]
    return series, [str(index) for index in range(count)]


def plot_series(results: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Figure:
    """A panel for each unit, which is the last word of a name: bars of single numbers, lines of
    more."""
    series, labels = series_of(results)
    units: dict[str, list[str]] = {}
    for name in series:
        units.setdefault(name.rpartition("_")[2], []).append(name)
    figure = new_figure(3.5 * len(units) + 1, 4)
    panels = figure.subplots(1, len(units), squeeze=False)[0]
    for axes, (unit, names) in zip(panels, units.items(), strict=True):
        axes.set_title(unit)
        if len(labels) == 1:
            axes.bar(names, [series[name][0] for name in names])
            axes.tick_params("x", rotation=30)
            axes.set_xlabel(labels[0])
            continue
        for name in names:
            axes.plot(range(len(labels)), series[name], "o-", label=name)
        axes.set_xticks(range(len(labels)), labels, rotation=30)
        if len(names) > 1:
            axes.legend()
    return figure


def _numbers(value: Any) -> list[float]:
    """The value as a list of numbers; empty if it is something else."""
    if isinstance(value, bool):
        return []
    if isinstance(value, Real):
        return [float(value)]
    if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__len__"):
        return []
    numbers = list(value)
    real = all(isinstance(each, Real) and not isinstance(each, bool) for each in numbers)
    return [float(each) for each in numbers] if real else []
