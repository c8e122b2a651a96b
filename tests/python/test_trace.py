"""Timelines: Perfetto's own classes read them, they say what happened, and recording costs nothing
that the chip could see."""

import json
from collections import Counter
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
