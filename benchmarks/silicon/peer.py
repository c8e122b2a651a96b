"""The error of the model that the package itself is, where it publishes what it predicts: cycles an
instruction for probes of riscvbench and tensixbench on one core. Read from the installed package at
run time."""

import importlib
from collections.abc import Callable, Sequence

import numpy as np
from benchmarks.silicon.data import Point

#: The probe whose loop has nothing in it; its slope is taken off the others'.
_CONTROL = "loop_overhead"
_INSTRUCTIONS = 64

#: What the package predicts for a probe, if anything.
Model = Callable[[str], float | None]


def _riscv_model() -> Model:
    sweep = importlib.import_module("framework.perf.riscv_bench_sweep")
    predicted = sweep.predictions("blackhole", {"pad": "16", "stack_addr": "0xFFB00F98"})

    def cycles(probe: str) -> float | None:
        entry = predicted.get(probe)
        if entry is None or entry.cycles is None:
            return None
        # Groups of phase T: 16 of them are a block.
        groups = probe.startswith("tt_") and probe[3:] in ("pad", "fuse2", "fuse4", "spread4")
        return float(entry.cycles) * (16 / _INSTRUCTIONS if groups else 1)

    return cycles


def _tensix_model() -> Model:
    table = importlib.import_module("framework.perf.costs").load_costs("blackhole")

    def cycles(probe: str) -> float | None:
        entry = table.find(probe)
        if entry is None or entry.occupancy is None:
            return None
        return max(float(entry.occupancy.cycles), 1.0)  # a core pushes one a cycle

    return cycles


_MODELS = {"riscvbench": _riscv_model, "tensixbench": _tensix_model}


def peer_error(points: Sequence[Point]) -> float | None:
    """Median of the relative error of its cycles an instruction, or None where it says nothing."""
    if points[0].dataset not in _MODELS or not points[0].experiment.endswith(".t1"):
        return None
    try:
        model = _MODELS[points[0].dataset]()
    except (ImportError, OSError, AttributeError, KeyError):
        return None
    slope = {}
    for probe in {str(p.key[0]) for p in points}:
        mine = [p for p in points if p.key[0] == probe]
        slope[probe] = float(np.polyfit([p.x for p in mine], [p.median for p in mine], 1)[0])
    found = []
    for probe, cycles in slope.items():
        predicted = None if probe == _CONTROL else model(probe)
        if predicted is not None:
            card = (cycles - slope[_CONTROL]) / _INSTRUCTIONS
            found.append(abs(predicted / card - 1))
    return float(np.median(found)) if found else None
