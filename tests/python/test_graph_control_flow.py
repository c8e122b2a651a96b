"""Graphs that the device repeats or leaves parts of by itself, against the same in Python."""

from collections.abc import Iterator

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


def test_what_cannot_be_is_refused(chip: tw.Device) -> None:
    cell = cells(chip, [0])
    graph = Graph(chip, infer=False)
    first = add_to(graph, cell, 1)
    second = add_to(graph, cell, 1, (first,))
    third = add_to(graph, cell, 1, (second, first))
    with pytest.raises(tw.ArgumentError, match="expected 1 to"):
        graph.repeat(first, second, 0)
    with pytest.raises(tw.ArgumentError, match="no task 3"):
        graph.repeat(first, 3, 2)
    with pytest.raises(tw.ArgumentError, match="multiple of 4"):
        graph.repeat_while(first, second, cell.core_address + 2)
    with pytest.raises(tw.ArgumentError, match="buffer or the address"):
        graph.skip_unless(first, second, "cell")  # type: ignore[arg-type]
    graph.repeat(second, third, 2)
    with pytest.raises(tw.ArgumentError, match="decides already"):
        graph.skip_unless(third, second, cell)
    with pytest.raises(tw.GraphError, match="task 2 follows a task that lies outside"):
        graph.check()
    with pytest.raises(tw.GraphError, match="task 2 follows a task that lies outside"):
        graph.run()
    assert cell.numpy()[0] == 0
