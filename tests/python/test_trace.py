"""Timelines: Perfetto's own classes read them, they say what happened, and recording costs nothing
that the chip could see."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw

perfetto_trace_pb2 = pytest.importorskip("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
unknown_fields = pytest.importorskip("google.protobuf.unknown_fields")

ZONED = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void zoned(Buffer data, Semaphore done) {
    const Zone whole("whole");
    auto* words = l1<std::uint32_t>(l1_user_base);
    {
        const Zone zone("load \\"it\\"");
        data.read(0, words, 256);
        noc_async_read_barrier();
    }
    data.write(0, words, 256);
    noc_async_write_barrier();
    (void)done;
}
TILEWRIGHT_KERNEL(zoned)
"""


@pytest.fixture(scope="module")
def zoned() -> tw.Kernel:
    return tw.Kernel.from_source(ZONED, "zoned")


def run(device: tw.Device, kernel: tw.Kernel) -> tw.Run:
    data = device.put(np.arange(64, dtype=np.uint32))
    return device.run(kernel, [(0, 0), (1, 1)], [data, device.semaphore()])


class Timeline:
    """What a Perfetto file says, with names and tracks resolved as the format's rules have it."""

    def __init__(self, file: Path) -> None:
        trace = perfetto_trace_pb2.Trace.FromString(file.read_bytes())
        self.tracks: dict[int, tuple[str, int]] = {}
        self.slices: list[tuple[str, str, int, int]] = []  # track, name, begin, end
        self.instants: list[tuple[str, str, int]] = []
        self.flows_from: list[int] = []
        self.flows_to: list[int] = []
        names: dict[int, str] = {}
        events: list[Any] = []
        assert trace.packet[0].sequence_flags == 1  # SEQ_INCREMENTAL_STATE_CLEARED
        for packet in trace.packet:
            for message in (packet, packet.track_event, packet.track_descriptor):
                assert len(unknown_fields.UnknownFieldSet(message)) == 0
            assert packet.trusted_packet_sequence_id == 1
            if packet.HasField("track_descriptor"):
                d = packet.track_descriptor
                assert d.uuid not in self.tracks
                self.tracks[d.uuid] = (d.name, d.parent_uuid)
            for name in packet.interned_data.event_names:
                names[name.iid] = name.name
            if packet.HasField("track_event"):
                assert packet.sequence_flags == 2  # SEQ_NEEDS_INCREMENTAL_STATE
                events.append(packet)
        assert all(parent == 0 or parent in self.tracks for _, parent in self.tracks.values())
        stacks: dict[int, list[tuple[str, int]]] = {}
        kinds = perfetto_trace_pb2.TrackEvent
        for packet in sorted(events, key=lambda p: int(p.timestamp)):  # stable, as the viewer's
            event = packet.track_event
            track = self.path(event.track_uuid)
            stack = stacks.setdefault(event.track_uuid, [])
            self.flows_from += event.flow_ids
            self.flows_to += event.terminating_flow_ids
            if event.type == kinds.TYPE_SLICE_BEGIN:
                stack.append((names[event.name_iid], packet.timestamp))
            elif event.type == kinds.TYPE_SLICE_END:
                name, start = stack.pop()
                self.slices.append((track, name, start, packet.timestamp))
            else:
                assert event.type == kinds.TYPE_INSTANT
                self.instants.append((track, names[event.name_iid], packet.timestamp))
        assert not any(stacks.values())

    def path(self, uuid: int) -> str:
        name, parent = self.tracks[uuid]
        return f"{self.tracks[parent][0]}/{name}" if parent else name

    def on(self, track: str) -> list[tuple[str, int, int]]:
        found = [(name, a, b) for t, name, a, b in self.slices if t == track]
        return sorted(found, key=lambda s: (s[1], -s[2]))


def test_timeline_says_what_the_run_says(
    device: tw.Device, zoned: tw.Kernel, tmp_path: Path
) -> None:
    file = tmp_path / "run.pftrace"
    with device.trace(file):
        report = run(device, zoned)
    timeline = Timeline(file)
    for core in report.cores:
        x, y, p = core.core
        slices = timeline.on(f"tile ({x}, {y})/core {p}")
        assert slices[0] == ("zoned", core.start, core.end)
        named = {name: b - a for name, a, b in slices}
        assert {"whole", 'load "it"', "wait for reads, NoC 0"} <= named.keys()
        waits = sum(b - a for name, a, b in slices if name.startswith("wait for"))
        assert waits == core.waiting_cycles > 0
        assert named['load "it"'] >= named["wait for reads, NoC 0"]
    moves = [s for s in timeline.slices if "/core 0 transfers" in s[0]]
    packets = device.counters["noc0.packets"] + device.counters["noc1.packets"]
    assert len(moves) == packets / 2  # a command and its answer are two
    assert sorted(timeline.flows_from) == sorted(timeline.flows_to) == [*range(1, len(moves) + 1)]
    for bank in range(device.config.dram_bank_count):
        busy = sum(b - a for _, a, b in timeline.on(f"DRAM/bank {bank}"))
        assert busy == device.counters[f"dram{bank}.busy_cycles"]


def test_chrome_json_has_the_same_slices(zoned: tw.Kernel, tmp_path: Path) -> None:
    with tw.open("tiny") as device, device.trace(tmp_path / "run.json"):
        run(device, zoned)
    with tw.open("tiny") as device, device.trace(tmp_path / "run.pftrace"):
        run(device, zoned)
    events = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    begun = Counter((e["name"], round(e["ts"] * 1000)) for e in events if e["ph"] == "B")
    slices = Timeline(tmp_path / "run.pftrace").slices
    assert begun == Counter((name, start) for _, name, start, _ in slices)
    kinds = Counter(e["ph"] for e in events)
    assert kinds["B"] == kinds["E"]
    assert kinds["s"] == kinds["f"] == kinds["i"]


def test_tracing_changes_no_cycle(zoned: tw.Kernel, tmp_path: Path) -> None:
    with tw.open("tiny") as device:
        plain = run(device, zoned)
        counters = device.counters
    with tw.open("tiny") as device, device.trace(tmp_path / "run.pftrace"):
        traced = run(device, zoned)
        assert device.counters == counters
    assert [(c.start, c.end, c.instructions) for c in plain.cores] == [
        (c.start, c.end, c.instructions) for c in traced.cores
    ]


def test_a_deadlock_is_in_the_timeline(device: tw.Device, tmp_path: Path) -> None:
    source = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void starve(Semaphore s) { s.wait_min(1); }
TILEWRIGHT_KERNEL(starve)
"""
    kernel = tw.Kernel.from_source(source, "starve")
    file = tmp_path / "dead.pftrace"
    with pytest.raises(tw.DeadlockError), device.trace(file):
        device.run(kernel, [(0, 0)], [device.semaphore()])
    names = [name for name, _, _ in Timeline(file).on("tile (0, 0)/core 0")]
    assert names == ["starve", "wait for semaphore 0"]


def test_one_trace_at_a_time_and_only_where_one_can_write(
    device: tw.Device, zoned: tw.Kernel, tmp_path: Path
) -> None:
    with (
        pytest.raises(tw.Error, match=r"cannot write .*nowhere"),
        device.trace(tmp_path / "nowhere" / "run.pftrace"),
    ):
        pass
    with device.trace(tmp_path / "a.pftrace"):
        with pytest.raises(tw.Error, match="traced already"), device.trace(tmp_path / "b.pftrace"):
            pass
        run(device, zoned)
    Timeline(tmp_path / "a.pftrace")
    with device.trace(tmp_path / "c.pftrace"):
        device.close()
    Timeline(tmp_path / "c.pftrace")


def test_queues_are_in_the_timeline(
    device: tw.Device, double_kernel: tw.Kernel, tmp_path: Path
) -> None:
    data = device.zeros(500, np.uint32)
    copies, work = device.queue(), device.queue()
    with device.trace(tmp_path / "run.pftrace"):
        copies.write(data, np.ones(500, np.uint32))
        there = copies.record()
        work.wait(there)
        work.run(double_kernel, [(0, 0)], [data, 500])
        done = work.record()
        copies.wait(done)
        back = copies.read(data)
        copies.finish()
    assert (back.numpy() == 2).all()
    timeline = Timeline(tmp_path / "run.pftrace")
    (write, read) = timeline.on("queues/queue 0")
    ((name, start, end),) = timeline.on("queues/queue 1")
    assert write == ("write", 0, there.cycle)
    assert (name, start, end) == ("double_all", there.cycle, done.cycle)
    assert read[:2] == ("read", done.cycle)


CALLS = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
[[gnu::noinline]] static std::uint32_t fibonacci(std::uint32_t n) {
    if (n < 2) return n;
    std::uint32_t sum = fibonacci(n - 1) + fibonacci(n - 2);
    asm volatile("" : "+r"(sum));  // else the compiler makes a loop of one of the two
    return sum;
}
[[gnu::noinline]] static void spin(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) asm volatile("");
}
[[gnu::noinline]] static void ends_in_spin(std::uint32_t n) {
    asm volatile("");
    spin(n);
}
[[gnu::noinline]] static void starve(Semaphore s) {
    s.wait_min(1);
    asm volatile("");
}
static void calls(Buffer data, std::uint32_t n, Semaphore s, std::uint32_t fails) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    {
        const Zone zone("spinning");
        spin(1000);
    }
    ends_in_spin(500);
    words[0] = fibonacci(n);
    words[1] = fibonacci(1);
    data.write(0, words, 8);
    noc_async_write_barrier();
    if (fails) starve(s);
}
TILEWRIGHT_KERNEL(calls)
"""


@pytest.fixture(scope="module")
def calls() -> tw.Kernel:
    return tw.Kernel.from_source(CALLS, "calls")


def run_calls(device: tw.Device, kernel: tw.Kernel, n: int, fails: int = 0) -> tw.Run:
    data = device.zeros(2, np.uint32)
    run = device.run(kernel, [(0, 0)], [data, n, device.semaphore(), fails])
    assert data.numpy().tolist() == [[0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55][n], 1]
    return run


FUNCTIONS = "tile (0, 0)/core 0 functions"


def nesting(slices: list[tuple[str, int, int]]) -> list[tuple[str, ...]]:
    """The names of the slices that each slice lies in, and its own."""
    paths: list[tuple[str, ...]] = []
    open_slices: list[tuple[str, int, int]] = []
    for piece in slices:  # by begin, longest first
        while open_slices and open_slices[-1][2] <= piece[1]:
            open_slices.pop()
        assert all(piece[2] <= outer[2] for outer in open_slices)
        open_slices.append(piece)
        paths.append(tuple(name for name, _, _ in open_slices))
    return paths


def test_functions_are_slices_in_those_that_call_them(calls: tw.Kernel, tmp_path: Path) -> None:
    n = 7
    with tw.open("tiny") as device:
        plain = run_calls(device, calls, n)
    with tw.open("tiny") as device:
        with device.trace(tmp_path / "run.pftrace", shortest_function=0):
            run = run_calls(device, calls, n)
        with device.trace(tmp_path / "none.pftrace", functions=False):
            run_calls(device, calls, n)
    with tw.open("tiny") as device, device.trace(tmp_path / "long.pftrace"):
        run_calls(device, calls, n)
    assert (run.cycles, run.instructions) == (plain.cycles, plain.instructions)
    timeline = Timeline(tmp_path / "run.pftrace")
    slices = timeline.on(FUNCTIONS)
    (core,) = run.cores
    assert slices[0][1:] == (core.start, core.end)  # where the program begins
    count = Counter(name for name, _, _ in slices)
    # The calls of fibonacci(n) are 2 fibonacci(n + 1) - 1.
    assert count["fibonacci(unsigned int)"] == 2 * 21 - 1 + 1
    depth = max(path.count("fibonacci(unsigned int)") for path in nesting(slices))
    assert depth == n
    assert count["spin(unsigned int)"] == 2
    assert count["ends_in_spin(unsigned int)"] == 1
    spins = [b - a for name, a, b in slices if name == "spin(unsigned int)"]
    assert 1.9 < spins[0] / spins[1] < 2.1
    # The kernel's own zone says how long the first one took, with a few instructions around it.
    zones = {name: b - a for name, a, b in timeline.on("tile (0, 0)/core 0")}
    assert 0 < zones["spinning"] - spins[0] < 30

    assert not Timeline(tmp_path / "none.pftrace").on(FUNCTIONS)
    long = [(name, a, b) for name, a, b in slices if b - a >= 500]
    assert Timeline(tmp_path / "long.pftrace").on(FUNCTIONS) == long
    assert 1 < len(long) < len(slices)


def test_chrome_json_has_the_same_functions(calls: tw.Kernel, tmp_path: Path) -> None:
    for file in ("run.json", "run.pftrace"):
        with tw.open("tiny") as device, device.trace(tmp_path / file, shortest_function=0):
            run_calls(device, calls, 5)
    events = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    begun = Counter((e["name"], round(e["ts"] * 1000)) for e in events if e["ph"] == "B")
    slices = Timeline(tmp_path / "run.pftrace").slices
    assert begun == Counter((name, start) for _, name, start, _ in slices)
    assert sum(e["ph"] == "E" for e in events) == len(slices)


def test_functions_of_a_core_that_stays_in_one_are_all_there(
    calls: tw.Kernel, tmp_path: Path
) -> None:
    with tw.open("tiny") as device:
        data = device.zeros(2, np.uint32)
        with pytest.raises(tw.DeadlockError), device.trace(tmp_path / "run.pftrace"):
            device.run(calls, [(0, 0)], [data, 5, device.semaphore(), 1])
        slices = Timeline(tmp_path / "run.pftrace").on(FUNCTIONS)
        assert nesting(slices)[-1][-1].startswith("starve(")
        again = tmp_path / "again.pftrace"
        with device.trace(again, shortest_function=0):
            run_calls(device, calls, 5)
        assert len(Timeline(again).on(FUNCTIONS)) > len(slices)


def test_functions_with_checks_and_after_restoring(calls: tw.Kernel, tmp_path: Path) -> None:
    n = 9
    with tw.open("tiny") as device:
        plain = tmp_path / "plain.pftrace"
        with device.trace(plain, shortest_function=0):
            cycles = run_calls(device, calls, n).cycles
        expected = Timeline(plain).on(FUNCTIONS)
    part = cycles * 3 // 4
    with tw.open("tiny") as device:
        device.checks = True
        checked = tmp_path / "checked.pftrace"
        with device.trace(checked, shortest_function=0):
            assert run_calls(device, calls, n).cycles == cycles
        assert Timeline(checked).on(FUNCTIONS) == expected
    # What is restored begins where the core was, which may be ahead by its quantum.
    with tw.open("tiny", quantum_cycles=16) as device:
        data = device.zeros(2, np.uint32)
        cut = tmp_path / "cut.pftrace"
        with device.trace(cut, shortest_function=0):
            device.launch(calls, [(0, 0)], [data, n, device.semaphore(), 0])
            device.advance_to(part)
            image = device.snapshot()
            device.advance_to(cycles * 7 // 8)
            device.restore(image)
            assert device.finish().cycles == cycles
        timeline = Timeline(cut)
        first = timeline.on(FUNCTIONS)
        second = timeline.on(FUNCTIONS + ", restored 1")
    ended = [s for s in expected if s[2] < part]
    assert [s for s in first if s[2] < part] == ended
    begun = [s for s in expected if s[1] > part + 20]
    assert [s for s in second if s[1] > part + 20] == begun
    assert len(ended) > 10
    assert len(begun) > 10


def test_a_shortest_function_below_nothing_is_refused(device: tw.Device, tmp_path: Path) -> None:
    with (
        pytest.raises(tw.ArgumentError, match="shortest_function is -1; expected 0 cycles"),
        device.trace(tmp_path / "run.pftrace", shortest_function=-1),
    ):
        pass


POLLS = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
[[gnu::noinline]] static std::uint32_t wait_for(volatile std::uint32_t* word, std::uint32_t value) {
    while (*word != value) {}
    return value;
}
[[gnu::noinline]] static void spin(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) asm volatile("");
}
static void polls(std::uint32_t waits) {
    auto* word = l1<volatile std::uint32_t>(l1_user_base);
    std::uint32_t sum = 0;
    for (std::uint32_t i = 1; i <= 4; ++i) {
        if (waits) {
            sum += wait_for(word, i);
        } else {
            spin(300 * i);
            asm volatile("fence" ::: "memory");
            *word = i;
            asm volatile("fence" ::: "memory");
        }
    }
    word[1 + waits] = sum;
}
TILEWRIGHT_KERNEL(polls)
"""


def test_functions_that_poll_take_the_cycles_of_spinning(tmp_path: Path) -> None:
    kernel = tw.Kernel.from_source(POLLS, "polls")
    seen = []
    for parks in (0, 1):
        file = tmp_path / f"{parks}.pftrace"
        with (
            tw.open("tiny", park_polling_loops=parks) as device,
            device.trace(file, shortest_function=0),
        ):
            device.run(kernel, [(0, 0, 0), (0, 0, 1)], {(0, 0, 0): [1], (0, 0, 1): [0]})
        timeline = Timeline(file)
        seen.append([timeline.on(f"tile (0, 0)/core {core} functions") for core in (0, 1)])
        parked = any(s[1].startswith("wait for L1 word") for s in timeline.slices)
        assert parked == bool(parks)
    assert seen[0] == seen[1]
    waits = [b - a for name, a, b in seen[0][0] if name.startswith("wait_for(")]
    assert len(waits) == 4
    assert all(a < b for a, b in pairwise(waits))


def test_functions_of_kernels_that_a_graph_runs_lie_in_those_of_its_worker(
    calls: tw.Kernel, tmp_path: Path
) -> None:
    file = tmp_path / "run.pftrace"
    with tw.open("ascend") as device:
        data = device.zeros(2, np.uint32)
        graph = tw.Graph(device)
        unused: Any = device.semaphore()
        first = graph.add(calls, [data, 5, unused, 0])
        graph.add(calls, [data, 6, unused, 0], after=[first])
        with device.trace(file, shortest_function=0):
            graph.run()
    timeline = Timeline(file)
    count: Counter[str] = Counter()
    for track in {track for track, *_ in timeline.slices if track.endswith(" functions")}:
        for path in nesting(timeline.on(track)):
            if path[-1].startswith("fibonacci("):
                assert path[0] == "_start"
                assert [name.split("(")[0] for name in path].count("calls") == 1
                count[path[-1]] += 1
    assert count["fibonacci(unsigned int)"] == (2 * 8 - 1 + 1) + (2 * 13 - 1 + 1)


def test_a_recording_that_begins_late_has_what_is_called_from_then_on(
    calls: tw.Kernel, tmp_path: Path
) -> None:
    n = 9
    whole, late = tmp_path / "whole.pftrace", tmp_path / "late.pftrace"
    with tw.open("tiny", quantum_cycles=16) as device, device.trace(whole, shortest_function=0):
        cycles = run_calls(device, calls, n).cycles
    part = cycles * 3 // 4
    with tw.open("tiny", quantum_cycles=16) as device:
        device.launch(calls, [(0, 0)], [device.zeros(2, np.uint32), n, device.semaphore(), 0])
        device.advance_to(part)
        with device.trace(late, shortest_function=0):
            device.finish()
    expected = [s for s in Timeline(whole).on(FUNCTIONS) if s[1] > part + 20]
    assert [s for s in Timeline(late).on(FUNCTIONS) if s[1] > part + 20] == expected
    assert len(expected) > 10


def test_names_of_functions_are_text_whatever_a_program_has(tmp_path: Path) -> None:
    source = """
#include <tilewright/kernel.hpp>
[[gnu::noinline]] static void größe(std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) asm volatile("");
}
static void named(std::uint32_t n) {
    größe(n);
    asm volatile("");
}
TILEWRIGHT_KERNEL(named)
"""
    elf = tw.Kernel.from_source(source, "named").elf
    named = "größe".encode()
    assert named in elf
    for size, replaced in (("größe", named), ("gr????e", b"gr\xff\xfe\xc3\xffe")):
        kernel = tw.Kernel.from_elf(elf.replace(named, replaced), "named")
        for file in (tmp_path / "run.pftrace", tmp_path / "run.json"):
            with tw.open("tiny") as device, device.trace(file, shortest_function=0):
                device.run(kernel, [(0, 0)], [10])
        json.loads((tmp_path / "run.json").read_text("utf-8"))
        names = {
            name.split("(")[0] for name, _, _ in Timeline(tmp_path / "run.pftrace").on(FUNCTIONS)
        }
        assert size in names, names
