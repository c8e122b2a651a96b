"""No check cries wolf: what ships and what the examples show runs with all checks on, to the values
and the cycles that it has without them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import pto_runtime
import stillwater_kpu as kpu
import tilewright as tw
import zork_tt
from tilewright import movement
from tilewright.checks import CHECKS
from tilewright.zmachine import Game
from tilewright.zmachine.story import read_story

ROOT = Path(__file__).parents[2]
BANK = tw.Placement.bank(0)

# Runs a script with these checks on every device, and tells the cycle at which each closes.
RUNNER = """
import runpy, sys
import tilewright as tw
checks, path, *arguments = sys.argv[1:]
opens, closes, assign = tw.Device.__init__, tw.Device.close, tw.Device.checks.fset
def opened(self, *a, **k):
    opens(self, *a, **k)
    assign(self, checks.split())
def closed(self):
    if self.is_open:
        assert self.checks == frozenset(checks.split())
        print("closed at cycle", self.cycle)
    closes(self)
tw.Device.__init__, tw.Device.close = opened, closed
tw.Device.checks = property(tw.Device.checks.fget, lambda self, wanted: None)  # nor does open()
sys.argv = [path, *arguments]
runpy.run_path(path, run_name="__main__")
"""

# Sums on several cores, and a task that adds tasks.
FUNCTIONS = """
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

static void sums(std::int64_t* args) {  // (x, partial sums, n): each core adds every cores-th
    const float* x = pointer_of<const float>(args[0]);
    float sum = 0;
    for (std::uint32_t i = task_rank(); i < args[2]; i += task_cores()) sum += x[i];
    pointer_of<float>(args[1])[task_rank()] = sum;
}
static void count_down(std::int64_t* args) {  // (x, n): n sums into x, each by a task that adds two
    *pointer_of<float>(args[0]) += args[1];
    if (args[1] == 0) return;
    const auto next = add_task(1, {args[0], args[1] - 1}, {this_task()});
    add_task(0, {args[0], args[0], 1}, {next}, {.continues = true});
}
TILEWRIGHT_TASKS({"sums", sums, on_vector}, {"count_down", count_down, on_vector})
"""

EXAMPLES = [
    ("graphbuilder.py",),
    ("kpu_dma.py",),
    ("kpu_matmul.py", "64"),
    ("one_chip.py",),
    ("graphs/cholesky.py", "3"),
    ("graphs/own_functions.py",),
    ("graphs/own_scheduler.py",),
    ("graphs/quadrature.py",),
    ("graphs/random_dag.py", "500", "1"),
    ("graphs/random_dag.py", "500", "4"),
    ("graphs/transformer.py",),
    ("arrays/convolution.py",),
    ("arrays/double_buffered.py",),
    ("arrays/mlp.py",),
]


def run_example(example: tuple[str, ...], checks: list[str]) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "examples" / example[0])
    command = [sys.executable, "-c", RUNNER, " ".join(checks), script, *example[1:]]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_examples(example: tuple[str, ...]) -> None:
    def output(checks: list[str]) -> str:
        done = run_example(example, checks)
        assert done.returncode == 0, done.stderr
        # Times of the host and temporary folders differ from run to run.
        return re.sub(r"\d+\.\d+ (s|ms|us)\b|/\S*/tmp\w+/", "", done.stdout)

    without = output([])
    assert "cycle" in without
    assert output(list(CHECKS)) == without


def same(preset: str, work: Callable[[tw.Device], object]) -> None:
    """The work, which returns values that can be compared, is the same with all checks."""

    def run(checks: bool) -> tuple[object, int, dict[str, int]]:
        with tw.open(preset, checks=checks) as device:
            result = work(device)
            counters = {k: v for k, v in device.counters.items() if k != "simulator.events"}
            return result, device.cycle, counters

    without = run(False)
    assert run(True) == without


def sum_of_sums(device: tw.Device, schedulers: int) -> list[float]:
    x, y = (device.put(np.arange(n, dtype=np.float32), BANK) for n in (600, 600))
    out = device.zeros(600, placement=BANK)
    graph = tw.Graph(device)
    graph.add("add", [x, y, out, 600], reads=[x, y], writes=[out])
    for _ in range(20):
        graph.add("add_scalar", [out, 0.5, out, 600], reads=[out], writes=[out])
    graph.add("mul", [out, x, y, 600], reads=[out, x], writes=[y])
    run = graph.run(schedulers=schedulers)
    return [*y.numpy().tolist(), run.cycles]


def functions(device: tw.Device) -> tw.Kernel:
    return tw.Kernel.from_source(FUNCTIONS, "functions.cpp", isa=device.config.isas[0])


def gangs(device: tw.Device, schedulers: int) -> list[float]:
    x = device.put(np.arange(600, dtype=np.float32), BANK)
    partial, result = (device.zeros(n, placement=BANK) for n in (6, 1))
    graph = tw.Graph(device, functions=functions(device))
    graph.add("sums", [x, partial, 600], reads=[x], writes=[partial], cores=6)
    graph.add("sums", [partial, result, 6], reads=[partial], writes=[result])
    return [graph.run(schedulers=schedulers).cycles, *result.numpy().tolist()]


def control_flow(device: tw.Device, schedulers: int) -> list[float]:
    left, gift, total = (device.put(np.array([v], np.float32), BANK) for v in (3, 2, 0))
    graph = tw.Graph(device, infer=False)
    steps = [(total, 1.0), (total, 0.0), (total, 10.0), (gift, -1.0), (left, -1.0)]
    begin, test, give, less, end = (graph.add("add_scalar", [x, a, x, 1]) for x, a in steps)
    for edge in ((begin, test), (test, give), (test, less), (give, end), (less, end)):
        graph.add_edge(*edge)
    graph.skip_unless(test, end, gift)
    graph.repeat_while(begin, end, left)
    cycles = graph.run(schedulers=schedulers).cycles
    return [cycles, *(float(x.numpy()[0]) for x in (left, gift, total))]


def dynamic_tasks(device: tw.Device, schedulers: int) -> list[float]:
    x = device.put(np.ones(1, np.float32), BANK)
    graph = tw.Graph(device, functions=functions(device))
    graph.add("count_down", [x, 20])
    graph.reserve(tasks=60)
    return [graph.run(schedulers=schedulers).cycles, *x.numpy().tolist()]


@pytest.mark.parametrize(("preset", "schedulers"), [("ascend", 1), ("ascend", 2), ("full", 1)])
@pytest.mark.parametrize("work", [sum_of_sums, gangs, control_flow, dynamic_tasks])
def test_graphs(
    preset: str, schedulers: int, work: Callable[[tw.Device, int], list[float]]
) -> None:
    same(preset, lambda device: work(device, schedulers))


def test_graph_of_kernels(double_kernel: tw.Kernel) -> None:
    def work(device: tw.Device) -> list[int]:
        data = device.put(np.arange(100, dtype=np.uint32), BANK)
        graph = tw.Graph(device)
        first = graph.add(double_kernel, [data, 100])
        graph.add(double_kernel, [data, 100], after=[first])
        return [graph.run().cycles, *data.numpy().tolist()]

    same("ascend", work)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int8"])
def test_products(dtype: str) -> None:
    def work(device: tw.Device) -> bytes:
        a = np.arange(70 * 40).reshape(70, 40) % 7 - 3
        out = device.matmul(a, a.T, dtype=dtype)
        conv = device.conv2d(np.ones((1, 8, 8, 4), np.float32), np.ones((3, 3, 4, 8), np.float32))
        return out.numpy().tobytes() + conv.numpy().tobytes()

    same("kpu", work)
    same("full", work)


def test_movement() -> None:
    program = movement.assemble(
        "dma 0, dram[0], l3[0], 4096\nbarrier\ndma 0, l3[0], dram[0] + 8192, 64"
    )

    def work(device: tw.Device) -> bytes:
        device.memory("dram").write(0, np.arange(1024, dtype=np.uint32))
        movement.Sequencer(device).run(program)
        return device.memory("dram").read(8192, 64)

    same("kpu", work)


def test_stillwater() -> None:
    def work(device: tw.Device) -> list[float]:
        sim = kpu.KPUSimulator(device=device)
        sim.write_l3_tile(0, 0, [1.0, 2.0, 3.0, 4.0])
        sim.start_dma_transfer(0, sim.get_l3_tile_base(0), sim.get_scratchpad_base(0), 16)
        sim.run_until_idle()
        return list(sim.read_scratchpad(0, 0, 4))

    same("full", work)


def test_pto() -> None:
    def work(device: tw.Device) -> list[float]:
        runner = pto_runtime.DeviceRunner.attach(device)
        a, b = (runner.allocate_tensor(4096) for _ in range(2))
        runner.copy_to_device(a, np.arange(1024, dtype=np.float32))
        graph = pto_runtime.Graph()
        graph.add_task([a, 1.0, b, 1024], 1)
        assert runner.run(graph) == 0
        result = np.zeros(1024, np.float32)
        runner.copy_from_device(result, b)
        return result.tolist()

    same("full", work)


COMMANDS = ["look", "open mailbox", "read leaflet", "save", "inventory"]


def test_games() -> None:
    def play(device: tw.Device) -> list[str]:
        game = Game(device=device)
        return [game.read(), *(game.send(command) for command in COMMANDS[:3])]

    same("tiny", play)

    def batches(device: tw.Device) -> list[object]:
        zork = zork_tt.init_device(device=device)
        zork_tt.load_game(zork, read_story(None)[1])
        return [zork_tt.execute_batch(zork, 500) for _ in range(3)]

    same("full", batches)


@pytest.mark.skipif("TILEWRIGHT_STORIES" not in os.environ, reason="no folder of stories")
def test_zork() -> None:
    (story,) = Path(os.environ["TILEWRIGHT_STORIES"]).glob("zork1*.z3")

    def play(device: tw.Device) -> list[str]:
        game = Game(story, device=device)
        return [game.read(), *(game.send(command) for command in COMMANDS)]

    same("tiny", play)
