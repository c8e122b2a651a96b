"""Calls of compute kernels on whole tiles, against NumPy, on the engines of both architectures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.python.compute_programs import (
    Tiles,
    bf16_bits,
    from_bf16,
    from_faces,
    random_tiles,
    run_program,
    to_faces,
)

import tilewright as tw

#: One source for all of a family: each is compiled once for each configuration.
MOVES = """
#include "compute_kernel_api/transpose_wh.h"
#include "compute_kernel_api/bcast.h"
template <BroadcastType type>
void broadcast(uint32_t count) {
    unary_bcast_init<type>(0, 16);
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        unary_bcast<type>(0, 0, 1);
        cb_reserve_back(16, 1);
        pack_tile(1, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
    unary_bcast_uninit<type>(0);
}
template <bool faces>
void transpose_in_dst(uint32_t count) {
    unary_op_init_common(0, 16);
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        acquire_dst();
        copy_tile_init(0);
        copy_tile(0, 0, 2);
        transpose_dest_init<DST_ACCUM_MODE, faces>();
        transpose_dest<DST_ACCUM_MODE, faces>(2);
        cb_reserve_back(16, 1);
        pack_tile(2, 16);
        release_dst();
        cb_push_back(16, 1);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(0);
    switch (get_arg_val<uint32_t>(1)) {
        case 4: return transpose_in_dst<true>(count);
        case 5: return transpose_in_dst<false>(count);
        case 0: return broadcast<BroadcastType::COL>(count);
        case 1: return broadcast<BroadcastType::ROW>(count);
        case 2: return broadcast<BroadcastType::SCALAR>(count);
    }
    transpose_wh_init(0, 16);
    for (uint32_t i = 0; i < count; i += 2) {
        cb_wait_front(0, 2);
        cb_wait_front(1, 2);
        acquire_dst();
        transpose_block(0, 0, 1, 2);
        cb_reserve_back(16, 2);
        pack_tile_block(1, 16, 2);
        release_dst();
        cb_push_back(16, 2);
        cb_pop_front(0, 2);
        cb_pop_front(1, 2);
    }
}
"""
REDUCE = """
#include "compute_kernel_api/reduce.h"
template <PoolType type, ReduceDim dim>
void reduce(uint32_t count) {
    compute_kernel_hw_startup(0, 1, 16);
    reduce_init<type, dim>(0, 1, 16);
    acquire_dst();
    for (uint32_t i = 0; i < count; ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        reduce_tile<type, dim>(0, 1, 0, 0, 2);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
    cb_reserve_back(16, 2);
    pack_tile(2, 16);
    reduce_uninit();
    pack_tile(2, 16);
    release_dst();
    cb_push_back(16, 2);
}
template <PoolType type>
void choose(uint32_t count) {
    switch (get_arg_val<uint32_t>(2)) {
        case 0: return reduce<type, ReduceDim::REDUCE_ROW>(count);
        case 1: return reduce<type, ReduceDim::REDUCE_COL>(count);
        default: return reduce<type, ReduceDim::REDUCE_SCALAR>(count);
    }
}
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(0);
    get_arg_val<uint32_t>(1) == 0 ? choose<PoolType::SUM>(count) : choose<PoolType::MAX>(count);
}
"""
LAYOUT = """
#include "compute_kernel_api/tilize.h"
#include "compute_kernel_api/untilize.h"
#include "compute_kernel_api/pack_untilize.h"
void kernel_main() {
    const uint32_t way = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup(0, 16);
    for (uint32_t i = 4; i < get_arg_val<uint32_t>(0); i += 4) {
        cb_wait_front(0, 4);
        cb_wait_front(1, 4);
        cb_reserve_back(16, 4);
        if (way == 0) {
            tilize_init(0, 4, 16);
            tilize_block(0, 3, 16);
            tilize_block(0, 1, 16, 3, 3);
            tilize_uninit(0, 16);
        } else if (way == 1) {
            untilize_init(0);
            untilize_block<2>(0, 4, 16);
            untilize_uninit(0);
        } else if (way == 2) {
            pack_untilize_init<4>(0, 16);
            pack_untilize_block<4>(0, 1, 16);
            pack_untilize_uninit(16);
        } else if (way == 3) {
            fast_untilize_init<4>(0, 16);
            fast_untilize_block<4>(0, 16);
            fast_untilize_uninit<4>(16);
        } else {
            copy_tile_init(0);
            for (uint32_t block = 0; block < 2; ++block) {
                acquire_dst();
                copy_tile(0, 2 * block, 0);
                copy_tile(0, 2 * block + 1, 1);
                pack_untilize_dest_init<2, 4>(16);
                pack_untilize_dest<2, 4>(16, 1, block);
                pack_untilize_uninit(16);
                release_dst();
            }
        }
        cb_push_back(16, 4);
        cb_pop_front(0, 4);
        cb_pop_front(1, 4);
    }
    // All is as it was: the last of the tiles, whole.
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    copy_tile_init(0);
    acquire_dst();
    copy_tile(0, 0, 0);
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    release_dst();
    cb_push_back(16, 1);
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
REUSE = """
#include "compute_kernel_api/eltwise_binary.h"
template <EltwiseBinaryType type, EltwiseBinaryReuseDestType reuse>
void combine() {
    tile_regs_acquire();
    copy_tile_init(1);
    copy_block(1, 0, 0, 2);
    binary_dest_reuse_tiles_init<type, reuse>(0);
    binary_dest_reuse_tiles<type, reuse>(0, 0, 1);
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(1, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
template <EltwiseBinaryReuseDestType reuse>
void combine_all() {
    combine<ELWADD, reuse>();
    combine<ELWSUB, reuse>();
    combine<ELWMUL, reuse>();
}
void kernel_main() {
    binary_op_init_common(0, 1, 16);
    cb_wait_front(0, 2);
    cb_wait_front(1, 2);
    combine_all<EltwiseBinaryReuseDestType::DEST_TO_SRCA>();
    combine_all<EltwiseBinaryReuseDestType::DEST_TO_SRCB>();
    add_tiles_init(0, 1);
    tile_regs_acquire();
    add_block(0, 1, 0, 0, 2, 2);
    tile_regs_commit();
    cb_reserve_back(16, 2);
    tile_regs_wait();
    pack_relu_config(ReluConfig::zero());
    pack_tile(2, 16);
    pack_relu_config(ReluConfig::max_threshold(0x3f80));
    pack_tile(3, 16);
    pack_relu_config(ReluConfig::none());
    tile_regs_release();
    cb_push_back(16, 2);
    cb_pop_front(0, 2);
    cb_pop_front(1, 2);
}
"""
VECTOR = """
#include "compute_kernel_api.h"
#include "compute_kernel_api/eltwise_unary/fill.h"
#include "compute_kernel_api/eltwise_binary_sfpu.h"
template <class F>
void apply(F f) {
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    copy_tile(1, 0, 1);
    f();
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(2, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
template <class F>
void in_place(F f) {
    apply([&] {
        copy_dest_values(0, 2);
        f();
    });
}
void kernel_main() {
    constexpr uint32_t half = 0x3f000000;
    init_sfpu(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    in_place([] {});
    in_place([] { relu_tile(2); });
    in_place([] { abs_tile(2); });
    in_place([] { negative_tile(2); });
    in_place([] { square_tile(2); });
    in_place([] { add_unary_tile(2, half); });
    in_place([] { sub_unary_tile(2, half); });
    in_place([] { rsub_unary_tile(2, half); });
    in_place([] { mul_unary_tile(2, half); });
    in_place([] { relu_min_tile(2, half); });
    in_place([] { relu_max_tile(2, half); });
    in_place([] { leaky_relu_tile(2, half); });
    apply([] { fill_tile(2, 1.5f); });
    apply([] { fill_tile_bitcast(2, half); });
    apply([] { add_binary_tile(0, 1, 2); });
    apply([] { sub_binary_tile(0, 1, 2); });
    apply([] { rsub_binary_tile(0, 1, 2); });
    apply([] { mul_binary_tile(0, 1, 2); });
    apply([] { binary_max_tile(0, 1, 2); });
    apply([] { binary_min_tile(0, 1, 2); });
    if (DST_ACCUM_MODE) apply([] { fill_tile_int<DataFormat::Int32>(2, 0x40490fdb); });
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
FUNCTIONS = """
#include "compute_kernel_api.h"
#include "compute_kernel_api/mask.h"
#include "compute_kernel_api/eltwise_unary/exp.h"
#include "compute_kernel_api/eltwise_unary/recip.h"
template <class F>
void apply(F f) {
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    copy_tile(1, 0, 1);
    f();
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
using namespace ckernel;
void kernel_main() {
    init_sfpu(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    apply([] { exp_tile(0); });
    apply([] {
        exp_tile_init<true, 0xbf000000u, InputClamping::None>();
        exp_tile<true, false>(0, (int)ckernel::VectorMode::C);
    });
    apply([] { exp_tile<false, true>(0, VectorMode::C, 0xbf00); });
    apply([] { recip_tile(0); });
    apply([] { recip_tile(0, (int)VectorMode::R); });
    apply([] { sqrt_tile(0); });
    apply([] { rsqrt_tile(0); });
    apply([] { sigmoid_tile(0); });
    apply([] { silu_tile(0); });
    apply([] { tanh_tile(0); });
    apply([] { log_tile(0); });
    apply([] { clamp_tile(0, 0xbf800000, 0x40000000); });
    apply([] { eqz_tile(0); });
    apply([] { gez_tile(0); });
    apply([] { unary_ne_tile(0, 0x3f800000); });
    apply([] { unary_lt_tile(0, 0x3f800000); });
    apply([] { le_binary_tile(0, 1, 0); });
    apply([] { gt_binary_tile(0, 1, 0); });
    apply([] { mask_tile(0, 1); });
    apply([] { where_tile<DataFormat::Float32>(1, 0, 1, 0); });
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
Way = dict[str, Any]
WIDE: list[Way] = [{}, {"fp32_dest_acc_en": True}]
STRAIGHT: Way = {"data_format": "float32", "fp32_dest_acc_en": True, "unpack_to_dest_fp32": [0]}


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


@pytest.mark.parametrize("way", WIDE, ids=["narrow", "wide"])
def test_transposes_and_broadcasts_of_one_tile(chip: tw.Device, way: Way) -> None:
    a = random_tiles(20, 4)
    faces = a.reshape(4, 2, 16, 2, 16)
    expected = [
        np.broadcast_to(a[:, :, :1], a.shape),
        np.broadcast_to(a[:, :1], a.shape),
        np.broadcast_to(a[:, :1, :1], a.shape),
        a.transpose(0, 2, 1),
        a.transpose(0, 2, 1),
        faces.transpose(0, 1, 4, 3, 2).reshape(a.shape),
    ]
    for number, tiles in enumerate(expected):
        result = run_program(chip, MOVES, a, a, 4, args=(number,), **way)
        np.testing.assert_array_equal(result.tiles, tiles, err_msg=str(number))


def test_transposes_in_dst_keep_32_bits(chip: tw.Device) -> None:
    a = np.random.default_rng(29).standard_normal((4, 32, 32)).astype(np.float32)
    for number in (3, 4):
        result = run_program(chip, MOVES, a, a, 4, args=(number,), **STRAIGHT)
        np.testing.assert_array_equal(result.tiles, a.transpose(0, 2, 1), err_msg=str(number))


def scales(value: float, count: int) -> Tiles:
    """Tiles as reductions want them: the scale in the first row of each face."""
    tiles = np.zeros((count, 32, 32), np.float32)
    tiles[:, (0, 16)] = value
    return tiles


@pytest.mark.parametrize("way", WIDE, ids=["narrow", "wide"])
@pytest.mark.parametrize("pool", range(2), ids=["sum", "max"])
def test_reductions(chip: tw.Device, pool: int, way: Way) -> None:
    a = from_bf16(bf16_bits(random_tiles(21, 3) - 4))  # no maximum of rows is above zero
    for dim, axes in enumerate([(0, 2), (0, 1), (0, 1, 2)]):
        scale = 0.25 if pool == 0 else 1.0
        result = run_program(chip, REDUCE, a, scales(scale, 3), 2, args=(pool, dim), **way)
        inside = (np.s_[:, 0], np.s_[0], np.s_[0, 0])[dim]
        if pool == 0:
            # Of all numbers the scale counts twice.
            expected = a.sum(axis=axes) * (scale * scale if dim == 2 else scale)
        else:
            expected = a.max(axis=axes)
        packed = result.tiles[0].copy()
        rtol = 0.0 if pool == 1 else 2**-7 if way else 2**-4
        np.testing.assert_allclose(packed[inside], expected, rtol=rtol, err_msg=str(dim))
        np.testing.assert_allclose(result.tiles[1][inside], expected, rtol=rtol)
        packed[inside] = 0
        np.testing.assert_array_equal(packed, 0)


def as_rows(tiles: Tiles) -> Tiles:
    """Four tiles side by side, row by row, in the memory of four tiles."""
    rows = tiles.reshape(-1, 4, 32, 32).transpose(0, 2, 1, 3)
    return from_faces(np.ascontiguousarray(rows).reshape(-1))


def as_tiles(rows: Tiles) -> Tiles:
    matrix = to_faces(rows).reshape(-1, 32, 4, 32)
    return np.ascontiguousarray(matrix.transpose(0, 2, 1, 3)).reshape(-1, 32, 32)


@pytest.mark.parametrize("way", [{}, STRAIGHT], ids=["narrow", "straight to Dst in 32 bits"])
def test_tiles_from_rows_and_rows_from_tiles(chip: tw.Device, way: Way) -> None:
    a = random_tiles(22, 8)
    if way is STRAIGHT:
        a = a + np.float32(2**-20)
    one = a[:1]
    for number in range(5):
        given = as_rows(a) if number == 0 else a
        taken = run_program(
            chip,
            LAYOUT,
            np.concatenate([given, one]),
            np.concatenate([given, one]),
            9,
            pages=4,
            args=(number,),
            **way,
        ).tiles
        result = taken[:8] if number == 0 else as_tiles(taken[:8])
        np.testing.assert_array_equal(result, a, err_msg=str(number))
        np.testing.assert_array_equal(taken[8:], one)


@pytest.mark.parametrize(
    ("calls", "most"),
    [
        ("tilize_init(0, 8, 16); REPEAT tilize_block(0, 8, 16); tilize_uninit(0, 16);", 64),
        ("pack_untilize_init<8>(0, 16); REPEAT pack_untilize_block<8>(0, 1, 16);", 96),
    ],
    ids=["tilize", "untilize"],
)
def test_cycles_of_rows_and_tiles(calls: str, most: float) -> None:
    """A tile of 16 bits: an instruction for each half row would take 130 and more."""
    source = """
    #include "compute_kernel_api/tilize.h"
    #include "compute_kernel_api/pack_untilize.h"
    void kernel_main() {
        const uint32_t times = get_arg_val<uint32_t>(1);
        compute_kernel_hw_startup(0, 16);
        cb_wait_front(0, 8); cb_wait_front(1, 8); cb_reserve_back(16, 8);
        CALLS
        cb_push_back(16, 8); cb_pop_front(0, 8); cb_pop_front(1, 8);
    }
    """.replace("CALLS", calls.replace("REPEAT", "for (uint32_t i = 0; i < times; ++i)"))
    a = random_tiles(30, 8)
    with tw.open("tiny") as device:
        few, many = (
            run_program(device, source, a, a, 8, pages=8, args=(times,)).run.cycles
            for times in (5, 25)
        )
    assert (many - few) / (20 * 8) < most


@pytest.mark.parametrize("way", WIDE, ids=["narrow", "wide"])
def test_operands_from_dst_and_relu_of_packed_numbers(chip: tw.Device, way: Way) -> None:
    a, b = random_tiles(23, 2), random_tiles(24, 2)
    result = run_program(chip, REUSE, a, b, 8, pages=2, **way)
    expected = [b[1] + a[0], b[1] - a[0], b[1] * a[0], a[0] + b[1], a[0] - b[1], a[0] * b[1]]
    expected += [np.maximum(a[0] + b[0], 0), np.clip(a[1] + b[1], 0, 1)]
    np.testing.assert_allclose(result.tiles, np.stack(expected), rtol=2**-6, atol=2**-8)


@pytest.mark.parametrize("way", WIDE, ids=["narrow", "wide"])
def test_operations_of_the_vector_unit(chip: tw.Device, way: Way) -> None:
    x, y = random_tiles(25, 1)[0], random_tiles(26, 1)[0]
    one = np.ones_like(x)
    expected = [x, np.maximum(x, 0), abs(x), -x, x * x]
    expected += [x + 0.5, x - 0.5, 0.5 - x, x * 0.5]
    expected += [np.maximum(x, 0.5), np.clip(x, 0, 0.5), np.where(x < 0, 0.5 * x, x)]
    expected += [1.5 * one, 0.5 * one]
    expected += [x + y, x - y, y - x, x * y, np.maximum(x, y), np.minimum(x, y)]
    if way:
        expected += [np.float32(np.pi) * one]
    taken = run_program(
        chip,
        VECTOR,
        x[None],
        y[None],
        len(expected),
        data_format="float32" if way else "float16_b",
        **way,
    )
    for number, tile in enumerate(expected):
        # Dst of 16 bits is rounded towards zero.
        np.testing.assert_allclose(
            taken.tiles[number],
            tile,
            rtol=2**-22 if way else 2**-7,
            atol=0 if way else 2**-8,
            err_msg=str(number),
        )


def test_functions_of_the_vector_unit(chip: tw.Device) -> None:
    x = random_tiles(27, 1)[0] * 8
    x[0, :8] = (0, 1, -1, 200, -200, 88, -87, 2**100)
    x[1, :2] = (3, -0.0)
    mask = (random_tiles(28, 1)[0] > 0).astype(np.float32) * 3
    taken = run_program(
        chip,
        FUNCTIONS,
        x[None],
        mask[None],
        20,
        data_format="float32",
        fp32_dest_acc_en=True,
        unpack_to_dest_fp32=[0, 1],
    ).tiles
    left, upper = np.zeros((2, 32, 32), bool)
    left[:, :16] = upper[:16] = True
    with np.errstate(all="ignore"):
        wide = x.astype(np.float64)
        exp = [np.exp(factor * wide) for factor in (1, -0.5)]
        for numbers in exp:
            numbers[numbers < 2.0**-126] = 0
            numbers[numbers >= 2.0**128] = np.inf
        sigmoid = 1 / (1 + np.exp(-wide))
        expected = [
            exp[0],
            np.where(left, exp[1], x),
            np.where(left, exp[1], x),
            1 / wide,
            np.where(upper, 1 / wide, x),
            np.sqrt(wide),
            1 / np.sqrt(wide + 0.0),  # of -0 as of 0
            sigmoid,
            x * sigmoid,
            np.tanh(wide),
            np.log(wide),
            np.clip(x, -1, 2),
            x == 0,
            x >= 0,
            x != 1,
            x < 1,
            x <= mask,
            x > mask,
            np.where(mask != 0, x, 0),
            np.where(mask != 0, x, 0),
        ]
    for number, tile in enumerate(expected):
        np.testing.assert_allclose(
            taken[number], tile, rtol=2**-19, atol=2**-22, err_msg=str(number)
        )
