"""pto_runtime as its users know it: the starting example, memory by pointers, what is refused."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import pto_runtime
import tilewright as tw
from pto_runtime import DeviceRunner, Graph
from tilewright.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
ADD, ADD_SCALAR, MUL = range(3)


@pytest.fixture
def runner() -> Iterator[DeviceRunner]:
    """Device 0 with one cube and two vector workers."""
    made = DeviceRunner()
    assert made.init(0, 3) == 0
    yield made
    assert made.finalize() == 0


def put(runner: DeviceRunner, array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> int:
    pointer = runner.allocate_tensor(array.nbytes)
    assert runner.copy_to_device(pointer, array) == 0
    return pointer


def get(
    runner: DeviceRunner, pointer: int, count: int
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    array = np.empty(count, np.float32)
    assert runner.copy_from_device(array, pointer) == 0
    return array


def test_the_starting_example_prints_what_it_always_did() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "graphbuilder.py"), "9"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "=== Graph Builder Example (Python) ===",
        "✓ SUCCESS: All 16384 elements are correct (42.0)",
        "Formula verified: (a + b + 1)(a + b + 2) = (2+3+1)*(2+3+2) = 42",
        "=== Success ===",
    ]


def test_functions_that_ship(runner: DeviceRunner) -> None:
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(100).astype(np.float32) for _ in range(2))
    pa, pb = put(runner, a), put(runner, b)
    outs = [runner.allocate_tensor(400) for _ in range(3)]
    graph = Graph()
    graph.add_task([pa, pb, outs[0], 100], ADD)
    graph.add_task([pa, np.float64(-2.5), outs[1], np.int64(100)], ADD_SCALAR, core_type="aiv")
    graph.add_task([pa, pb, outs[2], 100], MUL, core_type="aic")
    assert graph.get_task_count() == 3
    assert runner.run(graph) == 0
    np.testing.assert_array_equal(get(runner, outs[0], 100), a + b)
    np.testing.assert_array_equal(get(runner, outs[1], 100), a + np.float32(-2.5))
    np.testing.assert_array_equal(get(runner, outs[2], 100), a * b)
    workers = [runner.workers[number] for number in runner.last_run.tasks["worker"]]
    kinds = [runner.device.config.kinds[processor] for _, _, processor in workers]
    assert kinds[1:] == ["vector", "cube"]


def test_more_elements_than_a_tensor_has_are_refused(runner: DeviceRunner) -> None:
    a, b, out = (put(runner, np.full(1024, value, np.float32)) for value in (1, 2, 3))
    graph = Graph()
    graph.add_task([a, b, out, 1024], ADD)
    graph.add_task([a, b, out, 1040], ADD)
    message = "task 1, argument 0: 4160 bytes at .* the 4096 bytes that are allocated"
    with pytest.raises(tw.AddressError, match=message):
        runner.run(graph)
    for pointer, value in ((a, 1), (b, 2), (out, 3)):
        np.testing.assert_array_equal(get(runner, pointer, 1024), np.full(1024, value))


@pytest.mark.parametrize("schedulers", [1, 2, 4])
def test_a_graph_runs_again_and_with_more_schedulers(runner: DeviceRunner, schedulers: int) -> None:
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    tasks = [graph.add_task([x, 1.0, x, 4], ADD_SCALAR) for _ in range(10)]
    for before, after in pairwise(tasks):
        graph.add_successor(before, after)
    for run in range(1, 4):
        assert runner.run(graph, schedulers) == 0
        np.testing.assert_array_equal(get(runner, x, 4), np.full(4, 10 * run, np.float32))
    assert len(runner.last_run.schedulers) == schedulers


def test_workers_come_as_cube_vector_vector() -> None:
    runner = DeviceRunner()
    runner.init(15, 4)
    assert runner.workers == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 0)]
    kinds = [runner.device.config.kinds[processor] for _, _, processor in runner.workers]
    assert kinds == ["cube", "vector", "vector", "cube"]
    runner.finalize()


def test_a_kind_that_is_not_among_the_workers_is_refused() -> None:
    runner = DeviceRunner()
    runner.init(1, 1)
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    graph.add_task([x, 1.0, x, 4], ADD_SCALAR, "aic")
    graph.add_task([x, 1.0, x, 4], ADD_SCALAR, "aiv")
    with pytest.raises(tw.ConfigError, match="vector"):
        runner.run(graph)
    np.testing.assert_array_equal(get(runner, x, 4), np.zeros(4))
    runner.finalize()


def test_one_runner_for_the_process() -> None:
    assert DeviceRunner.get() is DeviceRunner.get()
    assert pto_runtime.DeviceRunner.get().finalize() == 0


def test_memory_by_pointers(runner: DeviceRunner) -> None:
    pointer = runner.allocate_tensor(64)
    assert 0x8000_0000 <= pointer <= 0xFEFF_FFFF
    rows = np.arange(32, dtype=np.int16).reshape(4, 8)
    runner.copy_to_device(pointer, rows.T)  # not contiguous: its elements in its order
    back = np.empty((8, 4), np.int16)
    runner.copy_from_device(back, pointer)
    np.testing.assert_array_equal(back, rows.T)
    odd = np.zeros((8, 8), np.int16)
    runner.copy_from_device(odd[:, ::2], pointer)
    np.testing.assert_array_equal(odd[:, ::2], rows.T)
    assert not odd[:, 1::2].any()
    runner.copy_to_device(pointer + 60, b"last")
    tail = bytearray(8)
    runner.copy_from_device(tail, pointer + 56)
    assert tail[4:] == b"last"
    runner.free_tensor(pointer)
    again = runner.allocate_tensor(64)
    runner.free_tensor(again)


def test_allocations_fill_one_bank_after_another(runner: DeviceRunner) -> None:
    half = int(runner.device.config.fields()["dram_bank_bytes"]) // 2 + 4096
    pointers = [runner.allocate_tensor(half) for _ in range(4)]
    assert len({pointer >> 20 for pointer in pointers}) == 4
    with pytest.raises(tw.OutOfMemoryError):
        runner.allocate_tensor(half)


def test_bad_memory_calls_are_refused(runner: DeviceRunner) -> None:
    pointer = runner.allocate_tensor(64)
    for size in (0, -1, 1.5, "8"):
        with pytest.raises(tw.ArgumentError, match="allocate_tensor"):
            runner.allocate_tensor(size)  # type: ignore[arg-type]
    with pytest.raises(tw.AddressError, match=r"68 bytes do not fit at byte 0 .* of 64"):
        runner.copy_to_device(pointer, np.zeros(17, np.float32))
    with pytest.raises(tw.AddressError, match="4 bytes do not fit at byte 62"):
        runner.copy_from_device(np.zeros(1, np.float32), pointer + 62)
    with pytest.raises(tw.AddressError, match="in no live allocation"):
        runner.copy_to_device(pointer + 64, b"x")
    with pytest.raises(tw.ArgumentError, match="read-only"):
        runner.copy_from_device(b"read-only", pointer)
    frozen = np.zeros(4, np.float32)
    frozen.flags.writeable = False
    with pytest.raises(tw.ArgumentError, match="read-only"):
        runner.copy_from_device(frozen, pointer)
    with pytest.raises(tw.ArgumentError, match="NumPy array or bytes, got list"):
        runner.copy_from_device([0.0], pointer)
    with pytest.raises(tw.ArgumentError, match="Python objects"):
        runner.copy_to_device(pointer, np.array([object()]))
    runner.free_tensor(pointer)
    for stale in (pointer, 0, 0x1234):
        with pytest.raises(tw.AddressError, match="not a live allocation"):
            runner.free_tensor(stale)


@pytest.mark.parametrize(
    ("args", "func_id", "words"),
    [
        ([0x9000_0000, "x", "x", 4], ADD, "task 1, argument 0: the pointer 0x90000000"),
        (["x", 1.0, 0x8001, 4], ADD_SCALAR, "task 1, argument 2: 0x8001 is no pointer"),
        (["x", "x"], ADD, "task 1: function 0 takes 4 arguments, got 2"),
        (["x", 1.0, "x", 4], 7, "task 1: no function 7"),
    ],
)
def test_bad_tasks_are_refused_before_anything_runs(
    runner: DeviceRunner, args: list[object], func_id: int, words: str
) -> None:
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    graph.add_task([x, 1.0, x, 4], ADD_SCALAR)
    graph.add_task([x if a == "x" else a for a in args], func_id)  # type: ignore[misc]
    with pytest.raises(tw.Error, match=words):
        runner.run(graph)
    np.testing.assert_array_equal(get(runner, x, 4), np.zeros(4))


def test_a_freed_tensor_is_a_dead_pointer(runner: DeviceRunner) -> None:
    x, y = (put(runner, np.zeros(4, np.float32)) for _ in range(2))
    graph = Graph()
    graph.add_task([x, 1.0, y, 4], ADD_SCALAR)
    runner.run(graph)
    runner.free_tensor(y)
    with pytest.raises(tw.AddressError, match=f"task 0, argument 2: the pointer {y:#x}"):
        runner.run(graph)


def test_cycles_and_missing_tasks_are_refused(runner: DeviceRunner) -> None:
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    for _ in range(3):
        graph.add_task([x, 1.0, x, 4], ADD_SCALAR)
    graph.add_successor(0, 1)
    graph.add_successor(1, 2)
    with pytest.raises(tw.ArgumentError, match="no task 3"):
        graph.add_successor(2, 3)
    graph.add_successor(2, 1)
    with pytest.raises(tw.GraphError, match="task 1 -> task 2 -> task 1"):
        runner.run(graph)
    np.testing.assert_array_equal(get(runner, x, 4), np.zeros(4))


def test_bad_calls_are_refused(runner: DeviceRunner, tmp_path: Path) -> None:
    graph = Graph()
    with pytest.raises(tw.GraphError, match="'aix'"):
        graph.add_task([], 0, "aix")
    with pytest.raises(tw.ArgumentError, match="func_id"):
        graph.add_task([], "add")  # type: ignore[arg-type]
    with pytest.raises(tw.ArgumentError, match=r"task 0, argument 1: .* got str"):
        graph.add_task([1, "two"], 0)  # type: ignore[list-item]
    with pytest.raises(tw.ArgumentError, match="got int"):
        runner.run(3)  # type: ignore[arg-type]
    with pytest.raises(tw.Error, match="finalize"):
        runner.init(0, 3)
    other = DeviceRunner()
    for device_id, cores, words in ((16, 3, "0 to 15"), (-1, 3, "0 to 15"), (0, 0, "1 to 72")):
        with pytest.raises(tw.ConfigError, match=words):
            other.init(device_id, cores)
    with pytest.raises(tw.ElfError, match=r"absent\.o"):
        other.init(0, 3, aicore_kernel_path=tmp_path / "absent.o")
    with pytest.raises(tw.Error, match="call init"):
        other.allocate_tensor(4)
    for launches in (0, 5):
        with pytest.raises(tw.Error, match="schedulers"):
            runner.run(graph, launches)


def test_an_empty_graph_runs(runner: DeviceRunner) -> None:
    assert runner.run(Graph()) == 0
    assert len(runner.last_run.tasks) == 0
    assert runner.last_run.critical_path() == []


def test_what_is_printed(runner: DeviceRunner, capsys: pytest.CaptureFixture[str]) -> None:
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    graph.add_task([x, 1.0, x, 4], ADD_SCALAR)
    graph.add_task([x, 1.0, x, 4], ADD_SCALAR)
    graph.add_successor(0, 1)
    graph.print_graph()
    text = capsys.readouterr().out
    assert f"task 0: func_id 1, args ({x:#x}, 0x3f800000, {x:#x}, 0x4), successors: 1" in text
    with pytest.raises(tw.Error, match="nothing has run"):
        runner.print_handshake_results()
    capsys.readouterr()
    runner.run(graph)
    runner.print_handshake_results()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    # Two tasks for vector cores: the cube core was not needed.
    assert ["ready=1" in line and "quit=1" in line for line in lines[1:]] == [False, True, True]
    assert sum(int(line.split("done=")[1].split()[0]) for line in lines[1:]) == 2


def test_attached_to_an_open_device() -> None:
    with tw.open("ascend") as device:
        bank = tw.Placement.bank(2)
        x = device.put(np.arange(16, dtype=np.float32), bank)
        y = device.zeros(16, placement=bank)
        runner = DeviceRunner.attach(device)
        assert runner.device is device
        graph = Graph()
        graph.add_task([x, x, y, 16], ADD)
        runner.run(graph, launch_aicpu_num=2)
        np.testing.assert_array_equal(y.numpy(), 2 * x.numpy())
        runner.copy_to_device(x, np.ones(16, np.float32))
        np.testing.assert_array_equal(x.numpy(), np.ones(16))
        runner.finalize()
        assert device.is_open
    with pytest.raises(tw.ArgumentError, match="attach"):
        DeviceRunner.attach("ascend")  # type: ignore[arg-type]


def test_attached_to_the_chip_that_has_everything() -> None:
    with tw.open("full") as device:
        runner = DeviceRunner.attach(device)
        kinds = [device.config.kinds[processor] for _, _, processor in runner.workers]
        assert kinds == ["cube", "vector", "vector"] * 32
        x = put(runner, np.arange(16, dtype=np.float32))
        graph = Graph()
        graph.add_task([x, x, x, 16], ADD, "aiv")
        graph.add_task([x, x, x, 16], ADD, "aic")
        graph.add_successor(0, 1)
        runner.run(graph)
        np.testing.assert_array_equal(get(runner, x, 16), 4 * np.arange(16))
        runner.finalize()


def test_firmware_files_are_those_that_ship(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["firmware", str(tmp_path)]) == 0
    assert "function 1: add_scalar" in capsys.readouterr().out
    runner = DeviceRunner()
    runner.init(
        0, 3, tmp_path / "aicpu" / "libaicpu_graph_kernel.so", tmp_path / "aicore" / "kernel.o"
    )
    x = put(runner, np.zeros(4, np.float32))
    graph = Graph()
    graph.add_task([x, 2.0, x, 4], ADD_SCALAR)
    runner.run(graph)
    np.testing.assert_array_equal(get(runner, x, 4), np.full(4, 2))
    runner.finalize()
    with pytest.raises(tw.ElfError, match="libaicpu_graph_kernel"):
        runner.init(0, 3, aicore_kernel_path=tmp_path / "aicpu" / "libaicpu_graph_kernel.so")


def test_own_functions_give_other_results() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "graphs" / "own_functions.py")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "functions that ship: 12.0" in done.stdout
    assert "saturating functions: 10.0" in done.stdout
