"""One number of a compute engine, explained, and what the engine's threads waited for."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from tests.python.compute_programs import Tiles, random_tiles, run_program

import tilewright as tw

MULTIPLY = """
#include "compute_kernel_api/eltwise_binary.h"
namespace NAMESPACE {
void MAIN {
    binary_op_init_common(0, 1, 16);
    mul_tiles_init(0, 1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    tile_regs_acquire();
    mul_tiles(0, 1, 0, 0, 2);
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(2, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
}
"""
SQUARE = """
#include "compute_kernel_api/eltwise_unary/eltwise_unary.h"
namespace NAMESPACE {
void MAIN {
    init_sfpu(0, 16);
    square_tile_init();
    cb_wait_front(0, 1);
    tile_regs_acquire();
    copy_tile(0, 0, 1);
    square_tile(1);
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(1, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
}
"""


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


def full(value: float) -> Tiles:
    return np.full((1, 32, 32), value, np.float32)


@pytest.mark.parametrize(("fidelity", "expected"), [("HiFi2", 10.4375), ("HiFi4", 10.5)])
def test_the_published_product(chip: tw.Device, fidelity: str, expected: float) -> None:
    with chip.explain((0, 0), dst=2, row=17, column=30) as why:
        result = run_program(chip, MULTIPLY, full(1.3125), full(7.96875), 1, math_fidelity=fidelity)
    assert (result.tiles == expected).all()
    assert why.fidelity == fidelity
    (packed,) = why.results
    assert (packed.value, packed.format) == (expected, "bf16")
    steps = [step for step in why.steps if step.operands is not None]
    assert all(step.operands.a == (1.3125,) for step in steps if step.operands)
    assert all(step.operands.b == (7.96875,) for step in steps if step.operands)
    # What each phase lost is told, and nothing else is.
    products = math.fsum(step.operands.products for step in steps if step.operands)
    rounded = math.fsum(step.rounding for step in steps if step.rounding)
    assert products + rounded == expected
    if fidelity == "HiFi4":
        assert products == 1.3125 * 7.96875
    text = str(why)
    assert f"products at {fidelity}" in text
    assert f"bf16 {expected}" in text


def test_a_matmul_has_the_operands_of_its_row_and_column(chip: tw.Device) -> None:
    numbers = np.random.default_rng(5)
    a = np.round(numbers.standard_normal((32, 96)) * 32).astype(np.float32) / 32
    b = np.round(numbers.standard_normal((96, 32)) * 32).astype(np.float32) / 32
    x, y = (chip.put_tiles(m, data_format="bfloat16") for m in (a, b))
    start = chip.snapshot()
    before = chip.cycle
    expected = chip.matmul(x, y, fidelity="HiFi4").numpy()
    cycles = chip.cycle - before
    chip.restore(start)
    with chip.explain((0, 0), row=19, column=6) as why:
        product = chip.matmul(x, y, fidelity="HiFi4").numpy()
    assert chip.cycle - before == cycles
    assert np.array_equal(product, expected)
    assert why.results[-1].value == product[19, 6]
    steps = [step.operands for step in why.steps if step.operands is not None]
    assert why.phases == (0, 1, 2, 3)
    assert math.fsum(step.products for step in steps) == np.dot(
        a[19].astype(np.float64), b[:, 6].astype(np.float64)
    )
    # The vendor's order: SrcA has the second matrix.
    first = [step for step in steps if step.phase == 0]
    assert [x for step in first for x in step.b] == list(a[19])
    assert [x for step in first for x in step.a] == list(b[:, 6])


def test_the_vector_unit_is_followed_in_the_lane_of_the_number(chip: tw.Device) -> None:
    a = random_tiles(3, 1)
    with chip.explain((0, 0), dst=1, row=9, column=21) as why:
        result = run_program(chip, SQUARE, a, a, 1)
    loaded, *others = [step for step in why.steps if step.kind == "vector"]
    bits = np.asarray([loaded.registers[0], others[-2].registers[0]], np.uint32)
    x, square = bits.view(np.float32)
    assert x == a[0, 9, 21]
    assert square == np.float32(x) ** 2
    store = others[-1]
    assert store.instruction.startswith("SFPSTORE")
    assert store.after is not None
    assert store.after.value == why.results[0].value == result.tiles[0, 9, 21]


def test_numbers_of_blocks_are_read_with_their_exponent(chip: tw.Device) -> None:
    a, b = random_tiles(1, 1), random_tiles(2, 1)
    for row, column in ((0, 0), (15, 15), (31, 2)):
        with chip.explain((0, 0), dst=2, row=row, column=column) as why:
            run_program(chip, MULTIPLY, a, b, 1, out_format="float16_b", math_fidelity="HiFi4")
        with chip.explain((0, 0), dst=2, row=row, column=column) as in_block:
            run_program(chip, MULTIPLY, a, b, 1, data_format="bfp8_b", math_fidelity="HiFi4")
        assert in_block.results[0].format == "bfp8"
        assert in_block.results[0].value == pytest.approx(why.results[0].value, abs=0.1)


def test_other_tiles_and_numbers_are_not_in_it(chip: tw.Device) -> None:
    with chip.explain((1, 0), row=0, column=0) as elsewhere:
        run_program(chip, MULTIPLY, full(1), full(2), 1)
    assert elsewhere.steps == ()
    assert "no instruction of the engine touched it" in str(elsewhere)
    with chip.explain((0, 0), dst=5, row=0, column=0) as unused:
        run_program(chip, MULTIPLY, full(1), full(2), 1)
    assert unused.fidelity is None
    assert unused.results == ()


def test_it_is_kept_when_the_program_fails(chip: tw.Device) -> None:
    bad = MULTIPLY.replace("cb_push_back(16, 1);", "cb_push_back(16, 1); cb_wait_front(0, 2);")
    with pytest.raises(tw.DeadlockError), chip.explain((0, 0), dst=2, row=0, column=0) as why:
        run_program(chip, bad, full(3), full(2), 1)
    assert any(step.after is not None and step.after.value == 6 for step in why.steps)


def test_wrong_arguments_are_named(chip: tw.Device) -> None:
    def enter(
        device: tw.Device = chip,
        tile: tuple[int, int] = (0, 0),
        row: int = 0,
        column: int = 0,
        dst: int = 0,
    ) -> None:
        with device.explain(tile, row=row, column=column, dst=dst):
            pass

    with pytest.raises(tw.ArgumentError, match="row 32"):
        enter(row=32)
    with pytest.raises(tw.ArgumentError, match="column 40"):
        enter(column=40)
    with pytest.raises(tw.ArgumentError, match=r"tile 8 of Dst.*tiles 0 to 7"):
        enter(dst=8)
    with pytest.raises(tw.ArgumentError, match="explain: row: expected 0 to"):
        enter(row=-1)
    with pytest.raises(tw.AddressError, match="90"):
        enter(tile=(90, 0))
    with chip.explain((0, 0), row=1, column=1), pytest.raises(tw.BusyError, match="already"):
        enter()
    enter()
    with tw.open("kpu") as device:
        with pytest.raises(tw.UnsupportedError, match="no compute engines"):
            enter(device)
        with pytest.raises(tw.UnsupportedError, match="no compute engines"):
            device.engine_waits((0, 0))
    with pytest.raises(tw.ClosedError):
        enter(device)


def test_what_happened_before_the_device_was_closed_is_kept() -> None:
    with tw.open("tiny") as device, device.explain((0, 0), dst=2, row=0, column=0) as why:
        run_program(device, MULTIPLY, full(3), full(2), 1)
        device.close()
    assert why.results[0].value == 6


def test_waits_say_whether_operands_or_arithmetic_hold_it_up(chip: tw.Device) -> None:
    x = chip.put_tiles(np.ones((256, 256), np.float32), data_format="bfloat16")
    for_operands, busy = {}, {}
    for fidelity in ("LoFi", "HiFi4"):
        before = chip.counters
        chip.matmul(x, x, fidelity=fidelity)
        waits = chip.engine_waits((0, 0), since=before)
        assert waits.cycles == chip.counters["cycle"] - before["cycle"]
        counted = chip.counters - before
        for number, thread in enumerate(waits.threads):
            total = counted[f"compute_engine.0.t{number}.waiting_cycles"]
            assert thread.waiting_cycles == total > 0
        computes = waits.threads[1].waits
        for_operands[fidelity] = computes["source_a"] + computes["source_b"]
        busy[fidelity] = waits.busy_cycles["matrix_unit"]
    # Four phases take longer, so that no less has been unpacked meanwhile.
    assert for_operands["LoFi"] >= for_operands["HiFi4"] > 0
    assert busy["HiFi4"] > 3 * busy["LoFi"]
    assert waits.busiest == "matrix_unit"
    text = str(waits)
    assert "T0 to unpack Src" in text
    assert "T1 to compute, so that Dst is ready" in text
    assert "busiest: the matrix unit" in text


def test_waits_of_an_engine_that_nobody_used() -> None:
    with tw.open("tiny") as device:
        waits = device.engine_waits((1, 1))
        assert waits.busiest is None
        assert "no unit was at work" in str(waits)
        with pytest.raises(tw.AddressError, match=r"\(50, 0\)"):
            device.engine_waits((50, 0))
