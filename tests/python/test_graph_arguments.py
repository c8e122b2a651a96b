"""What is given to a graph and its tasks, checked before anything runs."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import Graph

BANK = tw.Placement.bank(0)


@pytest.fixture
def chip() -> Iterator[tw.Device]:
    """A chip whose workers reach its DRAM by loads and stores."""
    with tw.open("ascend") as device:
        yield device


def test_a_single_one_needs_no_list(chip: tw.Device) -> None:
    a, b = (chip.zeros(64, placement=BANK) for _ in range(2))
    words = (a.core_address, a.core_address + 4)
    for one, listed in (
        ({"writes": a}, {"writes": [a]}),
        ({"reads": (a, slice(3, 9))}, {"reads": [(a, slice(3, 9))]}),
        ({"writes": words}, {"writes": [words]}),
        ({"reads": (a, b)}, {"reads": [a, b]}),
        ({"reads": iter([a, (b, slice(2))])}, {"reads": [a, (b, slice(2))]}),
        ({"after": 0}, {"after": [0]}),
        ({"after": np.int64(0)}, {"after": (0,)}),
    ):
        edges = []
        for words_of in (one, listed):
            graph = Graph(chip)
            graph.add(0, writes=[a, b])
            graph.add(0, **words_of)
            graph.add(0, writes=[a, b])
            edges.append([(int(before), int(after)) for before, after in graph.edges])
        assert edges[0] == edges[1]
        assert (0, 1) in edges[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"args": 5}, "task 0, args: expected a list of arguments, got int"),
        ({"args": "abcd"}, "task 0, args: expected a list of arguments, got str"),
        ({"args": None}, "task 0, args: .*NoneType"),
        ({"reads": 5}, "task 0, reads: expected ranges of bytes, or one of them, got int"),
        ({"reads": np.array(5)}, "task 0, reads: .*ndarray"),
        ({"writes": None}, "task 0, writes: .*NoneType"),
        ({"writes": (1, "2")}, "task 0: expected a Buffer, "),
        ({"writes": (1, 2.5)}, "task 0: expected a Buffer, "),
        ({"after": "0"}, "task 0, after: expected numbers of tasks, or one of them, got str"),
        ({"after": 1.5}, "task 0, after: .*float"),
        ({"after": 0}, "no task 0"),
    ],
)
def test_what_is_no_list_is_named(chip: tw.Device, options: dict[str, Any], message: str) -> None:
    graph = Graph(chip)
    with pytest.raises(tw.ArgumentError, match=message):
        graph.add("add", **options)
    assert len(graph) == 0


def test_a_function_that_lacks_an_argument_is_named(chip: tw.Device) -> None:
    """It would read the words of the next task."""
    x, y = chip.zeros(8, placement=BANK), chip.put(np.full(8, 7, np.float32), BANK)
    for infer in (True, False):
        graph = Graph(chip, infer=infer)
        graph.add("add_scalar", [x, 1.0, y], name="short")
        graph.add("add", [8, 8, 8, 0])
        with pytest.raises(tw.GraphError, match="short: 'add_scalar' takes 4 arguments, and argu"):
            graph.run()
    empty = Graph(chip)
    empty.add("mul")
    with pytest.raises(tw.GraphError, match=r"task 0: 'mul' takes 4 .* argument 0 is missing"):
        empty.run()
    assert (y.numpy() == 7).all()
    more = Graph(chip)
    more.add("add_scalar", [x, 1.0, x, 8, 99])  # more than it needs is no harm
    more.run()
    assert (x.numpy() == 1).all()


@pytest.mark.parametrize("shape", range(3))
@pytest.mark.parametrize("function", ["add", "add_scalar", "mul"])
def test_more_elements_than_a_buffer_has_are_refused(
    chip: tw.Device, function: str, shape: int
) -> None:
    """They would be those of the neighbouring buffer. The last one is long enough, too."""
    short = [chip.zeros(1024, placement=BANK) for _ in range(3)]
    long = [chip.zeros(1040, placement=BANK) for _ in range(3)]
    for at in range(3):
        if function == "add_scalar" and at == 1:
            continue
        args: list[Any] = [*long, 1040]
        args[at] = [short[at], short[at].core_address, short[at].core_address + 64][shape]
        if function == "add_scalar":
            args[1] = 1.0
        graph = Graph(chip)
        graph.add(function, args, name="greedy")
        room = 4096 - (64 if shape == 2 else 0)
        with pytest.raises(
            tw.AddressError, match=f"greedy, argument {at}: 4160 bytes at .* the {room} bytes"
        ):
            graph.run()
        args[3] = room // 4
        fitting = Graph(chip)
        fitting.add(function, args)
        fitting.run()


def test_a_parameter_without_a_value_is_named(chip: tw.Device) -> None:
    x = chip.zeros(8, placement=BANK)
    part = Graph(chip)
    open_value = part.parameter()
    part.add("add_scalar", [x, open_value, x, 8], name="step")
    with pytest.raises(tw.GraphError, match=r"step, argument 1: parameter 0 has no value"):
        part.run()
    assert not x.numpy().any()
    whole = Graph(chip)
    whole.append(part, [2.5])
    whole.run()
    assert (x.numpy() == 2.5).all()

    touched = Graph(chip)
    place = touched.parameter()
    touched.add("add_scalar", [x, 1.0, x, 8], writes=(place, 0, 32))
    with pytest.raises(tw.GraphError, match="task 0, what it writes: parameter 0 has no value"):
        touched.run()
    touched.check()  # as a part of another graph it is one
