"""Graphs that the device repeats or leaves parts of by itself, against the same in Python."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tilewright as tw
from tilewright import Graph

BANK = tw.Placement.bank(0)


@pytest.fixture(scope="module")
def chip() -> Iterator[tw.Device]:
    """A chip whose workers reach its DRAM by loads and stores."""
    with tw.open("ascend") as device:
        yield device


def cells(chip: tw.Device, values: list[float]) -> tw.Buffer:
    return chip.put(np.array(values, np.float32), placement=BANK)


def add_to(graph: Graph, cell: tw.Buffer, amount: float, after: tuple[int, ...] = ()) -> int:
    return graph.add("add_scalar", [cell, float(amount), cell, 1], after=after)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 4), st.integers(1, 4))
def test_loops_and_conditions_are_what_python_does(
    chip: tw.Device, iterations: int, turns: int, gifts: int, schedulers: int
) -> None:
    left, gift, total, inner = (cells(chip, [v]) for v in (iterations, gifts, 0, 0))
    graph = Graph(chip, infer=False)
    begin = add_to(graph, total, 1)
    turn = add_to(graph, inner, 1, (begin,))
    test = add_to(graph, inner, 0, (turn,))
    give = add_to(graph, total, 10, (test,))
    less = add_to(graph, gift, -1, (test,))
    end = add_to(graph, left, -1, (give, less))
    graph.repeat(turn, turn, turns)
    graph.skip_unless(test, end, gift)
    graph.repeat_while(begin, end, left)
    graph.check()

    expected = [0.0, float(gifts), 0.0, 0.0]
    for _ in range(iterations):
        expected[2] += 1
        expected[3] += turns
        if expected[1] != 0:
            expected[2] += 10
            expected[1] -= 1
    run = graph.run(schedulers=schedulers, cycle_limit=1_000_000)
    assert [float(b.numpy()[0]) for b in (left, gift, total, inner)] == expected
    skipped = iterations > gifts  # in the last iteration
    assert (run.tasks["started"][give] < run.tasks["started"][test]) == skipped
    assert "slack" not in (run.tasks.dtype.names or ())
    given = min(iterations, gifts)
    counts = [iterations, iterations * turns, iterations, given, given, iterations]
    assert np.bincount(run.executions["task"], minlength=len(graph)).tolist() == counts
    assert run.skipped == ([] if given else [give, less])
    path = run.critical_path()
    assert sum(s.scheduling + s.executing for s in path) == run.tasks["ended"][end] - run.start
    assert (path[0].task, path[-1].task, path[-1].iteration) == (begin, end, iterations - 1)


def test_power_iteration_stays_on_the_device(chip: tw.Device) -> None:
    x, y = (chip.put(np.linspace(0.5, 1, 64, dtype=np.float32), placement=BANK) for _ in "xy")
    graph = Graph(chip)  # the order within an iteration from what the tasks touch
    square = graph.add("mul", [x, x, x, 64], reads=[x], writes=[x])
    join = graph.add("add", [y, x, y, 64], reads=[x, y], writes=[y])
    graph.repeat(square, join, 5)
    expected_x = expected_y = np.linspace(0.5, 1, 64, dtype=np.float32)
    for _ in range(5):
        expected_x = expected_x * expected_x
        expected_y = expected_y + expected_x
    graph.run()
    np.testing.assert_array_equal(x.numpy(), expected_x)
    np.testing.assert_array_equal(y.numpy(), expected_y)


def test_a_loop_reads_what_was_written_before_it(chip: tw.Device) -> None:
    """Only its body does, so that the order that is found out leads past the head of the loop."""
    x, total, rounds = cells(chip, [0]), cells(chip, [0]), cells(chip, [0])
    graph = Graph(chip)
    graph.add("add_scalar", [x, 5.0, x, 1], writes=[x], name="init")
    head = graph.add("add_scalar", [rounds, 1.0, rounds, 1], writes=[rounds])
    body = graph.add("add", [total, x, total, 1], reads=[x, total], writes=[total], after=[head])
    graph.repeat(head, body, 4)
    graph.add("add", [total, total, x, 1], reads=[total], writes=[x], name="end")
    graph.check()
    run = graph.run(cycle_limit=1_000_000)
    assert [float(b.numpy()[0]) for b in (x, total, rounds)] == [40, 20, 4]
    assert len(run.executions) == 1 + 2 * 4 + 1
    assert [step.task for step in run.critical_path()] == [0, 1, 2, 1, 2, 1, 2, 1, 2, 3]


@pytest.mark.parametrize("gift", [0, 1])
def test_an_edge_that_a_path_implies_is_no_other_way_in(chip: tw.Device, gift: int) -> None:
    word, total = cells(chip, [gift]), cells(chip, [0])
    graph = Graph(chip, infer=False)
    begin = add_to(graph, total, 1)
    decide = add_to(graph, total, 1, (begin,))
    give = add_to(graph, total, 10, (decide, begin))
    done = add_to(graph, total, 1, (give, decide, begin))
    add_to(graph, total, 1, (done, give))
    graph.skip_unless(decide, done, word)
    run = graph.run(cycle_limit=1_000_000)
    assert total.numpy()[0] == (14 if gift else 4)
    assert run.skipped == ([] if gift else [give])


def statements() -> st.SearchStrategy[list[Any]]:
    cell = st.integers(0, 4)
    simple: st.SearchStrategy[Any] = st.tuples(st.just("add"), cell, cell)
    nested = st.recursive(
        simple,
        lambda inner: st.tuples(st.integers(1, 3), st.lists(inner, min_size=1, max_size=3)),
        max_leaves=6,
    )
    return st.lists(nested, min_size=1, max_size=4)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements())
def test_loops_whose_order_is_found_out_are_what_python_does(
    chip: tw.Device, program: list[Any]
) -> None:
    """cell[i] += cell[j] in nested loops; between loops nothing but accesses says the order."""
    values = [float(n + 1) for n in range(5)]
    buffers = [cells(chip, [value]) for value in values]
    graph = Graph(chip)

    def build(parts: list[Any], after: tuple[int, ...]) -> list[int]:
        """The tasks that nothing of these parts follows."""
        ends = []
        for part in parts:
            if part[0] == "add":
                out, other = buffers[part[1]], buffers[part[2]]
                args = [out, other, out, 1]
                ends.append(graph.add("add", args, reads=[out, other], writes=[out], after=after))
                continue
            idle = cells(chip, [0])  # its own: no accesses of these are declared
            head = add_to(graph, idle, 0, after)
            tail = add_to(graph, idle, 0, tuple(build(part[1], (head,))))
            graph.repeat(head, tail, part[0])
            ends.append(tail)
        return ends

    def interpret(parts: list[Any]) -> None:
        for part in parts:
            if part[0] == "add":
                values[part[1]] = float(np.float32(values[part[1]] + values[part[2]]))
                continue
            for _ in range(part[0]):
                interpret(part[1])

    build(program, ())
    interpret(program)
    graph.check()
    graph.run(schedulers=2, cycle_limit=3_000_000)
    assert [float(buffer.numpy()[0]) for buffer in buffers] == values


def test_what_cannot_be_is_refused(chip: tw.Device) -> None:
    cell = cells(chip, [0])
    graph = Graph(chip, infer=False)
    first = add_to(graph, cell, 1)
    second = add_to(graph, cell, 1, (first,))
    apart = add_to(graph, cell, 1)
    third = add_to(graph, cell, 1, (second, apart))
    with pytest.raises(tw.ArgumentError, match="expected 1 to"):
        graph.repeat(first, second, 0)
    with pytest.raises(tw.ArgumentError, match="no task 4"):
        graph.repeat(first, 4, 2)
    with pytest.raises(tw.ArgumentError, match="multiple of 4"):
        graph.repeat_while(first, second, cell.core_address + 2)
    with pytest.raises(tw.ArgumentError, match="buffer or the address"):
        graph.skip_unless(first, second, "cell")  # type: ignore[arg-type]
    graph.repeat(second, third, 2)
    with pytest.raises(tw.ArgumentError, match="decides already"):
        graph.skip_unless(third, second, cell)
    with pytest.raises(tw.GraphError, match="task 3 follows a task that lies outside"):
        graph.check()
    with pytest.raises(tw.GraphError, match="task 3 follows a task that lies outside"):
        graph.run()
    assert cell.numpy()[0] == 0
