"""Reports of runs that do not end: short however many cores wait, and with what was printed."""

import numpy as np
import pytest

import tilewright as tw

WAITS = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void waits(Semaphore s, int n) {
    print("step 1 done");
    s.wait(n);
}
TILEWRIGHT_KERNEL(waits)
"""
ENDS = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void ends(int n) { print("part ", n, " is done"); }
TILEWRIGHT_KERNEL(ends)
"""
SPINS = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void spins() {
    print("begins");
    for (volatile int i = 0;; i = i + 1) {}
}
TILEWRIGHT_KERNEL(spins)
"""


def test_many_cores_that_wait_alike_are_one_line() -> None:
    with tw.open("blackhole") as device:
        kernel = tw.Kernel.from_source(WAITS, "waits.cpp")
        semaphore = device.semaphore(0)
        tiles = [(x, y) for y in range(10) for x in range(14)]
        with pytest.raises(tw.DeadlockError) as caught:
            device.run(kernel, tiles, [semaphore, 1])
    report = str(caught.value)
    assert len(tiles) == 140
    assert len(report) < 4000
    assert report.count("waits.cpp:6") == 1
    assert "140 cores, (0, 0, 0) to (13, 9, 0), each at waits.cpp:6" in report
    assert "140 cores, (0, 0, 0) to (13, 9, 0): step 1 done" in report


def test_cores_that_wait_for_different_things_are_counted_where_they_are_too_many() -> None:
    with tw.open("blackhole") as device:
        kernel = tw.Kernel.from_source(WAITS, "waits.cpp")
        words = [device.semaphore(0) for _ in range(60)]
        tiles = [(n % 14, n // 14) for n in range(60)]
        with pytest.raises(tw.DeadlockError) as caught:
            device.run(
                kernel, tiles, {tile: [word, 1] for tile, word in zip(tiles, words, strict=True)}
            )
    report = str(caught.value)
    assert len(report) < 4000
    assert "60 cores wait" in report
    named = report.count("\n  core (")
    assert f"\n  and {60 - named} more" in report


def test_what_was_printed_is_told_by_deadlocks_and_limits_and_queues() -> None:
    with tw.open("tiny") as device:
        waits = tw.Kernel.from_source(WAITS, "waits.cpp")
        ends = tw.Kernel.from_source(ENDS, "ends.cpp")
        spins = tw.Kernel.from_source(SPINS, "spins.cpp")
        semaphore = device.semaphore(0)
        with pytest.raises(tw.DeadlockError, match=r"printed:\n  core \(0, 0, 0\): step 1 done"):
            device.run(waits, [(0, 0)], [semaphore, 1])
        with pytest.raises(tw.CycleLimitError, match=r"printed:\n  core \(1, 0, 0\): begins"):
            device.run(spins, [(1, 0)], [], cycle_limit=20_000)
        queue = device.queue()
        queue.run(waits, [(0, 0)], [semaphore, 1])
        with pytest.raises(tw.DeadlockError, match=r"core \(0, 0, 0\): step 1 done"):
            queue.finish()
        # Kernels of the launch that have ended, and not those of earlier ones.
        device.run(ends, [(0, 1)], [7])
        device.launch(ends, [(1, 1)], [8])
        device.launch(waits, [(0, 0)], [semaphore, 1])
        with pytest.raises(tw.DeadlockError) as caught:
            device.finish()
        assert "step 1 done" in str(caught.value)
        assert "part 7" not in str(caught.value)
        assert np.all(device.put(np.zeros(4, np.int32)).numpy() == 0)  # it works on
