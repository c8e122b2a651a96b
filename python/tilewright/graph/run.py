"""What a run of a graph did: times of each task, what decided them, and pictures of it."""

from __future__ import annotations

import os
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.errors import Error

if TYPE_CHECKING:
    from rich.table import Table

    from tilewright.graph.graph import Graph

#: A task's times as the runtime keeps them: cycles, and the number of the worker.
TIMES = np.dtype(
    {
        "names": ["ready", "dispatched", "started", "ended", "worker"],
        "formats": [np.uint64, np.uint64, np.uint64, np.uint64, np.uint32],
        "offsets": [0, 8, 16, 24, 32],
        "itemsize": 40,
    }
)
#: What one core of a task on several did.
SHARES = np.dtype(
    {
        "names": ["task", "rank", "worker", "started", "ended"],
        "formats": [np.uint32, np.uint32, np.uint32, np.uint64, np.uint64],
        "offsets": [0, 4, 8, 16, 24],
        "itemsize": 32,
    }
)
Core = tuple[int, int, int]


class GraphRun:
    """A run that has ended. All times are cycles of the chip clock.

    A task is *ready* when a scheduler knows that all before it have ended, *dispatched* when it is
    handed to a worker, *started* when the worker calls its function, *ended* when that returns.
    """

    def __init__(self, graph: Graph, core: _core.GraphRun) -> None:
        self._grew = len(core.parents) != 0
        if self._grew:
            graph = graph._grown(core.grown(graph._core))
        self._graph = graph
        self._version = graph._version
        self._core = core
        self._times = np.frombuffer(core.times, TIMES)

    @property
    def graph(self) -> Graph:
        """The graph that ran. If tasks added tasks, one with these behind its own."""
        return self._graph

    @property
    def run(self) -> _core.Run:
        """The run of schedulers and workers as cores: instructions, cycles of each, output."""
        return self._core.run

    @property
    def start(self) -> int:
        """Its first cycle."""
        return self._core.start

    @property
    def cycles(self) -> int:
        """From its start until all cores had ended."""
        return self._core.run.cycles

    @property
    def workers(self) -> list[Core]:
        """The cores (x, y, processor) that the numbers in `tasks` mean."""
        return self._core.workers

    @property
    def schedulers(self) -> list[Core]:
        """The control cores that shared the work."""
        return self._core.schedulers

    @property
    def handshakes(self) -> list[_core.Handshake]:
        """The mailbox of each worker at the end."""
        return self._core.handshakes

    @cached_property
    def tasks(self) -> npt.NDArray[np.void]:
        """A row for each task: ready, dispatched, started, ended, worker, function, slack. Of a
        graph that repeats or leaves out tasks the times are those of the last round, zeros where
        there was none, and there is no slack. If tasks added tasks, these follow, and a column
        `parent` has the task that added each, -1 for the others."""
        fields: list[tuple[str, type[np.integer[Any]]]] = [
            (name, np.uint32 if name == "worker" else np.uint64) for name in TIMES.names or ()
        ]
        fields.append(("function", np.uint32))
        with_slack = not self._graph._core.has_jumps
        if with_slack:
            fields.append(("slack", np.uint64))
        if self._grew:
            fields.append(("parent", np.int64))
        rows = np.empty(len(self._times), fields)
        for name in TIMES.names or ():
            rows[name] = self._times[name]
        rows["function"] = self._graph.functions
        if with_slack:
            rows["slack"] = self.analysis.slack
        if self._grew:
            rows["parent"] = -1
            rows["parent"][-len(self._core.parents) :] = self._core.parents
        return rows

    @cached_property
    def shares(self) -> npt.NDArray[np.void]:
        """A row for each core of each task on several: task, rank, worker, started, ended. Such a
        task stands in `tasks` with the worker of rank 0, from the first start to the last end."""
        return np.frombuffer(self._core.shares, SHARES)

    @cached_property
    def analysis(self) -> _core.GraphAnalysis:
        """What decided the length of the run, in numbers."""
        if self._graph._version != self._version:
            raise Error("the graph has changed since this run; look at a run before you change it")
        return self._graph._core.analyse(
            self._times, len(self.workers), self.start, self._core.shares
        )

    def critical_path(self) -> list[_core.PathStep]:
        """The tasks that decided the length of the run, first to last, each with what it waited
        for (the run's start, a ``dependency``, its ``worker``), the cycles that scheduling took
        after that, and its own. Their sum is the time from the start to the end of the last task.
        """
        return self.analysis.critical_path

    @property
    def occupancy(self) -> npt.NDArray[np.float64]:
        """For each worker, the part of the run in which it was executing tasks, from 0 to 1."""
        return self.analysis.worker_busy / max(1, self.cycles)

    def advice(self) -> list[str]:
        """What the cycles of the critical path are, so what would make the run shorter: the
        functions on it, scheduling, and waiting for workers, the largest first."""
        found = self.analysis
        total = max(1, found.path_executing + found.path_scheduling)
        parts: Counter[str] = Counter()
        for step in found.critical_path:
            parts[self._graph.function_name(step.task)] += step.executing
        parts["scheduling"] = found.path_scheduling
        lines = [
            (cycles, f"{name}: {cycles} cycles, {cycles / total:.0%} of the critical path")
            for name, cycles in parts.items()
        ]
        waited = found.path_worker_wait
        lines.append(
            (waited, f"more workers: up to {waited} cycles, when only a worker was missing")
        )
        return [text for cycles, text in sorted(lines, reverse=True) if cycles]

    def table(self, limit: int | None = 50) -> Table:
        """A table of the first `limit` tasks by start, for `rich.print`."""
        from rich.table import Table

        table = Table(title=f"{len(self.tasks)} tasks, {self.cycles} cycles")
        for title in (
            "task",
            "function",
            "core",
            "ready",
            "dispatched",
            "started",
            "ended",
            "slack",
        ):
            table.add_column(title, justify="left" if title in ("task", "function") else "right")
        path = {step.task for step in self.critical_path()}
        order = np.argsort(self.tasks["started"], kind="stable")
        for task in order[:limit]:
            row = self.tasks[task]
            times = [str(row[name] - np.uint64(self.start)) for name in (TIMES.names or ())[:4]]
            core = ", ".join(str(n) for n in self.workers[row["worker"]])
            cores = self._graph.cores(int(task))
            slack = "critical" if int(task) in path else str(row["slack"])
            table.add_row(
                self._graph.name(int(task)),
                self._graph.function_name(int(task)),
                f"({core})" + (f" and {cores - 1} more" if cores > 1 else ""),
                *times,
                slack,
            )
        if limit is not None and len(order) > limit:
            table.caption = f"{len(order) - limit} more"
        return table

    def to_graphviz(self) -> str:
        """The graph in Graphviz's language, with the critical path in red and the others' slack."""
        return self._graph._core.graphviz(self.analysis)

    def trace(self, file: str | os.PathLike[str]) -> None:
        """Write a timeline with a track for each worker and arrows along the critical path:
        Chrome's format for ``*.json``, otherwise Perfetto's. One nanosecond is one cycle."""
        names = [f"core {core}" for core in self.workers]
        self._graph._core.timeline(
            os.fspath(file), self._times, names, self.analysis, self._core.shares
        )

    def __repr__(self) -> str:
        return (
            f"<GraphRun of {len(self._times)} tasks on {len(self.workers)} workers: "
            f"{self.cycles} cycles>"
        )
