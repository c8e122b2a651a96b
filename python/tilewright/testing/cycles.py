"""Assertions on what a run cost, with numbers to compare where one fails."""

from __future__ import annotations

import json
from pathlib import Path

from tilewright import Run

# How many cores an explanation lists: the slowest.
SHOWN_CORES = 4


class CycleAssertion:
    """``assert_cycles(run, 1200)``: exact, as simulated cycles are.

    ``at_most=`` and ``at_least=`` are bounds, both included. Without any of them the cycles are
    compared with those that were recorded for this test (``--update-cycles`` records them).
    """

    def __init__(self, test: str, records: Path, update: bool) -> None:
        self._test = test
        self._records = records
        self._update = update
        self._count = 0

    def __call__(
        self,
        run: Run | int,
        expected: int | None = None,
        *,
        at_most: int | None = None,
        at_least: int | None = None,
    ) -> None:
        """AssertionError if the run, or a number of cycles, took other than that many cycles."""
        __tracebackhide__ = True
        cycles = run if isinstance(run, int) else run.cycles
        if expected is None and at_most is None and at_least is None:
            self._compare_recorded(run, cycles)
            return
        if expected is not None and cycles != expected:
            raise AssertionError(_explain(run, cycles, f"expected {expected:,}", expected))
        if at_most is not None and cycles > at_most:
            raise AssertionError(_explain(run, cycles, f"expected at most {at_most:,}", at_most))
        if at_least is not None and cycles < at_least:
            raise AssertionError(_explain(run, cycles, f"expected at least {at_least:,}", at_least))

    def __repr__(self) -> str:
        return f"<CycleAssertion of {self._test}, recorded in {self._records}>"

    def _compare_recorded(self, run: Run | int, cycles: int) -> None:
        __tracebackhide__ = True
        self._count += 1
        name = self._test if self._count == 1 else f"{self._test}#{self._count}"
        known = json.loads(self._records.read_text()) if self._records.exists() else {}
        if self._update:
            known[name] = cycles
            self._records.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")
        elif name not in known:
            raise AssertionError(
                f"{cycles:,} cycles, and {self._records} has none to compare with for {name}; "
                "record them with: pytest --update-cycles"
            )
        elif known[name] != cycles:
            was = int(known[name])
            raise AssertionError(_explain(run, cycles, f"recorded are {was:,}", was))


def _explain(run: Run | int, cycles: int, wanted: str, reference: int) -> str:
    change = f" ({cycles - reference:+,}, {cycles / reference - 1:+.1%})" if reference else ""
    lines = [f"{cycles:,} cycles, {wanted}{change}"]
    if not isinstance(run, int):
        slowest = sorted(run.cores, key=lambda core: core.end - core.start, reverse=True)
        for core in slowest[:SHOWN_CORES]:
            lines.append(
                f"  core {core.core}: {core.cycles:,} cycles, {core.instructions:,} instructions, "
                f"{core.waiting_cycles:,} cycles waiting"
            )
        if len(slowest) > SHOWN_CORES:
            lines.append(f"  and {len(slowest) - SHOWN_CORES} cores that took no longer")
    return "\n".join(lines)
