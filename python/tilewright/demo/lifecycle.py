"""Step 5: the device closes and opens again, a hundred times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import tilewright
from tilewright.demo.message import read_message, shipped_kernel
from tilewright.demo.result import Check, Row, StepResult

TITLE = "Closing and opening again, 100 times"
TIMES = 100


def run(
    device: tilewright.Device, advance: Callable[[float], None]
) -> tuple[StepResult, tilewright.Device]:
    """Closes `device`; returns what was measured, and a device that is open."""
    config = device.config
    kernel = shipped_kernel()
    device.close()
    opens: list[float] = []
    firsts: list[float] = []
    texts = set()
    for n in range(TIMES):
        start = time.perf_counter()
        device = tilewright.open(config)
        opened = time.perf_counter()
        texts.add(read_message(device, kernel, 1).text)
        first = time.perf_counter()
        device.close()
        closed = time.perf_counter()
        opens.append((opened - start) + (closed - first))
        firsts.append(first - start)
        advance((n + 1) / TIMES)
    open_time, first_time = statistics.median(opens), statistics.median(firsts)
    result = StepResult(
        rows=[
            Row("open and close (median of 100)", host_seconds=open_time),
            Row("open to first result (median of 100)", host_seconds=first_time),
        ],
        checks=[Check(f"{TIMES} devices gave the same first result", len(texts) == 1)],
        lines=[
            f"opening and closing takes {open_time * 1e3:.3f} ms, "
            f"the first result comes {first_time * 1e3:.3f} ms after opening"
        ],
    )
    return result, tilewright.open(config)
