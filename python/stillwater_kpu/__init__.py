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
    from stillwater_kpu import analysis, core, simulator, statistics, utilities, visualization
    from stillwater_kpu.core import (
        MatMulTest,
        generate_random_matrix,
        generate_simple_matmul_test,
        verify_matmul_result,
    )
    from stillwater_kpu.simulator import (
        KPUSimulator,
        Simulator,
        create_simulator,
        generate_multi_bank_config,
        run_distributed_matmul_test,
    )
    from stillwater_kpu_native import SimulatorConfig

_MODULES = ("analysis", "core", "simulator", "statistics", "utilities", "visualization")
_HOMES = {
    "KPUSimulator": "simulator",
    "MatMulTest": "core",
    "Simulator": "simulator",
    "SimulatorConfig": "simulator",
    "create_simulator": "simulator",
    "generate_multi_bank_config": "simulator",
    "generate_random_matrix": "core",
    "generate_simple_matmul_test": "core",
    "run_distributed_matmul_test": "simulator",
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
    "KPUSimulator",
    "MatMulTest",
    "Simulator",
    "SimulatorConfig",
    "__version__",
    "analysis",
    "core",
    "create_simulator",
    "generate_multi_bank_config",
    "generate_random_matrix",
    "generate_simple_matmul_test",
    "run_distributed_matmul_test",
    "simulator",
    "statistics",
    "utilities",
    "verify_matmul_result",
    "version",
    "visualization",
]
