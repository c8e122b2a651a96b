"""Kernels for TT-Metalium that run on the cores of one tile together, as a task of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import ArgumentError, ConfigError
from tilewright.kernel import PathLike
from tilewright.metalium_kernel import (
    COMPUTE,
    PROCESSORS,
    SEMAPHORES,
    Ring,
    Word,
    compile_kernel,
    make_ring,
    program_setup,
    words_of,
)
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here


@dataclass(frozen=True, eq=False)
class TileKernel:
    """A kernel of a `TileProgram`."""

    name: str
    cores: tuple[str, ...]  #: those of a tile that run it, by their names


class TileProgram:
    """A data-movement kernel, a compute kernel, or several, with circular buffers and semaphores,
    for a task of a graph: it runs on whichever tile is free.

    Example::

        square = metalium.TileProgram(device, name="square")
        square.create_circular_buffer(0, page_size=2048, pages=2)
        square.create_circular_buffer(16, page_size=2048, pages=2)
        reader = square.create_kernel("reader.cpp")
        compute = square.create_kernel("square.cpp", processor="compute")
        writer = square.create_kernel("writer.cpp", processor="riscv_1")
        graph.add(square, {reader: [x, n], compute: [n], writer: [y, n]}, reads=[x], writes=[y])

    Each task begins as a launch does: circular buffers are empty, semaphores have their first
    value, and the compute engine is as after a reset. A program that a graph has is complete:
    ArgumentError if something is added to it afterwards.
    """

    def __init__(self, device: OpenDevice, *, name: str = "program") -> None:
        self._device = device
        #: What messages and tables call it.
        self.name = name
        self._rings: list[Ring] = []
        self._semaphores: list[int] = []
        self._kernels: list[tuple[TileKernel, PathLike, dict[str, Any]]] = []
        self._handle: _core.TileProgram | None = None

    def create_circular_buffer(
        self, index: int, *, page_size: int, pages: int, data_format: str = "float16_b"
    ) -> int:
        """A circular buffer with that number; its address, which is the same on all tiles.
        OutOfMemoryError if their L1 has no room for it."""
        self._change()
        if any(ring.index == index for ring in self._rings):
            raise ArgumentError(f"{self.name}: circular buffer {index} exists already")
        ring = make_ring(self._device, index, page_size, pages, data_format)
        self._rings.append(ring)
        return ring.memory.address

    def create_semaphore(self, initial: int = 0) -> int:
        """A semaphore; the number that kernels hand to get_semaphore."""
        self._change()
        if len(self._semaphores) == SEMAPHORES:
            raise ArgumentError(f"{self.name}: all {SEMAPHORES} semaphores are taken")
        self._semaphores += words_of("value of semaphore", [initial])
        return len(self._semaphores) - 1

    def create_kernel(self, source: PathLike, **options: object) -> TileKernel:
        """A kernel; options as for `compile_kernel`, which is called when a graph gets the program.
        With processor="compute" it is a compute kernel, for all three cores that feed the tile's
        compute engine. ConfigError if the chip has none."""
        self._change()
        processor = str(options.pop("processor", "riscv_0"))
        cores = COMPUTE if processor == "compute" else (processor,)
        for core in cores:
            if core not in PROCESSORS:
                raise ArgumentError(
                    f"{self.name}: processor {processor!r}: expected compute or one of "
                    f"{', '.join(PROCESSORS)}"
                )
            if user := next((k.name for k, _, _ in self._kernels if core in k.cores), None):
                raise ArgumentError(f"{self.name}: {core} runs the kernel {user!r} already")
        config = self._device.config
        if cores == COMPUTE and not config.fields()["compute_engines"]:
            raise ConfigError(
                f"{self.name}: a compute kernel needs tiles with a compute engine, and those of "
                f"{config.name!r} have none (compute_engines is 0)"
            )
        kernel = TileKernel(str(options.get("name") or source), cores)
        self._kernels.append((kernel, source, options))
        return kernel

    @property
    def handle(self) -> _core.TileProgram:
        """The program of the runtime, compiled: from now on it is complete. CompileError has the
        compiler's own text."""
        if self._handle is None:
            if not self._kernels:
                raise ArgumentError(f"{self.name}: a program without kernels")
            formats = {ring.index: ring.data_format for ring in self._rings}
            kernels = [
                (
                    compile_kernel(
                        source,
                        self._device,
                        processor=core,
                        formats=formats,
                        **options,
                    ),
                    PROCESSORS[core][0],
                    kernel.cores == COMPUTE,
                )
                for kernel, source, options in self._kernels
                for core in kernel.cores
            ]
            setup = program_setup(self._rings, enumerate(self._semaphores))
            self._handle = _core.TileProgram(self.name, kernels, setup)
        return self._handle

    @property
    def memory(self) -> list[Buffer]:
        """Of the circular buffers."""
        return [ring.memory for ring in self._rings]

    def _change(self) -> None:
        if self._handle is not None:
            raise ArgumentError(
                f"{self.name}: a graph has this program, and nothing can be added to it any more"
            )

    __reduce_ex__ = stays_here("make it there")

    def __repr__(self) -> str:
        return (
            f"<TileProgram {self.name!r} of {len(self._kernels)} kernels, {len(self._rings)} "
            f"circular buffers and {len(self._semaphores)} semaphores>"
        )


def program_words(program: TileProgram, args: Any) -> tuple[list[int], list[Buffer]]:
    """The arguments of a task, from what each kernel finds by get_arg_val, and the buffers among
    them. Errors begin with ": "."""
    if not isinstance(args, Mapping):
        raise ArgumentError(
            f": expected a list of arguments for each kernel of {program.name!r}, as a mapping, "
            f"got {type(args).__name__}"
        )
    own = [kernel for kernel, _, _ in program._kernels]
    words = []
    buffers = []
    for kernel, values in args.items():
        if kernel not in own:
            raise ArgumentError(f": {kernel!r} is no kernel of {program.name!r}")
        if not isinstance(values, Sequence) or isinstance(values, (str, bytes)):
            raise ArgumentError(
                f", {kernel.name}: expected a list of arguments, got {type(values).__name__}"
            )
        buffers += [value for value in values if isinstance(value, Buffer)]
    for kernel in own:
        given: Sequence[Word] = args.get(kernel, [])
        given_words = words_of(f", {kernel.name}: argument", given)
        try:
            own_words = _core.metalium_arguments(given_words, [])
        except ArgumentError as error:
            raise ArgumentError(f", {kernel.name}: {error}") from None
        words += [(PROCESSORS[core][0], own_words) for core in kernel.cores]
    return _core.program_arguments(words), buffers
