"""From what a simulator counted to where its cycles went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from stillwater_kpu.analysis.report import Comparison, Report, Use
from stillwater_kpu.analysis.roofline import roofline
from stillwater_kpu.statistics import (
    EngineStatistics,
    MemoryStatistics,
    Results,
    Statistics,
    all_runs,
)


class PerformanceAnalyzer:
    """``PerformanceAnalyzer().analyze(sim.statistics())`` prints where the cycles went."""

    @overload
    def analyze(self, data: Mapping[str, Any]) -> Report: ...
    @overload
    def analyze(self, data: Sequence[Mapping[str, Any]]) -> Comparison: ...
    def analyze(self, data: Results) -> Report | Comparison:
        """A report of one run; of a list of runs, the reports side by side.

        ArgumentError, naming the key, for a dict that is not of the shape of `Statistics`.
        """
        reports = tuple(_report(run) for run in all_runs(data))
        return reports[0] if isinstance(data, Mapping) else Comparison(reports)

    def __repr__(self) -> str:
        return "PerformanceAnalyzer()"


def _report(run: Statistics) -> Report:
    cycles = run["cycles"]
    engines = tuple(_engine_use(name, e, cycles) for name, e in run["engines"].items())
    memories = tuple(_memory_use(name, m, cycles) for name, m in run["memories"].items())
    # The first of equals, so engines before the memories that they keep busy.
    most = max((*engines, *memories), key=lambda use: use.utilisation, default=None)
    return Report(
        name=run.get("name", "run"),
        cycles=cycles,
        elapsed_ms=run["elapsed_ms"],
        engines=engines,
        memories=memories,
        macs=sum(engine["macs"] for engine in run["engines"].values()),
        roofline=roofline(run),
        bottleneck=most.name if most is not None and most.utilisation > 0 else "",
    )


def _engine_use(name: str, engine: EngineStatistics, cycles: int) -> Use:
    busy = engine["busy_cycles"]
    return Use(
        name,
        engine["kind"],
        busy,
        engine["stall_cycles"],
        engine["bytes"],
        busy / cycles if cycles else 0.0,
    )


def _memory_use(name: str, memory: MemoryStatistics, cycles: int) -> Use:
    moved = memory["bytes_read"] + memory["bytes_written"]
    busy = moved / memory["bytes_per_cycle"] if memory["bytes_per_cycle"] else 0.0
    return Use(name, memory["kind"], busy, 0, moved, busy / cycles if cycles else 0.0)
