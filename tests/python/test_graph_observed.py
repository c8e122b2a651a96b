"""What tasks truly access: races and undeclared accesses of runs, and iterations of tasks."""

import functools
import io
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
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


GROWING = """
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

// (x, how): a word that a task and those that it adds touch
static void grow(std::int64_t* args) {
    auto* x = pointer_of<volatile std::uint32_t>(args[0]);
    x[0] = 1;  // before what is added
    const auto child = add_task(1, {args[0], 0});
    switch (args[1]) {
        case 0: break;
        case 1: x[0] = 2; break;                                 // beside the child
        case 2: add_task(1, {args[0], 0}); break;                // beside the other child
        case 3: add_task(1, {args[0], 0}, {child}); break;       // behind it
        case 4: x[1] = 2; break;                                 // other bytes
        case 5: add_task(1, {args[0], 0}, {child, this_task()}, {.continues = true}); break;
        case 6: add_task(1, {args[0], 1}, {child}, {.continues = true}); break;
        case 7: add_task(2, {args[0]}, {child}); break;          // which adds on
    }
}
static void touch(std::int64_t* args) { ++*pointer_of<volatile std::uint32_t>(args[0]); }
static void on(std::int64_t* args) {
    const auto later = add_task(1, {args[0], 0});
    add_task(1, {args[0], 0}, {later});
}
TILEWRIGHT_TASKS({"grow", grow, on_vector, 2}, {"touch", touch, on_vector, 2},
                 {"on", on, on_vector, 1})
"""


@pytest.fixture(scope="module")
def growing() -> tw.Kernel:
    isa = tw.preset("ascend").isas[0]
    return tw.Kernel.from_source(GROWING, "growing.cpp", isa=isa)


@pytest.mark.parametrize(
    ("how", "behind", "races"),
    [
        (0, True, [(1, 2)]),  # whoever waits for the adder alone does not wait for the child
        (0, False, []),
        (1, False, [(0, 2)]),
        (2, False, [(2, 3)]),
        (3, False, []),
        (4, False, []),
        (5, True, []),
        (6, True, []),
        (7, False, []),
    ],
)
def test_races_among_tasks_that_were_added(
    chip: tw.Device, growing: tw.Kernel, how: int, behind: bool, races: list[tuple[int, int]]
) -> None:
    """`behind`: whether the host's task behind the one that adds touches the same word."""
    bank = tw.Placement.bank(0)
    x = chip.zeros(16, np.uint32, placement=bank)
    runs = []
    for observe in (False, True):
        graph = Graph(chip, functions=growing)
        first = graph.add("grow", [x, how], name="adder")
        other = x if behind else chip.zeros(16, np.uint32, placement=bank)
        graph.add("touch", [other, 0], after=[first], name="behind")
        graph.reserve(tasks=8, edges=8)
        runs.append(graph.run(observe_accesses=observe))
    assert runs[0].cycles == runs[1].cycles
    run = runs[1]
    assert {tuple(sorted((race.first, race.second))) for race in run.races} == set(races)
    assert not run.undeclared
    # What was written down of the tasks is what the chip has in its records.
    for row in run.executions:
        times = run.tasks[row["task"]]
        assert [row[n] for n in ("ready", "started", "ended")] == [
            times[n] for n in ("ready", "started", "ended")
        ]
    if races:
        with pytest.raises(tw.GraphError, match="2 races, 0 undeclared") as caught:
            graph.run(check_races=True)
        name = "added by adder (task"
        assert name in str(caught.value)
        assert "bytes 0 to 4 of its argument 0" in str(caught.value)
    else:
        graph.run(check_races=True)


SCRIPTED = """
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

// (words, scripts, which): carries out the script of that number, steps of four words: 0 end,
// 1 read a word, 2 write it, 3 add the task of another script, behind those tasks of this one that
// the bits of the third word say, bit 30: behind itself, bit 31: which goes on for it
static void act(std::int64_t* args) {
    auto* words = pointer_of<volatile std::uint32_t>(args[0]);
    const auto* step = pointer_of<const std::uint32_t>(args[1]) + args[2] * 64;
    std::uint32_t added[16], count = 0;
    for (; step[0] != 0; step += 4) {
        if (step[0] == 1) (void)words[step[1]];
        if (step[0] == 2) words[step[1]] = 1;
        if (step[0] != 3) continue;
        std::uint32_t after[17], behind = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            if ((step[2] >> i & 1) != 0) after[behind++] = added[i];
        }
        if ((step[2] >> 30 & 1) != 0) after[behind++] = this_task();
        added[count++] = add_task(0, {args[0], args[1], step[1]}, {after, behind},
                                  {.continues = step[2] >> 31 != 0});
    }
}
TILEWRIGHT_TASKS({"act", act, on_vector, 3})
"""
Step = tuple[int, int, int]


def random_scripts(chance: random.Random, words: int) -> list[list[Step]]:
    """Of a task and of those that it adds, directly or not."""
    scripts: list[list[Step]] = [[]]
    for script in scripts:
        added, goes_on = 0, False
        for _ in range(chance.randrange(1, 7)):
            kind = chance.choice([1, 1, 2, 3, 3]) if len(scripts) < 12 else chance.choice([1, 2])
            if kind != 3:
                script.append((kind, chance.randrange(words), 0))
                continue
            how = chance.getrandbits(added) if added else 0
            how |= (chance.random() < 0.2) << 30
            if not goes_on and chance.random() < 0.3:
                how |= 1 << 31
                goes_on = True
            script.append((3, len(scripts), how))
            scripts.append([])
            added += 1
    return scripts


def words_raced_for(scripts: list[list[Step]]) -> set[int]:
    """By the rules alone: what comes before what, of all steps, and of beginnings and ends. A task
    of the host, which writes all words, waits for the first task."""
    before: dict[object, set[object]] = {}
    behind: dict[int, list[int]] = {}  # of tasks, with what goes on for them: those that wait
    goes_on: dict[int, int] = {}
    parent: dict[int, int] = {}
    for task, script in enumerate(scripts):
        last: object = ("begin", task)
        children: list[int] = []
        for number, (kind, what, how) in enumerate(script):
            before.setdefault((task, number), set()).add(last)
            last = (task, number)
            if kind != 3:
                continue
            before.setdefault(("begin", what), set()).add(last)
            parent[what] = task
            for i, child in enumerate(children):
                if how >> i & 1:
                    behind.setdefault(child, []).append(what)
            if how >> 30 & 1:
                behind.setdefault(task, []).append(what)
            if how >> 31:
                goes_on[task] = what
            children.append(what)
        before.setdefault(("end", task), set()).add(last)
    behind.setdefault(0, []).append(-1)
    for task, waiting in behind.items():
        for other in waiting:
            by = task
            before.setdefault(("begin", other), set()).add(("end", by))
            while parent.get(other) != by and by in goes_on:
                by = goes_on[by]
                if by != other:
                    before.setdefault(("begin", other), set()).add(("end", by))

    @functools.cache
    def all_before(event: object) -> frozenset[object]:
        direct = before.get(event, set())
        return frozenset(direct).union(*(all_before(one) for one in direct))

    touched: dict[int, list[tuple[int, object, bool]]] = {}
    for task, script in enumerate(scripts):
        for number, (kind, what, _) in enumerate(script):
            if kind != 3:
                touched.setdefault(what, []).append((task, (task, number), kind == 2))
    for accesses in touched.values():
        accesses.append((-1, ("begin", -1), True))
    return {
        word
        for word, accesses in touched.items()
        for a, b in itertools.combinations(accesses, 2)
        if a[0] != b[0] and (a[2] or b[2])
        if a[1] not in all_before(b[1]) and b[1] not in all_before(a[1])
    }


def test_what_waits_for_a_task_runs_whoever_goes_on_for_it(chip: tw.Device) -> None:
    """The first task is continued by one that is continued: schedulers that end them at once hand
    on what the host said that follows. Others fill the time."""
    chance = random.Random(1)
    kernel = tw.Kernel.from_source(SCRIPTED, "scripted.cpp", isa=chip.config.isas[0])
    bank = tw.Placement.bank(0)
    words = chip.zeros(1, np.uint32, placement=bank)
    on, itself = 1 << 31, 1 << 30
    for _ in range(60):
        scripts: list[list[Step]] = [[], [], []]

        def add_leaves(script: list[Step], count: int, scripts: list[list[Step]] = scripts) -> None:
            for _ in range(count):
                scripts.append([])
                script.append((3, len(scripts) - 1, 0))

        add_leaves(scripts[1], chance.randrange(3))
        scripts[1].append((3, 2, on | itself))
        scripts[0].append((3, 1, on))
        add_leaves(scripts[0], chance.randrange(5))
        for script in scripts[3:]:
            add_leaves(script, chance.randrange(3))
        graph = Graph(chip, functions=kernel)
        table = chip.put(table_of([*scripts, []]), bank)
        first = graph.add("act", [words, table, 0])
        graph.add("act", [words, table, len(scripts)], after=[first])
        graph.reserve(tasks=len(scripts), edges=2)
        for schedulers in (2, 3, 4):
            assert len(graph.run(schedulers=schedulers).tasks) == len(scripts) + 1


def table_of(scripts: list[list[Step]]) -> npt.NDArray[np.uint32]:
    """As the function reads them."""
    table = np.zeros((len(scripts), 16, 4), np.uint32)
    for task, script in enumerate(scripts):
        for number, step in enumerate(script):
            table[task, number, :3] = step
    return table.ravel()


def test_races_of_random_growing_graphs(chip: tw.Device) -> None:
    kernel = tw.Kernel.from_source(SCRIPTED, "scripted.cpp", isa=chip.config.isas[0])
    bank = tw.Placement.bank(0)
    chance = random.Random(os.environ.get("SEED_OF_GRAPHS", "1"))
    raced = 0
    for _ in range(60):
        scripts = random_scripts(chance, 24)
        with tw.open("ascend") as device:
            words = device.zeros(24, np.uint32, placement=bank)
            graph = Graph(device, functions=kernel)
            first = graph.add("act", [words, device.put(table_of(scripts), bank), 0])
            all_words = [[(2, word, 0) for word in range(n, n + 12)] for n in (0, 12)]
            behind = device.put(table_of(all_words), bank)
            for number in range(2):
                graph.add("act", [words, behind, number], after=[first])
            graph.reserve(tasks=16, edges=64)
            run = graph.run(observe_accesses=True, schedulers=chance.randrange(1, 5))
            found: set[int] = set()
            for race in run.races:
                assert {race.first, race.second} != {1, 2}
                begin, end = race.begin - words.global_address, race.end - words.global_address
                found.update(range(begin // 4, end // 4))
        expected = words_raced_for(scripts)
        assert found == expected, scripts
        raced += len(expected)
    assert raced > 60


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
