"""Where in a memory and when its bytes were read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from stillwater_kpu.statistics import MemoryStatistics, Statistics, one_run
from stillwater_kpu.visualization.figure import SaveTo, new_figure, saved
from tilewright.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Edges = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MemoryHeatmap:
    """Bytes by place and time in one memory.

    `bytes[i, j]` were read or written between `addresses[i]` and `addresses[i + 1]` (offsets in the
    memory) in the cycles from `cycles[j]` to `cycles[j + 1]`. A command's bytes are spread evenly
    over its range and its cycles, so the sum is what the recorded commands moved.
    """

    memory: str
    bytes: npt.NDArray[np.float64]
    addresses: Edges
    cycles: Edges


def memory_heatmap_data(
    results: Mapping[str, Any],
    memory: str | None = None,
    address_bins: int = 64,
    time_bins: int = 64,
) -> MemoryHeatmap:
    """The heat map of one memory by name, by default of the one most bytes went through.

    The addresses run over the part that was used, the cycles over the whole run. ArgumentError if
    there is no such memory, or if no recorded command touched it.
    """
    run = one_run(results)
    if address_bins < 1 or time_bins < 1:
        raise ArgumentError(f"heat map: expected at least one bin, got {address_bins}, {time_bins}")
    name = _busiest(run) if memory is None else memory
    if name not in run["memories"]:
        known = ", ".join(run["memories"]) or "none"
        raise ArgumentError(f"memory: there is no {name!r}; there are {known}")
    accesses = _accesses(run, run["memories"][name])
    if not accesses:
        raise ArgumentError(f"heat map: no recorded command touched {name}")
    first = min(access.offset for access in accesses)
    last = max(access.offset + access.bytes for access in accesses)
    addresses = np.linspace(first, last, address_bins + 1)
    cycles = np.linspace(0, max(run["cycles"], max(t.end for t in accesses)), time_bins + 1)
    heat = np.zeros((address_bins, time_bins))
    for access in accesses:
        where = _overlap(addresses, access.offset, access.offset + access.bytes)
        when = _overlap(cycles, access.start, access.end)
        heat += np.outer(where, when / when.sum())
    return MemoryHeatmap(name, heat, addresses, cycles)


def plot_memory_heatmap(
    results: Mapping[str, Any],
    memory: str | None = None,
    address_bins: int = 64,
    time_bins: int = 64,
    save: SaveTo = None,
) -> Figure:
    """`memory_heatmap_data` as a picture: addresses upwards, time to the right."""
    heatmap = memory_heatmap_data(results, memory, address_bins, time_bins)
    figure = new_figure(8, 4.5)
    axes = figure.subplots()
    mesh = axes.pcolormesh(heatmap.cycles, heatmap.addresses / 1024, heatmap.bytes)
    figure.colorbar(mesh, label="bytes read and written")
    axes.set_xlabel("cycle")
    axes.set_ylabel(f"offset in {heatmap.memory}, KiB")
    return saved(figure, save)


@dataclass(frozen=True)
class _Access:
    offset: int
    bytes: int
    start: int
    end: int


def _accesses(run: Statistics, memory: MemoryStatistics) -> list[_Access]:
    begin, end = memory["base"], memory["base"] + memory["capacity"]
    return [
        _Access(address - begin, record["bytes"], record["start"], record["end"])
        for record in run["commands"]
        for address in (record["source"], record["destination"])
        if begin <= address < end and record["bytes"] and record["end"] > record["start"]
    ]


def _busiest(run: Statistics) -> str:
    if not run["memories"]:
        raise ArgumentError("heat map: the statistics have no memories")
    moved = {n: m["bytes_read"] + m["bytes_written"] for n, m in run["memories"].items()}
    return max(moved, key=lambda name: moved[name])


def _overlap(edges: Edges, begin: float, end: float) -> npt.NDArray[np.float64]:
    """How much of each bin lies between begin and end."""
    inside: npt.NDArray[np.float64] = np.clip(edges, begin, end)
    return np.diff(inside)
