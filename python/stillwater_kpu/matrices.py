"""Matrices for benchmarks, what room they take, and how two of them differ."""

# ruff: noqa: N803 (M, K, N, A and B are as users know them)

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewright.arguments import name_arguments
from tilewright.errors import ArgumentError

Array = npt.NDArray[Any]


def generate_test_matrices(
    M: int, K: int, N: int, dtype: npt.DTypeLike = np.float32, seed: int | None = None
) -> tuple[Array, Array]:
    """A (M x K) and B (K x N), equal for equal seeds: reals uniform from -1 to 1 (float32: from
    -0.5 to 0.5, so that long sums stay exact enough), whole numbers from -10 to 9."""
    for name, size in (("M", M), ("K", K), ("N", N)):
        if size < 1:
            raise ArgumentError(f"{name}: expected at least 1, got {size}")
    kind = np.dtype(dtype)
    random = np.random.default_rng(seed)
    a: Array
    b: Array
    if kind.kind in "iu":
        least = -10 if kind.kind == "i" else 0
        a, b = (random.integers(least, 10, shape) for shape in ((M, K), (K, N)))
    elif kind.kind == "f":
        limit = 0.5 if kind == np.float32 else 1.0
        a, b = (random.uniform(-limit, limit, shape) for shape in ((M, K), (K, N)))
    else:
        raise ArgumentError(f"dtype: expected numbers that arrays multiply, got {kind}")
    return a.astype(kind), b.astype(kind)


def validate_matrix_shapes(A_shape: Sequence[int], B_shape: Sequence[int]) -> tuple[int, int, int]:
    """M, K and N of A (M x K) times B (K x N). ArgumentError if they cannot be multiplied."""
    for name, shape in (("A_shape", A_shape), ("B_shape", B_shape)):
        if len(shape) != 2 or min(shape) < 1:
            raise ArgumentError(f"{name}: expected a matrix with elements, got {tuple(shape)}")
    if A_shape[1] != B_shape[0]:
        raise ArgumentError(
            f"B_shape: expected {A_shape[1]} rows, as A of {tuple(A_shape)} has columns, "
            f"got {tuple(B_shape)}"
        )
    return A_shape[0], A_shape[1], B_shape[1]


def format_bytes(bytes: float) -> str:
    """A number of bytes for people: ``1536`` is ``1.5 KB``; KB, MB and so on are of 1024."""
    size = float(bytes)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if abs(size) < 1024:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} PB"


def estimate_memory_usage(
    shapes: Sequence[Sequence[int]], dtype: npt.DTypeLike = np.float32
) -> dict[str, Any]:
    """What arrays of these shapes take together, in elements and in bytes of several units."""
    kind = np.dtype(dtype)
    elements = sum(math.prod(shape) for shape in shapes)
    size = elements * kind.itemsize
    return {
        "elements": elements,
        "bytes": size,
        "kb": size / 1024,
        "mb": size / 1024**2,
        "gb": size / 1024**3,
        "dtype": str(kind),
        "bytes_per_element": kind.itemsize,
        "human_readable": format_bytes(size),
    }


def get_optimal_tile_size(
    available_memory_bytes: int, element_size: int = 4, safety_factor: float = 0.8
) -> int:
    """Rows of the largest square blocks of A, B and C that fit together into so much memory, of
    which `safety_factor` is used: a multiple of 8, at least 8."""
    if element_size < 1:
        raise ArgumentError(f"element_size: expected at least 1, got {element_size}")
    usable = max(0.0, available_memory_bytes * safety_factor)
    return max(8, int(math.sqrt(usable / (3 * element_size))) // 8 * 8)


def validate_scratchpad_capacity(
    shapes: Sequence[Sequence[int]], available_bytes: int, dtype: npt.DTypeLike = np.float32
) -> dict[str, Any]:
    """Whether arrays of these shapes fit into so many bytes, and how much of them they take."""
    memory = estimate_memory_usage(shapes, dtype)
    fits = memory["bytes"] <= available_bytes
    return {
        "fits": fits,
        "required_bytes": memory["bytes"],
        "available_bytes": available_bytes,
        "utilization_percent": (
            100 * memory["bytes"] / available_bytes if available_bytes > 0 else math.inf
        ),
        "memory_info": memory,
        "recommendation": "OK" if fits else "smaller matrices, or blocks of them",
    }


def compare_matrices(
    A: npt.ArrayLike, B: npt.ArrayLike, rtol: float = 1e-5, atol: float = 1e-8
) -> dict[str, Any]:
    """How two arrays differ: errors, the share of elements that are close, and statistics of
    each. Errors relative to A."""
    a, b = np.asarray(A), np.asarray(B)
    if a.shape != b.shape:
        return {
            "shapes_match": False,
            "A_shape": a.shape,
            "B_shape": b.shape,
            "error": "Shape mismatch",
        }
    close = np.isclose(a, b, rtol=rtol, atol=atol)
    difference = np.abs(np.subtract(a, b, dtype=np.float64))
    relative = difference / np.maximum(np.abs(a), 1e-15)
    return {
        "shapes_match": True,
        "matrices_close": bool(close.all()),
        "max_absolute_error": float(difference.max(initial=0)),
        "mean_absolute_error": float(difference.mean()) if a.size else 0.0,
        "max_relative_error": float(relative.max(initial=0)),
        "mean_relative_error": float(relative.mean()) if a.size else 0.0,
        "fraction_elements_close": float(close.mean()) if a.size else 1.0,
        "tolerance_used": {"rtol": rtol, "atol": atol},
        "A_stats": _statistics(a),
        "B_stats": _statistics(b),
    }


def _statistics(array: Array) -> dict[str, float]:
    if not array.size:
        return {}
    return {name: float(getattr(array, name)()) for name in ("min", "max", "mean", "std")}


name_arguments(globals())
