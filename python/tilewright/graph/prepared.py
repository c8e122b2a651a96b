"""A graph in the memory of a chip, which runs as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tilewright import _core
from tilewright.closing import Closing
from tilewright.errors import StateError
from tilewright.graph.run import GraphRun
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here

if TYPE_CHECKING:
    from tilewright.graph.graph import Graph


class PreparedGraph(Closing):
    """A graph that was checked and written to a chip, by `Graph.prepare`; it takes memory there
    until it is closed. Each run begins with the graph as it was built, so that what is computed
    depends on the buffers alone."""

    def __init__(
        self, graph: Graph, device: OpenDevice, handle: _core.PreparedGraph, observes: bool
    ) -> None:
        #: The graph of the runtime, in the memory of the chip.
        self.handle = handle
        self._graph = graph
        self._device = device
        self._version = graph.version
        self._program = graph.worker_program
        self._observes = observes

    @property
    def graph(self) -> Graph:
        """What was prepared."""
        return self._graph

    @property
    def device(self) -> OpenDevice:
        """The chip that it runs on."""
        return self._device

    def run(
        self, *, cycle_limit: int | None = None, progress: Callable[[int], object] | None = None
    ) -> GraphRun:
        """Run it and tell what happened; parameters and errors as `Graph.run`. StateError if the
        graph has changed since it was prepared, AddressError if a pointer of it leads to what has
        been freed."""
        return self._run(cycle_limit, progress, False)

    def _run(
        self, cycle_limit: int | None, progress: Callable[[int], object] | None, check_races: bool
    ) -> GraphRun:
        graph = self._graph
        self._check_unchanged()
        with graph._in_use(self._device):
            run = self.handle.run(cycle_limit, progress, check_races)
        observed = self.handle.describe_observed(run) if self._observes else None
        ran = graph._extended(run.with_added_tasks(graph.handle)) if len(run.parents) else graph
        return GraphRun(ran, run, observed)

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
