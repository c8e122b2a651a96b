"""Compute kernels for TT-Metalium against NumPy, on the compute engines of both architectures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.python.compute_programs import (
    bf16_bits,
    from_bf16,
    from_bfp8,
    random_tiles,
    run_program,
    to_bfp8,
    to_faces,
)

import tilewright as tw

BINARY = """
#include "compute_kernel_api/eltwise_binary.h"
namespace NAMESPACE {
void MAIN {
    const uint32_t count = get_arg_val<uint32_t>(0);
    const uint32_t operation = get_arg_val<uint32_t>(1);
    binary_op_init_common(0, 1, 16);
    if (operation == 0) {
        add_tiles_init(0, 1);
    } else if (operation == 1) {
        sub_tiles_init(0, 1);
    } else {
        mul_tiles_init(0, 1);
    }
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        tile_regs_acquire();
        if (operation == 0) {
            add_tiles(0, 1, 0, 0, 1);
        } else if (operation == 1) {
            sub_tiles(0, 1, 0, 0, 1);
        } else {
            mul_tiles(0, 1, 0, 0, 1);
        }
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(1, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
}
}
"""
BROADCAST = """
#include "compute_kernel_api/bcast.h"
namespace NAMESPACE {
template <EltwiseBinaryType type, BroadcastType which>
void combine() {
    init_bcast<type, which>(0, 1, 16);
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        any_tiles_bcast<type, which>(0, 1, 0, 0, 2);
        cb_reserve_back(16, 1);
        pack_tile(2, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
template <EltwiseBinaryType type>
void choose() {
    switch (get_arg_val<uint32_t>(2)) {
        case 0: return combine<type, BroadcastType::ROW>();
        case 1: return combine<type, BroadcastType::COL>();
        default: return combine<type, BroadcastType::SCALAR>();
    }
}
void MAIN {
    switch (get_arg_val<uint32_t>(1)) {
        case 0: return choose<ELWADD>();
        case 1: return choose<ELWSUB>();
        default: return choose<ELWMUL>();
    }
}
}
"""
COPY = """
#include "compute_kernel_api/tile_move_copy.h"
namespace NAMESPACE {
void MAIN {
    unary_op_init_common(0, 16);
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        copy_tile(0, 0, TILE);
        cb_reserve_back(16, 1);
        pack_tile(TILE, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
}
"""
MATMUL = """
#include "compute_kernel_api/matmul.h"
namespace NAMESPACE {
void MAIN {
    mm_init(0, 1, 16, TRANSPOSE);
    tile_regs_acquire();
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        matmul_tiles(0, 1, 0, 0, 0);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
}
"""
BLOCK = """
#include "compute_kernel_api/matmul.h"
namespace NAMESPACE {
void MAIN {
    mm_block_init(0, 1, 16, 0, 2, 2, 1);
    cb_wait_front(0, 2);
    cb_wait_front(1, 2);
    tile_regs_acquire();
    matmul_block(0, 1, 0, 0, 0, 0, 2, 2, 1);
    tile_regs_commit();
    cb_pop_front(0, 2);
    cb_pop_front(1, 2);
    cb_reserve_back(16, 4);
    tile_regs_wait();
    for (uint32_t i = 0; i < 4; ++i) pack_tile(i, 16);
    tile_regs_release();
    cb_push_back(16, 4);
}
}
"""
WAYS = [{}, {"fp32_dest_acc_en": True}, {"dst_full_sync_en": True}]
OPERATIONS = (np.add, np.subtract, np.multiply)
MATRIX_UNIT = "compute_engine.0.matrix_unit.busy_cycles"
#: BF16 keeps 8 bits, and products are rounded after each of four phases.
CLOSE = 2**-6


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


@pytest.mark.parametrize("way", WAYS, ids=["half", "wide", "full"])
@pytest.mark.parametrize("number", range(3), ids=["add", "sub", "mul"])
def test_binary(chip: tw.Device, number: int, way: dict[str, Any]) -> None:
    a, b = random_tiles(1, 5), random_tiles(2, 5)
    result = run_program(chip, BINARY, a, b, 5, args=(number,), **way)
    np.testing.assert_allclose(result.tiles, OPERATIONS[number](a, b), rtol=CLOSE, atol=2**-8)


@pytest.mark.parametrize("which", range(3), ids=["row", "column", "scalar"])
@pytest.mark.parametrize("number", range(3), ids=["add", "sub", "mul"])
def test_broadcast(chip: tw.Device, number: int, which: int) -> None:
    a, b = random_tiles(3, 2), random_tiles(4, 2)
    result = run_program(chip, BROADCAST, a, b, 2, args=(number, which))
    other = (b[:, :1], b[:, :, :1], b[:, :1, :1])[which]
    np.testing.assert_allclose(result.tiles, OPERATIONS[number](a, other), rtol=CLOSE, atol=2**-8)


@pytest.mark.parametrize("way", WAYS, ids=["half", "wide", "full"])
def test_copy_keeps_every_bit(chip: tw.Device, way: dict[str, Any]) -> None:
    a = random_tiles(5, 5)
    result = run_program(chip, COPY.replace("TILE", "3"), a, a, 5, **way)
    np.testing.assert_array_equal(result.tiles, a)


@pytest.mark.parametrize("transpose", [False, True])
@pytest.mark.parametrize("way", WAYS, ids=["half", "wide", "full"])
def test_matmul(chip: tw.Device, way: dict[str, Any], transpose: bool) -> None:
    a, b = random_tiles(6, 8), random_tiles(7, 8)
    kernel = MATMUL.replace("TRANSPOSE", str(int(transpose)))
    result = run_program(chip, kernel, a, b, 1, **way)
    expected = np.sum(a @ (b.transpose(0, 2, 1) if transpose else b), axis=0)
    # Dst is rounded after each of 8 sums of 32 products, to 8 bits or to 24.
    atol = 0.2 if way.get("fp32_dest_acc_en") else 0.8
    np.testing.assert_allclose(result.tiles[0], expected, rtol=0, atol=atol)


SUM_OF_PRODUCTS = """
#include "api/compute/eltwise_binary.h"
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(0);
    binary_op_init_common(0, 1, 16);
    mul_tiles_init(0, 1);
    tile_regs_acquire();
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(0, 1); cb_wait_front(1, 1);
        mul_tiles(0, 1, 0, 0, 1);
        cb_pop_front(0, 1); cb_pop_front(1, 1);
    }
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(1, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""
STARTED_AGAIN = """
#include "compute_kernel_api/eltwise_binary.h"
#include "compute_kernel_api/matmul.h"
#include "compute_kernel_api/tile_move_copy.h"
namespace NAMESPACE { void MAIN {
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        if (i % 2 == 0) {
            binary_op_init_common(0, 1, 16);
            add_tiles_init(0, 1);
        } else {
            mm_init(0, 1, 16);
        }
        cb_wait_front(0, 1); cb_wait_front(1, 1);
        tile_regs_acquire();
        if (i % 2 == 0) add_tiles(0, 1, 0, 0, 0); else matmul_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        cb_pop_front(0, 1); cb_pop_front(1, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
} }
"""


def test_products_are_added_to_dst_where_they_are_to_be(chip: tw.Device) -> None:
    a, b = random_tiles(19, 4), random_tiles(20, 4)
    result = run_program(chip, SUM_OF_PRODUCTS, a, b, 1, fp32_dest_acc_en=True)
    np.testing.assert_allclose(result.tiles[0], np.sum(a * b, axis=0), rtol=CLOSE, atol=2**-5)


def test_a_kernel_can_start_again_for_other_operations(chip: tw.Device) -> None:
    a, b = random_tiles(21, 6), random_tiles(22, 6)
    result = run_program(chip, STARTED_AGAIN, a, b, 6, fp32_dest_acc_en=True)
    expected = [a[i] + b[i] if i % 2 == 0 else a[i] @ b[i] for i in range(6)]
    np.testing.assert_allclose(result.tiles, expected, rtol=CLOSE, atol=0.15)


def test_a_block_of_tiles(chip: tw.Device) -> None:
    a, b = random_tiles(8, 2), random_tiles(9, 2)
    result = run_program(chip, BLOCK, a, b, 4, pages=4, fp32_dest_acc_en=True)
    expected = np.stack([a[i] @ b[j] for i in range(2) for j in range(2)])
    np.testing.assert_allclose(result.tiles, expected, rtol=CLOSE, atol=2**-5)


def test_fidelity_changes_bits_and_cycles(chip: tw.Device) -> None:
    """The published example: 1.3125 x 7.96875 is 10.4375 at HiFi2 and 10.5 at HiFi4."""
    a = np.zeros((1, 32, 32), np.float32)
    b = np.zeros_like(a)
    a[0, 0, 0], b[0, 0, 0] = 7.96875, 1.3125
    kernel = MATMUL.replace("TRANSPOSE", "0")
    values, busy = {}, {}
    for fidelity in ("LoFi", "HiFi2", "HiFi3", "HiFi4"):
        before = chip.counters.get(MATRIX_UNIT, 0)
        result = run_program(chip, kernel, a, b, 1, math_fidelity=fidelity)
        values[fidelity] = float(result.tiles[0, 0, 0])
        busy[fidelity] = chip.counters[MATRIX_UNIT] - before
    assert values["HiFi2"] == 10.4375
    assert values["HiFi4"] == 10.5
    # A phase of a tile is 16 instructions.
    assert np.diff(list(busy.values())).tolist() == [16, 16, 16]


LOOP = """
#include "compute_kernel_api/matmul.h"
namespace NAMESPACE {
void MAIN {
    const uint32_t count = get_arg_val<uint32_t>(1);
    mm_init(0, 1, 16);
    cb_wait_front(0, 8);
    cb_wait_front(1, 8);
    tile_regs_acquire();
    for (uint32_t i = 0; i < count; ++i) matmul_tiles(0, 1, i & 7, i & 7, 0);
    tile_regs_commit();
    cb_pop_front(0, 8);
    cb_pop_front(1, 8);
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
}
"""


@pytest.mark.parametrize(
    ("fidelity", "card"), [("LoFi", 34.9), ("HiFi2", 52.5), ("HiFi4", 86.1)], ids=str
)
def test_a_loop_of_products_takes_the_cycles_of_a_card(fidelity: str, card: float) -> None:
    a, b = random_tiles(16, 8), random_tiles(17, 8)
    cycles = []
    with tw.open("tiny") as device:
        for count in (32, 32, 96):  # the first finds nothing in its place yet
            result = run_program(
                device,
                LOOP,
                a,
                b,
                1,
                pages=8,
                args=(count,),
                math_fidelity=fidelity,
            )
            cycles.append(result.run.cycles)
    assert (cycles[2] - cycles[1]) / 64 == pytest.approx(card, rel=0.1)


def test_blocks_with_one_exponent(chip: tw.Device) -> None:
    a = np.random.default_rng(18).standard_normal((3, 32, 32)).astype(np.float32)
    result = run_program(
        chip,
        COPY.replace("TILE", "3"),
        a,
        a,
        3,
        data_format="bfp8_b",
        out_format="float16_b",
    )
    # BF16 has all 7 bits of a mantissa, so that nothing is lost behind the blocks.
    np.testing.assert_array_equal(result.tiles, from_bfp8(to_bfp8(to_faces(a))))


@pytest.mark.parametrize("wide", [False, True])
def test_numbers_are_rounded_before_they_share_an_exponent(chip: tw.Device, wide: bool) -> None:
    """To 6 bits of mantissa, halves away from zero, as with the vendor's headers."""
    a = random_tiles(20, 3)
    result = run_program(
        chip,
        COPY.replace("TILE", "3"),
        a,
        a,
        3,
        out_format="bfp8_b",
        fp32_dest_acc_en=wide,
    )
    bits = bf16_bits(to_faces(a))
    rounded = from_bf16((bits + 1) & np.uint16(0xFFFE))
    np.testing.assert_array_equal(result.tiles, from_bfp8(to_bfp8(rounded)))


def test_float32_through_16_bits_loses_the_rest(chip: tw.Device) -> None:
    a = np.random.default_rng(10).standard_normal((3, 32, 32)).astype(np.float32)
    result = run_program(chip, COPY.replace("TILE", "3"), a, a, 3, data_format="float32")
    truncated = (a.view(np.uint32) & 0xFFFF_0000).view(np.float32)
    np.testing.assert_array_equal(result.tiles, truncated)


def test_float32_straight_to_dst_keeps_every_bit(chip: tw.Device) -> None:
    a = np.random.default_rng(11).standard_normal((6, 32, 32)).astype(np.float32)
    result = run_program(
        chip,
        COPY.replace("TILE", "3"),
        a,
        a,
        6,
        data_format="float32",
        fp32_dest_acc_en=True,
        unpack_to_dest_fp32=[0],
    )
    np.testing.assert_array_equal(result.tiles, a)


def test_packing_rounds_float32_to_bfloat16(chip: tw.Device) -> None:
    a = np.random.default_rng(12).standard_normal((2, 32, 32)).astype(np.float32)
    result = run_program(
        chip,
        COPY.replace("TILE", "3"),
        a,
        a,
        2,
        data_format="float32",
        out_format="float16_b",
        fp32_dest_acc_en=True,
        unpack_to_dest_fp32=[0],
    )
    half_up = ((a.view(np.uint32) + 0x8000) & 0xFFFF_0000).view(np.float32)
    np.testing.assert_array_equal(result.tiles, half_up)


def test_a_tile_past_dst_is_a_fault_that_names_it(chip: tw.Device) -> None:
    a = random_tiles(13, 1)
    with pytest.raises(tw.KernelFault, match=r"tile 9 of Dst: it has 8"):
        run_program(chip, COPY.replace("TILE", "9"), a, a, 1)


def test_a_call_that_is_missing_is_a_compile_error_that_names_it(chip: tw.Device) -> None:
    a = random_tiles(14, 1)
    for call, message in {
        "topk_xl_merge(0);": "topk_xl_merge is not supported yet",
        "DPRINT << WAIT(1);": "WAIT is not supported: what each core prints is kept apart",
    }.items():
        kernel = f'#include "compute_kernel_api.h"\nvoid kernel_main() {{ {call} }}'
        with pytest.raises(tw.CompileError, match=message):
            run_program(chip, kernel, a, a, 1)


def test_a_chip_without_engines_refuses_compute_kernels() -> None:
    a = random_tiles(15, 1)
    with (
        tw.open("tiny", compute_engines=0) as device,
        pytest.raises(tw.CompileError, match="no compute engines"),
    ):
        run_program(device, COPY.replace("TILE", "3"), a, a, 1)
