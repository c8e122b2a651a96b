"""Priorities of tasks, and graphs in queues."""

import heapq
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tilewright as tw

BANK = tw.Placement.bank(0)


@pytest.fixture
def chip() -> Iterator[tw.Device]:
    with tw.open("ascend") as device:
        yield device


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_one_worker_takes_the_highest_that_is_ready(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 20))
    priorities = data.draw(st.lists(st.integers(0, 7), min_size=count, max_size=count))
    after = [
        sorted(data.draw(st.sets(st.integers(0, task - 1), max_size=3))) if task else []
        for task in range(count)
    ]
    with tw.open("ascend") as device:
        graph = tw.Graph(device)
        for priority, before in zip(priorities, after, strict=True):
            graph.add("add", [0, 0, 0, 0], after=before, priority=priority)
        assert [graph.priority(task) for task in range(count)] == priorities
        run = graph.run(workers=[(0, 0)], tasks_ahead=1)
    waits = [len(before) for before in after]
    ready: list[tuple[int, int, int]] = []  # by priority, then by when it became so
    turn = 0
    for task in range(count):
        if not waits[task]:
            heapq.heappush(ready, (-priorities[task], turn := turn + 1, task))
    expected = []
    while ready:
        _, _, ended = heapq.heappop(ready)
        expected.append(ended)
        for task in range(count):
            if ended in after[task]:
                waits[task] -= 1
                if not waits[task]:
                    heapq.heappush(ready, (-priorities[task], turn := turn + 1, task))
    assert np.argsort(run.tasks["started"]).tolist() == expected


def test_priorities_from_arrays_are_those_one_by_one(chip: tw.Device) -> None:
    rows = np.zeros((6, 4), np.uint64)
    levels = [0, 3, 1, 7, 0, 2]
    many = tw.Graph(chip)
    many.add_tasks(0, rows[:1])
    many.add_tasks(0, rows, priorities=levels)
    many.add_tasks(0, rows[:2], priorities=4)
    assert [many.priority(task) for task in range(9)] == [0, *levels, 4, 4]
    whole = tw.Graph(chip)
    whole.append(many)
    assert [whole.priority(task) for task in range(9)] == [0, *levels, 4, 4]


@pytest.mark.parametrize("priority", [-1, 8, 1.5, "high"])
def test_what_is_no_priority_is_refused(chip: tw.Device, priority: object) -> None:
    graph = tw.Graph(chip)
    with pytest.raises(tw.ArgumentError, match="priority"):
        graph.add("add", [0, 0, 0, 0], priority=priority)  # type: ignore[arg-type]
    with pytest.raises(tw.ArgumentError, match="priorities"):
        graph.add_tasks(0, np.zeros((2, 4), np.uint64), priorities=[0, priority])  # type: ignore[arg-type]
    assert len(graph) == 0


def test_runs_with_priorities_are_equal_to_the_cycle_and_compute_the_same(chip: tw.Device) -> None:
    cycles = set()
    for _ in range(2):
        with tw.open("ascend") as device:
            x = device.zeros(8, placement=BANK)
            graph = tw.Graph(device)
            for task in range(30):
                graph.add("add_scalar", [x, 1.0, x, 8], reads=[x], writes=[x], priority=task % 8)
            cycles.add(graph.run(schedulers=3).cycles)
            assert (x.numpy() == 30).all()
    assert len(cycles) == 1


# --- Queues ---------------------------------------------------------------------------------------


def adding(chip: tw.Device, tasks: int) -> tuple[tw.Graph, tw.Buffer]:
    graph = tw.Graph(chip)
    x = chip.zeros(4, placement=BANK)
    for _ in range(tasks):
        graph.add("add_scalar", [x, 1.0, x, 4], reads=[x], writes=[x])
    return graph, x


def test_a_queue_runs_a_graph_when_its_turn_comes(chip: tw.Device) -> None:
    graph, x = adding(chip, 3)
    queue = chip.queue()
    with graph.prepare() as prepared:
        queue.write(x, np.full(4, 10, np.float32))
        queue.run(prepared)
        seen = queue.read(x)
        queue.run(prepared)
        queue.run(graph)  # prepared for this run
        assert chip.cycle == 0
        run = queue.finish()
        assert (seen.numpy() == 13).all()
        assert (x.numpy() == 19).all()
        told = prepared.result(run)
    assert told.run.cycles == run.cycles
    assert (told.tasks["started"] >= told.start).all()
    assert (told.tasks["ended"] <= run.start + run.cycles).all()
    assert len(told.critical_path()) == 3
    queue.run(graph)
    queue.finish()
    assert (x.numpy() == 22).all()


def test_what_is_queued_travels_in_a_snapshot(chip: tw.Device) -> None:
    graph, x = adding(chip, 5)
    queue = chip.queue()
    with graph.prepare() as prepared:
        queue.run(prepared)
        queue.run(prepared)
        chip.advance_to(2000)
        with tw.open("ascend") as other:
            other.restore(chip.snapshot())
            other.queues[0].finish()
            there = other.read(x.handle.global_address, x.nbytes)
            ended = other.cycle
        queue.finish()
        assert chip.cycle == ended
    assert there == x.numpy().tobytes()
    assert (x.numpy() == 10).all()


def test_what_a_queue_cannot_do_is_refused(chip: tw.Device) -> None:
    graph, _ = adding(chip, 2)
    queue = chip.queue()
    with tw.open("ascend") as other, pytest.raises(tw.ArgumentError, match="another device"):
        other.queue().run(graph.prepare())
    with pytest.raises(tw.ArgumentError, match="their arguments"):
        queue.run(graph, [(0, 0)])
    with (
        graph.prepare(observe_accesses=True) as watched,
        pytest.raises(tw.UnsupportedError, match="observe"),
    ):
        queue.run(watched)
    with graph.prepare() as prepared:
        with pytest.raises(tw.ArgumentError, match="did not run there"):
            prepared.result(queue.finish())
        graph.repeat(0, 1, 2)
        with pytest.raises(tw.StateError, match="changed"):
            queue.run(prepared)
    with graph.prepare() as repeated:
        queue.run(repeated)
        with pytest.raises(tw.UnsupportedError, match="how often"):
            repeated.result(queue.finish())
    assert queue.empty
