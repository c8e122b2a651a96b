"""The simulator with what is pleasant in Python: printing, and a look in notebooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import tilewright
from stillwater_kpu.benchmark import benchmark_matmul
from stillwater_kpu.core import (
    MatMulTest,
    generate_simple_matmul_test,
    verify_matmul_result,
)
from stillwater_kpu.tables import html_table
from stillwater_kpu_native import SimulatorConfig
from stillwater_kpu_native.simulator import BaseSimulator
from tilewright.arguments import name_arguments
from tilewright.errors import ArgumentError

Array = npt.NDArray[Any]


class KPUSimulator(BaseSimulator):
    """Memories, engines and arrays, driven by global addresses. Wherever one is expected, a buffer
    in a single memory will do. docs/stillwater.md has every method and what it costs.

    ``KPUSimulator()`` and ``KPUSimulator(config)``, with a default of its own for every field;
    ``KPUSimulator(main_memory_size=1 << 30, scratchpad_size=1 << 20)`` in bytes; or
    ``KPUSimulator(device=d)`` on an open chip, which then stays open.
    """

    @property
    def main_memory_size(self) -> int:
        """Bytes of external bank 0."""
        return self.get_memory_bank_capacity(0)

    @property
    def scratchpad_size(self) -> int:
        """Bytes of scratchpad 0."""
        return self.get_scratchpad_capacity(0)

    def matmul(self, a: npt.ArrayLike, b: npt.ArrayLike) -> Array:
        """A B, tiled over the whole hierarchy and all arrays; the product comes out of the chip.

        float16 factors are multiplied as such into float32, int8 ones into int32; anything else in
        float32, to which float64 is rounded and whole numbers must convert exactly. ArgumentError
        for other dtypes and for shapes that do not fit. What lies in the memories of the chip
        beside buffers may be overwritten.
        """
        left, right = _factors(a, b)
        m, k, n = *left.shape, right.shape[1]
        result = np.empty((m, n), np.int32 if left.dtype == np.int8 else np.float32)
        self.multiply(left, right, result, m, n, k, left.dtype.name)
        return result

    def run_numpy_matmul(
        self,
        a: npt.ArrayLike,
        b: npt.ArrayLike,
        memory_bank_id: int = 0,
        scratchpad_id: int = 0,
        compute_tile_id: int = 0,
    ) -> npt.NDArray[np.float32]:
        """A B in float32, step by step on one compute tile: into an external bank, by DMA into a
        scratchpad, multiplied there, and by DMA back. OutOfMemoryError if the three matrices do not
        fit into the scratchpad; `matmul` takes any."""
        left, right = (factor.astype(np.float32, order="C") for factor in _factors(a, b))
        part = MatMulPart(self, left, right, memory_bank_id, scratchpad_id, compute_tile_id, 0)
        part.start()
        self.run_until_idle()
        return part.result()

    def run_matmul_test(
        self,
        test: MatMulTest | None = None,
        memory_bank_id: int = 0,
        scratchpad_id: int = 0,
        compute_tile_id: int = 0,
    ) -> bool:
        """Whether a matmul that is known comes out of one compute tile."""
        test = test or generate_simple_matmul_test()
        a = np.reshape(test.matrix_a, (test.m, test.k))
        b = np.reshape(test.matrix_b, (test.k, test.n))
        c = self.run_numpy_matmul(a, b, memory_bank_id, scratchpad_id, compute_tile_id)
        sizes = (test.m, test.n, test.k)
        return verify_matmul_result(a, b, c, *sizes) and np.allclose(c.ravel(), test.expected_c)

    def benchmark_matmul(
        self,
        M: int,  # noqa: N803
        N: int,  # noqa: N803
        K: int,  # noqa: N803
        iterations: int = 100,
    ) -> dict[str, Any]:
        """Float32 matmuls of M x K times K x N beside NumPy's: see the function of that name."""
        return benchmark_matmul(self, M, N, K, iterations)

    def print_stats(self) -> None:
        """The statistics as a table, to Python's standard output."""
        print(self.stats())

    def print_component_status(self) -> None:
        """Memories and engines as tables, to Python's standard output."""
        print(self.component_status())

    def _repr_html_(self) -> str:
        if not self.device.is_open:
            return "<p>KPUSimulator, closed</p>"
        statistics: dict[str, Any] = self.statistics()
        rows = [
            (
                name,
                f"{memory['base']:#x}",
                memory["capacity"],
                memory["bytes_read"],
                memory["bytes_written"],
            )
            for name, memory in statistics["memories"].items()
        ]
        return html_table(
            ("memory", "from", "bytes", "read", "written"),
            rows,
            f"KPUSimulator at cycle {statistics['cycles']:,}",
        )


Simulator = KPUSimulator


class MatMulPart:
    """A matmul that one compute tile does: copied in, multiplied, copied out, each step started
    by the end of the one before it."""

    def __init__(
        self,
        sim: KPUSimulator,
        a: npt.NDArray[np.float32],
        b: npt.NDArray[np.float32],
        bank: int,
        pad: int,
        tile: int,
        dma: int,
    ) -> None:
        self._sim, self._bank, self._pad, self._tile, self._dma = sim, bank, pad, tile, dma
        self._m, self._k, self._n = *a.shape, b.shape[1]
        self._inputs = a.nbytes + b.nbytes
        self._bytes = self._inputs + 4 * self._m * self._n
        self._b = a.nbytes
        if self._bytes > sim.get_scratchpad_capacity(pad):
            raise tilewright.OutOfMemoryError(
                f"scratchpad {pad}: {self._m} x {self._k} times {self._k} x {self._n} needs "
                f"{self._bytes} bytes, it has {sim.get_scratchpad_capacity(pad)}"
            )
        # Near the end of the bank, because users begin to write at its beginning.
        self._at = (sim.get_memory_bank_capacity(bank) - self._bytes) // 64 * 64
        if self._at < 0:
            raise tilewright.OutOfMemoryError(f"memory_bank {bank}: it has no {self._bytes} bytes")
        sim.write_memory_bank_numpy(bank, self._at, a)
        sim.write_memory_bank_numpy(bank, self._at + self._b, b)

    def start(self) -> None:
        """Queue the first step."""
        sim = self._sim
        self._outside = sim.get_memory_bank_base(self._bank) + self._at
        self._inside = sim.get_scratchpad_base(self._pad)
        sim.dma_external_to_scratchpad(
            self._dma, self._outside, self._inside, self._inputs, self._multiply
        )

    def _multiply(self) -> None:
        sizes = (self._m, self._n, self._k)
        if 0 in sizes:  # an empty sum is zero, and no work for an array
            self._sim.write_scratchpad_numpy(
                self._pad, self._inputs, np.zeros(self._m * self._n, np.float32)
            )
            return self._bring_back()
        self._sim.start_matmul(
            self._tile, self._pad, *sizes, 0, self._b, self._inputs, self._bring_back
        )
        return None

    def _bring_back(self) -> None:
        self._sim.dma_scratchpad_to_external(
            self._dma,
            self._inside + self._inputs,
            self._outside + self._inputs,
            self._bytes - self._inputs,
        )

    def result(self) -> npt.NDArray[np.float32]:
        """The product, when all steps have ended."""
        count = self._m * self._n
        found = self._sim.read_memory_bank_numpy(self._bank, self._at + self._inputs, count)
        return found.reshape(self._m, self._n)


def run_distributed_matmul_test(sim: KPUSimulator, size: int = 8) -> bool:
    """Whether a matmul of that size comes out right when its rows are spread over all compute
    tiles, which work at the same time, each with a scratchpad, a bank and a DMA engine of its own
    as far as there are so many."""
    test = generate_simple_matmul_test(size, size, size)
    a = np.reshape(np.asarray(test.matrix_a, np.float32), (size, size))
    b = np.reshape(np.asarray(test.matrix_b, np.float32), (size, size))
    pads = sim.get_scratchpad_count()
    workers = max(1, min(sim.get_compute_tile_count(), pads, sim.get_memory_bank_count()))
    parts = [
        MatMulPart(sim, rows, b, tile, tile, tile, tile % sim.get_dma_engine_count())
        for tile, rows in enumerate(np.array_split(a, workers))
    ]
    for part in parts:
        part.start()
    sim.run_until_idle()
    c = np.concatenate([part.result() for part in parts])
    return verify_matmul_result(a, b, c, size, size, size)


def _factors(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[Array, Array]:
    """Both as contiguous matrices of one type that arrays multiply."""
    left, right = np.asarray(a), np.asarray(b)
    for name, factor in (("A", left), ("B", right)):
        if factor.ndim != 2:
            raise ArgumentError(f"{name}: expected a matrix, got the shape {factor.shape}")
    if left.shape[1] != right.shape[0]:
        raise ArgumentError(
            f"A of {left.shape[0]} x {left.shape[1]} cannot be multiplied with B of "
            f"{right.shape[0]} x {right.shape[1]}"
        )
    kept = left.dtype == right.dtype and left.dtype in (np.float16, np.int8)
    return tuple(  # type: ignore[return-value]
        np.ascontiguousarray(factor if kept else _as_float32(name, factor))
        for name, factor in (("A", left), ("B", right))
    )


def _as_float32(name: str, factor: Array) -> npt.NDArray[np.float32]:
    if factor.dtype.kind not in "fiub":
        raise ArgumentError(f"{name}: expected numbers that convert to float32, got {factor.dtype}")
    converted = factor.astype(np.float32)
    if factor.dtype.kind in "iu" and not np.array_equal(converted.astype(object), factor):
        raise ArgumentError(f"{name}: some of its {factor.dtype} do not convert to float32 exactly")
    return converted


def create_simulator(
    config: SimulatorConfig | int | None = None,
    scratchpad_size: int | None = None,
    *,
    device: tilewright.Device | None = None,
    main_memory_size: int | None = None,
) -> KPUSimulator:
    """A simulator, as the class makes it."""
    return KPUSimulator(config, scratchpad_size, device=device, main_memory_size=main_memory_size)


def generate_multi_bank_config(banks: int = 4, tiles: int = 2) -> SimulatorConfig:
    """So many external banks of 512 MB and compute tiles, each tile with a scratchpad of 256 KB,
    and a DMA engine for each of them all."""
    return SimulatorConfig(
        memory_bank_count=banks,
        memory_bank_capacity_mb=512,
        scratchpad_count=tiles,
        scratchpad_capacity_kb=256,
        compute_tile_count=tiles,
        dma_engine_count=banks + tiles,
    )


name_arguments(globals())
