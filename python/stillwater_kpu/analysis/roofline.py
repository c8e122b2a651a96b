"""The roofline of a chip and where a run stands under it.

A run that does I operations for each byte it moves across the chip's edge can do no more than
min(peak, I * bandwidth) of them a cycle (Williams, Waterman, Patterson: "Roofline: an insightful
visual performance model", CACM 52(4), 2009). A multiply-accumulate counts as two operations.
"""

from __future__ import annotations

from dataclasses import dataclass

from stillwater_kpu.statistics import Statistics

OFF_CHIP = ("external", "host")


@dataclass(frozen=True)
class Roofline:
    """All rates are per cycle of the chip clock."""

    intensity: float  #: operations per byte that crossed the edge of the chip
    attained: float  #: operations per cycle
    peak: float  #: operations per cycle of all arrays together
    bandwidth: float  #: bytes per cycle of the memories off the chip that were used

    @property
    def ridge(self) -> float:
        """The intensity from which on arithmetic is the limit."""
        return self.peak / self.bandwidth

    @property
    def attainable(self) -> float:
        """What the roof allows at this intensity, in operations per cycle."""
        return min(self.peak, self.intensity * self.bandwidth)

    @property
    def bound(self) -> str:
        """Which part of the roof is above: "compute" or "memory"."""
        return "compute" if self.intensity >= self.ridge else "memory"

    @property
    def efficiency(self) -> float:
        """Attained of attainable, 0 to 1."""
        return self.attained / self.attainable


def roofline(run: Statistics) -> Roofline | None:
    """None for a run that did no arithmetic, or moved nothing across the edge of the chip."""
    macs = sum(engine["macs"] for engine in run["engines"].values())
    used = [
        memory
        for memory in run["memories"].values()
        if memory["kind"] in OFF_CHIP and memory["bytes_read"] + memory["bytes_written"]
    ]
    moved = sum(memory["bytes_read"] + memory["bytes_written"] for memory in used)
    bandwidth = sum(memory["bytes_per_cycle"] for memory in used)
    if not macs or not moved or not bandwidth or not run["cycles"]:
        return None
    peak = sum(engine["macs_per_cycle"] for engine in run["engines"].values())
    return Roofline(2 * macs / moved, 2 * macs / run["cycles"], 2 * peak, bandwidth)
