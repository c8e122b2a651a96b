"""The memory hierarchy, its DMA engines and the systolic arrays of a chip, driven by addresses.

What stands in the submodules can be reached from here; each is loaded when it is first used::

    import stillwater_kpu as kpu

    kpu.visualization.plot_performance(results)
    report = kpu.analysis.PerformanceAnalyzer().analyze(results)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tilewright import __version__

if TYPE_CHECKING:
    from stillwater_kpu import analysis, core, statistics, utilities, visualization
    from stillwater_kpu.core import (
        MatMulTest,
        generate_random_matrix,
        generate_simple_matmul_test,
        verify_matmul_result,
    )

_MODULES = ("analysis", "core", "statistics", "utilities", "visualization")
_HOMES = {
    "MatMulTest": "core",
    "generate_random_matrix": "core",
    "generate_simple_matmul_test": "core",
    "verify_matmul_result": "core",
}


def version() -> str:
    """The version of Tilewright."""
    return __version__


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_HOMES})


__all__ = [
    "MatMulTest",
    "__version__",
    "analysis",
    "core",
    "generate_random_matrix",
    "generate_simple_matmul_test",
    "statistics",
    "utilities",
    "verify_matmul_result",
    "version",
    "visualization",
]
