"""The chip as its user sees it: opened once, kept open, driven like hardware."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast, overload

import numpy as np
import numpy.typing as npt

from tilewright import _core, matmul
from tilewright.buffer import Buffer, as_bytes
from tilewright.checks import CHECKS, check_names
from tilewright.closing import Closing
from tilewright.config import replace
from tilewright.config_file import load_config
from tilewright.counters import Counters
from tilewright.engines import EngineMethods
from tilewright.errors import AddressError, ArgumentError, SnapshotError
from tilewright.graph import Graph, GraphRun
from tilewright.kernel import Kernel
from tilewright.launch import Arguments, Core, CoreLaunch, make_launches
from tilewright.pinned import PinnedBuffer
from tilewright.program import Program
from tilewright.queue import Queue
from tilewright.snapshot import Snapshot


def open_device(
    chip: object = "blackhole",
    *,
    checks: bool | Iterable[str] = (),
    **overrides: int | float,
) -> Device:
    """Open a chip, with some of its fields changed.

    `chip` is the name of a preset, a YAML, TOML or JSON file, a mapping or a dataclass of fields
    (`tilewright.load_config`), or a config. `checks` is what `Device.checks` is to be: names, or
    True for all. Example: ``tilewright.open("tiny", dram_bank_bytes=64 << 20, checks=True)``
    """
    device = Device(replace(load_config(chip), **overrides))
    device.checks = checks
    return device


class Device(Closing, EngineMethods):
    """An open chip. One thread at a time may use it; different devices are independent.

    Use it in a ``with`` statement or call `close`; after that its methods raise `Error`.
    """

    def __init__(self, config: _core.ChipConfig) -> None:
        self._config = config
        self._core = _core.Device(config)
        self._checks: frozenset[str] = frozenset()
        self._last_product: _core.MatmulReport | None = None

    # --- Lifetime ---------------------------------------------------------------------------

    def close(self) -> None:
        """Give everything back; harmless when done twice. Ends a trace."""
        if self.is_open:
            self._core.finish_trace()
        self._core.close()

    @property
    def is_open(self) -> bool:
        """Not closed yet."""
        return self._core.is_open

    def __repr__(self) -> str:
        if not self.is_open:
            return "<Device, closed>"
        return f"<Device {self.config.name} at cycle {self.cycle}>"

    # --- What it is -------------------------------------------------------------------------

    @property
    def config(self) -> _core.ChipConfig:
        """What the chip is made of."""
        return self._config

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of the worker tiles."""
        config = self.config
        return config.tile_columns, config.tile_rows

    @property
    def tiles(self) -> list[tuple[int, int]]:
        """The worker tiles (x, y), row by row."""
        columns, rows = self.grid
        return [(x, y) for y in range(rows) for x in range(columns)]

    @property
    def cycle(self) -> int:
        """Simulated time: cycles of the chip clock since it was opened."""
        return self._core.cycle

    @property
    def counters(self) -> Counters:
        """What the chip has counted since it was opened; subtract two to get what lies between."""
        return Counters(self._core.counters())

    # --- Memory -----------------------------------------------------------------------------

    def empty(
        self,
        shape: int | Sequence[int],
        dtype: npt.DTypeLike = np.float32,
        placement: _core.Placement | None = None,
    ) -> Buffer:
        """A buffer with undefined contents, in DRAM pages that go round all banks by default."""
        element = np.dtype(dtype)
        if element.hasobject:
            raise AddressError(f"a buffer cannot hold Python objects (dtype {element})")
        if element.itemsize == 0:
            raise AddressError(f"a buffer needs elements with a size (dtype {element!r})")
        sizes = (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)
        if any(size < 0 for size in sizes):
            raise AddressError(f"shape: expected sizes of at least 0, got {sizes}")
        # An empty array still gets a byte, so that it has an address and can be an argument.
        nbytes = max(1, element.itemsize * int(np.prod(sizes, dtype=object)))
        core = self._core.allocate(nbytes, placement or _core.Placement.interleaved())
        return Buffer(self, core, sizes, element)

    def zeros(
        self,
        shape: int | Sequence[int],
        dtype: npt.DTypeLike = np.float32,
        placement: _core.Placement | None = None,
    ) -> Buffer:
        """A buffer filled with zeros."""
        buffer = self.empty(shape, dtype, placement)
        buffer.write(np.zeros(buffer.shape, buffer.dtype))
        return buffer

    def empty_like(self, other: Buffer | npt.NDArray[Any]) -> Buffer:
        """A buffer of the shape, dtype and, if it is a buffer, placement of another."""
        placement = other.placement if isinstance(other, Buffer) else None
        return self.empty(other.shape, other.dtype, placement)

    def put(self, array: npt.ArrayLike, placement: _core.Placement | None = None) -> Buffer:
        """A new buffer with the contents of an array, of bytes, or of what exports DLPack."""
        if isinstance(array, (bytes, bytearray, memoryview)):
            source: npt.NDArray[Any] = np.frombuffer(array, np.uint8)
        elif hasattr(array, "__dlpack__") and not hasattr(array, "__array__"):
            source = np.from_dlpack(cast(Any, array))
        else:
            source = np.asarray(array)
        buffer = self.empty(source.shape, source.dtype, placement)
        buffer.write(source)
        return buffer

    def pin(self, array: npt.NDArray[Any]) -> PinnedBuffer:
        """Let kernels read and write an array of the host over the network, in place.

        The array must be contiguous and writable, and stays pinned as long as the buffer lives.
        Raises AddressError otherwise, or on a chip whose host is not on its network; a snapshot is
        refused while memory is pinned.
        """
        if not isinstance(array, np.ndarray):
            raise AddressError(f"pin: expected an array, got {type(array).__name__}")
        if not array.flags.c_contiguous or not array.flags.writeable:
            raise AddressError("pin: expected a contiguous array that can be written to")
        return PinnedBuffer(self, self._core.pin(as_bytes(array)), array)

    @property
    def buffers(self) -> list[Buffer]:
        """All that is allocated, as bytes: what a snapshot of another process brought along."""
        byte = np.dtype(np.uint8)
        return [Buffer(self, core, (core.nbytes,), byte) for core in self._core.buffers()]

    def semaphore(self, initial: int = 0) -> _core.Semaphore:
        """A word at the same address in the L1 of every tile, for kernels to wait on."""
        return self._core.semaphore(initial)

    def doorbell(self, initial: int = 0) -> _core.Semaphore:
        """A semaphore that the host rings: waiting on it is waiting for the host, no deadlock."""
        return self._core.doorbell(initial)

    def ring(self, bell: _core.Semaphore, tile: tuple[int, int], increment: int = 1) -> None:
        """Add to a tile's word of a semaphore, now; wakes the kernels that wait on it."""
        self._core.ring(bell, *tile, increment)

    def read_l1(self, tile: tuple[int, int], address: int, count: int) -> bytes:
        """Bytes of a tile's L1, outside simulated time."""
        return self._core.read_l1(*tile, address, count)

    def write_l1(self, tile: tuple[int, int], address: int, data: bytes | npt.NDArray[Any]) -> None:
        """Write to a tile's L1, outside simulated time."""
        if isinstance(data, np.ndarray):
            data = as_bytes(np.ascontiguousarray(data)).tobytes()
        self._core.write_l1(*tile, address, data)

    def lease_l1(
        self, tile: tuple[int, int], address: int, nbytes: int, holder: str
    ) -> _core.Lease:
        """Take a range of a tile's L1 until `Lease.release`, or until the lease is dropped: no
        buffer and no circular buffer lies there then. Raises an error that names both holders if
        somebody has a part of it."""
        return self._core.lease_l1(*tile, address, nbytes, holder)

    @property
    def leases(self) -> list[_core.Holding]:
        """Who has what of the chip now: stories, buffers in L1, semaphores, flags, and what kernels
        that are queued or run need."""
        return self._core.leases()

    def release(self, holding: _core.Holding) -> None:
        """Give back a lease of which nobody here has the handle, such as one that came with the
        snapshot of another process."""
        self._core.release(holding)

    # --- Running ----------------------------------------------------------------------------

    @overload
    def run(
        self,
        kernel: Kernel | Program,
        cores: Iterable[Core] | None = None,
        args: Arguments = (),
        cycle_limit: int | None = None,
    ) -> _core.Run: ...

    @overload
    def run(
        self, kernel: Graph, *, cycle_limit: int | None = None, schedulers: int = 1
    ) -> GraphRun: ...

    def run(
        self,
        kernel: Kernel | Program | Graph,
        cores: Iterable[Core] | None = None,
        args: Arguments = (),
        cycle_limit: int | None = None,
        schedulers: int = 1,
    ) -> _core.Run | GraphRun:
        """Run a kernel on some cores until all have ended and their transfers have landed, or a
        program, which names its cores and arguments itself, or a graph (`Graph.run`).

        `cores` are tiles ``(x, y)``, on their first processor, or ``(x, y, processor)``. `args` is
        one list for all cores, a dict with a list for each core, or a function from core to list.
        Raises KernelFault, DeadlockError or, after `cycle_limit` cycles, CycleLimitError; the
        device is idle then and can be used again. Ctrl-C does the same.
        """
        if isinstance(kernel, Graph):
            if cores is not None or args != ():
                raise ArgumentError("a graph's tasks name their arguments; see Graph.run(workers=)")
            return kernel.run(self, schedulers=schedulers, cycle_limit=cycle_limit)
        launches = self._launches(kernel, cores, args)
        try:
            return self._core.run(launches, cycle_limit)
        except KeyboardInterrupt as stop:
            self.stopped(stop)
            raise

    def launch(
        self, kernel: Kernel | Program, cores: Iterable[Core] | None = None, args: Arguments = ()
    ) -> None:
        """Start a kernel without letting time pass; `finish`, `settle` or `advance_to` do that."""
        self._core.launch(self._launches(kernel, cores, args))

    def _launches(
        self, kernel: Kernel | Program, cores: Iterable[Core] | None, args: Arguments
    ) -> list[CoreLaunch]:
        if not isinstance(kernel, Program):
            return make_launches(self, kernel, () if cores is None else cores, args)
        if cores is not None or args != ():
            raise ArgumentError("a program names its cores and arguments itself")
        return kernel.launches(self)

    def finish(self, cycle_limit: int | None = None) -> _core.Run:
        """Let time pass until all launched kernels have ended and the engines are idle. Ctrl-C
        stops between two cycles; `finish` again goes on from there."""
        return self._core.finish(cycle_limit)

    def advance_to(self, cycle: int) -> bool:
        """Let time pass until `cycle`, or until all has ended. True if kernels still run."""
        return self._core.advance_to(cycle)

    def settle(self, cycle_limit: int | None = None) -> bool:
        """Let time pass until all kernels have ended or wait for the host. True if some wait."""
        return self._core.settle(cycle_limit)

    def queue(self) -> Queue:
        """A new queue of work, independent of all others."""
        return Queue(self, self._core.queue())

    @property
    def queues(self) -> list[Queue]:
        """All queues: what a snapshot of another process brought along."""
        return [Queue(self, core) for core in self._core.queues()]

    @property
    def waiting(self) -> list[_core.CoreWait]:
        """The cores that wait now, the longest first: core, since when, source line, for what.
        Which of them wait for ever nobody can tell while others run."""
        return self._core.waiting

    def stopped(self, stop: KeyboardInterrupt) -> None:
        """After Ctrl-C: end what runs, and note in the exception who was waiting."""
        for wait in self.waiting[:8]:
            stop.add_note(str(wait))
        self.abort()

    @property
    def busy(self) -> bool:
        """Kernels are launched and have not ended."""
        return self._core.busy

    def abort(self) -> None:
        """Stop all kernels where they are and drop their transfers."""
        self._core.abort()

    # --- Products ---------------------------------------------------------------------------

    def matmul(
        self,
        a: Buffer | npt.ArrayLike,
        b: Buffer | npt.ArrayLike,
        *,
        dtype: str | None = None,
        out_dtype: str | None = None,
        dataflow: str = "auto",
        bias: Buffer | npt.ArrayLike | None = None,
        activation: str | None = None,
        out: Buffer | None = None,
        tiles: tuple[int, int, int, int, int] | None = None,
        arrays: int = 0,
        cycle_limit: int | None = None,
    ) -> Buffer:
        """The product of a (m x k) and b (k x n) on the chip's systolic arrays, plus a bias (a row
        of n), with an activation ("relu", "gelu", "sigmoid", "tanh", "silu"). `last_product` then
        tells what it took.

        Operands are buffers, or arrays that are put on the device first. float32, float16, int8, or
        with ``dtype="bfloat16"`` its bits in a buffer of uint16; `dtype` also converts arrays. Sums
        and bias are float32, or int32 of int8; so is the result unless `out_dtype` says float16 or
        bfloat16. `dataflow` is "auto", "output_stationary", "weight_stationary" or
        "input_stationary"; `tiles` block m, n and k and panel m and n; `arrays` how many to use at
        most. ArgumentError names what does not fit; ConfigError says that the chip has no arrays.
        """
        product, self._last_product = matmul.matmul(
            self,
            a,
            b,
            dtype=dtype,
            out_dtype=out_dtype,
            dataflow=dataflow,
            bias=bias,
            activation=activation,
            out=out,
            tiles=tiles,
            arrays=arrays,
            cycle_limit=cycle_limit,
        )
        return product

    def conv2d(
        self,
        images: Buffer | npt.ArrayLike,
        filters: Buffer | npt.ArrayLike,
        *,
        stride: int = 1,
        padding: int = 0,
        method: Literal["direct", "im2col"] = "direct",
        dtype: str | None = None,
        out_dtype: str | None = None,
        dataflow: str = "auto",
        bias: Buffer | npt.ArrayLike | None = None,
        activation: str | None = None,
        out: Buffer | None = None,
        cycle_limit: int | None = None,
    ) -> Buffer:
        """A convolution of images (count, height, width, channels) with filters (height, width,
        channels, outputs) on the systolic arrays; the rest is as for `matmul`.

        "direct" gathers the rows of its product from the images as it goes along, "im2col" writes
        them to DRAM first, which takes memory, bytes and cycles.
        """
        output, self._last_product = matmul.conv2d(
            self,
            images,
            filters,
            stride=stride,
            padding=padding,
            method=method,
            dtype=dtype,
            out_dtype=out_dtype,
            dataflow=dataflow,
            bias=bias,
            activation=activation,
            out=out,
            cycle_limit=cycle_limit,
        )
        return output

    @property
    def last_product(self) -> _core.MatmulReport | None:
        """What the last `matmul` or `conv2d` took: cycles, bytes, utilisation, energy, its plan."""
        return self._last_product

    @property
    def checks(self) -> frozenset[str]:
        """Which checks of kernels are made; they cost host time, no cycles. Assign names, True for
        all, False for none.

        ``stack``: a stack that has grown into the globals of its core. ``unwritten_reads``: loads
        and NoC reads of memory that nothing has written, and uses of semaphores that the program
        of the tile did not create. ``unflushed_writes``: kernels that end before their writes are
        acknowledged. ``missing_barriers``: uses of what a NoC read has still to bring, changes of
        what a NoC write has still to take, and kernels that end before their reads are complete.
        Each raises KernelFault.
        """
        return self._checks

    @checks.setter
    def checks(self, checks: bool | Iterable[str]) -> None:
        self._checks = check_names(checks)
        self._core.set_checks(*(name in self._checks for name in CHECKS))

    # --- Looking ----------------------------------------------------------------------------

    @contextmanager
    def trace(
        self,
        file: str | os.PathLike[str],
        *,
        functions: bool = True,
        shortest_function: int = 500,
    ) -> Iterator[None]:
        """Record a timeline of what happens inside the ``with``: cores, the functions they are in,
        transfers, DRAM banks and the kernels' zones. ``*.json`` is Chrome's format, anything else
        Perfetto's; one nanosecond in the viewer is one cycle. Cycles are those of a run without it.

        Functions that took fewer cycles than ``shortest_function``, with all that they called, are
        left out: with 0 a kernel of many small calls takes several times as long to simulate.
        """
        if shortest_function < 0:
            raise ArgumentError(
                f"trace: shortest_function is {shortest_function}; expected 0 cycles or more"
            )
        self._core.start_trace(os.fspath(file), functions, shortest_function)
        try:
            yield
        finally:
            if self.is_open:
                self._core.finish_trace()

    # --- State ------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All of the device at this cycle, with what its queues hold. SnapshotError while a queue
        holds a read: it points into memory of this process."""
        return Snapshot(self._core.snapshot())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back, or over, to a snapshot. SnapshotError, and nothing changed, if it is damaged
        or of another chip. Buffers that it does not know are freed."""
        if not isinstance(snapshot, Snapshot):
            raise SnapshotError(f"restore: expected a Snapshot, got {type(snapshot).__name__}")
        self._core.restore(snapshot.data)
