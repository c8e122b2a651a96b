"""Programs of TT-Metalium kernels as tasks of graphs: values against NumPy, order, faults."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.python.compute_programs import (
    Tiles,
    bf16_bits,
    from_bf16,
    from_faces,
    to_faces,
)

import tilewright as tw
from tilewright import metalium

TILE = 2048
READER = """
void kernel_main() {
    const uint32_t from = get_arg_val<uint32_t>(0), tiles = get_arg_val<uint32_t>(1);
    for (uint32_t i = 0; i < tiles; ++i) {
        cb_reserve_back(0, 1);
        const uint64_t tile = get_noc_addr_from_bank_id<true>(0, from + i * 2048);
        noc_async_read(tile, get_write_ptr(0), 2048);
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
"""
WRITER = """
void kernel_main() {
    const uint32_t to = get_arg_val<uint32_t>(0), tiles = get_arg_val<uint32_t>(1);
    for (uint32_t i = 0; i < tiles; ++i) {
        cb_wait_front(16, 1);
        noc_async_write(get_read_ptr(16), get_noc_addr_from_bank_id<true>(0, to + i * 2048), 2048);
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
SQUARE = """
#include "compute_kernel_api/eltwise_unary/eltwise_unary.h"
void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    unary_op_init_common(0, 16);
    copy_tile_init(0);
    square_tile_init();
    for (uint32_t i = 0; i < tiles; ++i) {
        cb_wait_front(0, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        square_tile(0);
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        cb_push_back(16, 1);
        tile_regs_release();
        cb_pop_front(0, 1);
    }
}
"""
#: Of each tile its double: another user of the engine, set up otherwise.
SUM = """
#include "compute_kernel_api/eltwise_binary.h"
void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    binary_op_init_common(0, 0, 16);
    add_tiles_init(0, 0);
    for (uint32_t i = 0; i < tiles; ++i) {
        cb_wait_front(0, 1);
        tile_regs_acquire();
        add_tiles(0, 0, 0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        cb_push_back(16, 1);
        tile_regs_release();
        cb_pop_front(0, 1);
    }
}
"""
#: An ordinary function of data movement: words to another place.
FUNCTIONS = """
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;
static void copy(std::int64_t* args) {
    const auto* from = pointer_of<const std::uint32_t>(args[0]);
    auto* to = pointer_of<std::uint32_t>(args[1]);
    for (std::int64_t i = 0; i < args[2]; ++i) to[i] = from[i];
}
TILEWRIGHT_TASKS({"copy", copy, on_any, 3})
"""


def small_chip(architecture: str) -> tw.ChipConfig:
    """Four tiles of a generation with engines, control cores and direct memory."""
    base = tw.preset("tiny", architecture=architecture)
    control = {"isa": base.isas[0], "local_bytes": 16384, "kind": "control"}
    return tw.preset(
        "tiny",
        architecture=architecture,
        router_columns=4,
        direct_memory_bytes=64 << 20,
        control_tiles=[{"router": (3, 0), "cores": [control, control]}],
    )


@pytest.fixture(scope="module")
def chip() -> Iterator[tw.Device]:
    with tw.open(small_chip("blackhole"), checks=True) as device:
        yield device


class Tools:
    """A program of reader, compute kernel and writer, and tiles in bank 0."""

    def __init__(self, device: tw.Device, compute: str, name: str) -> None:
        self.device = device
        self.program = metalium.TileProgram(device, name=name)
        self.program.create_circular_buffer(0, page_size=TILE, pages=2)
        self.program.create_circular_buffer(16, page_size=TILE, pages=2)
        self.reader = self.program.create_kernel(READER, name="reader")
        self.compute = self.program.create_kernel(compute, name="compute", processor="compute")
        self.writer = self.program.create_kernel(WRITER, name="writer", processor="riscv_1")

    def add(self, graph: tw.Graph, x: tw.Buffer, y: tw.Buffer, tiles: int, **options: Any) -> int:
        args: dict[metalium.TileKernel, list[int | tw.Buffer]]
        args = {self.reader: [x, tiles], self.compute: [tiles], self.writer: [y, tiles]}
        return graph.add(self.program, args, reads=[x], writes=[y], **options)


def random_tiles(seed: int, count: int) -> Tiles:
    """Whole numbers of which BF16 holds twice the square."""
    numbers = np.random.default_rng(seed).integers(-11, 12, (count, 32, 32))
    return numbers.astype(np.float32)


def put(device: tw.Device, tiles: Tiles) -> tw.Buffer:
    return device.put(bf16_bits(to_faces(tiles)), tw.Placement.bank(0))


def room(device: tw.Device, tiles: int) -> tw.Buffer:
    return device.zeros(tiles * 1024, "uint16", tw.Placement.bank(0))


def tiles_of(buffer: tw.Buffer) -> Tiles:
    return from_faces(from_bf16(buffer.numpy()))


def test_functions_feed_compute_kernels_that_feed_others(chip: tw.Device) -> None:
    """Blocks go through copy, square, sum, copy; all of a chain on whatever tile is free."""
    square, total = Tools(chip, SQUARE, "square"), Tools(chip, SUM, "sum")
    isa = chip.config.isas[0]
    functions = tw.Kernel.from_source(FUNCTIONS, "copy.cpp", isa=isa)
    blocks = [random_tiles(seed, 2) for seed in range(6)]
    graph = tw.Graph(chip, functions=functions)
    ends = []
    for number, block in enumerate(blocks):
        source = put(chip, block)
        a, b, c, d = (room(chip, 2) for _ in range(4))
        words = a.nbytes // 4
        graph.add("copy", [source, a, words], reads=[source], writes=[a])
        square.add(graph, a, b, 2, name=f"square {number}")
        total.add(graph, b, c, 2, name=f"sum {number}")
        graph.add("copy", [c, d, words], reads=[c], writes=[d])
        ends.append(d)
    run = graph.run(check_races=True)
    for block, end in zip(blocks, ends, strict=True):
        assert np.array_equal(tiles_of(end), 2 * block * block)
    for before, after in graph.edges:
        assert run.tasks["ended"][before] < run.tasks["ready"][after]
    assert len({run.workers[w][:2] for w in run.tasks["worker"]}) == 4
    assert {run.workers[w][2] for w in run.tasks["worker"]} == {0}

    again = graph.run(schedulers=1)
    assert np.array_equal(again.tasks["ended"] - again.start, run.tasks["ended"] - run.start)
    assert graph.function_name(1) == "square"
    assert graph.run(schedulers=2).tasks["ended"].all()


def test_a_task_finds_its_tile_as_a_launch_does(chip: tw.Device) -> None:
    """One tile, task after task: the values are those of a tile that nobody has used."""
    square, total = Tools(chip, SQUARE, "square"), Tools(chip, SUM, "sum")
    values = random_tiles(7, 3)
    x = put(chip, values)
    graph = tw.Graph(chip)
    results = []
    for number, tools in enumerate((square, total, total, square, square)):
        y = room(chip, 3)
        tools.add(graph, x, y, 1 + number % 3)
        results.append((tools, 1 + number % 3, y))
    run = graph.run(workers=[(1, 1)])
    assert set(run.tasks["worker"]) == {0}
    for tools, count, y in results:
        expected = values * values if tools is square else 2 * values
        assert np.array_equal(tiles_of(y)[:count], expected[:count])
        assert not y.numpy()[count * 1024 :].any()
    spans = run.tasks["ended"] - run.tasks["started"]
    assert spans[1] < spans[2]


def test_a_part_is_repeated_with_a_program_in_it_on_the_other_generation() -> None:
    with tw.open(small_chip("wormhole")) as device:
        total = Tools(device, SUM, "sum")
        x = put(device, random_tiles(3, 1))
        before = tiles_of(x)
        graph = tw.Graph(device)
        task = total.add(graph, x, x, 1)
        graph.repeat(task, task, 3)
        graph.run()
        assert np.array_equal(tiles_of(x), 8 * before)


def test_faults_name_the_task_and_the_line(chip: tw.Device) -> None:
    wrong = metalium.TileProgram(chip, name="wrong")
    source = WRITER.replace("cb_wait_front(16", "cb_wait_front(5")
    writer = wrong.create_kernel(source, name="writer", processor="riscv_1")
    right = Tools(chip, SQUARE, "right")
    x, y = put(chip, random_tiles(1, 1)), room(chip, 1)
    graph = tw.Graph(chip)
    first = right.add(graph, x, y, 1, name="first")
    graph.add(wrong, {writer: [y, 1]}, after=first, name="second")
    with pytest.raises(tw.KernelFault, match="circular buffer 5 does not exist") as raised:
        graph.run()
    text = str(raised.value)
    assert text.startswith("core (0, 0, 4) at writer:5 in kernel_main")
    assert "core (0, 0, 0) was executing second (task 1), program 'wrong' with its tile" in text
    assert "of 2 tasks 1 had ended" in text
    starved = Tools(chip, SQUARE, "starved")
    graph = tw.Graph(chip)
    graph.add(
        starved.program,
        {starved.reader: [x, 0], starved.compute: [1], starved.writer: [y, 0]},
        name="starving",
    )
    with pytest.raises(tw.DeadlockError, match="was executing starving"):
        graph.run()
    graph = tw.Graph(chip)  # and the device is as good as before
    right.add(graph, x, y, 1)
    graph.run()
    assert np.array_equal(tiles_of(y), tiles_of(x) ** 2)


def test_what_cannot_be_is_refused(chip: tw.Device) -> None:
    tools = Tools(chip, SQUARE, "square")
    x, y = put(chip, random_tiles(1, 1)), room(chip, 1)
    graph = tw.Graph(chip)
    for args, message in (
        ([x, 1], "task 0, args: expected a list of arguments for each kernel"),
        ({"reader": [x]}, "task 0, args: 'reader' is no kernel of 'square'"),
        ({tools.reader: 3}, "task 0, args, reader: expected a list of arguments"),
        ({tools.reader: [-1]}, "task 0, args, reader: argument 0 is -1"),
        ({tools.reader: [0] * 512}, "task 0, args, reader: 512 runtime arguments"),
    ):
        with pytest.raises(tw.ArgumentError, match=message):
            graph.add(tools.program, args)  # type: ignore[arg-type]
    with pytest.raises(tw.ArgumentError, match="expected neither kind nor cores"):
        graph.add(tools.program, {}, cores=2)
    assert len(graph) == 0
    with pytest.raises(tw.ArgumentError, match="a graph has this program"):
        tools.program.create_semaphore()
    empty = metalium.TileProgram(chip, name="empty")
    with pytest.raises(tw.ArgumentError, match="empty: a program without kernels"):
        graph.add(empty, {})
    empty.create_kernel(READER, name="reader")
    for processor, message in (
        ("riscv_0", "riscv_0 runs the kernel 'reader' already"),
        ("riscv_2", "expected compute or one of riscv_0"),
    ):
        with pytest.raises(tw.ArgumentError, match=message):
            empty.create_kernel(READER, name="reader", processor=processor)
    empty.create_circular_buffer(0, page_size=64, pages=1)
    for index, message in ((0, "exists already"), (32, "no circular buffer 32")):
        with pytest.raises(tw.ArgumentError, match=message):
            empty.create_circular_buffer(index, page_size=64, pages=1)
    with pytest.raises(tw.OutOfMemoryError):
        empty.create_circular_buffer(1, page_size=2048, pages=1000)

    tools.add(graph, x, y, 1, name="product")
    places: list[tuple[list[tuple[int, int] | tuple[int, int, int]], str]] = [
        ([(0, 0), (0, 0, 4)], r"worker \(0, 0, 4\) belongs to what the worker on core 0"),
        ([(0, 0), (1, 0, 4)], r"worker \(1, 0, 4\) cannot lead a program of kernels"),
        ([(0, 0, 1)], "product needs a worker of the kind data_movement, and none was given"),
    ]
    for workers, message in places:
        with pytest.raises(tw.ConfigError, match=message):
            graph.run(workers=workers)
    with tw.open("ascend") as other:
        with pytest.raises(tw.ConfigError, match="'ascend' have none"):
            metalium.TileProgram(other, name="late").create_kernel("x.cpp", processor="compute")
        with pytest.raises(tw.ArgumentError, match="belongs to another device"):
            graph.run(other)
    with (
        tw.open(small_chip("blackhole"), compute_engines=0) as other,
        pytest.raises(tw.ConfigError, match="have none"),
    ):
        metalium.TileProgram(other).create_kernel("x.cpp", processor="compute")


def test_globals_that_leave_no_stack_are_refused() -> None:
    config = small_chip("wormhole")
    cores = [dict(zip(("isa", "local_bytes", "kind"), core, strict=True)) for core in config.cores]
    cores[0]["local_bytes"] = 2048
    with tw.open(config, cores=cores) as device:
        program = metalium.TileProgram(device, name="large")
        program.create_kernel(
            "volatile uint32_t room[400];\nvoid kernel_main() { room[399] = 1; }", name="wide"
        )
        graph = tw.Graph(device)
        graph.add(program, {})
        with pytest.raises(tw.ConfigError, match="'wide' on core 0 has 1600 bytes of globals"):
            graph.run()


def test_a_profile_accounts_for_what_a_program_costs(chip: tw.Device) -> None:
    """Every cycle and instruction of each core, its setup and its kernels' calls too."""
    square = Tools(chip, SQUARE, "square")
    x, y = put(chip, random_tiles(3, 2)), room(chip, 2)
    graph = tw.Graph(chip)
    square.add(graph, x, y, 2)
    before = chip.counters
    with chip.profile() as profile:
        graph.run(workers=[(0, 0)])
    counted = chip.counters - before
    for core in profile.cores:
        part = profile.of(core)
        assert part.instructions == counted.core(*core)["instructions"], core
        assert part.cycles == counted.core(*core)["cycles"], core


def test_a_queue_runs_a_program_again_and_again(chip: tw.Device) -> None:
    square = Tools(chip, SQUARE, "square")
    values = [random_tiles(seed, 2) for seed in (8, 9)]
    x, y = put(chip, values[0]), room(chip, 2)
    graph = tw.Graph(chip)
    square.add(graph, x, y, 2)
    queue = chip.queue()
    with graph.prepare() as prepared:
        for block in values:
            x.write(bf16_bits(to_faces(block)))
            queue.run(prepared)
            run = prepared.result(queue.finish())
            assert np.array_equal(tiles_of(y), block * block)
            assert run.tasks["ended"].all()
