"""How benchmarks compare: in turns, by the median of the rounds' ratios. Nothing is timed here."""

import json
from collections.abc import Callable

import pytest
from benchmarks.peers.__main__ import data, markdown, seconds
from benchmarks.peers.contest import Contest, Result, hold
from benchmarks.peers.machine import Machine, this_machine


def scripted(name: str, times: list[float], calls: list[str]) -> Callable[[], float]:
    """A contender that takes these times, one after another, the first to warm up."""
    left = iter(times)

    def run() -> float:
        calls.append(name)
        return next(left)

    return run


def test_noise_that_hits_both_does_not_change_the_ratio() -> None:
    """A slow stretch of the machine doubles both in one round: a ratio of means would show it."""
    calls: list[str] = []
    ours = scripted("ours", [9.0, 1.0, 8.0, 1.0], calls)
    peer = scripted("peer", [9.0, 2.0, 16.0, 1.0], calls)
    (result,) = hold(Contest("x", ours, {"peer": peer}), rounds=3)
    assert result.ratios == [0.5, 0.5, 1.0]
    assert result.ratio == 0.5
    assert (result.ours, result.theirs) == (1.0, 2.0)


def test_contenders_take_turns_in_being_first() -> None:
    calls: list[str] = []
    ways = {n: scripted(n, [1.0] * 4, calls) for n in ("ours", "a", "b")}
    hold(Contest("x", ways["ours"], {"a": ways["a"], "b": ways["b"]}), rounds=3)
    rounds = [calls[i : i + 3] for i in range(3, 12, 3)]
    assert [r[0] for r in rounds] == ["ours", "a", "b"]
    assert all(sorted(r) == ["a", "b", "ours"] for r in rounds)


def test_a_peer_that_is_not_there_is_told_and_the_others_go_on() -> None:
    contest = Contest("x", lambda: 1.0, {"gone": "not installed", "peer": lambda: 2.0})
    gone, peer = hold(contest, rounds=1)
    assert gone.theirs is None
    assert gone.reason == "not installed"
    assert peer.ratio == 0.5
    machine = Machine("kind", "a machine")
    text = markdown([gone, peer], machine, "abc", 1)
    assert "| x | gone | 1 s | not installed |" in text
    assert "| x | peer | 1 s | 2 s | 0.50 (0.50 to 0.50) |" in text
    rows = json.loads(data([gone, peer], machine, "abc"))["results"]
    assert [row["ratio"] for row in rows] == [None, 0.5]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0 ns"), (2.5e-8, "25 ns"), (4.2e-5, "42 us"), (0.0123, "12.3 ms"), (61.4, "61.4 s")],
)
def test_times_have_a_unit_that_fits(value: float, text: str) -> None:
    assert seconds(value) == text


def test_the_kind_of_a_machine_is_a_file_name() -> None:
    machine = this_machine()
    assert machine.kind
    assert set(machine.kind) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert this_machine() == machine


def test_a_result_without_rounds_has_no_ratio() -> None:
    with pytest.raises(ValueError, match="data"):
        _ = Result("x", "peer", "", 1.0, None).ratio
