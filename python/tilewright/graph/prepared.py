"""A graph in the memory of a chip, which runs as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from tilewright import _core
from tilewright.closing import Closing
from tilewright.errors import StateError, UnsupportedError
from tilewright.graph.run import GraphRun
from tilewright.graph.tasks import TaskGraph
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here


class PreparedGraph(Closing):
    """A graph that was checked and written to a chip, by `Graph.prepare`; it takes memory there
    until it is closed. Each run begins with the graph as it was built, so that what is computed
    depends on the buffers alone."""

    def __init__(
        self,
        graph: TaskGraph,
        device: OpenDevice,
        handle: _core.PreparedGraph,
        in_use: Callable[[], AbstractContextManager[None]],
        grown: Callable[[_core.Graph], TaskGraph],
        observes: bool,
    ) -> None:
        """`in_use` keeps the graph as it is for the length of a call, and `grown` is it with tasks
        that were added."""
        #: The graph of the runtime, in the memory of the chip.
        self.handle = handle
        self._graph = graph
        self._device = device
        self._in_use = in_use
        self._grown = grown
        self._observes = observes
        self._version = graph.version
        self._program = graph.worker_program

    @property
    def graph(self) -> TaskGraph:
        """What was prepared."""
        return self._graph

    @property
    def device(self) -> OpenDevice:
        """The chip that it runs on."""
        return self._device

    def run(
        self,
        *,
        cycle_limit: int | None = None,
        progress: Callable[[int], object] | None = None,
        check_races: bool = False,
    ) -> GraphRun:
        """Run it and tell what happened; parameters and errors as `Graph.run`, where `check_races`
        is for graphs prepared with `observe_accesses`. StateError if the graph has changed since it
        was prepared, AddressError if a pointer of it leads to what has been freed."""
        self._check_unchanged()
        if check_races and not self._observes:
            raise StateError("check_races: prepare the graph with observe_accesses=True")
        with self._in_use():
            run = self.handle.run(cycle_limit, progress, check_races)
        return self._told(run, self.handle.describe_observed(run) if self._observes else None)

    def result(self, run: _core.Run) -> GraphRun:
        """What a run in a queue did (`Queue.run`), when `Queue.finish` has told of it; of several
        runs of this graph the last. ArgumentError if it ran nothing there; UnsupportedError for a
        graph that repeats or leaves out tasks, as only `run` notes how often each ran."""
        graph = self._graph
        self._check_unchanged()
        if graph.handle.has_control_edges:
            raise UnsupportedError(
                "result: a queue does not note how often the tasks of this graph ran; run() does"
            )
        return self._told(self.handle.result(run), None)

    def enqueue(self, queue: _core.Queue) -> None:
        """Put a run into a queue of the runtime; what `Queue.run` does."""
        self._check_unchanged()
        with self._in_use():
            self.handle.enqueue(queue)

    def _told(self, run: _core.GraphRun, observed: tuple[list[str], list[str]] | None) -> GraphRun:
        graph = self._graph
        if len(run.parents):
            graph = self._grown(run.with_added_tasks(graph.handle))
        return GraphRun(graph, run, observed)

    def _check_unchanged(self) -> None:
        graph = self._graph
        if graph.version != self._version or graph.worker_program is not self._program:
            raise StateError("the graph has changed since it was prepared; prepare it once more")

    def close(self) -> None:
        """Give its memory on the chip back; harmless when done twice."""
        self.handle.close()

    __reduce_ex__ = stays_here("prepare the graph on the other device")

    def __repr__(self) -> str:
        state = "closed" if self.handle.closed else f"on {self._device!r}"
        return f"<PreparedGraph of {len(self._graph)} tasks, {state}>"
