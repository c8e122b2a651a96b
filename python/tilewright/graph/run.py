"""What a run of a graph did: times of each task, what decided them, and pictures of it."""

from __future__ import annotations

import os
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.errors import StateError
from tilewright.graph.observed import Race, Undeclared
from tilewright.graph.tasks import TaskGraph
from tilewright.stays_here import stays_here

if TYPE_CHECKING:
    from rich.table import Table

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
TIME_FIELDS: list[tuple[str, type[np.unsignedinteger[Any]]]] = [
    (name, np.uint32 if name == "worker" else np.uint64) for name in TIMES.names or ()
]
#: An execution of a task as the runtime keeps it.
EXECUTIONS = np.dtype([("task", np.uint32), ("iteration", np.uint32), ("times", TIMES)])
Core = tuple[int, int, int]


class GraphRun:
    """A run that has ended. All times are cycles of the chip clock.

    A task is *ready* when a scheduler knows that all before it have ended, *dispatched* when it is
    handed to a worker, *started* when the worker calls its function, *ended* when that returns.
    """

    def __init__(
        self,
        graph: TaskGraph,
        handle: _core.GraphRun,
        observed: tuple[list[str], list[str]] | None = None,
    ) -> None:
        """`observed` are the texts of the races and of what was not declared, if it looked."""
        self._has_dynamic_tasks = len(handle.parents) != 0
        self._graph = graph
        self._version = graph.version
        self.handle = handle
        self._times = np.frombuffer(handle.times, TIMES)
        self._races: list[Race] | None = None
        self._undeclared: list[Undeclared] | None = None
        if observed is not None:
            self._note_observed(*observed)

    @property
    def graph(self) -> TaskGraph:
        """The graph that ran. If tasks added tasks, one with these behind its own."""
        return self._graph

    @property
    def run(self) -> _core.Run:
        """The run of schedulers and workers as cores: instructions, cycles of each, output."""
        return self.handle.run

    @property
    def start(self) -> int:
        """Its first cycle."""
        return self.handle.start

    @property
    def cycles(self) -> int:
        """From its start until all cores had ended."""
        return self.handle.run.cycles

    @property
    def workers(self) -> list[Core]:
        """The cores (x, y, processor) that the numbers in `tasks` mean."""
        return self.handle.workers

    @property
    def schedulers(self) -> list[Core]:
        """The control cores that shared the work."""
        return self.handle.schedulers

    @property
    def handshakes(self) -> list[_core.Handshake]:
        """The mailbox of each worker at the end."""
        return self.handle.handshakes

    @cached_property
    def tasks(self) -> npt.NDArray[np.void]:
        """A row for each task: ready, dispatched, started, ended, worker, function, slack. Of a
        graph that repeats or leaves out tasks the times are those of the last iteration, zeros
        where there was none, and there is no slack; `executions` has all. If tasks added tasks,
        these follow, and a column `parent` has the task that added each, -1 for the others."""
        fields: list[tuple[str, type[np.integer[Any]]]] = [*TIME_FIELDS]
        fields.append(("function", np.uint32))
        with_slack = not self._graph.handle.has_control_edges
        if with_slack:
            fields.append(("slack", np.uint64))
        if self._has_dynamic_tasks:
            fields.append(("parent", np.int64))
        rows = np.empty(len(self._times), fields)
        for name, _ in TIME_FIELDS:
            rows[name] = self._times[name]
        rows["function"] = self._graph.functions
        if with_slack:
            rows["slack"] = self.analysis.slack
        if self._has_dynamic_tasks:
            rows["parent"] = -1
            rows["parent"][-len(self.handle.parents) :] = self.handle.parents
        return rows

    @cached_property
    def shares(self) -> npt.NDArray[np.void]:
        """A row for each core of each task on several: task, rank, worker, started, ended. Such a
        task stands in `tasks` with the worker of rank 0, from the first start to the last end."""
        return np.frombuffer(self.handle.shares, SHARES)

    @cached_property
    def executions(self) -> npt.NDArray[np.void]:
        """A row for each execution of a task, by start: task, iteration (0 for its first one;
        `round` is the old name of the column), ready, dispatched, started, ended, worker, function,
        slack."""
        executions = self._executions
        slack = self.analysis.slack
        if not self._graph.handle.has_control_edges:
            slack = slack[executions["task"]]
        iteration = (("iteration", "round"), np.uint32)  # title and name: a column has both
        fields = [("task", np.uint32), iteration, *TIME_FIELDS]
        rows = np.empty(len(executions), [*fields, ("function", np.uint32), ("slack", np.uint64)])
        rows["task"] = executions["task"]
        rows["iteration"] = executions["iteration"]
        for name, _ in TIME_FIELDS:
            rows[name] = executions["times"][name]
        rows["function"] = self._graph.functions[executions["task"]]
        rows["slack"] = slack
        return rows

    @property
    def skipped(self) -> list[int]:
        """Tasks that never ran, as the graph left them out."""
        return self._unrolled.skipped if self._graph.handle.has_control_edges else []

    @cached_property
    def analysis(self) -> _core.GraphAnalysis:
        """What decided the length of the run, in numbers. Of a graph that repeats or leaves out
        tasks its tasks are the rows of `executions`."""
        graph, times, shares = self._as_it_ran()
        return graph.analyse(times, len(self.workers), self.start, shares)

    def critical_path(self) -> list[_core.PathStep]:
        """The tasks that decided the length of the run, first to last, each with its iteration,
        what it waited for (the run's start, a ``dependency``, its ``worker``), the cycles that
        scheduling took after that, and its own. Their sum is the time from the start to the end of
        the last task.
        """
        if not self._graph.handle.has_control_edges:
            return self.analysis.critical_path
        return _core.original_path(self.analysis, self._executions)

    @property
    def races(self) -> list[Race]:
        """Tasks with no order between them that accessed the same bytes, one of them writing, in a
        run with `observe_accesses`. Every byte that was raced for is in one of them. Atomics are
        taken for synchronisation; room in a core's own L1 may be used by one task after another
        on the same core."""
        if self._races is None:
            raise StateError("this run did not look at accesses; give observe_accesses=True to run")
        return self._races

    @property
    def undeclared(self) -> list[Undeclared]:
        """What tasks that have declared some of their accesses did beside those in direct
        memory, in a run with `observe_accesses`."""
        if self._undeclared is None:
            raise StateError("this run did not look at accesses; give observe_accesses=True to run")
        return self._undeclared

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
        for step in self.critical_path():
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
        """A table of the first `limit` executions of tasks by start, for `rich.print`. Tasks that
        were left out come last."""
        from rich.table import Table

        rows, skipped = self.executions, self.skipped
        table = Table(title=f"{len(self._times)} tasks, {self.cycles} cycles")
        repeats = bool(rows["iteration"].any())
        times = ("ready", "dispatched", "started", "ended")
        table.add_column("task")
        if repeats:
            table.add_column("iteration", justify="right")
        table.add_column("function")
        for title in ("core", *times, "slack"):
            table.add_column(title, justify="right")
        path = {(step.task, step.iteration) for step in self.critical_path()}
        for row in rows[:limit]:
            task, iteration = int(row["task"]), int(row["iteration"])
            core = ", ".join(str(n) for n in self.workers[row["worker"]])
            cores = self._graph.cores(task)
            table.add_row(
                self._graph.name(task),
                *([str(iteration)] if repeats else []),
                self._graph.function_name(task),
                f"({core})" + (f" and {cores - 1} more" if cores > 1 else ""),
                *(str(row[name] - np.uint64(self.start)) for name in times),
                "critical" if (task, iteration) in path else str(row["slack"]),
            )
        left = limit - len(rows) if limit is not None else None
        for task in skipped[: None if left is None else max(0, left)]:
            blank = [""] if repeats else []
            table.add_row(
                self._graph.name(task), *blank, self._graph.function_name(task), "skipped"
            )
        if left is not None and left < len(skipped):
            table.caption = f"{len(skipped) - left} more"
        return table

    def to_graphviz(self) -> str:
        """The graph in Graphviz's language, with the critical path in red and the others' slack.
        Of a graph that repeats or leaves out tasks: each execution, and what was skipped."""
        if self._graph.handle.has_control_edges:
            return _core.graphviz_unrolled(self._graph.handle, self._unrolled, self.analysis)
        return self._graph.handle.graphviz(self.analysis)

    def trace(self, file: str | os.PathLike[str]) -> None:
        """Write a timeline with a track for each worker and arrows along the critical path:
        Chrome's format for ``*.json``, otherwise Perfetto's. One nanosecond is one cycle."""
        names = [f"core {core}" for core in self.workers]
        graph, times, shares = self._as_it_ran()
        graph.timeline(os.fspath(file), times, names, self.analysis, shares)

    __reduce_ex__ = stays_here("take run, tasks or executions, which travel")

    def __repr__(self) -> str:
        return (
            f"<GraphRun of {len(self._times)} tasks on {len(self.workers)} workers: "
            f"{self.cycles} cycles>"
        )

    # --- Inside -----------------------------------------------------------------------------

    @cached_property
    def _executions(self) -> npt.NDArray[np.void]:
        self._check_unchanged()
        if self.handle.executions:
            return np.frombuffer(self.handle.executions, EXECUTIONS)
        order = np.argsort(self._times["started"], kind="stable")
        executions = np.zeros(len(order), EXECUTIONS)
        executions["task"] = order
        executions["times"] = self._times[order]
        return executions

    @cached_property
    def _unrolled(self) -> _core.UnrolledGraph:
        return _core.unroll(self._graph.handle, self._executions)

    def _as_it_ran(self) -> tuple[_core.Graph, npt.NDArray[np.void], bytes]:
        """The graph whose tasks ran once each, their times, and those of the cores of tasks on
        several."""
        self._check_unchanged()
        if not self._graph.handle.has_control_edges:
            return self._graph.handle, self._times, self.handle.shares
        times = np.ascontiguousarray(self._executions["times"])
        return self._unrolled.graph, times, self.handle.execution_shares

    def _check_unchanged(self) -> None:
        if self._graph.version != self._version:
            raise StateError(
                "the graph has changed since this run; look at a run before you change it"
            )

    def _note_observed(self, races: list[str], undeclared: list[str]) -> None:
        executions = self._executions
        self._races = [
            Race(
                int(executions["task"][race.first]),
                int(executions["task"][race.second]),
                int(executions["iteration"][race.first]),
                int(executions["iteration"][race.second]),
                race.begin,
                race.end,
                race.first_writes,
                race.second_writes,
                text,
            )
            for race, text in zip(self.handle.races, races, strict=True)
        ]
        self._undeclared = [
            Undeclared(
                int(executions["task"][access.execution]),
                int(executions["iteration"][access.execution]),
                access.begin,
                access.end,
                access.writes,
                text,
            )
            for access, text in zip(self.handle.undeclared, undeclared, strict=True)
        ]
