"""Building graphs: tasks, order from accesses, parameters, arrays, and what is refused."""

import graphlib
import json
import struct
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import tilewright as tw
from tilewright import Graph, Parameter

BANK = tw.Placement.bank(0)


@pytest.fixture
def chip() -> Iterator[tw.Device]:
    """A chip whose workers reach its DRAM by loads and stores."""
    with tw.open("ascend") as device:
        yield device


def pairs(graph: Graph) -> list[tuple[int, int]]:
    return [(int(before), int(after)) for before, after in graph.edges]


def test_arguments_are_words(chip: tw.Device) -> None:
    x = chip.zeros(16, placement=BANK)
    graph = Graph(chip)
    task = graph.add(0, [x, -1, 1.5, np.float32(-2.0), np.int16(-3), np.uint64(2**64 - 1), True])
    words = [int(word) for word in graph.arguments(task)]
    assert words[0] == x.core_address >= 0x8000_0000
    assert words[1] == 2**64 - 1
    assert words[2] == int.from_bytes(struct.pack("<f", 1.5), "little")
    assert words[3] == int.from_bytes(struct.pack("<f", -2.0), "little")
    assert words[4:] == [2**64 - 3, 2**64 - 1, 1]


def test_order_from_what_tasks_touch(chip: tw.Device) -> None:
    a, b = (chip.zeros(64, placement=BANK) for _ in range(2))
    graph = Graph(chip)
    write = graph.add(0, writes=[a])
    top = graph.add(0, reads=[(a, slice(32))], writes=[b])
    bottom = graph.add(0, reads=[(a, slice(32, None))])
    over = graph.add(0, writes=[(a, slice(31, 33))])  # write after both have read
    low = graph.add(0, writes=[(a.core_address, a.core_address + 4)])
    assert pairs(graph) == [(write, top), (write, bottom), (top, over), (top, low), (bottom, over)]
    graph.check()


def test_explicit_order() -> None:
    graph = Graph()
    first = graph.add(0, name="first")
    second = graph.add(1, after=[first])
    third = graph.add(2)
    graph.add_edge(second, third)
    graph.add_edges([0, 0], np.array([2, 1], np.int64))
    assert pairs(graph) == [(0, 1), (0, 2), (1, 2)]
    assert [graph.name(task) for task in range(3)] == ["first", "task 1", "task 2"]
    assert graph.functions.tolist() == [0, 1, 2]


def test_arrays_are_the_same_as_one_by_one() -> None:
    many, one = Graph(), Graph()
    words = np.arange(12, dtype=np.int64).reshape(4, 3) - 2
    assert many.add_tasks(7, words) == range(4)
    assert many.add_tasks([1, 2, 3, 4], words, kind="vector") == range(4, 8)
    for function in (7, 7, 7, 7, 1, 2, 3, 4):
        one.add(function, [int(word) for word in words[len(one) % 4]])
    np.testing.assert_array_equal(many.functions, one.functions)
    for task in range(8):
        np.testing.assert_array_equal(many.arguments(task), one.arguments(task))
    many.add_accesses([0, 1, 2], [0, 0, 8], [8, 4, 9], [True, False, False])
    many.add_accesses([3], [4], [16], True)
    assert pairs(many) == [(0, 1), (0, 3), (2, 3)]


def test_subgraphs_are_replayed_with_other_values(chip: tw.Device) -> None:
    x, y, z = (chip.zeros(64, placement=BANK) for _ in range(3))
    step = Graph()
    source, target, count = step.parameter(), step.parameter(), step.parameter()
    first = step.add(1, [source, count], reads=[(source, 0, 256)], name="load")
    step.add(2, [target], writes=[(target, 0, 256)], after=[first])
    graph = Graph(chip)
    assert graph.append(step, [x, y, 10]) == range(0, 2)
    assert graph.append(step, [y, z, 20]) == range(2, 4)
    assert pairs(graph) == [(0, 1), (1, 2), (2, 3)]
    assert graph.arguments(2).tolist() == [y.core_address, 20]
    assert graph.name(2) == "load"
    with pytest.raises(tw.ArgumentError, match="3 parameters, got 1"):
        graph.append(step, [x])
    with pytest.raises(tw.ArgumentError, match="itself"):
        step.append(step, [1, 2, 3])
    assert len(graph) == 4


def test_a_cycle_names_its_tasks() -> None:
    graph = Graph()
    for name in ("ant", "bee", "cow", "dog"):
        graph.add(0, name=name)
    graph.add_edges([0, 1, 2, 2], [1, 2, 1, 3])
    with pytest.raises(tw.GraphError, match="bee -> cow -> bee") as caught:
        graph.check()
    assert isinstance(caught.value, ValueError)
    assert "ant" not in str(caught.value)


def test_a_race_names_its_tasks_and_bytes(chip: tw.Device) -> None:
    x = chip.zeros(64, placement=BANK)
    graph = Graph(chip, infer=False)
    graph.add(0, writes=[(x, slice(40))], name="left")
    graph.add(0, writes=[(x, slice(30, 64))], name="right")
    begin, end = x.core_address + 120, x.core_address + 160
    with pytest.raises(tw.GraphError, match=f"left .*right .*{begin:#x} to {end:#x}"):
        graph.check()
    graph.add_edge(1, 0)
    graph.check()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda g, x: g.add(0, [object()]), "task 1, argument 0: expected .* got object"),
        (lambda g, x: g.add(0, [1, np.zeros(3)]), "task 1, argument 1: .* put it on the device"),
        (lambda g, x: g.add(0, [1 << 64]), "task 1, argument 0: .* does not fit"),
        (lambda g, x: g.add(0, [1e300]), "task 1, argument 0: .* too large"),
        (lambda g, x: g.add(0, [Parameter(3)]), "not made by this graph"),
        (lambda g, x: g.add(-1), "no function -1"),
        (lambda g, x: g.add("ad"), "no function 'ad'; the worker program has 0 add, 1 add_scalar"),
        (lambda g, x: g.add(1.5), "by number or name, a Kernel or a TileProgram, got float"),
        (lambda g, x: g.add(0, kind="cubic"), "'cubic': expected one of .*cube, vector"),
        (lambda g, x: g.add(0, after=[1]), "no task 1; it has 0 to 0"),
        (lambda g, x: g.add(0, after=["0"]), "number of a task, got '0'"),
        (lambda g, x: g.add(0, reads=[(8, 8)]), "at least one byte"),
        (lambda g, x: g.add(0, reads=[3]), "task 1: expected a Buffer"),
        (lambda g, x: g.add(0, writes=[(x, slice(0, 9, 2))]), "every 2th"),
        (lambda g, x: g.add_edge(0, 5), "no task 5"),
        (lambda g, x: g.add_edges([0, 0], [0, 9]), "after: the graph has no task 9; it has 0 to 0"),
        (lambda g, x: g.add_edges([0], [0, 0]), "after: expected 1 tasks, as many as befor"),
        (lambda g, x: g.add_edges([0.5], [0]), "before: expected integers"),
        (lambda g, x: g.add_edges([-1], [0]), "before: expected numbers"),
        (lambda g, x: g.add_tasks(0, [1, 2]), "a row of integers for each task"),
        (lambda g, x: g.add_accesses([0], [0, 1], [1], True), "begins: expected 1 addresses"),
        (lambda g, x: g.add_accesses([0], [0], [], True), "ends: expected 1 addresses"),
        (lambda g, x: g.add_accesses([0], [0], [[1]], True), r"ends: expected 1 .* \(1, 1\)"),
        (lambda g, x: g.add_accesses([0], [0.5], [1], True), "begins: expected addresses .* float"),
        (lambda g, x: g.add_accesses([0], [-1], [1], True), "begins: expected addresses from 0"),
        (lambda g, x: g.add_accesses([0], [0], [1], [True] * 2), "writes: expected 1, .* for all"),
        (lambda g, x: g.add_accesses([1], [0], [1], True), "tasks: the graph has no task 1"),
        (
            lambda g, x: g.add_edges([0], [0, 0]),
            "after: expected 1 tasks, as many as before",
        ),
        (lambda g, x: g.add_edge("x", 0), "before: expected the number of a task"),
        (lambda g, x: g.name(4), "no task 4"),
        (lambda g, x: g.append(3), "expected a Graph"),
    ],
)
def test_what_cannot_be_is_refused(chip: tw.Device, make: object, words: str) -> None:
    assert callable(make)
    graph = Graph(chip)
    graph.add(0)
    with pytest.raises(tw.Error, match=words):
        make(graph, chip.zeros(16, placement=BANK))
    assert len(graph) == 1
    assert pairs(graph) == []


def test_buffers_must_lie_in_one_bank(chip: tw.Device) -> None:
    graph = Graph(chip)
    with pytest.raises(tw.AddressError, match="task 0, argument 0"):
        graph.add(0, [chip.zeros(4)])
    with pytest.raises(tw.AddressError, match="one DRAM bank"):
        graph.add(0, [chip.zeros(4, placement=tw.Placement.l1(0, 0))])


# Accesses are (task, first byte, size, writes). A task computes from all that it reads.
ACCESSES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 23), st.integers(1, 8), st.booleans()), max_size=30
)


@settings(max_examples=200)
@given(accesses=ACCESSES, data=st.data())
def test_any_order_that_the_edges_allow_gives_the_sequential_result(
    accesses: list[tuple[int, int, int, bool]], data: st.DataObject
) -> None:
    graph = Graph()
    graph.add_tasks(0, np.zeros((10, 0), np.uint64))
    if accesses:
        tasks, begins, sizes, writes = (np.array(column) for column in zip(*accesses, strict=True))
        graph.add_accesses(tasks, begins, begins + sizes, writes)

    def execute(order: list[int]) -> list[int]:
        memory = [0] * 32
        for task in order:
            seen = hash(
                (
                    task,
                    *(
                        tuple(memory[begin : begin + size])
                        for number, begin, size, write in accesses
                        if number == task and not write
                    ),
                )
            )
            for number, begin, size, write in accesses:
                if number == task and write:
                    memory[begin : begin + size] = [seen] * size
        return memory

    sorter: graphlib.TopologicalSorter[int] = graphlib.TopologicalSorter(
        {task: set() for task in range(10)}
    )
    for before, after in pairs(graph):
        sorter.add(after, before)
    sorter.prepare()
    ready: list[int] = []
    order: list[int] = []
    while sorter.is_active():
        ready += sorter.get_ready()
        task = ready.pop(data.draw(st.integers(0, len(ready) - 1)))
        order.append(task)
        sorter.done(task)
    assert execute(order) == execute(list(range(10)))


# --- Running ------------------------------------------------------------------------------------


def chain(device: tw.Device, length: int) -> tuple[Graph, tw.Buffer]:
    """Tasks that each add 1 to the same numbers."""
    x = device.zeros(8, placement=BANK)
    graph = Graph(device)
    for number in range(length):
        graph.add("add_scalar", [x, 1.0, x, 8], reads=[x], writes=[x], name=f"step {number}")
    return graph, x


def test_advice_promises_no_more_than_the_run_took(chip: tw.Device) -> None:
    """All tasks wait for the only worker, at the same time."""
    x = chip.zeros(400, placement=BANK)
    graph = Graph(chip)
    for task in range(100):
        cell = x.core_address + 4 * task
        graph.add("add_scalar", [cell, 1.0, cell, 1])
    alone = graph.run(workers=[(0, 0)])
    (line,) = [line for line in alone.advice() if line.startswith("more workers: up to ")]
    promised = int(line.split()[4])
    many = graph.run()
    assert alone.cycles - many.cycles <= promised < alone.cycles


def test_a_run_tells_what_happened(chip: tw.Device, tmp_path: Path) -> None:
    graph, x = chain(chip, 5)
    run = chip.run(graph, schedulers=2)
    np.testing.assert_array_equal(x.numpy(), np.full(8, 5))
    tasks = run.tasks
    assert tasks.dtype.names is not None
    for before, after in pairwise(("ready", "dispatched", "started", "ended")):
        assert (tasks[before] <= tasks[after]).all()
    assert (tasks["ended"][:-1] <= tasks["started"][1:]).all()
    assert run.start <= tasks["ready"][0]
    assert tasks["ended"][-1] <= run.start + run.cycles
    assert (tasks["slack"] == 0).all()
    path = run.critical_path()
    assert [step.task for step in path] == [0, 1, 2, 3, 4]
    assert [step.after for step in path] == ["start", *["dependency"] * 4]
    length = sum(step.scheduling + step.executing for step in path)
    assert length == tasks["ended"][-1] - run.start
    busy = int((tasks["ended"] - tasks["started"]).sum())
    assert run.occupancy.sum() == pytest.approx(busy / run.cycles)
    assert any(line.startswith("add_scalar: ") for line in run.advice())

    console = Console(width=120, record=True, file=StringIO())
    console.print(run.table(limit=3))
    text = console.export_text()
    assert "step 2" in text
    assert "step 3" not in text
    assert "2 more" in text
    assert "color=red" in run.to_graphviz()
    run.trace(tmp_path / "run.json")
    events = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    assert {e["name"] for e in events if e["ph"] == "B"} == {f"step {n}" for n in range(5)}
    assert sum(e["ph"] == "s" for e in events) == 4
    run.trace(tmp_path / "run.pftrace")
    assert (tmp_path / "run.pftrace").stat().st_size > 0


def test_runs_are_equal_to_the_cycle(chip: tw.Device) -> None:
    graph, _ = chain(chip, 20)
    first = graph.run()
    with tw.open("ascend") as other:
        second = chain(other, 20)[0].run()
    for name in ("ready", "dispatched", "started", "ended"):
        np.testing.assert_array_equal(
            first.tasks[name] - first.start, second.tasks[name] - second.start
        )


def test_a_graph_runs_again_and_may_grow_between_runs(chip: tw.Device) -> None:
    graph, x = chain(chip, 3)
    old = graph.run()
    graph.add(1, [x, 10.0, x, 8], reads=[x], writes=[x])
    graph.run(schedulers=3)
    np.testing.assert_array_equal(x.numpy(), np.full(8, 3 + 13))
    with pytest.raises(tw.Error, match="changed since this run"):
        old.critical_path()


@settings(max_examples=15)
@given(accesses=ACCESSES, schedulers=st.integers(1, 4))
def test_the_device_computes_what_the_sequence_would(
    accesses: list[tuple[int, int, int, bool]], schedulers: int
) -> None:
    """Tasks copy and scale rows of each other; any order that is not allowed shows."""
    steps = sorted({(task, source % 8, size % 8) for task, source, size, _ in accesses})
    values = np.arange(1, 9, dtype=np.float32)
    with tw.open("ascend") as device:
        rows = device.put(np.repeat(values[:, None], 4, axis=1), BANK)
        graph = Graph(device)
        for _, source, target in steps:
            a, b = (rows.core_address + 16 * row for row in (source, target))
            graph.add(
                "add",
                [a, b, b, 4],
                reads=[(a, a + 16), (b, b + 16)],
                writes=[(b, b + 16)],
            )
            values[target] += values[source]
        graph.run(schedulers=schedulers)
        np.testing.assert_array_equal(rows.numpy()[:, 0], values)


def test_kernels_as_tasks(chip: tw.Device, double_kernel: tw.Kernel) -> None:
    x = chip.put(np.arange(64, dtype=np.uint32))  # kernels reach interleaved buffers, too
    graph = Graph(chip)
    first = graph.add(double_kernel, [x, 64], name="double")
    graph.add(double_kernel, [x, 32], after=[first], kind="vector")
    run = graph.run()
    expected = np.arange(64, dtype=np.uint32) * 2
    expected[:32] *= 2
    np.testing.assert_array_equal(x.numpy(), expected)
    assert graph.function_name(1) == "double_all"
    assert run.workers[run.tasks["worker"][1]][2] > 0
    with pytest.raises(tw.ArgumentError, match=r"task 2: .*double_all"):
        graph.add(double_kernel, [x])


FAULTY = """
#include "tilewright/kernel/tasks.hpp"
static void fine(std::int64_t*) {}
static void stray(std::int64_t* args) {
    *tilewright::kernel::pointer_of<volatile float>(args[1]) = 1;  // line 5
}
TILEWRIGHT_TASKS({"fine", fine, tilewright::kernel::on_any},
                 {"stray", stray, tilewright::kernel::on_any})
"""


def test_a_fault_names_the_task(chip: tw.Device) -> None:
    graph = Graph(chip, functions=tw.Kernel.from_source(FAULTY, "faulty.cpp"))
    first = graph.add("fine")
    second = graph.add("stray", [7, 0x100], after=[first], name="the culprit")
    graph.add("fine", after=[second])
    with pytest.raises(tw.KernelFault) as caught:
        graph.run()
    for words in (
        "faulty.cpp:5",
        "the culprit (task 1), function 1 'stray' (0x7, 0x100)",
        "of 3 tasks 1 had ended, 1 were executing, 1 had not started",
    ):
        assert words in str(caught.value)
    graph, x = chain(chip, 2)  # the device is still good
    graph.run()
    np.testing.assert_array_equal(x.numpy(), np.full(8, 2))


def test_a_scheduler_that_never_dispatches_is_a_deadlock(chip: tw.Device) -> None:
    lazy = tw.Kernel.from_source(
        "#include <tilewright/kernel.hpp>\n"
        "static void lazy(std::uint32_t, std::uint32_t) {}\n"
        "TILEWRIGHT_KERNEL(lazy)\n",
        "lazy.cpp",
    )
    graph, x = chain(chip, 2)
    with pytest.raises(tw.DeadlockError, match="of 2 tasks 0 had ended"):
        graph.run(scheduler=lazy)
    graph.run()
    np.testing.assert_array_equal(x.numpy(), np.full(8, 2))


LONG = 20_000


def long_graph(device: tw.Device) -> Graph:
    """One that takes the host many seconds: those who run it stop it."""
    x = device.zeros(4096, placement=BANK)
    graph = Graph(device)
    for _ in range(LONG):
        graph.add(1, [x, 1.0, x, 4096], reads=[x], writes=[x])
    return graph


def test_progress_and_what_it_raises(chip: tw.Device) -> None:
    seen: list[int] = []

    def stop(ended: int) -> None:
        seen.append(ended)
        if len(seen) == 2:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        long_graph(chip).run(progress=stop)
    assert 0 <= seen[0] < seen[1] < LONG
    assert not chip.busy
    graph, x = chain(chip, 2)
    graph.run(progress=stop)
    np.testing.assert_array_equal(x.numpy(), np.full(8, 2))


def test_a_graph_does_not_change_while_it_runs(chip: tw.Device) -> None:
    graph = long_graph(chip)
    messages: list[str] = []

    def change(ended: int) -> None:
        for call in (lambda: graph.add(0), lambda: graph.add_edge(0, 1), graph.run):
            try:
                call()
            except tw.Error as error:
                messages.append(str(error))
        raise RuntimeError("seen")

    with pytest.raises(RuntimeError, match="seen"):
        graph.run(progress=change)
    assert len(graph) == LONG
    assert len(messages) == 3
    assert all("runs in another thread" in text for text in messages)


def test_a_graph_keeps_the_buffers_that_it_names(chip: tw.Device) -> None:
    graph, result = Graph(chip), chip.zeros(8, placement=BANK)
    for _ in range(10):
        x = chip.zeros(8, placement=BANK)
        at = x.core_address
        graph.add(1, [at, 1.0, at, 8], reads=[(x, slice(8))], writes=[x])
        graph.add(0, [result, at, result, 8], reads=[result, x], writes=[result])
    graph.run()
    np.testing.assert_array_equal(result.numpy(), np.full(8, 10))


def test_dead_buffers_and_missing_devices(chip: tw.Device) -> None:
    graph, x = chain(chip, 2)
    x.free()
    with pytest.raises(tw.AddressError, match="freed"):
        graph.run()
    with pytest.raises(tw.ArgumentError, match="give a device"):
        Graph().run()
    with tw.open("tiny") as tiny, pytest.raises(tw.ConfigError):
        Graph(tiny).run()


def test_two_schedulers_share_workers_of_three_kinds() -> None:
    """By default as many as they take, of kinds whose numbers are odd."""
    with tw.open("full") as device:
        bank = tw.Placement.bank(0)
        x, y = device.put(np.arange(8, dtype=np.float32), bank), device.zeros(8, placement=bank)
        graph = Graph(device)
        graph.add("add_scalar", [x, 1.0, y, 8], reads=[x], writes=[y])
        run = graph.run(schedulers=2)
        assert len(run.workers) == 188
        assert y.numpy().tolist() == list(range(1, 9))
