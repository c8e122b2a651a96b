"""Graphs that were written to a chip once and run again and again."""

import pickle
from collections.abc import Iterator

import numpy as np
import pytest

import tilewright as tw

BANK = tw.Placement.bank(0)


@pytest.fixture
def chip() -> Iterator[tw.Device]:
    with tw.open("ascend") as device:
        yield device


def counting(chip: tw.Device, tasks: int = 3) -> tuple[tw.Graph, tw.Buffer]:
    """A graph that adds 1 to a buffer so many times, and the buffer."""
    graph = tw.Graph(chip)
    x = chip.zeros(4, placement=BANK)
    for _ in range(tasks):
        graph.add("add_scalar", [x, 1.0, x, 4], reads=[x], writes=[x])
    return graph, x


def relative(run: tw.GraphRun) -> list[list[int]]:
    times = ("ready", "dispatched", "started", "ended")
    rows = [[int(row[name]) - run.start for name in times] for row in run.tasks]
    return [[*row, int(worker)] for row, worker in zip(rows, run.tasks["worker"], strict=True)]


def test_runs_of_a_prepared_graph_are_those_of_the_graph(chip: tw.Device) -> None:
    graph, x = counting(chip)
    with tw.open("ascend") as other, counting(other)[0].prepare() as prepared:
        again = [prepared.run() for _ in range(3)]
    anew = [graph.run() for _ in range(3)]
    assert (x.numpy() == 9).all()
    for one, other_one in zip(again, anew, strict=True):
        assert relative(one) == relative(other_one)
        assert one.cycles == other_one.cycles


def test_each_run_begins_with_the_graph_as_it_was_built(chip: tw.Device) -> None:
    graph, x = counting(chip, 1)
    step = graph.add("add_scalar", [x, 1.0, x, 4], reads=[x], writes=[x])
    graph.repeat(step, step, 5)
    with graph.prepare(schedulers=2) as prepared:
        for count in (1, 2, 3):
            run = prepared.run()
            assert (x.numpy() == 6 * count).all()
            assert len(run.executions) == 6


def test_its_memory_is_given_back(chip: tw.Device) -> None:
    graph, _ = counting(chip)
    before = len(chip.buffers)
    prepared = graph.prepare()
    assert len(chip.buffers) > before
    prepared.run()
    prepared.close()
    prepared.close()
    assert len(chip.buffers) == before
    with pytest.raises(tw.ClosedError, match="prepared graph is closed"):
        prepared.run()


def test_what_has_changed_is_not_run(chip: tw.Device) -> None:
    graph, x = counting(chip)
    prepared = graph.prepare()
    graph.add("add", [x, x, x, 4])
    with pytest.raises(tw.StateError, match="changed since it was prepared"):
        prepared.run()
    other, y = counting(chip)
    with other.prepare() as prepared:
        y.free()
        with pytest.raises(tw.AddressError, match="freed"):
            prepared.run()


def test_a_pointer_to_what_was_freed_is_found_before_the_run(chip: tw.Device) -> None:
    x = chip.zeros(4, placement=BANK)
    graph = tw.Graph(chip)
    row = np.array([[x.core_address, x.core_address, x.core_address, 4]], np.uint64)
    graph.add_tasks(0, row, pointers=[0, 1, 2])
    with graph.prepare() as prepared:
        prepared.run()
        x.free()
        with pytest.raises(tw.AddressError, match="argument 0"):
            prepared.run()


def test_after_a_fault_and_a_stop_it_runs_again(chip: tw.Device) -> None:
    graph, x = counting(chip)
    with graph.prepare() as prepared:
        with pytest.raises(tw.CycleLimitError, match="had not started"):
            prepared.run(cycle_limit=300)
        x.write(np.zeros(4, np.float32))
        prepared.run()
    assert (x.numpy() == 3).all()


def test_it_checks_what_tasks_touch(chip: tw.Device) -> None:
    a, b = (chip.zeros(4, placement=BANK) for _ in range(2))
    graph = tw.Graph(chip, infer=False)
    graph.add("add_scalar", [a, 1.0, b, 4], name="left")
    graph.add("add_scalar", [b, 1.0, a, 4], name="right")
    with graph.prepare(observe_accesses=True) as prepared:
        for _ in range(2):
            assert {str(race).split()[0] for race in prepared.run().races} == {"left"}
    with graph.prepare() as prepared, pytest.raises(tw.StateError, match="observe_accesses"):
        _ = prepared.run().races


def test_only_workers_that_tasks_could_need_take_part(chip: tw.Device) -> None:
    graph, _ = counting(chip)
    run = graph.run()
    assert len(run.workers) == 72
    assert len(run.run.cores) == 1 + 3  # the scheduler, and one for each task
    assert sum(box.ready for box in run.handshakes) == 3
    assert sum(box.done for box in run.handshakes) == 3


def test_one_device_has_several(chip: tw.Device) -> None:
    first, x = counting(chip)
    second, y = counting(chip, 5)
    with first.prepare() as one, second.prepare() as two:
        for _ in range(2):
            one.run()
            two.run()
    assert (x.numpy() == 6).all()
    assert (y.numpy() == 10).all()


def test_it_stays_in_its_process(chip: tw.Device) -> None:
    with counting(chip)[0].prepare() as prepared:
        assert "3 tasks" in repr(prepared)
        with pytest.raises(tw.ArgumentError, match="prepare the graph on the other device"):
            pickle.dumps(prepared)
    assert "closed" in repr(prepared)
