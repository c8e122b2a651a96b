"""Step 3: a matmul on the matrix units of all tiles, compared with NumPy."""

from __future__ import annotations

import numpy as np

import tilewright
from tilewright.demo.result import Check, Row, StepResult

TITLE = "140 matrix units multiply matrices in bfloat16"
SIZE = 640
FIDELITY = "HiFi2"


def run(device: tilewright.Device) -> StepResult:
    random = np.random.default_rng(2025)
    # Small integers: every sum is exact, whatever the order.
    a, b = random.integers(-4, 5, (2, SIZE, SIZE)).astype(np.float32)
    c = device.matmul(a, b, dtype="bfloat16", fidelity=FIDELITY)
    report = device.last_matmul
    assert report is not None
    result = StepResult()
    result.lines.append(
        f"{SIZE} x {SIZE} x {SIZE} at {FIDELITY} on {report.plan.arrays} compute engines: "
        f"{100 * report.array_utilisation:.0f} % of their peak, "
        f"{report.dram_bytes_read + report.dram_bytes_written:,} bytes of DRAM"
    )
    seconds = report.cycles / (float(device.config.fields()["clock_mhz"]) * 1e6)
    result.rows.append(
        Row(f"matmul, bfloat16, {SIZE} cubed", report.cycles, seconds, report.host_seconds)
    )
    result.checks.append(
        Check(f"{SIZE * SIZE:,} sums equal NumPy's", bool(np.array_equal(c.numpy(), a @ b)))
    )
    return result
