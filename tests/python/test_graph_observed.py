"""What tasks truly access: races and undeclared accesses of runs, and iterations of tasks."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tilewright as tw
from tilewright.graph import Graph

SIZE = 48  # bytes that tasks touch

TOUCH = """
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;
static void touch(std::int64_t* args) {  // how often, and each time: address, bytes, writes
    for (std::int64_t i = 0; i < args[0]; ++i) {
        auto* bytes = pointer_of<volatile std::uint8_t>(args[1 + 3 * i]);
        for (std::uint32_t b = 0; b < static_cast<std::uint32_t>(args[2 + 3 * i]); ++b) {
            if (args[3 + 3 * i] != 0) bytes[b] = 1; else (void)bytes[b];
        }
    }
}
TILEWRIGHT_TASKS({"touch", touch, on_any})
"""

Touch = tuple[int, int, bool]  # first byte, byte after the last, whether it writes


@pytest.fixture(scope="module")
def chip() -> Iterator[tw.Device]:
    with tw.open("ascend") as device:
        yield device


@pytest.fixture(scope="module")
def memory(chip: tw.Device) -> tw.Buffer:
    return chip.zeros(SIZE, dtype=np.uint8, placement=tw.Placement.bank(0))


@pytest.fixture(scope="module")
def touch(chip: tw.Device) -> tw.Kernel:
    return tw.Kernel.from_source(TOUCH, name="touch.cpp", isa=chip.config.isas[0])


def accesses(draw: st.DrawFn) -> list[Touch]:
    ranges = st.tuples(st.integers(0, SIZE - 1), st.integers(1, 9), st.booleans())
    drawn = draw(st.lists(ranges, max_size=3))
    return [(begin, min(SIZE, begin + length), write) for begin, length, write in drawn]


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[list[Touch]], list[list[Touch]], set[tuple[int, int]]]:
    """What each task touches, what it declares, and edges between them."""
    count = draw(st.integers(1, 9))
    touched = [accesses(draw) for _ in range(count)]
    declared = [accesses(draw) for _ in range(count)]
    pairs = [(a, b) for b in range(count) for a in range(b)]
    edges = draw(st.sets(st.sampled_from(pairs), max_size=count)) if pairs else set()
    return touched, declared, edges


def byte_sets(touches: list[Touch]) -> tuple[set[int], set[int]]:
    """What they read, and what they write."""
    read = {b for begin, end, write in touches if not write for b in range(begin, end)}
    return read, {b for begin, end, write in touches if write for b in range(begin, end)}


def reachable(count: int, edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    paths = set(edges)
    for via in range(count):
        paths |= {
            (a, b)
            for a in range(via)
            for b in range(via + 1, count)
            if (a, via) in paths and (via, b) in paths
        }
    return paths


@settings(max_examples=40, deadline=None)
@given(program=programs())
def test_what_is_found_is_what_byte_by_byte_comparison_finds(
    chip: tw.Device,
    memory: tw.Buffer,
    touch: tw.Kernel,
    program: tuple[list[list[Touch]], list[list[Touch]], set[tuple[int, int]]],
) -> None:
    touched, declared, edges = program
    base = memory.core_address
    graph = Graph(chip, functions=touch, infer=False)
    for task, said in zip(touched, declared, strict=True):
        words = [len(task)]
        for begin, end, write in task:
            words += [base + begin, end - begin, int(write)]
        graph.add(
            0,
            words,
            reads=[(base + begin, base + end) for begin, end, write in said if not write],
            writes=[(base + begin, base + end) for begin, end, write in said if write],
        )
    for before, after in edges:
        graph.add_edge(before, after)
    try:
        graph.check()
    except tw.GraphError:  # what they declare races already: then nothing runs
        graph = graph_without_declarations(chip, touch, touched, edges, base)
        declared = [[] for _ in touched]
    run = graph.run(observe_accesses=True)

    sets = [byte_sets(touches) for touches in touched]
    paths = reachable(len(touched), edges)
    expected = set()
    for b in range(len(touched)):
        for a in range(b):
            if (a, b) not in paths:
                both = (sets[a][1] & (sets[b][0] | sets[b][1])) | (sets[a][0] & sets[b][1])
                expected |= {(a, b, byte) for byte in both}
    found = set()
    origin = memory.global_address
    for race in run.races:
        a, b = sorted((race.first, race.second))
        assert race.first_iteration == race.first_round == 0
        assert race.second_iteration == race.second_round == 0
        found |= {(a, b, byte - origin) for byte in range(race.begin, race.end)}
    assert found <= expected
    assert {byte for *_, byte in found} == {byte for *_, byte in expected}

    undeclared = set()
    for access in run.undeclared:
        assert access.iteration == access.round == 0
        bytes_ = range(access.begin - origin, access.end - origin)
        undeclared |= {(access.task, byte, access.writes) for byte in bytes_}
    wanted = set()
    for number, said in enumerate(declared):
        if not said:
            continue
        reads, writes = byte_sets(said)
        wanted |= {(number, byte, False) for byte in sets[number][0] - reads - writes}
        wanted |= {(number, byte, True) for byte in sets[number][1] - writes}
    assert undeclared == wanted


def graph_without_declarations(
    chip: tw.Device,
    touch: tw.Kernel,
    touched: list[list[Touch]],
    edges: set[tuple[int, int]],
    base: int,
) -> Graph:
    graph = Graph(chip, functions=touch, infer=False)
    for task in touched:
        words = [len(task)]
        for begin, end, write in task:
            words += [base + begin, end - begin, int(write)]
        graph.add(0, words)
    for before, after in edges:
        graph.add_edge(before, after)
    return graph


def numbers(chip: tw.Device, values: list[float]) -> tw.Buffer:
    return chip.put(np.array(values, np.float32), tw.Placement.bank(0))


def test_a_race_names_tasks_functions_and_bytes(chip: tw.Device) -> None:
    a, b = numbers(chip, [1] * 8), numbers(chip, [2] * 8)
    graph = Graph(chip, infer=False)
    graph.add("add", [a, a, b, 8], name="left")
    graph.add("add_scalar", [b, 1.0, a, 4], name="right")
    with pytest.raises(tw.GraphError) as error:
        graph.run(check_races=True)
    text = str(error.value)
    assert "left (task 0, function 0 'add')" in text
    assert "right (task 1, function 1 'add_scalar')" in text
    assert "bytes 0 to 16 of its argument 0, the buffer of 32 bytes at" in text
    assert "with no order between them" in text
    run = graph.run(observe_accesses=True)  # the device is good, and so is the run
    kinds = {(r.first_writes, r.second_writes, r.begin, r.end) for r in run.races}
    assert kinds == {
        (True, False, b.global_address, b.global_address + 16),
        (False, True, a.global_address, a.global_address + 16),
    }
    assert all(str(race) in text for race in run.races)


def test_ordered_tasks_pass_and_cost_no_cycles(chip: tw.Device) -> None:
    a, b = numbers(chip, [1] * 8), numbers(chip, [2] * 8)
    graph = Graph(chip)
    graph.add("add_scalar", [a, 1.0, b, 8], reads=[a], writes=[b])
    graph.add("mul", [b, b, a, 8], reads=[b], writes=[a])
    cycles = [graph.run(check_races=check).cycles for check in (False, True, False)]
    assert len(set(cycles)) == 1
    assert graph.run(observe_accesses=True).undeclared == []
    with pytest.raises(tw.Error, match="observe_accesses"):
        _ = graph.run().races


def test_a_forgotten_declaration_is_told(chip: tw.Device) -> None:
    a, b = numbers(chip, [1] * 8), numbers(chip, [2] * 8)
    graph = Graph(chip)
    graph.add("add", [a, b, b, 8], reads=[a], writes=[(b, slice(0, 4))], name="sloppy")
    with pytest.raises(tw.GraphError, match="0 races, 2 undeclared accesses") as error:
        graph.run(check_races=True)
    assert "sloppy (task 0, function 0 'add') writes bytes 16 to 32 of its argument 1" in str(
        error.value
    )


def test_graphs_with_dynamic_tasks_are_not_observed(chip: tw.Device) -> None:
    graph = Graph(chip)
    graph.add("add", [0, 0, 0, 0])
    graph.reserve(4, 4)
    with pytest.raises(tw.GraphError, match="not observed where tasks add tasks"):
        graph.run(check_races=True)


def test_pictures_of_iterations_and_of_what_is_skipped(chip: tw.Device, tmp_path: Path) -> None:
    left, total, never = numbers(chip, [3.0]), numbers(chip, [0.0]), numbers(chip, [0.0])
    graph = Graph(chip, infer=False)
    step = graph.add("add_scalar", [total, 1.0, total, 1], name="step")
    test = graph.add("add_scalar", [left, -1.0, left, 1], after=[step], name="test")
    between = graph.add("add_scalar", [never, 0.0, never, 1], after=[test], name="between")
    out = graph.add("add_scalar", [total, 9.0, total, 1], after=[between], name="out")
    end = graph.add("add_scalar", [total, 0.5, total, 1], after=[out], name="end")
    graph.repeat_while(step, test, left)
    graph.skip_unless(between, end, never)
    run = graph.run(check_races=True)
    assert total.numpy() == [3.5]

    rows = run.executions
    names = [(graph.name(int(row["task"])), int(row["iteration"])) for row in rows]
    assert (rows["round"] == rows["iteration"]).all()  # the old name of the column
    assert names == [
        ("step", 0), ("test", 0), ("step", 1), ("test", 1), ("step", 2), ("test", 2),
        ("between", 0), ("end", 0),
    ]  # fmt: skip
    assert (rows["started"] < rows["ended"]).all()
    assert (rows["started"][1:] > rows["ended"][:-1]).all()
    assert (rows["slack"] == 0).all()  # one after the other
    assert run.skipped == [out]
    path = run.critical_path()
    assert [(graph.name(s.task), s.iteration) for s in path] == names
    assert [s.round for s in path] == [s.iteration for s in path]  # the old name
    assert sum(s.scheduling + s.executing for s in path) == rows["ended"][-1] - run.start
    assert sum(run.analysis.worker_tasks) == len(names)
    assert run.advice()

    from rich.console import Console

    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(run.table())
    text = console.export_text()
    assert text.count("step") == 3
    assert any("out" in line and "skipped" in line for line in text.splitlines())
    console.print(run.table(limit=2))
    assert "7 more" in console.export_text()
    drawing = run.to_graphviz()
    assert 'label="step, iteration 2\\nfunction 1", color=red' in drawing
    assert 'label="out\\nfunction 1\\nskipped"' in drawing
    assert "while the word is not 0" in graph.to_graphviz()
    run.trace(tmp_path / "run.json")
    assert (tmp_path / "run.json").read_text().count('"test, iteration ') >= 3
