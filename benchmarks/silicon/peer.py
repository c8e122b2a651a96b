"""The error of the model that the package itself is, where it publishes what it predicts: cycles an
instruction for probes of riscvbench on one core. Read from the installed package at run time."""

import importlib
from collections.abc import Sequence

import numpy as np
from benchmarks.silicon.data import Point

#: The probe whose loop has nothing in it; its slope is taken off the others'.
_CONTROL = "loop_overhead"
_INSTRUCTIONS = 64


def peer_error(points: Sequence[Point]) -> float | None:
    """Median of the relative error of its cycles an instruction, or None where it says nothing."""
    if points[0].dataset != "riscvbench" or not points[0].experiment.endswith(".t1"):
        return None
    try:
        model = importlib.import_module("framework.perf.riscv_bench_sweep")
        predicted = model.predictions("blackhole", {"pad": "16", "stack_addr": "0xFFB00F98"})
    except (ImportError, OSError, AttributeError, KeyError):
        return None
    slope = {}
    for probe in {str(p.key[0]) for p in points}:
        mine = [p for p in points if p.key[0] == probe]
        slope[probe] = float(np.polyfit([p.x for p in mine], [p.median for p in mine], 1)[0])
    found = []
    for probe, cycles in slope.items():
        entry = predicted.get(probe)
        if probe == _CONTROL or entry is None or entry.cycles is None:
            continue
        card = (cycles - slope[_CONTROL]) / _INSTRUCTIONS
        found.append(abs(entry.cycles / card - 1))
    return float(np.median(found)) if found else None
