"""Programs of TT-Metalium kernels, for tests in Python: the same kernel sources, circular buffers,
semaphores and runtime arguments as a C++ host program has, on any device that is open.

Example::

    program = metalium.Program(device)
    program.create_circular_buffer([(0, 0)], 0, page_size=2048, pages=2)
    reader = program.create_kernel("reader.cpp", [(0, 0)], compile_args=[0])
    writer = program.create_kernel("writer.cpp", [(0, 0)], processor="riscv_1")
    program.set_runtime_args(reader, (0, 0), [x])
    program.run()
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tilewright import _core
from tilewright.arguments import name_arguments as _name_arguments
from tilewright.device import Device
from tilewright.errors import ArgumentError
from tilewright.kernel import PathLike
from tilewright.launch import CoreArgument, CoreLaunch, Setup, core_tuple
from tilewright.metalium_kernel import (
    COMPUTE,
    DATA_FORMATS,
    PROCESSORS,
    SEMAPHORES,
    Ring,
    Word,
    compile_kernel,
    make_ring,
    program_setup,
    tensor_accessor_args,
    words_of,
)
from tilewright.queue import Queue
from tilewright.tile_program import TileKernel, TileProgram

__all__ = [
    "DATA_FORMATS",
    "KernelHandle",
    "Program",
    "TileKernel",
    "TileProgram",
    "compile_kernel",
    "tensor_accessor_args",
]

Tile = tuple[int, int]


@dataclass
class KernelHandle:
    """A kernel of a program, on some tiles."""

    source: PathLike
    tiles: list[Tile]
    options: dict[str, object]
    args: dict[Tile, list[Word]] = field(default_factory=dict)
    common_args: list[Word] = field(default_factory=list)


@dataclass
class _PlacedRing:
    tiles: list[Tile]
    ring: Ring


class Program:
    """Kernels with their arguments, circular buffers and semaphores; it can be run again."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._kernels: list[KernelHandle] = []
        self._rings: list[_PlacedRing] = []
        self._semaphores: list[tuple[list[Tile], int]] = []

    def create_circular_buffer(
        self,
        tiles: Iterable[Tile],
        index: int,
        *,
        page_size: int,
        pages: int,
        data_format: str = "float16_b",
    ) -> int:
        """A circular buffer with that number on these tiles, at one address, which is returned."""
        places = self._tiles(f"circular buffer {index}", tiles)
        for placed in self._rings:
            if placed.ring.index == index and not set(placed.tiles).isdisjoint(places):
                raise ArgumentError(f"circular buffer {index} exists already on some of {places}")
        ring = make_ring(self._device, index, page_size, pages, data_format)
        self._rings.append(_PlacedRing(places, ring))
        return ring.memory.address

    def create_semaphore(self, tiles: Iterable[Tile], initial: int = 0) -> int:
        """A semaphore on these tiles; returns the number that kernels hand to get_semaphore."""
        places = self._tiles("semaphore", tiles)
        if len(self._semaphores) == SEMAPHORES:
            raise ArgumentError(f"all {SEMAPHORES} semaphores of the program are taken")
        [value] = words_of("value of semaphore", [initial])
        self._semaphores.append((places, value))
        return len(self._semaphores) - 1

    def create_kernel(
        self, source: PathLike, tiles: Iterable[Tile], **options: object
    ) -> KernelHandle:
        """A kernel on these tiles; options as for `compile_kernel`, which is called at each run
        and finds in the cache what has not changed. With processor="compute" it is a compute
        kernel, and runs on all three cores that feed the tile's compute engine."""
        handle = KernelHandle(source, self._tiles("kernel", tiles), options)
        self._kernels.append(handle)
        return handle

    def set_runtime_args(self, kernel: KernelHandle, tile: Tile, args: Sequence[Word]) -> None:
        """What get_arg_val reads on this tile: words of 32 bits, or buffers for their addresses,
        which are kept as long as the program is."""
        if tile not in kernel.tiles:
            raise ArgumentError(f"runtime arguments for tile {tile}, which the kernel is not on")
        words_of(f"tile {tile}: runtime argument", args)
        kernel.args[tile] = list(args)

    def set_common_runtime_args(self, kernel: KernelHandle, args: Sequence[Word]) -> None:
        """What get_common_arg_val reads on all tiles of the kernel; likewise."""
        words_of("common runtime argument", args)
        kernel.common_args = list(args)

    def run(self, cycle_limit: int | None = None) -> _core.Run:
        """Run to the end of all kernels; errors as `Device.run`."""
        return self._device.handle.run(self.launches(), cycle_limit)

    def enqueue(self, queue: Queue) -> None:
        """Run as a command of a queue of the device, without waiting for it."""
        if queue.device is not self._device:
            raise ArgumentError("the queue is one of another device than the program")
        queue.handle.run(self.launches())

    def launches(self) -> list[CoreLaunch]:
        """What the runtime launches."""
        result: list[CoreLaunch] = []
        compiled: dict[tuple[int, str, tuple[tuple[int, str], ...]], _core.Kernel] = {}
        for number, handle in enumerate(self._kernels):
            named = str(handle.options.get("processor", "riscv_0"))
            for tile in handle.tiles:
                formats = tuple((r.index, r.data_format) for r in self._rings_of(tile))
                own = words_of(f"tile {tile}: runtime argument", handle.args.get(tile, []))
                common = words_of("common runtime argument", handle.common_args)
                words: list[CoreArgument] = [*_core.metalium_arguments(own, common)]
                for processor in COMPUTE if named == "compute" else (named,):
                    key = (number, processor, formats)
                    if key not in compiled:
                        options = {**handle.options, "processor": processor}
                        compiled[key] = compile_kernel(
                            handle.source,
                            self._device,
                            formats=dict(formats),
                            **options,  # type: ignore[arg-type]
                        )
                    core = (tile[0], tile[1], PROCESSORS[processor][0])
                    result.append((compiled[key], [core], words, self._setup(tile)))
        return result

    def __repr__(self) -> str:
        return (
            f"<Program of {len(self._kernels)} kernels, {len(self._rings)} circular buffers and "
            f"{len(self._semaphores)} semaphores on {self._device.config.name}>"
        )

    def _tiles(self, what: str, tiles: Iterable[Tile]) -> list[Tile]:
        """Checked to be some, and to be there."""
        places = [core_tuple(self._device.config, tile)[:2] for tile in tiles]
        if not places:
            raise ArgumentError(f"{what}: no tiles; expected at least one")
        return places

    def _rings_of(self, tile: Tile) -> list[Ring]:
        return [placed.ring for placed in self._rings if tile in placed.tiles]

    def _setup(self, tile: Tile) -> Setup:
        semaphores = [
            (number, initial)
            for number, (tiles, initial) in enumerate(self._semaphores)
            if tile in tiles
        ]
        return program_setup(self._rings_of(tile), semaphores)


_name_arguments(globals())
