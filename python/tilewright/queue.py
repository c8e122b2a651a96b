"""Work in order, without waiting for it: copies, kernels, and waits between queues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer, as_bytes
from tilewright.errors import ArgumentError, StateError
from tilewright.graph import Graph, PreparedGraph
from tilewright.kernel import Kernel
from tilewright.launch import Arguments, Core
from tilewright.open_device import OpenDevice
from tilewright.program import Program, launches_of
from tilewright.stays_here import stays_here


class Event:
    """A point in a queue."""

    def __init__(self, handle: _core.Event) -> None:
        self.handle = handle

    @property
    def cycle(self) -> int | None:
        """The cycle in which it happened, or None if it has not yet."""
        return self.handle.cycle

    __reduce_ex__ = stays_here("take its cycle")

    def __repr__(self) -> str:
        return f"<Event at cycle {self.cycle}>" if self.cycle is not None else "<Event, to come>"


class Readback:
    """What `Queue.read` will bring."""

    def __init__(self, array: npt.NDArray[Any], done: Event) -> None:
        self._array = array
        self._done = done

    def numpy(self) -> npt.NDArray[Any]:
        """The contents. StateError before the queue has come that far."""
        if self._done.cycle is None:
            raise StateError("the queue has not read this buffer yet; call its finish()")
        return self._array

    __reduce_ex__ = stays_here("take numpy(), which travels")

    def __repr__(self) -> str:
        state = "here" if self._done.cycle is not None else "to come"
        return f"<Readback {self._array.shape} {self._array.dtype}, {state}>"


class Queue:
    """Commands that take place one after another; those of other queues at the same time.

    Made by `Device.queue`. Nothing happens before `finish` (of any queue of the device) lets time
    pass; reads and writes cross the host link and take time on it, copies go by DMA. A queue may be
    filled from any thread.
    """

    def __init__(self, device: OpenDevice, handle: _core.Queue) -> None:
        #: The device that it is of.
        self.device = device
        #: The queue of the runtime.
        self.handle = handle
        self._graphs: list[PreparedGraph] = []  # that it runs, kept until it is empty

    __reduce_ex__ = stays_here("make one on the other device")

    def __repr__(self) -> str:
        if not self.device.is_open:
            return "<Queue, closed>"
        state = "all done" if self.empty else "with commands to do"
        return f"<Queue of {self.device.config.name}, {state}>"

    def write(self, buffer: Buffer, array: npt.ArrayLike) -> None:
        """Copy an array into a buffer; its contents are taken now. Errors as `Buffer.write`."""
        self.handle.write(buffer.handle, as_bytes(buffer.convert(array)))

    def read(self, buffer: Buffer) -> Readback:
        """Copy a buffer to the host."""
        array = np.empty(buffer.shape, buffer.dtype)
        self.handle.read_into(buffer.handle, as_bytes(array))
        return Readback(array, self.record())

    def copy(
        self,
        destination: Buffer,
        source: Buffer,
        nbytes: int | None = None,
        *,
        destination_offset: int = 0,
        source_offset: int = 0,
    ) -> None:
        """Copy a buffer to another one of the same dtype and number of elements, or `nbytes` bytes
        between offsets in bytes.

        The DMA engines do it: in one memory, from memory to memory, and page by page where pages go
        round several. On a chip without them the bytes cross the host link twice, from or to pinned
        memory once. ArgumentError for buffers that do not go together, and for ranges of one buffer
        that overlap; AddressError for ranges that do not fit.
        """
        if nbytes is None:
            if destination_offset or source_offset:
                raise ArgumentError("copy: offsets go with nbytes")
            if destination.dtype != source.dtype or destination.nbytes != source.nbytes:
                raise ArgumentError(
                    f"copy: expected two buffers of one dtype and size, got {destination} and "
                    f"{source}; pass nbytes= to copy bytes"
                )
            nbytes = source.nbytes
        for name, number in (
            ("nbytes", nbytes),
            ("destination_offset", destination_offset),
            ("source_offset", source_offset),
        ):
            if not 0 <= number < 2**63:
                raise ArgumentError(f"copy: {name}: expected 0 to 2**63 - 1, got {number}")
        self.handle.copy(
            destination.handle, source.handle, nbytes, destination_offset, source_offset
        )

    def run(
        self,
        kernel: Kernel | Program | Graph | PreparedGraph,
        cores: Iterable[Core] | None = None,
        args: Arguments = (),
    ) -> None:
        """Run a kernel on cores, a program, or a graph; cores that are busy are waited for.

        A graph is prepared for this run (`Graph.prepare`); one that was prepared before, for this
        device, costs no more than its run, and may stand in queues any number of times.
        `PreparedGraph.result` tells of it what the run did that `finish` returns. BusyError while
        another thread lets time pass on the device.
        """
        if not isinstance(kernel, (Graph, PreparedGraph)):
            self.handle.run(launches_of(self.device, kernel, cores, args))
            return
        if cores is not None or args != ():
            raise ArgumentError("a graph's tasks name their arguments; see Graph.prepare(workers=)")
        prepared = kernel.prepare(self.device) if isinstance(kernel, Graph) else kernel
        if prepared.device.handle is not self.device.handle:
            raise ArgumentError("queue: the graph was prepared for another device")
        prepared.enqueue(self.handle)
        self._graphs.append(prepared)

    def record(self) -> Event:
        """An event that happens when all commands before it are done."""
        return Event(self.handle.record())

    def wait(self, event: Event) -> None:
        """Let later commands wait until the event has happened."""
        self.handle.wait(event.handle)

    def finish(self, cycle_limit: int | None = None) -> _core.Run:
        """Let time pass until all commands of this queue are done; the others go on meanwhile.

        Returns what its kernels did since the last time. Errors as `Device.run`; DeadlockError also
        if the queue waits for an event that nobody records.
        """
        try:
            run = self.handle.finish(cycle_limit)
        except KeyboardInterrupt:
            self.device.handle.abort()
            raise
        if self.empty:
            self._graphs.clear()
        return run

    @property
    def empty(self) -> bool:
        """All its commands are done."""
        return self.handle.empty
