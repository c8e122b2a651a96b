"""Products of matrices: systolic arrays beside NumPy, which gives the values, and SCALE-Sim, which
gives the cycles."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.peers.contest import Contest, Seconds, processor_seconds
from benchmarks.peers.places import peers_python

import tilewright as tw

SIZE = 1024
SMALL = 256  # SCALE-Sim takes long for more

CONFIG = """\
[general]
run_name = product
[architecture_presets]
ArrayHeight: 16
ArrayWidth: 16
IfmapSramSzkB: 64
FilterSramSzkB: 64
OfmapSramSzkB: 64
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Dataflow: os
Bandwidth: 16
ReadRequestBuffer: 64
WriteRequestBuffer: 64
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""


def _seconds(product: Callable[[], object]) -> float:
    start = time.process_time()
    product()
    return time.process_time() - start


def _operands(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return (
        rng.standard_normal((size, size), dtype=np.float32),
        rng.standard_normal((size, size), dtype=np.float32),
    )


def _scale_sim(folder: Path) -> Seconds | str:
    python = peers_python("scalesim")
    if python is None:
        return "not installed"
    config, topology = folder / "scale.cfg", folder / "product.csv"
    config.write_text(CONFIG)
    topology.write_text(f"Layer,M,N,K,\nproduct,{SMALL},{SMALL},{SMALL},\n")
    command = [python, "-m", "scalesim.scale", "-c", config, "-t", topology, "-l", topology]
    return partial(
        processor_seconds, [*command, "-p", folder / "scalesim", "-i", "gemm", "-s", "N"]
    )


def contests(folder: Path, build_tree: Path) -> Iterator[Contest]:
    a, b = _operands(SIZE)
    with tw.open("kpu") as device:
        for arrays in (1, 2):
            yield Contest(
                f"arrays: {SIZE}^3 in float32 on {arrays}",
                partial(_seconds, partial(device.matmul, a, b, arrays=arrays)),
                {"NumPy, one thread": partial(_seconds, partial(np.matmul, a, b))},
                "cycles, memories",
            )
    program = [build_tree.parents[1] / ".venv/bin/python", "-c", SMALL_PRODUCT]
    yield Contest(
        f"arrays: {SMALL}^3, as a process",
        partial(processor_seconds, program),
        {"SCALE-Sim": _scale_sim(folder)},
        "values; SCALE-Sim: cycles only",
    )


SMALL_PRODUCT = f"""
import numpy as np, tilewright as tw
x = np.ones(({SMALL}, {SMALL}), np.float32)
with tw.open("kpu") as device:
    device.matmul(x, x, arrays=1)
"""
