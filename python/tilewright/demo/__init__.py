"""The demonstration: six steps on one device, each a module of its own.

Steps do and compare; `report` prints. A step returns a `StepResult`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tilewright
from tilewright.demo import deadlock, lifecycle, message, multiply, scale_add, story
from tilewright.demo.options import DemoOptions
from tilewright.demo.result import StepResult

if TYPE_CHECKING:
    from tilewright.demo.report import Reporter


def run_demo(options: DemoOptions, reporter: Reporter) -> list[StepResult]:
    """All steps, in order, reported as they end."""
    results: list[StepResult] = []

    def report(result: StepResult) -> None:
        reporter.result(result)
        results.append(result)

    device = tilewright.open("blackhole")
    try:
        reporter.heading(1, message.TITLE)
        report(message.run(device))
        reporter.heading(2, scale_add.TITLE)
        with reporter.progress("arrays") as advance:
            result = scale_add.run(device, advance)
        report(result)
        reporter.heading(3, multiply.TITLE)
        report(multiply.run(device))
        reporter.heading(4, story.TITLE)
        with reporter.progress("playing") as advance:
            result = story.run(device, options, advance)
        report(result)
        reporter.heading(5, lifecycle.TITLE)
        with reporter.progress("opening") as advance:
            result, device = lifecycle.run(device, advance)
        report(result)
        reporter.heading(6, deadlock.TITLE)
        report(deadlock.run(device))
    finally:
        device.close()
    return results
