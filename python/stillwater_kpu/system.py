"""What the host is, for reports and for questions about speed."""

from __future__ import annotations

import os
import platform
from importlib.util import find_spec
from typing import Any

import numpy as np

GIB = 1 << 30


def get_system_info() -> dict[str, Any]:
    """The host in words and numbers: platform, Python, processors and, where the system tells,
    memory in GiB. What it does not tell is ``"unknown"``."""
    total, available = _memory()
    return {
        "platform": platform.system(),
        "architecture": platform.machine(),
        "processor": platform.processor() or "unknown",
        "python_version": platform.python_version(),
        "python_implementation": platform.python_implementation(),
        "numpy_version": np.__version__,
        "cpu_count_logical": os.cpu_count() or "unknown",
        "cpu_count_physical": _cores(),
        "memory_total_gb": "unknown" if total is None else total // GIB,
        "memory_available_gb": "unknown" if available is None else available // GIB,
        "memory_percent_used": (
            "unknown"
            if total is None or available is None
            else round(100 * (1 - available / total), 1)
        ),
        "accelerators": check_accelerator_support(),
    }


def check_accelerator_support() -> dict[str, bool]:
    """Which libraries there are that make arrays of the host fast; the simulator uses none."""
    libraries = np.show_config(mode="dicts") or {}
    blas = str(libraries.get("Build Dependencies", {}).get("blas", {}).get("name", "")).lower()
    return {
        "numpy_openmp": "openblas" in blas or "mkl" in blas,
        "intel_mkl": "mkl" in blas,
        "cuda": find_spec("torch") is not None and _has_cuda(),
    }


def print_system_info() -> None:
    """`get_system_info` as lines."""
    info = get_system_info()
    print("System Information:")
    print(f"   Platform: {info['platform']} {info['architecture']}")
    print(f"   Processor: {info['processor']}")
    print(f"   Python: {info['python_implementation']} {info['python_version']}")
    print(f"   NumPy: {info['numpy_version']}")
    print(
        f"   Memory: {info['memory_available_gb']}/{info['memory_total_gb']} GB available "
        f"({info['memory_percent_used']}% used)"
    )
    print(f"   CPUs: {info['cpu_count_logical']} logical, {info['cpu_count_physical']} physical")
    print("Accelerator Support:")
    for name, there in info["accelerators"].items():
        print(f"   {name}: {'yes' if there else 'no'}")


def show_np_config() -> None:
    """How NumPy was built, as it tells itself."""
    print("NumPy Configuration:")
    np.show_config()


def _memory() -> tuple[int | None, int | None]:
    """Bytes of memory, and of it those that are free; None where the system does not tell."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return os.sysconf("SC_PHYS_PAGES") * page, os.sysconf("SC_AVPHYS_PAGES") * page
    except (AttributeError, OSError, ValueError):
        return None, None


def _cores() -> int | str:
    """Cores with their threads counted once, where Linux lists them."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line.partition(":") for line in file]
    except OSError:
        return "unknown"
    ids = {"physical id": "0", "core id": ""}
    cores = set()
    for name, _, value in lines:
        if name.strip() in ids:
            ids[name.strip()] = value.strip()
        elif not name.strip() and ids["core id"]:
            cores.add(tuple(ids.values()))
    return len(cores) or "unknown"


def _has_cuda() -> bool:
    import torch  # type: ignore[import-not-found]

    return bool(torch.cuda.is_available())
