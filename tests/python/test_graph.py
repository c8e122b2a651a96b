"""Building graphs: tasks, order from accesses, parameters, arrays, and what is refused."""

import graphlib
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
        (lambda g, x: g.add("add"), "number of a function, got 'add'"),
        (lambda g, x: g.add(0, kind="cubic"), "'cubic': expected one of .*cube, vector"),
        (lambda g, x: g.add(0, after=[1]), "no task 1; it has 0 to 0"),
        (lambda g, x: g.add(0, after=["0"]), "number of a task, got '0'"),
        (lambda g, x: g.add(0, reads=[(8, 8)]), "at least one byte"),
        (lambda g, x: g.add(0, reads=[3]), "task 1: expected a Buffer"),
        (lambda g, x: g.add(0, writes=[(x, slice(0, 9, 2))]), "every 2th"),
        (lambda g, x: g.add_edge(0, 5), "no task 5"),
        (lambda g, x: g.add_edges([0, 0], [0, 9]), "task 0 to task 9"),
        (lambda g, x: g.add_edges([0], [0, 0]), "expected as many"),
        (lambda g, x: g.add_edges([0.5], [0]), "before: expected integers"),
        (lambda g, x: g.add_edges([-1], [0]), "before: expected numbers"),
        (lambda g, x: g.add_tasks(0, [1, 2]), "a row of integers for each task"),
        (lambda g, x: g.add_accesses([0], [0, 1], [1], True), "expected as many"),
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


@settings(max_examples=200, deadline=None)
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
