"""Matmuls on the simulator beside the same ones by NumPy: host time, and simulated time."""

# ruff: noqa: N803 (M, N and K are as users know them)

from __future__ import annotations

from typing import Any, Protocol

from stillwater_kpu.matrices import generate_test_matrices
from stillwater_kpu.timing import benchmark_function, calculate_gflops
from tilewright import _core
from tilewright.arguments import name_arguments
from tilewright.errors import ArgumentError


class Multiplier(Protocol):
    """A `KPUSimulator`, as far as it is used here."""

    def matmul(self, A: Any, B: Any) -> Any: ...
    def get_current_cycle(self) -> int: ...
    def statistics(self) -> dict[str, Any]: ...


def benchmark_matmul(
    sim: Multiplier, M: int, N: int, K: int, iterations: int = 100
) -> dict[str, Any]:
    """Float32 matmuls of M x K times K x N, `iterations` times each.

    ``kpu_time_ms``, ``numpy_time_ms``, ``..._gflops`` and ``speedup`` are of the host: what
    simulating takes, and what NumPy takes here. ``simulated_ms``, ``simulated_cycles`` and
    ``simulated_gflops`` are what the chip would take. `plot_performance` takes what this returns,
    or a list of it.
    """
    if not isinstance(sim, _core.KPUSimulator):
        raise ArgumentError(f"sim: expected a KPUSimulator, got {type(sim).__name__}")
    a, b = generate_test_matrices(M, K, N, seed=0)
    sim.matmul(a, b)
    before = sim.get_current_cycle()
    sim.matmul(a, b)
    cycles = sim.get_current_cycle() - before
    seconds = cycles / (sim.statistics()["clock_mhz"] * 1e6)
    kpu = benchmark_function(sim.matmul, a, b, iterations=iterations, warmup=0)["mean_ms"]
    numpy = benchmark_function(a.__matmul__, b, iterations=iterations, warmup=1)["mean_ms"]
    return {
        "matrix_size": f"{M}x{K} @ {K}x{N}",
        "operations": 2 * M * N * K,
        "kpu_time_ms": kpu,
        "numpy_time_ms": numpy,
        "simulated_ms": seconds * 1e3,
        "kpu_gflops": calculate_gflops(M, K, N, kpu / 1e3),
        "numpy_gflops": calculate_gflops(M, K, N, numpy / 1e3),
        "simulated_gflops": calculate_gflops(M, K, N, seconds),
        "simulated_cycles": cycles,
        "speedup": numpy / kpu,
        "using_mock": False,
    }


name_arguments(globals())
