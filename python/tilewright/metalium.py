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

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tilewright import _core
from tilewright.arguments import name_arguments as _name_arguments
from tilewright.buffer import Buffer
from tilewright.device import Device
from tilewright.errors import ArgumentError
from tilewright.kernel import PathLike, default_compiler
from tilewright.launch import CoreArgument, CoreLaunch, Setup, core_tuple
from tilewright.queue import Queue

__all__ = ["DATA_FORMATS", "KernelHandle", "Program", "compile_kernel", "tensor_accessor_args"]

Tile = tuple[int, int]

#: Number of each data format as kernels see it, and bytes of a tile of 32 x 32.
DATA_FORMATS = {
    "float32": (0, 4096),
    "float16": (1, 2048),
    "float16_b": (5, 2048),
    "bfp8_b": (6, 1088),
    "bfp4_b": (7, 576),
    "int32": (8, 4096),
    "uint16": (9, 2048),
    "uint32": (24, 4096),
    "int8": (14, 1024),
    "uint8": (30, 1024),
}

#: Phases of the compute engine's products at each fidelity.
MATH_FIDELITIES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}

#: An argument of a kernel.
Word = int | Buffer

# Of each tile, and of each program.
_RINGS = 32
_SEMAPHORES = 32

_PROCESSORS = {
    "riscv_0": (0, 0),
    "riscv_1": (4, 1),
    "compute_unpack": (1, 0),
    "compute_math": (2, 0),
    "compute_pack": (3, 0),
}
#: A compute kernel is compiled three times, for the cores that feed a tile's compute engine.
_COMPUTE = ("compute_unpack", "compute_math", "compute_pack")


def tensor_accessor_args(*, page_size: int, dram: bool = True) -> list[int]:
    """Compile-time arguments for a TensorAccessor over pages that go round all banks."""
    if page_size < 1:
        raise ArgumentError(f"tensor accessor: pages of {page_size} bytes; expected at least 1")
    return [2 if dram else 0, page_size]


def _words(what: str, values: Sequence[Word]) -> list[int]:
    """Checked to be words of 32 bits; of a buffer its address."""
    words = []
    for index, value in enumerate(values):
        try:
            word = value.address if isinstance(value, Buffer) else operator.index(value)
        except TypeError:
            word = -1
        if not 0 <= word < 1 << 32:
            raise ArgumentError(f"{what} {index} is {value!r}; expected 0 to {(1 << 32) - 1}")
        words.append(word)
    return words


def compile_kernel(
    source: PathLike,
    device: Device,
    *,
    name: str = "",
    processor: str = "riscv_0",
    noc: int | None = None,
    compile_args: Sequence[int] = (),
    named_compile_args: Mapping[str, int] | None = None,
    defines: Mapping[str, object] | None = None,
    include_paths: Iterable[PathLike] = (),
    formats: Mapping[int, str] | None = None,
    math_fidelity: str = "HiFi4",
    fp32_dest_acc_en: bool = False,
    dst_full_sync_en: bool = False,
    math_approx_mode: bool = False,
    unpack_to_dest_fp32: Iterable[int] = (),
) -> _core.Kernel:
    """Compile a kernel for the chip of a device: the file `source`, or its text if it has a `name`.

    `processor` is "riscv_0" or "riscv_1", the data-movement cores of a tile; `noc` is theirs by
    default. Or one of the three that a compute kernel is compiled for, "compute_unpack",
    "compute_math" and "compute_pack", with what `ComputeConfig` holds in C++: the fidelity of
    products, whether Dst has 32 bits, whether it is handed over whole, whether functions are
    approximate, and the circular buffers whose numbers of 32 bits go to Dst unshortened. `formats`
    names the data format of each circular buffer. CompileError has the compiler's own text.
    """
    if processor not in _PROCESSORS:
        raise ArgumentError(f"processor {processor!r}: expected one of {', '.join(_PROCESSORS)}")
    number, usual_noc = _PROCESSORS[processor]
    if math_fidelity not in MATH_FIDELITIES:
        raise ArgumentError(
            f"math_fidelity {math_fidelity!r}: expected one of {', '.join(MATH_FIDELITIES)}"
        )
    return _core.metalium_kernel(
        str(source),
        name,
        device.config,
        number,
        usual_noc if noc is None else noc,
        _words("compile-time argument", compile_args),
        dict(named_compile_args or {}),
        {key: str(value) for key, value in (defines or {}).items()},
        [Path(path) for path in include_paths],
        {index: (*_format(kind), 32, 32) for index, kind in (formats or {}).items()},
        (
            MATH_FIDELITIES[math_fidelity],
            bool(fp32_dest_acc_en),
            bool(dst_full_sync_en),
            bool(math_approx_mode),
            set(unpack_to_dest_fp32),
        ),
        default_compiler(),
    )


def _format(kind: str) -> tuple[int, int]:
    if kind not in DATA_FORMATS:
        raise ArgumentError(f"data format {kind!r}: expected one of {', '.join(DATA_FORMATS)}")
    return DATA_FORMATS[kind]


@dataclass
class KernelHandle:
    """A kernel of a program, on some tiles."""

    source: PathLike
    tiles: list[Tile]
    options: dict[str, object]
    args: dict[Tile, list[Word]] = field(default_factory=dict)
    common_args: list[Word] = field(default_factory=list)


@dataclass
class _Ring:
    index: int
    tiles: list[Tile]
    page_size: int
    pages: int
    data_format: str
    memory: Buffer


class Program:
    """Kernels with their arguments, circular buffers and semaphores; it can be run again."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._kernels: list[KernelHandle] = []
        self._rings: list[_Ring] = []
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
        _format(data_format)
        places = self._tiles(f"circular buffer {index}", tiles)
        if not 0 <= index < _RINGS:
            raise ArgumentError(f"no circular buffer {index}; they are 0 to {_RINGS - 1}")
        for ring in self._rings:
            if ring.index == index and not set(ring.tiles).isdisjoint(places):
                raise ArgumentError(f"circular buffer {index} exists already on some of {places}")
        bytes_each = page_size * pages
        if page_size <= 0 or pages <= 0:
            raise ArgumentError(
                f"circular buffer {index}: {pages} pages of {page_size} bytes; "
                "expected at least one of each"
            )
        unit = 64
        stride = -(-bytes_each // unit) * unit
        config = self._device.config
        memory = self._device.empty(
            stride * config.tile_columns * config.tile_rows,
            "uint8",
            _core.Placement.all_l1(stride),
        )
        self._rings.append(_Ring(index, places, page_size, pages, data_format, memory))
        return memory.address

    def create_semaphore(self, tiles: Iterable[Tile], initial: int = 0) -> int:
        """A semaphore on these tiles; returns the number that kernels hand to get_semaphore."""
        places = self._tiles("semaphore", tiles)
        if len(self._semaphores) == _SEMAPHORES:
            raise ArgumentError(f"all {_SEMAPHORES} semaphores of the program are taken")
        [value] = _words("value of semaphore", [initial])
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
        _words(f"tile {tile}: runtime argument", args)
        kernel.args[tile] = list(args)

    def set_common_runtime_args(self, kernel: KernelHandle, args: Sequence[Word]) -> None:
        """What get_common_arg_val reads on all tiles of the kernel; likewise."""
        _words("common runtime argument", args)
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
                formats = tuple((r.index, r.data_format) for r in self._rings if tile in r.tiles)
                own = _words(f"tile {tile}: runtime argument", handle.args.get(tile, []))
                common = _words("common runtime argument", handle.common_args)
                words: list[CoreArgument] = [*_core.metalium_arguments(own, common)]
                for processor in _COMPUTE if named == "compute" else (named,):
                    key = (number, processor, formats)
                    if key not in compiled:
                        options = {**handle.options, "processor": processor}
                        compiled[key] = compile_kernel(
                            handle.source,
                            self._device,
                            formats=dict(formats),
                            **options,  # type: ignore[arg-type]
                        )
                    core = (tile[0], tile[1], _PROCESSORS[processor][0])
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

    def _setup(self, tile: Tile) -> Setup:
        return _core.program_memory(
            [
                (ring.index, ring.memory.address, ring.page_size, ring.pages)
                for ring in self._rings
                if tile in ring.tiles
            ],
            [
                (number, initial)
                for number, (tiles, initial) in enumerate(self._semaphores)
                if tile in tiles
            ],
        )


_name_arguments(globals())
