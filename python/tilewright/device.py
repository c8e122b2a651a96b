"""The chip as its user sees it: opened once, kept open, driven like hardware."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from tilewright import _core, allocation, engines
from tilewright import flag as _flag
from tilewright import matmul as _matmul
from tilewright import memory as _memory
from tilewright import pickling as _pickling  # noqa: F401 - makes values travel
from tilewright import tiled_buffer as _tiled_buffer
from tilewright.buffer import Buffer
from tilewright.checks import CHECKS, check_names
from tilewright.closing import Closing
from tilewright.config import replace
from tilewright.config_file import load_config
from tilewright.counters import Counters
from tilewright.engine_waits import engine_waits as _engine_waits
from tilewright.errors import ArgumentError, SnapshotError
from tilewright.explain import explain as _explain
from tilewright.graph import Graph, GraphRun
from tilewright.kernel import Kernel, default_compiler
from tilewright.launch import Arguments, Core, CoreLaunch
from tilewright.program import Program, launches_of
from tilewright.queue import Queue
from tilewright.snapshot import Snapshot
from tilewright.stays_here import stays_here
from tilewright.unsigned import unsigned

if TYPE_CHECKING:
    from tilewright.profile import Profile


def open_device(
    chip: object = "blackhole",
    *,
    checks: bool | Iterable[str] = (),
    translate: str | None = None,
    threads: SupportsIndex | None = None,
    **overrides: Any,
) -> Device:
    """Open a chip, with some of its fields changed.

    `chip` is the name of a preset, a YAML, TOML or JSON file, a mapping or a dataclass of fields
    (`tilewright.load_config`), or a config. `checks` is what `Device.checks` is to be: names, or
    True for all. Example: ``tilewright.open("tiny", dram_bank_bytes=64 << 20, checks=True)``

    `translate` says whether programs that run long are translated to machine code of the host:
    ``"on"``, ``"off"``, or ``"force"`` for each one before its first instruction, which tests want.
    By default it is what ``TILEWRIGHT_TRANSLATE`` says, ``"on"`` if that is not set. Cycles, memory
    and reports do not depend on it, but for `Run.translated`.

    `threads` of the host simulate the chip's cores, 1 to 256; None takes ``TILEWRIGHT_THREADS``,
    or 1. Nothing that is simulated depends on it. A number that cannot be raises `ConfigError`.
    """
    device = Device(replace(load_config(chip), **overrides), translate, threads=threads)
    device.checks = checks
    return device


class Device(Closing):
    """An open chip. One thread at a time may use it; different devices are independent.

    Use it in a ``with`` statement or call `close`; after that its methods raise `ClosedError`.
    Those that are only named here are functions of the module that knows how they work; their
    first argument is the device.
    """

    def __init__(
        self,
        config: _core.ChipConfig,
        translate: str | None = None,
        *,
        threads: SupportsIndex | None = None,
    ) -> None:
        number = None if threads is None else unsigned("threads", threads, 32)
        #: The device of the runtime, for packages that build on this one.
        self.handle = _core.Device(config, translate, number)
        self.handle.set_translation_compiler(default_compiler())
        self._config = self.handle.config
        self._checks: frozenset[str] = frozenset()
        self.host_writes = 0  # see OpenDevice
        #: What the last `matmul` or `conv2d` took: cycles, bytes, utilisation, energy, its plan.
        self.last_matmul: _core.MatmulReport | None = None

    # --- Lifetime ---------------------------------------------------------------------------

    def close(self) -> None:
        """Give everything back; harmless when done twice. Ends a trace."""
        if self.is_open:
            self.handle.finish_trace()
        self.handle.close()

    @property
    def is_open(self) -> bool:
        """Not closed yet."""
        return self.handle.is_open

    __reduce_ex__ = stays_here("open one of its config, and restore a snapshot, which travels")

    def __repr__(self) -> str:
        if not self.is_open:
            return "<Device, closed>"
        return f"<Device {self.config.name} at cycle {self.cycle}>"

    # --- What it is -------------------------------------------------------------------------

    @property
    def config(self) -> _core.ChipConfig:
        """What the chip is made of. Where the host refuses address space (``ulimit -v``), with
        smaller banks of DRAM than were asked for."""
        return self._config

    @property
    def grid(self) -> tuple[int, int]:
        """Columns and rows of the worker tiles."""
        config = self.config
        return config.tile_columns, config.tile_rows

    @property
    def threads(self) -> int:
        """Of the host, that simulate its cores."""
        return self.handle.threads

    @property
    def tiles(self) -> list[tuple[int, int]]:
        """The worker tiles (x, y), row by row."""
        columns, rows = self.grid
        return [(x, y) for y in range(rows) for x in range(columns)]

    @property
    def cycle(self) -> int:
        """Simulated time: cycles of the chip clock since it was opened."""
        return self.handle.cycle

    @property
    def counters(self) -> Counters:
        """What the chip has counted since it was opened; subtract two to get what lies between."""
        return Counters(self.handle.counters())

    # --- Memory -----------------------------------------------------------------------------

    empty = allocation.empty
    zeros = allocation.zeros
    empty_like = allocation.empty_like
    put = allocation.put
    pin = allocation.pin

    @property
    def buffers(self) -> list[Buffer]:
        """All that is allocated, as bytes: what a snapshot of another process brought along."""
        return allocation.live_buffers(self)

    def semaphore(self, initial: int = 0) -> _core.Semaphore:
        """A word at the same address in the L1 of every tile, for kernels to wait on."""
        return self.handle.semaphore(initial)

    def doorbell(self, initial: int = 0) -> _core.Semaphore:
        """A semaphore that the host rings: waiting on it is waiting for the host, no deadlock."""
        return self.handle.doorbell(initial)

    def ring(self, bell: _core.Semaphore, tile: tuple[int, int], increment: int = 1) -> None:
        """Add to a tile's word of a semaphore, now; wakes the kernels that wait on it."""
        self.handle.ring(bell, *tile, increment)

    memory = _memory.memory
    memories = _memory.memories
    read = _memory.read
    write = _memory.write
    read_l1 = _memory.read_l1
    write_l1 = _memory.write_l1

    def lease_l1(
        self, tile: tuple[int, int], address: int, nbytes: int, holder: str
    ) -> _core.Lease:
        """Take a range of a tile's L1 until `Lease.release`, or until the lease is dropped: no
        buffer and no circular buffer lies there then. Raises an error that names both holders if
        somebody has a part of it."""
        return self.handle.lease_l1(*tile, address, nbytes, holder)

    @property
    def leases(self) -> list[_core.Holding]:
        """Who has what of the chip now: stories, buffers in L1, semaphores, flags, and what kernels
        that are queued or run need."""
        return self.handle.leases()

    def release(self, holding: _core.Holding) -> None:
        """Give back a lease of which nobody here has the handle, such as one that came with the
        snapshot of another process."""
        self.handle.release(holding)

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
        return self.run_launches(launches_of(self, kernel, cores, args), cycle_limit)

    def run_launches(self, launches: list[CoreLaunch], cycle_limit: int | None = None) -> _core.Run:
        """What `run` does with a kernel or a program, for packages that make launches of the
        runtime themselves."""
        try:
            run = self.handle.run(launches, cycle_limit)
        except KeyboardInterrupt:
            self.handle.abort()
            raise
        self._warn_of_translation(stacklevel=4)
        return run

    def _warn_of_translation(self, stacklevel: int = 3) -> None:
        if not self.is_open:  # a callback has closed it
            return
        failure = self.handle.take_translation_failure()
        if failure is not None:
            warnings.warn(
                f"kernels are interpreted, not translated: {failure}",
                RuntimeWarning,
                stacklevel=stacklevel,
            )

    def launch(
        self, kernel: Kernel | Program, cores: Iterable[Core] | None = None, args: Arguments = ()
    ) -> None:
        """Start a kernel without letting time pass; `finish`, `run_until_idle` or
        `advance_to` do that."""
        self.handle.launch(launches_of(self, kernel, cores, args))

    def finish(self, cycle_limit: int | None = None) -> _core.Run:
        """Let time pass until all launched kernels have ended and the engines are idle. Ctrl-C
        stops between two cycles; `finish` again goes on from there."""
        run = self.handle.finish(cycle_limit)
        self._warn_of_translation()
        return run

    def advance_to(self, cycle: int) -> bool:
        """Let time pass until `cycle`, or until all has ended. True if kernels still run."""
        return self.handle.advance_to(cycle)

    def run_until_idle(self, cycle_limit: int | None = None) -> bool:
        """Let time pass until all kernels have ended or wait for the host. True if some wait."""
        return self.handle.run_until_idle(cycle_limit)

    #: The old name of `run_until_idle`.
    settle = run_until_idle

    def queue(self) -> Queue:
        """A new queue of work, independent of all others."""
        return Queue(self, self.handle.queue())

    @property
    def queues(self) -> list[Queue]:
        """All queues: what a snapshot of another process brought along."""
        return [Queue(self, handle) for handle in self.handle.queues()]

    @property
    def waiting(self) -> list[_core.CoreWait]:
        """The cores that wait now, each on its own, the longest first: since when, where, and for
        what to become what. Which of them wait for ever nobody can tell while others run."""
        return self.handle.waiting

    @property
    def running(self) -> list[_core.CoreRunning]:
        """The cores whose kernels are under way and do not wait: where they are, how many
        instructions that took since when, and the last line that they printed."""
        return self.handle.running

    @property
    def busy(self) -> bool:
        """Kernels are launched and have not ended."""
        return self.handle.busy

    def abort(self) -> None:
        """Stop all kernels where they are and drop their transfers."""
        self.handle.abort()

    # --- Engines and arrays -----------------------------------------------------------------

    dma = engines.dma
    move_block = engines.move_block
    stream = engines.stream
    multiply = engines.multiply
    idle = engines.idle
    wait_for = engines.wait_for
    flag = _flag.flag

    matmul = _matmul.matmul
    put_tiles = _tiled_buffer.put_tiles
    empty_tiles = _tiled_buffer.empty_tiles
    conv2d = _matmul.conv2d

    @property
    def last_product(self) -> _core.MatmulReport | None:
        """The old name of `last_matmul`."""
        return self.last_matmul

    # --- Looking ----------------------------------------------------------------------------

    @property
    def checks(self) -> frozenset[str]:
        """Which checks of kernels are made; they cost host time, no cycles. Assign names, True for
        all, False for none.

        ``stack``: a stack that has grown into the globals of its core. ``unwritten_reads``: loads
        and NoC reads of memory that nothing has written, and uses of semaphores that the program
        of the tile did not create. ``unflushed_writes``: kernels that end before their writes are
        acknowledged. ``missing_barriers``: uses of what a NoC read has still to bring, changes of
        what a NoC write has still to take, and kernels that end before their reads are complete.
        ``circular_buffers``: stores beyond the pages that a core has reserved, loads beyond those
        that it has waited for, pages that it leaves behind at its end, and init calls that a
        compute kernel lacks. ``races``:
        two accesses to the same bytes, of which one writes, that nothing orders. ``buffers``: any
        use of a buffer that was freed, by kernels, transfers or engines, and writes into the
        padding behind a buffer, or into one that no kernel under way has among its arguments, by
        kernels that were given others. Each raises KernelFault.
        """
        return self._checks

    @checks.setter
    def checks(self, checks: bool | Iterable[str]) -> None:
        self._checks = check_names(checks)
        self.handle.set_checks(*(name in self._checks for name in CHECKS))

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
        shortest = unsigned("trace: shortest_function", shortest_function)
        self.handle.start_trace(os.fspath(file), bool(functions), shortest)
        try:
            yield
        finally:
            if self.is_open:
                self.handle.finish_trace()

    @contextmanager
    def profile(self) -> Iterator[Profile]:
        """Count where the cycles of what runs inside the ``with`` go: by source line, function and
        kernel, exact. Cycles are those of a run without it; BusyError if one is being made::

            with device.profile() as profile:
                device.run(kernel, cores, args)
            print(profile)
        """
        from tilewright.profile import Profile, Setting

        profile = Profile()
        self.handle.start_profile()
        before = self.counters
        try:
            yield profile
        finally:
            programs = self.handle.finish_profile()
            setting = None
            after = self.counters if self.is_open else Counters({})
            # Counters only grow, unless the device goes to a snapshot.
            if all(after.get(name, -1) >= count for name, count in before.items()):
                setting = Setting(
                    self.config.name,
                    self.grid,
                    self.config.fields(),
                    after["cycle"] - before["cycle"],
                    after - before,
                )
            profile.finish(programs, setting)

    explain = _explain
    engine_waits = _engine_waits

    # --- State ------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All of the device at this cycle, with what its queues hold. SnapshotError while a queue
        holds a read: it points into memory of this process."""
        return Snapshot(self.handle.snapshot())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back, or over, to a snapshot. SnapshotError, and nothing changed, if it is damaged
        or of another chip. Buffers that it does not know are freed."""
        if not isinstance(snapshot, Snapshot):
            raise SnapshotError(f"restore: expected a Snapshot, got {type(snapshot).__name__}")
        self.handle.restore(snapshot.data)
        self.host_writes += 1
