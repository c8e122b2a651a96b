"""What the analysis of a run says, as numbers that print as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stillwater_kpu.analysis.roofline import Roofline
from stillwater_kpu.tables import html_table, text_table
from tilewright.errors import ArgumentError


@dataclass(frozen=True)
class Use:
    """How much of one engine or memory a run used."""

    name: str
    kind: str
    busy_cycles: float  #: for a memory, its bytes at its full rate
    stall_cycles: int  #: 0 for a memory
    bytes: int  #: moved; for a memory, read and written
    utilisation: float  #: busy of all cycles, 0 to 1


_HEADER = ("", "kind", "busy cycles", "stalled", "bytes", "used")


@dataclass(frozen=True)
class Report:
    """Of one run. `bottleneck` names the engine or memory that was used most, "" if none was."""

    name: str
    cycles: int
    elapsed_ms: float
    engines: tuple[Use, ...]
    memories: tuple[Use, ...]
    macs: int
    roofline: Roofline | None
    bottleneck: str

    @property
    def utilisation(self) -> dict[str, float]:
        """0 to 1, of each engine."""
        return {use.name: use.utilisation for use in self.engines}

    def use(self, name: str) -> Use:
        """Of one engine or memory. ArgumentError if there is none of that name."""
        for use in (*self.engines, *self.memories):
            if use.name == name:
                return use
        known = ", ".join(use.name for use in (*self.engines, *self.memories)) or "none"
        raise ArgumentError(f"use: name: there is no {name!r}; there are {known}")

    @property
    def summary(self) -> str:
        """The report in one or two sentences."""
        text = f"{self.name}: {self.cycles:,} cycles ({self.elapsed_ms:.6g} ms)"
        if not self.bottleneck:
            return f"{text}; nothing was used."
        share = self.use(self.bottleneck).utilisation
        text += f"; the bottleneck is {self.bottleneck}, in use {share:.1%} of the time."
        if self.roofline is None:
            return text
        roof = self.roofline
        return (
            f"{text} {roof.attained:.4g} of {roof.attainable:.4g} attainable operations a cycle"
            f" at {roof.intensity:.4g} operations a byte, under the roof of {roof.bound}."
        )

    def _rows(self) -> list[Sequence[object]]:
        used = [use for use in (*self.engines, *self.memories) if use.bytes or use.busy_cycles]
        return [
            (u.name, u.kind, round(u.busy_cycles), u.stall_cycles, u.bytes, f"{u.utilisation:.1%}")
            for u in used
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        roof = self.roofline
        return {
            "name": self.name,
            "cycles": self.cycles,
            "elapsed_ms": self.elapsed_ms,
            "macs": self.macs,
            "bottleneck": self.bottleneck,
            "utilisation": {u.name: u.utilisation for u in (*self.engines, *self.memories)},
            "roofline": None
            if roof is None
            else {
                "intensity": roof.intensity,
                "attained": roof.attained,
                "attainable": roof.attainable,
                "peak": roof.peak,
                "bandwidth": roof.bandwidth,
                "bound": roof.bound,
            },
        }

    def __str__(self) -> str:
        rows = self._rows()
        return f"{self.summary}\n{text_table(_HEADER, rows)}" if rows else self.summary

    def _repr_html_(self) -> str:
        return html_table(_HEADER, self._rows(), self.summary)


@dataclass(frozen=True)
class Comparison(Sequence[Report]):
    """Reports of several runs, side by side; indexed and iterated like a list of them."""

    reports: tuple[Report, ...]

    def __len__(self) -> int:
        return len(self.reports)

    def __getitem__(self, index: Any) -> Any:
        return self.reports[index]

    def __iter__(self) -> Iterator[Report]:
        return iter(self.reports)

    @property
    def fastest(self) -> Report:
        """The first of those with the fewest cycles."""
        return min(self.reports, key=lambda report: report.cycles)

    def _rows(self) -> list[Sequence[object]]:
        return [(r.name, r.cycles, r.elapsed_ms, r.macs, r.bottleneck or "-") for r in self.reports]

    def __str__(self) -> str:
        return text_table(("", "cycles", "ms", "MACs", "bottleneck"), self._rows())

    def _repr_html_(self) -> str:
        return html_table(("", "cycles", "ms", "MACs", "bottleneck"), self._rows())
