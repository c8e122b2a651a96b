"""How far our chip is from the board, experiment by experiment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.silicon.data import Point

Cycles = Mapping[str, float]  #: ours, by the name of a point

#: A trend of the board counts as one if it changes its level by so much over what was swept, in
#: parts of it, and by more than repeats do.
LEAST_TREND = 0.03


@dataclass(frozen=True)
class Slope:
    """Lines through a series of the board and through ours."""

    series: str
    card: float
    ours: float
    begins: float  #: ours less the board's where the series begins, in cycles
    trend: bool  #: whether the board's cycles depend on what was swept at all

    @property
    def error(self) -> float:
        return self.ours / self.card - 1

    @property
    def wrong_sign(self) -> bool:
        return self.trend and self.ours * self.card < 0


@dataclass(frozen=True)
class Score:
    """One experiment."""

    dataset: str
    experiment: str
    points: int
    slope: float | None  #: signed, median over the series with a trend
    intercept: float  #: signed, in cycles, median over series
    median: float  #: of the relative error's magnitude
    p90: float
    worst: str
    worst_error: float  #: signed
    spread: float | None  #: of repeats, 90th percentile
    wrong_signs: tuple[str, ...]


def errors(points: Sequence[Point], ours: Cycles) -> np.ndarray:
    """Signed relative error of each point."""
    return np.array([ours[p.name] / p.median - 1 for p in points])


def together(points: Sequence[Point], ours: Cycles) -> str:
    """A sentence about points of several experiments."""
    size = np.abs(errors(points, ours))
    return (
        f"{len(points)} points together: median {100 * np.median(size):.1f} %, "
        f"90th percentile {100 * np.percentile(size, 90):.1f} %"
    )


def slopes(points: Iterable[Point], ours: Cycles) -> list[Slope]:
    """A line for each series of at least two places."""
    series: dict[str, list[Point]] = {}
    for point in points:
        series.setdefault(point.series, []).append(point)
    lines = []
    for name, members in series.items():
        x = np.array([p.x for p in members])
        if len(set(x)) < 2:
            continue
        card = np.array([p.median for p in members])
        mine = np.array([ours[p.name] for p in members])
        card_slope, card_level = np.polyfit(x, card, 1)
        our_slope, our_level = np.polyfit(x, mine, 1)
        first = float(x.min())
        change = abs(card_slope) * float(np.ptp(x))
        noise = max(p.spread * p.median for p in members)
        lines.append(
            Slope(
                series=name,
                card=float(card_slope),
                ours=float(our_slope),
                begins=float((our_slope - card_slope) * first + our_level - card_level),
                trend=bool(change > LEAST_TREND * card.mean() and change > 2 * noise),
            )
        )
    return lines


def score(points: Sequence[Point], ours: Cycles) -> Score:
    """All points of one experiment."""
    signed = errors(points, ours)
    size = np.abs(signed)
    worst = int(size.argmax())
    lines = slopes(points, ours)
    trends = [line.error for line in lines if line.trend]
    repeated = [p.spread for p in points if len(p.card) > 1]
    begins = [line.begins for line in lines] or [ours[p.name] - p.median for p in points]
    return Score(
        dataset=points[0].dataset,
        experiment=points[0].experiment,
        points=len(points),
        slope=float(np.median(trends)) if trends else None,
        intercept=float(np.median(begins)),
        median=float(np.median(size)),
        p90=float(np.percentile(size, 90)),
        worst=points[worst].name,
        worst_error=float(signed[worst]),
        spread=float(np.percentile(repeated, 90)) if repeated else None,
        wrong_signs=tuple(line.series for line in lines if line.wrong_sign),
    )
