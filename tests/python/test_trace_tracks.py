"""Slices of one track nest or follow each other, on every track and in both formats, whatever ran:
viewers pair a beginning with an end by their order, so that others would get wrong lengths."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.zmachine import Game

perfetto_trace_pb2 = pytest.importorskip("perfetto.protos.perfetto.trace.perfetto_trace_pb2")

Slice = tuple[int, int]
#: Beginnings (with a name) and ends (without) of each track, in the order of the file.
Events = dict[str, list[tuple[int, str | None]]]


def chrome_events(file: Path) -> Events:
    events: Events = defaultdict(list)
    entries = json.loads(file.read_text())["traceEvents"]
    names = {
        (e["pid"], e["tid"]): e["args"]["name"]
        for e in entries
        if e["ph"] == "M" and e["name"] == "thread_name"
    }
    for e in entries:
        if e["ph"] in "BE":
            track = f"{e['pid']} {names[e['pid'], e['tid']]}"
            events[track].append((round(e["ts"] * 1000), e.get("name") if e["ph"] == "B" else None))
    return events


def perfetto_events(file: Path) -> Events:
    events: Events = defaultdict(list)
    kinds = perfetto_trace_pb2.TrackEvent
    names: dict[int, str] = {}
    for packet in perfetto_trace_pb2.Trace.FromString(file.read_bytes()).packet:
        for name in packet.interned_data.event_names:
            names[name.iid] = name.name
        event = packet.track_event
        if event.type == kinds.TYPE_SLICE_BEGIN:
            events[str(event.track_uuid)].append((packet.timestamp, names[event.name_iid]))
        elif event.type == kinds.TYPE_SLICE_END:
            events[str(event.track_uuid)].append((packet.timestamp, None))
    return events


def pair(events: list[tuple[int, str | None]]) -> list[tuple[int, int, str]]:
    """Begin, end and name of each slice, as a stack has it."""
    stack: list[tuple[int, str]] = []
    slices = []
    for cycle, name in events:
        if name is not None:
            stack.append((cycle, name))
        else:
            begin, begun = stack.pop()
            slices.append((begin, cycle, begun))
    assert not stack
    return slices


def check(events: Events) -> int:
    """The number of slices, of which viewers see those that were meant."""
    count = 0
    for track, entries in events.items():
        meant = pair(entries)
        seen = pair(sorted(entries, key=lambda entry: entry[0]))  # stable, as viewers sort
        assert sorted(seen) == sorted(meant), track
        ends: list[int] = []
        for begin, end, _ in sorted(meant, key=lambda s: (s[0], -s[1])):
            assert begin <= end, track
            while ends and ends[-1] <= begin:
                ends.pop()
            assert not ends or end <= ends[-1], (
                f"{track}: a slice from {begin} to {end} crosses one"
            )
            ends.append(end)
        count += len(meant)
    return count


def convolution(device: tw.Device) -> None:
    device.conv2d(np.ones((1, 8, 8, 4), np.float32), np.ones((3, 3, 4, 8), np.float32))


def products(device: tw.Device) -> None:
    ones = np.ones((100, 70), np.float32)
    device.matmul(ones, ones.T)
    device.matmul(ones.astype(np.int8), ones.T.astype(np.int8))


def copies_in_one_bank(device: tw.Device) -> None:
    a, b = (device.zeros(1000, placement=tw.Placement.bank(0)) for _ in range(2))
    for engine in range(2):
        device.dma(a, b, 1000, engine=engine)
        device.dma(b, a, 3999, engine=engine)
    device.run_until_idle()


def queues(device: tw.Device) -> None:
    first, second = device.queue(), device.queue()
    data = [device.zeros(5000, np.uint32) for _ in range(3)]
    for queue, x in ((first, data[0]), (second, data[1]), (first, data[2])):
        queue.write(x, np.ones(5000, np.uint32))
        queue.copy(x, data[0] if x is not data[0] else data[2])
    first.finish()
    second.finish()


def kernels_on_one_bank(device: tw.Device) -> None:
    x, y = (device.put(np.arange(3000, dtype=np.int32)) for _ in range(2))
    kernel = tw.Kernel.builtin("scale_add")
    cores = [(0, 0), (0, 1), (1, 0), (1, 1)]
    device.run(kernel, cores, lambda core: [x, y, 3, 0, 0, 700])


def a_graph(device: tw.Device) -> None:
    x = device.zeros(200, placement=tw.Placement.bank(0))
    graph = tw.Graph(device)
    for _ in range(30):
        graph.add("add_scalar", [x, 1.0, x, 200])
    graph.run(schedulers=2)


def a_game(device: tw.Device) -> None:
    game = Game(device=device)
    game.read()
    game.send("look")


def a_deadlock(device: tw.Device) -> None:
    with pytest.raises(tw.DeadlockError):
        device.run(tw.Kernel.builtin("wait_forever"), [(0, 0), (1, 1)], [device.semaphore(), 1])


@pytest.mark.parametrize("format", ["json", "pftrace"])
@pytest.mark.parametrize(
    ("preset", "work"),
    [
        ("kpu", convolution),
        ("kpu", products),
        ("kpu", copies_in_one_bank),
        ("kpu", queues),
        ("tiny", queues),
        ("tiny", kernels_on_one_bank),
        ("tiny", a_game),
        ("tiny", a_deadlock),
        ("ascend", a_graph),
        ("full", products),
        ("blackhole", kernels_on_one_bank),
    ],
)
def test_slices_nest_or_follow(
    preset: str, work: Callable[[tw.Device], None], format: str, tmp_path: Path
) -> None:
    file = tmp_path / f"run.{format}"
    with tw.open(preset) as device, device.trace(file, shortest_function=0):
        work(device)
    events = chrome_events(file) if format == "json" else perfetto_events(file)
    assert check(events) > 0


@pytest.mark.parametrize("format", ["json", "pftrace"])
def test_of_the_tasks_of_a_graph(format: str, tmp_path: Path) -> None:
    with tw.open("ascend") as device:
        x = device.zeros(200, placement=tw.Placement.bank(0))
        graph = tw.Graph(device)
        for task in range(40):
            graph.add("add_scalar", [x, 1.0, x, 5 + task % 7], reads=[], writes=[])
        file = tmp_path / f"graph.{format}"
        graph.run().trace(file)
    assert check(chrome_events(file) if format == "json" else perfetto_events(file)) >= 40


def test_a_copy_in_one_bank_takes_its_bus_once(tmp_path: Path) -> None:
    """What the track of a bank shows is what the counter counts."""
    file = tmp_path / "run.json"
    with tw.open("kpu") as device:
        with device.trace(file):
            convolution(device)
        counted = [device.counters[f"dram{bank}.busy_cycles"] for bank in range(2)]
    events = chrome_events(file)
    for bank, busy in enumerate(counted):
        (track,) = (name for name in events if name.endswith(f" bank {bank}"))
        assert sum(end - begin for begin, end, _ in pair(events[track])) == busy
