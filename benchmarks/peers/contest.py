"""Two programs that do the same thing, timed in turns.

Machines are noisy, and noise comes in stretches: so each round runs all contenders, in an order
that turns with the rounds, and what counts is the median of the rounds' ratios, not a ratio of
medians.
"""

import resource
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Seconds = Callable[[], float]


@dataclass(frozen=True)
class Contest:
    """What is done, by us and by whom else. A peer that is not there is a reason in place of a way
    to run it."""

    name: str
    ours: Seconds
    peers: dict[str, Seconds | str]
    note: str = ""  # what only one of them does


@dataclass(frozen=True)
class Result:
    """One line of the table: seconds are medians of processor time."""

    name: str
    peer: str
    note: str
    ours: float
    theirs: float | None  # None: `reason` says why there is none
    ratios: list[float] = field(default_factory=list)  # ours : theirs, each of one round
    reason: str = ""

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)


def processor_seconds(command: Sequence[object], stdin: str = "") -> float:
    """What a process takes, all its threads, user and system. Raises SystemExit with what it
    printed if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def printed_seconds(command: Sequence[object]) -> float:
    """What a program measured itself and printed as its last word."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return float(done.stdout.split()[-1])


def hold(contest: Contest, rounds: int) -> list[Result]:
    """All contenders once to warm up, then `rounds` times in turns."""
    ways = {peer: run for peer, run in contest.peers.items() if not isinstance(run, str)}
    everybody = {"": contest.ours, **ways}
    for run in everybody.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in everybody}
    names = list(everybody)
    for r in range(rounds):
        first = r % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(everybody[name]())
    ours = statistics.median(times[""])
    results = []
    for peer, way in contest.peers.items():
        if isinstance(way, str):
            results.append(Result(contest.name, peer, contest.note, ours, None, reason=way))
            continue
        ratios = [mine / theirs for mine, theirs in zip(times[""], times[peer], strict=True)]
        theirs = statistics.median(times[peer])
        results.append(Result(contest.name, peer, contest.note, ours, theirs, ratios))
    return results
