"""The compute engine of a tile, used by compiled kernels through its registers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import tilewright as tw

#: Adds 3 to a general register `count` times by the scalar unit (ADDDMAREG), waits until that is
#: done, and writes the sum to a buffer.
SOURCE = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;

static volatile std::uint32_t& engine(std::uint32_t offset) {
    return *reinterpret_cast<volatile std::uint32_t*>(0xFFE0'0000 + offset);
}

static void add(Buffer sum, std::uint32_t word, std::uint32_t count) {
    engine(4) = 3;
    for (std::uint32_t i = 0; i < count; ++i) engine(0x4'0000) = word;
    static_cast<void>(engine(0x8'0004));
    auto* there = l1<std::uint32_t>(l1_user_base);
    *there = engine(0);
    sum.write(0, there, 4);
    noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(add)
"""
ADD = 0x58 << 24 | 1 << 6
NOTHING = 0x58 << 24 | 1 << 12  # adds to another register
UNKNOWN = 0xFF << 24
CORE = (0, 0, 1)


@pytest.fixture(scope="module")
def add(kernel_cache: Path) -> tw.Kernel:
    return tw.Kernel.from_source(SOURCE, "add")


@pytest.fixture
def chip() -> Iterator[tw.Device]:
    with tw.open("tiny") as opened:
        yield opened


def test_a_kernel_pushes_instructions_and_waits(chip: tw.Device, add: tw.Kernel) -> None:
    total = chip.zeros(1, dtype="uint32")
    run = chip.run(add, [CORE], [total, ADD, 500])
    assert total.numpy() == [1500]
    # The scalar unit takes 3 cycles for each, and the core waits for room.
    assert 1500 < run.cycles < 2000
    assert chip.counters["compute_engine.0.scalar_unit.busy_cycles"] == 1500


def test_a_launch_finds_it_reset(chip: tw.Device, add: tw.Kernel) -> None:
    total = chip.zeros(1, dtype="uint32")
    chip.run(add, [CORE], [total, ADD, 10])
    chip.run(add, [CORE], [total, NOTHING, 10])
    assert total.numpy() == [0]


def test_an_unknown_instruction_is_a_fault_of_the_kernel(chip: tw.Device, add: tw.Kernel) -> None:
    total = chip.zeros(1, dtype="uint32")
    with pytest.raises(tw.KernelFault, match=r"core \(0, 0, 1\).*compute engine: .*0xff000000"):
        chip.run(add, [CORE], [total, UNKNOWN, 1])
    chip.run(add, [CORE], [total, ADD, 2])
    assert total.numpy() == [6]


def test_it_is_in_snapshots(chip: tw.Device, add: tw.Kernel) -> None:
    total = chip.zeros(1, dtype="uint32")
    chip.launch(add, [CORE], [total, ADD, 500])
    chip.advance_to(chip.cycle + 700)
    image = chip.snapshot()
    chip.finish()
    ended, counted = chip.cycle, chip.counters["compute_engine.0.t0.instructions"]
    assert counted == 500
    chip.restore(image)
    assert chip.counters["compute_engine.0.t0.instructions"] < 500
    chip.finish()
    assert (chip.cycle, chip.counters["compute_engine.0.t0.instructions"]) == (ended, counted)
    assert total.numpy() == [1500]


def test_a_chip_without_it_faults(add: tw.Kernel) -> None:
    with (
        tw.open("tiny", compute_engines=0) as device,
        pytest.raises(tw.KernelFault, match="0xffe00004"),
    ):
        device.run(add, [CORE], [device.zeros(1, dtype="uint32"), ADD, 1])
