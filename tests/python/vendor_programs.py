"""The vendor's low-level headers on our engine: where they lie once `make vendor-headers` has
fetched them, and loops over tiles by their functions and by ours, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scripts.vendor_headers import FOLDER, ROOT

import tilewright as tw

KERNELS = Path(__file__).parent / "vendor_kernels"

#: Of each architecture: its folders of low-level headers, of registers, and of types.
_FOLDERS = {
    "blackhole": (
        "tt-llk/tt_llk_blackhole/common/inc",
        "tt-llk/tt_llk_blackhole/llk_lib",
        "hw/inc/internal/tt-1xx/blackhole",
        "hw/ckernels/blackhole/metal/llk_api",
    ),
    "wormhole": (
        "tt-llk/tt_llk_wormhole_b0/common/inc",
        "tt-llk/tt_llk_wormhole_b0/llk_lib",
        "hw/inc/internal/tt-1xx/wormhole",
        "hw/inc/internal/tt-1xx/wormhole/wormhole_b0_defines",
        "hw/ckernels/wormhole_b0/metal/llk_api",
    ),
}
_COMMON = ("tt-llk/common", "tt-llk/tests/helpers/include", "hw/inc", "hw/inc/internal/tt-1xx")
#: What these headers want to know: that no other part of the vendor's software is there.
_DEFINES = {"ENV_LLK_INFRA": 1, "TENSIX_FIRMWARE": 1}

#: As tasks.hpp numbers them.
OPERATIONS = ["matmul", "block", "add", "sub", "mul", "copy", "transpose"]
SHARED = ["none", "column", "row", "scalar"]
#: As the engine numbers them, and bytes of a tile in L1.
FORMATS = {"fp32": (0, 4096), "tf32": (4, 0), "bf16": (5, 2048), "bfp8": (6, 1088)}


def available() -> bool:
    """Whether the headers have been fetched."""
    return (FOLDER / ROOT).is_dir()


@dataclass(frozen=True)
class Formats:
    """In L1, in SrcA and SrcB, as which packers read Dst, of the result."""

    in_l1: str = "bf16"
    source: str = "bf16"
    dst: str = "bf16"
    packed: str = "bf16"


@dataclass(frozen=True)
class Task:
    """A task of tasks.hpp, and its formats."""

    operation: str
    phases: int = 1
    wide: bool = False
    shared: str = "none"
    formats: Formats = Formats()

    def __str__(self) -> str:
        f = self.formats
        bits = 32 if self.wide else 16
        return f"{self.operation} {self.shared} x{self.phases} {f.in_l1} {bits} {f.packed}"

    def outputs(self, count: int) -> int:
        """Tiles that `count` pairs of them give."""
        return {"matmul": 1, "block": 4}.get(self.operation, count)

    def arguments(self, a: int, b: int, c: int, count: int) -> list[int]:
        """Of the kernels, with the addresses of the tiles in L1."""
        f = self.formats
        kinds = [FORMATS[name] for name in (f.in_l1, f.source, f.dst, f.packed)]
        task = [OPERATIONS.index(self.operation), self.phases, int(self.wide)]
        work = [a, b, c, count, *(number for number, _ in kinds)]
        return [*task, SHARED.index(self.shared), *work, kinds[0][1], kinds[3][1]]


def _compile(architecture: str, source: str, thread: int) -> tw.Kernel:
    names = (*_FOLDERS[architecture], *_COMMON) if source.startswith("vendor") else ()
    return tw.Kernel.from_file(
        KERNELS / source,
        defines={
            f"ARCH_{architecture.upper()}": 1,
            "COMPILE_FOR_TRISC": thread,
            **_DEFINES,
        },
        include_paths=[KERNELS / "headers", *(FOLDER / ROOT / name for name in names)],
    )


def compile_loops(architecture: str, source: str) -> list[tw.Kernel]:
    """A loop over tiles for each of the three cores: "vendor_tiles.cpp" or "own_tiles.cpp"."""
    return [_compile(architecture, source, thread) for thread in range(3)]


def compile_vector(architecture: str) -> tw.Kernel:
    """Functions of the vector unit, for the core that computes: vendor_vector.cpp."""
    return _compile(architecture, "vendor_vector.cpp", 1)


def run_loops(
    device: tw.Device,
    kernels: list[tw.Kernel],
    task: Task,
    a: NDArray[np.generic],
    b: NDArray[np.generic],
    count: int,
) -> tuple[NDArray[np.uint8], int]:
    """Run the loops on `count` pairs of tiles, as they lie in memory. The bytes that are packed,
    and the cycles from the launch until they are."""
    l1 = tw.Placement.l1(0, 0)
    left, right = device.put(a, l1), device.put(b, l1)
    out_bytes = task.outputs(count) * FORMATS[task.formats.packed][1]
    out = device.zeros(out_bytes, "uint8", l1)
    args = task.arguments(left.address, right.address, out.address, count)
    begin = device.cycle
    for thread, kernel in enumerate(kernels):
        device.launch(kernel, [(0, 0, 1 + thread)], args)
    device.finish()
    return out.numpy(), device.cycle - begin
