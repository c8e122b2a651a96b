"""Step 2: y = a * x + y over a million numbers on 64 tiles, compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

import tilewright
from tilewright.demo.result import Check, Row, StepResult

TITLE = "64 tiles scale and add a million numbers"
NUMBERS = 1 << 20
TILES = [(x, y) for y in range(8) for x in range(8)]
PART = NUMBERS // len(TILES)


def run(device: tilewright.Device, advance: Callable[[float], None]) -> StepResult:
    random = np.random.default_rng(2024)
    result = StepResult()
    integers = random.integers(-(2**31), 2**31, (2, NUMBERS), dtype=np.int32)
    _compare(device, result, 0, np.int32(-7), *integers)
    advance(0.5)
    floats = random.standard_normal((2, NUMBERS), dtype=np.float32)
    _compare(device, result, 1, np.float32(2.5), *floats)
    advance(1.0)
    return result


def _compare(
    device: tilewright.Device,
    result: StepResult,
    kind: int,
    scale: np.int32 | np.float32,
    x: npt.NDArray[Any],
    y: npt.NDArray[Any],
) -> None:
    """One run; chip and host round after multiplying and after adding, so results are equal."""
    device_x, device_y = device.put(x), device.put(y)
    bits = int(np.array(scale).view(np.uint32))
    run = device.run(
        tilewright.Kernel.builtin("scale_add"),
        TILES,
        {
            tile: [device_x, device_y, bits, kind, rank * PART, PART]
            for rank, tile in enumerate(TILES)
        },
    )
    expected = scale * x + y
    equal = bool(np.array_equal(device_y.numpy(), expected))
    result.rows.append(
        Row(
            f"scale and add, {x.dtype}, 64 tiles",
            run.cycles,
            run.seconds,
            run.host_seconds,
            run.instructions,
        )
    )
    result.lines.append(
        f"{x.dtype}: {NUMBERS:,} numbers in {run.cycles:,} cycles, "
        f"{run.instructions / NUMBERS:.1f} instructions each"
    )
    result.checks.append(Check(f"{NUMBERS:,} {x.dtype} numbers equal NumPy's", equal))
