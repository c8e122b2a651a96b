"""Kernels that are written for TT-Metalium: how Python names what they are compiled for."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tilewright import _core
from tilewright.allocation import empty
from tilewright.buffer import Buffer
from tilewright.errors import ArgumentError
from tilewright.kernel import PathLike, default_compiler
from tilewright.launch import Setup
from tilewright.open_device import OpenDevice

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

#: Circular buffers of each tile, and semaphores of each program.
RINGS = 32
SEMAPHORES = 32

#: Number of each core of a tile that runs kernels, and its usual NoC.
PROCESSORS = {
    "riscv_0": (0, 0),
    "riscv_1": (4, 1),
    "compute_unpack": (1, 0),
    "compute_math": (2, 0),
    "compute_pack": (3, 0),
}
#: A compute kernel is compiled three times, for the cores that feed a tile's compute engine.
COMPUTE = ("compute_unpack", "compute_math", "compute_pack")


def tensor_accessor_args(*, page_size: int, dram: bool = True) -> list[int]:
    """Compile-time arguments for a TensorAccessor over pages that go round all banks."""
    if page_size < 1:
        raise ArgumentError(f"tensor accessor: pages of {page_size} bytes; expected at least 1")
    return [2 if dram else 0, page_size]


def words_of(what: str, values: Sequence[Word]) -> list[int]:
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
    device: OpenDevice,
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
    if processor not in PROCESSORS:
        raise ArgumentError(f"processor {processor!r}: expected one of {', '.join(PROCESSORS)}")
    number, usual_noc = PROCESSORS[processor]
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
        words_of("compile-time argument", compile_args),
        dict(named_compile_args or {}),
        {key: str(value) for key, value in (defines or {}).items()},
        [Path(path) for path in include_paths],
        {index: (*format_of(kind), 32, 32) for index, kind in (formats or {}).items()},
        (
            MATH_FIDELITIES[math_fidelity],
            bool(fp32_dest_acc_en),
            bool(dst_full_sync_en),
            bool(math_approx_mode),
            set(unpack_to_dest_fp32),
        ),
        default_compiler(),
    )


def format_of(kind: str) -> tuple[int, int]:
    if kind not in DATA_FORMATS:
        raise ArgumentError(f"data format {kind!r}: expected one of {', '.join(DATA_FORMATS)}")
    return DATA_FORMATS[kind]


@dataclass
class Ring:
    """A circular buffer of a program: its number, and what it is of; L1 of all tiles."""

    index: int
    page_size: int
    pages: int
    data_format: str
    memory: Buffer


def make_ring(device: OpenDevice, index: int, page_size: int, pages: int, data_format: str) -> Ring:
    """Checked, with memory at one address in each tile."""
    format_of(data_format)
    if not 0 <= index < RINGS:
        raise ArgumentError(f"no circular buffer {index}; they are 0 to {RINGS - 1}")
    bytes_each = page_size * pages
    if page_size <= 0 or pages <= 0:
        raise ArgumentError(
            f"circular buffer {index}: {pages} pages of {page_size} bytes; "
            "expected at least one of each"
        )
    unit = 64
    stride = -(-bytes_each // unit) * unit
    tiles = device.config.tile_columns * device.config.tile_rows
    memory = empty(device, stride * tiles, "uint8", _core.Placement.all_l1(stride))
    return Ring(index, page_size, pages, data_format, memory)


def program_setup(rings: Iterable[Ring], semaphores: Iterable[tuple[int, int]]) -> Setup:
    """What a tile has in reserved L1: circular buffers, and semaphores (number, initial value)."""
    return _core.program_memory(
        [(ring.index, ring.memory.address, ring.page_size, ring.pages) for ring in rings],
        [*semaphores],
    )
