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
    from stillwater_kpu.benchmark import benchmark_matmul
    from stillwater_kpu.core import (
        MatMulTest,
        Timer,
        benchmark_function,
        calculate_gflops,
        check_accelerator_support,
        compare_matrices,
        estimate_memory_usage,
        format_bytes,
        generate_random_matrix,
        generate_simple_matmul_test,
        generate_test_matrices,
        get_native_module,
        get_optimal_tile_size,
        get_system_info,
        is_native_available,
        print_system_info,
        show_np_config,
        validate_matrix_shapes,
        validate_scratchpad_capacity,
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
    "Timer": "core",
    "benchmark_function": "core",
    "benchmark_matmul": "benchmark",
    "calculate_gflops": "core",
    "check_accelerator_support": "core",
    "compare_matrices": "core",
    "create_simulator": "simulator",
    "estimate_memory_usage": "core",
    "format_bytes": "core",
    "generate_multi_bank_config": "simulator",
    "generate_random_matrix": "core",
    "generate_simple_matmul_test": "core",
    "generate_test_matrices": "core",
    "get_native_module": "core",
    "get_optimal_tile_size": "core",
    "get_system_info": "core",
    "is_native_available": "core",
    "print_system_info": "core",
    "run_distributed_matmul_test": "simulator",
    "show_np_config": "core",
    "validate_matrix_shapes": "core",
    "validate_scratchpad_capacity": "core",
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
    "Timer",
    "__version__",
    "analysis",
    "benchmark_function",
    "benchmark_matmul",
    "calculate_gflops",
    "check_accelerator_support",
    "compare_matrices",
    "core",
    "create_simulator",
    "estimate_memory_usage",
    "format_bytes",
    "generate_multi_bank_config",
    "generate_random_matrix",
    "generate_simple_matmul_test",
    "generate_test_matrices",
    "get_native_module",
    "get_optimal_tile_size",
    "get_system_info",
    "is_native_available",
    "print_system_info",
    "run_distributed_matmul_test",
    "show_np_config",
    "simulator",
    "statistics",
    "utilities",
    "validate_matrix_shapes",
    "validate_scratchpad_capacity",
    "verify_matmul_result",
    "version",
    "visualization",
]
