"""Test cases for matmuls and checks of their results; and, from the modules beside it, what scripts
look for here: the host, its clock, and matrices for benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from stillwater_kpu.matrices import (
    compare_matrices,
    estimate_memory_usage,
    format_bytes,
    generate_test_matrices,
    get_optimal_tile_size,
    validate_matrix_shapes,
    validate_scratchpad_capacity,
)
from stillwater_kpu.system import (
    check_accelerator_support,
    get_system_info,
    print_system_info,
    show_np_config,
)
from stillwater_kpu.timing import Timer, benchmark_function, calculate_gflops
from tilewright.arguments import name_arguments
from tilewright.errors import ArgumentError

__all__ = [
    "MatMulTest",
    "Timer",
    "benchmark_function",
    "calculate_gflops",
    "check_accelerator_support",
    "compare_matrices",
    "estimate_memory_usage",
    "format_bytes",
    "generate_random_matrix",
    "generate_simple_matmul_test",
    "generate_test_matrices",
    "get_native_module",
    "get_optimal_tile_size",
    "get_system_info",
    "is_native_available",
    "print_system_info",
    "show_np_config",
    "validate_matrix_shapes",
    "validate_scratchpad_capacity",
    "verify_matmul_result",
]


@dataclass(frozen=True)
class MatMulTest:
    """A product C = A B with A of m x k and B of k x n; lists in row order."""

    m: int
    n: int
    k: int
    matrix_a: list[float]
    matrix_b: list[float]
    expected_c: list[float]


def generate_simple_matmul_test(m: int = 4, n: int = 4, k: int = 4) -> MatMulTest:
    """A product of small whole numbers, so that every order of summation gives the same result."""
    _check_sizes(m=m, n=n, k=k)
    a = (np.arange(m * k) % 7 - 3).reshape(m, k)
    b = (np.arange(k * n) % 5 - 2).reshape(k, n)
    return MatMulTest(m, n, k, *(x.astype(float).ravel().tolist() for x in (a, b, a @ b)))


def generate_random_matrix(
    rows: int, cols: int, min_val: float = -1, max_val: float = 1, seed: int | None = None
) -> npt.NDArray[np.float32]:
    """A matrix of float32, uniform from `min_val` to `max_val`; equal for equal seeds."""
    _check_sizes(rows=rows, cols=cols)
    if not min_val <= max_val:
        raise ArgumentError(f"min_val: expected at most max_val ({max_val}), got {min_val}")
    random = np.random.default_rng(seed)
    return random.uniform(min_val, max_val, (rows, cols)).astype(np.float32)


def verify_matmul_result(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    m: int,
    n: int,
    k: int,
    tolerance: float = 1e-5,
) -> bool:
    """Whether C is the product of A (m x k) and B (k x n), computed here in float64.

    Each element may be off by `tolerance` times max(1, sum of ``|a| |b|`` of its products), because
    the rounding of a sum grows with its terms. NaN is never right. ArgumentError if an operand does
    not have as many elements as the sizes say.
    """
    _check_sizes(m=m, n=n, k=k)
    left = _matrix("a", a, m, k)
    right = _matrix("b", b, k, n)
    error = np.abs(_matrix("c", c, m, n) - left @ right)
    scale = np.maximum(1, np.abs(left) @ np.abs(right))
    return bool(np.all(error <= tolerance * scale))


def get_native_module() -> ModuleType:
    """The thin layer, `stillwater_kpu_native`."""
    import stillwater_kpu_native

    return stillwater_kpu_native


def is_native_available() -> bool:
    """True: the simulator is always the compiled one."""
    return True


def _matrix(name: str, values: npt.ArrayLike, rows: int, cols: int) -> npt.NDArray[np.float64]:
    array = np.asarray(values, np.float64)
    if array.size != rows * cols:
        raise ArgumentError(f"{name}: expected {rows} x {cols} elements, got {array.size}")
    return array.reshape(rows, cols)


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 0:
            raise ArgumentError(f"{name}: expected a size of at least 0, got {size}")


name_arguments(globals())
