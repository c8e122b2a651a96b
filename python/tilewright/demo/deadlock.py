"""Step 6: a kernel waits for what never comes, and the device says so and goes on."""

from __future__ import annotations

import time

import tilewright
from tilewright.demo.message import expected_text, read_message, shipped_kernel
from tilewright.demo.result import Check, Row, StepResult

TITLE = "A kernel waits for something that never comes"
TILE = (3, 4)


def run(device: tilewright.Device) -> StepResult:
    result = StepResult()
    kernel = tilewright.Kernel.builtin("wait_forever")
    before = device.cycle
    start = time.perf_counter()
    report = ""
    try:
        device.run(kernel, [TILE], [device.semaphore(), 1])
    except tilewright.DeadlockError as error:
        report = str(error)
        result.lines += ["DeadlockError:", *(f"  {line}" for line in report.splitlines())]
    seconds = time.perf_counter() - start
    clock = float(device.config.fields()["clock_mhz"]) * 1e6
    cycles = device.cycle - before
    result.rows.append(Row("deadlock found and reported", cycles, cycles / clock, seconds))
    result.checks.append(
        Check(
            "the error names core, source line and address",
            f"({TILE[0]}, {TILE[1]}" in report and "wait_forever" in report and "0x" in report,
        )
    )
    message = read_message(device, shipped_kernel(), 1)
    result.lines.append(f"the same device again: {message.text}")
    result.checks.append(
        Check("the first kernel runs on the same device again", message.text == expected_text(1))
    )
    return result
