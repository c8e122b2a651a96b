"""Reports of runs that do not end: short however many cores wait, and with what was printed."""

import os
import pickle
import pty
import signal
import subprocess
import sys
import threading
import time

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


WAITS_FOR_MORE = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void waits(Semaphore s, std::uint32_t n) { s.wait_min(n + 1); }
TILEWRIGHT_KERNEL(waits)
"""
PAUSES = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void pauses(Semaphore s) {
    print("step 1 done");
    while (s.value() != 1) {
        for (volatile int i = 0; i < 10; i = i + 1) {}
    }
}
TILEWRIGHT_KERNEL(pauses)
"""


def test_values_that_differ_are_a_range_in_the_text_and_each_in_the_data() -> None:
    with tw.open("blackhole") as device:
        kernel = tw.Kernel.from_source(WAITS_FOR_MORE, "waits.cpp")
        semaphore = device.semaphore(0)
        tiles = device.tiles
        with pytest.raises(tw.DeadlockError) as caught:
            device.run(
                kernel, tiles, {tile: [semaphore, number] for number, tile in enumerate(tiles)}
            )
    error = caught.value
    assert len(str(error)) < 4000
    assert len(str(error).splitlines()) <= 40
    assert "140 cores, (0, 0, 0) to (13, 9, 0), each at waits.cpp:4 in waits" in str(error)
    assert "semaphore 0 (0x10000) to be >= 1 to 140 (it is 0)" in str(error)
    assert len(error.waits) == 140
    wanted = {wait.core[:2]: wait.awaited[0].wanted for wait in error.waits}
    assert wanted == {tile: f">= {number + 1}" for number, tile in enumerate(tiles)}
    full = error.full_report
    assert full.count("\n  core (") == 140
    assert "waits(tilewright::kernel::Semaphore, unsigned" in full


def test_waits_as_data_survive_pickling() -> None:
    with tw.open("tiny") as device:
        kernel = tw.Kernel.from_source(WAITS_FOR_MORE, "waits.cpp")
        semaphore = device.semaphore(7)
        with pytest.raises(tw.DeadlockError) as caught:
            device.run(kernel, device.tiles, [semaphore, 8])
    error = caught.value
    (wait,) = error.waits
    assert wait.cores == [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)]
    assert wait.where == "4 cores, (0, 0, 0) to (1, 1, 0)"
    assert (wait.kernel, wait.file, wait.line, wait.function) == (
        "waits.cpp",
        "waits.cpp",
        4,
        "waits",
    )
    (awaited,) = wait.awaited
    assert (awaited.kind, awaited.address) == ("semaphore", semaphore.address)
    assert (awaited.value, awaited.relation, awaited.target) == (7, ">=", 9)
    assert wait.last_writer is None
    assert wait.period == 0
    assert not error.running
    twin = pickle.loads(pickle.dumps(error))
    assert isinstance(twin, tw.DeadlockError)
    assert str(twin) == str(error)
    assert twin.waits == error.waits
    assert twin.full_report == error.full_report


def test_who_could_have_written_is_told_as_data() -> None:
    source = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;
static void ring(Semaphore s, std::uint32_t x, std::uint32_t y) {
    s.wait_min(2);
    s.remote_add(x, y, 1);
}
TILEWRIGHT_KERNEL(ring)
"""
    with tw.open("tiny") as device:
        kernel = tw.Kernel.from_source(source, "ring.cpp")
        with pytest.raises(tw.DeadlockError) as caught:
            device.run(kernel, device.tiles, [device.semaphore(), 0, 0])
    (wait,) = caught.value.waits
    (writer,) = wait.could_write
    assert sorted(writer.cores) == sorted(wait.cores)
    assert (writer.file, writer.line, writer.state) == ("ring.cpp", 6, "waits")
    assert "set by 4 cores, (0, 0, 0) to (1, 1, 0) at ring.cpp:6" in str(caught.value)


@pytest.mark.parametrize("through_queue", [False, True])
def test_a_livelock_is_a_deadlock_with_a_period(through_queue: bool) -> None:
    with tw.open("tiny") as device:
        kernel = tw.Kernel.from_source(PAUSES, "pauses.cpp")
        semaphore = device.semaphore()
        queue = device.queue()
        if through_queue:
            queue.run(kernel, [(0, 1)], [semaphore])
        else:
            device.launch(kernel, [(0, 1)], [semaphore])
        finish = queue.finish if through_queue else device.finish
        with pytest.raises(tw.DeadlockError, match="repeats itself every") as caught:
            finish()
        (wait,) = caught.value.waits
        assert wait.cores == [(0, 1, 0)]
        assert 10 < wait.period < 1000
        assert wait.awaited[0].name.startswith("semaphore 0")
        assert wait.line in (6, 7)
        assert "step 1 done" in str(caught.value)
        assert not device.busy


SPINNING_TASK = """
#include "tilewright/kernel/tasks.hpp"
static void spins(std::int64_t* args) {
    const auto* word = tilewright::kernel::pointer_of<volatile std::uint32_t>(args[0]);
    while (*word == 0) {
        for (volatile int i = 0; i < 10; i = i + 1) {}
    }
}
TILEWRIGHT_TASKS({"spins", spins, tilewright::kernel::on_any})
"""


def test_a_graph_that_spins_is_told() -> None:
    with tw.open("ascend") as device:
        word = device.zeros(16, placement=tw.Placement.bank(0))
        graph = tw.Graph(device, functions=tw.Kernel.from_source(SPINNING_TASK, "spins.cpp"))
        graph.add("spins", [word])
        with pytest.raises(tw.DeadlockError, match="repeats itself") as caught:
            graph.run()
    assert "of direct memory" in str(caught.value)
    assert "of 1 tasks 0 had ended, 1 were executing" in str(caught.value)


@pytest.fixture
def interruptible() -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("options", [{}, {"checks": True}, {"quantum_cycles": 1 << 18}])
def test_ctrl_c_tells_where_a_spinning_core_is(options: dict[str, object]) -> None:
    def once() -> float:
        sent = 0.0

        def send() -> None:
            nonlocal sent
            sent = time.perf_counter()
            os.kill(os.getpid(), signal.SIGINT)

        threading.Timer(0.3, send).start()
        with pytest.raises(KeyboardInterrupt) as stop:
            device.run(tw.Kernel.from_source(SPINS, "spins.cpp"), [(1, 1)])
        after = time.perf_counter() - sent
        (note,) = stop.value.__notes__
        assert "core (1, 1, 0) at spins.cpp:6 in spins; " in note
        assert "instructions since cycle " in note
        assert "printed last: begins" in note
        (core,) = stop.value.running  # type: ignore[attr-defined]
        assert core.core == (1, 1, 0)
        assert core.instructions > 100_000
        assert core.last_printed == "begins"
        assert device.cycle > core.since + 100_000
        return after

    with tw.open("tiny", **options) as device:  # type: ignore[arg-type]
        # The best of some: a busy host may hold up any one of them.
        assert min(once() for _ in range(3)) < 0.1


def test_a_cycle_limit_tells_the_same_and_so_does_a_callback() -> None:
    with tw.open("tiny") as device:
        spins = tw.Kernel.from_source(SPINS, "spins.cpp")
        with pytest.raises(tw.CycleLimitError) as caught:
            device.run(spins, [(0, 0), (1, 0)], cycle_limit=50_000)
        assert [core.core for core in caught.value.running] == [(0, 0, 0), (1, 0, 0)]
        assert "2 cores, (0, 0, 0) to (1, 0, 0) at spins.cpp:6 in spins; " in str(caught.value)
        assert pickle.loads(pickle.dumps(caught.value)).running == caught.value.running


def test_a_callback_tells_who_runs_and_who_waits() -> None:
    seen: list[tuple[list[tw.CoreRunning], list[tw.CoreWait]]] = []
    with tw.open("full") as device:
        device.launch(tw.Kernel.from_source(SPINS, "spins.cpp"), [(0, 0)])
        device.launch(tw.Kernel.from_source(WAITS, "waits.cpp"), [(1, 0)], [device.semaphore(), 1])
        bank, pad = device.memory("dram", 0), device.memory("scratchpad", 0)
        device.dma(
            bank.address,
            pad.address,
            16384,
            on_done=lambda: seen.append((device.running, device.waiting)),
        )
        with pytest.raises(tw.CycleLimitError):
            device.finish(cycle_limit=100_000)
    (((core,), (wait,)),) = seen
    assert (core.core, core.function, core.state) == ((0, 0, 0), "spins", "runs")
    assert (wait.core, wait.awaited[0].wanted) == ((1, 0, 0), "== 1")


LONG = """
import tilewright as tw
kernel = tw.Kernel.from_source({source!r}, "spins.cpp")
with tw.open("tiny") as device:
    try:
        device.run(kernel, [(0, 0)], cycle_limit={cycles})
    except tw.CycleLimitError:
        print("limit")
"""


def on_a_terminal(code: str) -> str:
    """What a terminal gets of a Python program."""
    main, side = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], stdout=side, stderr=side) as process:
        os.close(side)
        seen = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait()
    os.close(main)
    return seen.decode(errors="replace")


def test_on_a_terminal_a_long_run_shows_a_line_and_a_short_one_none() -> None:
    shown = on_a_terminal(LONG.format(source=SPINS, cycles=5_000_000_000))
    assert "at work: spins.cpp:6 in spins" in shown
    assert "M instructions/s; 1 core at work: spins.cpp" in shown
    assert shown.rstrip().endswith("limit")
    assert on_a_terminal(LONG.format(source=SPINS, cycles=10_000)).strip() == "limit"


def test_without_a_terminal_nothing_is_shown() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LONG.format(source=SPINS, cycles=500_000_000)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "limit"
    assert done.stderr == ""
