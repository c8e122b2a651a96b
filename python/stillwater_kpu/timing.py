"""The host's clock: what simulating took, not what was simulated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from tilewright.arguments import name_arguments
from tilewright.errors import ArgumentError, StateError

#: More calls of a benchmark are a mistake.
MOST_CALLS = 10_000_000


class Timer:
    """Time that passes on the host, in a ``with`` statement or from `start` to `stop`."""

    def __init__(self) -> None:
        self.start_time: float | None = None
        self.end_time: float | None = None

    def start(self) -> None:
        """Begin, also when it ran before."""
        self.start_time, self.end_time = time.perf_counter(), None

    def stop(self) -> None:
        """The end of what is timed. StateError if it has not begun."""
        if self.start_time is None:
            raise StateError("stop: the timer has not been started")
        self.end_time = time.perf_counter()

    @property
    def elapsed(self) -> float:
        """Seconds, so far or in all. StateError if it has not begun."""
        if self.start_time is None:
            raise StateError("elapsed: the timer has not been started")
        end = time.perf_counter() if self.end_time is None else self.end_time
        return end - self.start_time

    @property
    def elapsed_ms(self) -> float:
        """The same in milliseconds."""
        return self.elapsed * 1e3

    @property
    def elapsed_us(self) -> float:
        """The same in microseconds."""
        return self.elapsed * 1e6

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self.start_time is None:
            return "<Timer, not started>"
        return f"<Timer: {self.elapsed_ms:.3f} ms>"


def benchmark_function(
    func: Callable[..., object],
    *args: Any,
    iterations: int = 100,
    warmup: int = 5,
    **kwargs: Any,
) -> dict[str, float]:
    """How long a call takes on the host: `warmup` calls that are not counted, then `iterations`
    that are. Mean, standard deviation, least, greatest and median in milliseconds, the sum in
    seconds."""
    if not 1 <= iterations <= MOST_CALLS:
        raise ArgumentError(f"iterations: expected 1 to {MOST_CALLS}, got {iterations}")
    if not 0 <= warmup <= MOST_CALLS:
        raise ArgumentError(f"warmup: expected 0 to {MOST_CALLS}, got {warmup}")
    for _ in range(warmup):
        func(*args, **kwargs)
    times = np.empty(iterations)
    for index in range(iterations):
        with Timer() as timer:
            func(*args, **kwargs)
        times[index] = timer.elapsed
    return {
        "mean_ms": float(times.mean() * 1e3),
        "std_ms": float(times.std() * 1e3),
        "min_ms": float(times.min() * 1e3),
        "max_ms": float(times.max() * 1e3),
        "median_ms": float(np.median(times) * 1e3),
        "iterations": iterations,
        "warmup": warmup,
        "total_time_s": float(times.sum()),
    }


def calculate_gflops(M: int, K: int, N: int, time_seconds: float) -> float:  # noqa: N803 (as users know them)
    """10^9 operations a second of a matmul of M x K times K x N that took so long; a
    multiplication and an addition are two."""
    if not time_seconds > 0:
        raise ArgumentError(f"time_seconds: expected more than 0, got {time_seconds}")
    return 2 * M * K * N / (time_seconds * 1e9)


name_arguments(globals())
