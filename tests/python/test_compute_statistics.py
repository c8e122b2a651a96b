"""Means and variances, columns and rows for a tile, averages and reordered rows, by the vector unit
of compute kernels against NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import from_faces, run_kernel, to_faces

import tilewright as tw

# Four tiles of numbers, the fourth of which can be of integers, through Dst of 32 bits.
STATISTICS = """
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/welford.h"
void average(uint32_t what, uint32_t n, uint32_t reciprocal, uint32_t of_all) {
    constexpr std::array<uint32_t, 0> none{};
    if (what == 0) {
        welford_init();
        welford_update<0>(0, 0, none);
        welford_save_state(2);
        welford_restore_state(2);
        welford_update_rows<0>(1, 32, 3, n, none);
        welford_finalize_to_row<0>(2, 31 + n, none);
        return;
    }
    if (what == 5) {  // by the calls of before
        welford_init();
        for (uint32_t i = 0; i < 2; ++i) {
            if (i == 0) {
                welford_tile<0, 2, 3, false, 0>(0, 29 + n, 3, none);
            } else {
                welford_tile<1, 2, 3, false, 0>(29, 29 + n, 0, none);
            }
        }
        welford_M2_to_var<2, 3, 0>(29 + n, none);
        return;
    }
    two_pass_stats_init_shifted();
    two_pass_stats_update_shifted_rows<false, true>(0, 3, n);
    two_pass_stats_update_shifted_rows<TwoPassAccumulation::ShiftedSum>(1, 0, 32);
    if (what == 2) {
        two_pass_stats_finish_shifted_mean<true, true>(reciprocal);
    } else {
        two_pass_stats_finish_shifted_mean(reciprocal);
    }
    two_pass_stats_update_rows(0, 3, n);
    two_pass_stats_update_shifted_rows<TwoPassAccumulation::CentredM2>(1, 0, 32);
    switch (what) {
        case 1:
            return two_pass_stats_finalize_to_row(2, reciprocal);
        case 2:
            return two_pass_stats_finalize_split_mean_to_row(2, reciprocal);
        case 3:
            return two_pass_stats_finalize_and_combine_to_face(0, 2, reciprocal);
        default:
            two_pass_stats_save_state(2);
            two_pass_stats_update_shifted_rows<false, true>(0, 0, 7);
            two_pass_stats_finish_shifted_mean(0x3e124925);
            two_pass_stats_update_rows(0, 0, 7);
            two_pass_stats_combine_block(2, of_all, 0x40e00000);
    }
}
void kernel_main() {
    init_sfpu(0, 16);
    cb_wait_front(0, 4);
    cb_reserve_back(16, 4);
    tile_regs_acquire();
    for (uint32_t i = 0; i < 4; ++i) copy_tile(0, i, i);
    average(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_arg_val<uint32_t>(2),
            get_arg_val<uint32_t>(3));
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < 4; ++i) pack_tile(i, 16);
    tile_regs_release();
    cb_push_back(16, 4);
    cb_pop_front(0, 4);
}
"""
#: Which column each number of a group is of.
LANES = np.array([0, 1, 16, 17])[:, None] + 2 * np.arange(8)
WIDE: dict[str, Any] = {"fp32_dest_acc_en": True, "unpack_to_dest_fp32": [0]}


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


def bits(number: float) -> int:
    return int(np.float32(number).view(np.uint32))


def columns(seed: int) -> NDArray[np.float32]:
    """Four tiles of numbers far from 0, so that differences lose bits."""
    rng = np.random.default_rng(seed)
    return (100 + rng.standard_normal((4, 32, 32))).astype(np.float32)


def averaged(chip: tw.Device, x: NDArray[np.float32], what: int, *args: int) -> NDArray[np.float32]:
    (out,), _ = run_kernel(
        chip,
        STATISTICS,
        [("float32", to_faces(x))],
        [("float32", 4)],
        args=(what, *args, *[0] * (3 - len(args))),
        **WIDE,
    )
    return from_faces(out.view(np.float32))


def group(tile: NDArray[np.float32], number: int = 0) -> NDArray[np.float32]:
    """What the rows of a group have: even columns, then those of the next four rows' place."""
    return tile[4 * number : 4 * number + 4, 0:16:2]


def test_welford(chip: tw.Device) -> None:
    x = columns(1)
    out = averaged(chip, x, 0, 20)
    taken = np.concatenate([x[0], x[1, 3:23]]).astype(np.float64)
    np.testing.assert_allclose(out[2, 0], taken.mean(axis=0), rtol=2**-21)
    np.testing.assert_allclose(out[3, 0], taken.var(axis=0), rtol=2**-14)


def test_welford_by_the_calls_of_before(chip: tw.Device) -> None:
    x = columns(3)
    out = averaged(chip, x, 5, 20)
    taken = np.concatenate([x[0, 3:], x[1, :20]]).astype(np.float64)
    np.testing.assert_allclose(group(out[2]), taken.mean(axis=0)[LANES], rtol=2**-21)
    np.testing.assert_allclose(group(out[3]), taken.var(axis=0)[LANES], rtol=2**-14)


@pytest.mark.parametrize("rows", [29, 5])
def test_two_passes(chip: tw.Device, rows: int) -> None:
    x = columns(2)
    taken = np.concatenate([x[0, 3 : 3 + rows], x[1]]).astype(np.float64)
    mean, variance = taken.mean(axis=0), taken.var(axis=0)
    count = rows + 32
    plain = averaged(chip, x, 1, rows, bits(1 / count))
    np.testing.assert_allclose(plain[2, 0], mean, rtol=2**-22)
    np.testing.assert_allclose(plain[3, 0], variance, rtol=2**-20)
    split = averaged(chip, x, 2, rows, bits(1 / count))
    np.testing.assert_array_equal(split[2, 0], x[0, 3])
    np.testing.assert_allclose(split[2, 16], x[0, 3] - mean, rtol=2**-12, atol=2**-16)
    np.testing.assert_array_equal(split[3, 0], plain[3, 0])
    # Of all columns together.
    whole = averaged(chip, x, 3, rows, bits(1 / count))
    np.testing.assert_allclose(group(whole[0], 2), taken.mean(), rtol=2**-22)
    np.testing.assert_allclose(group(whole[1], 2)[0], taken.var(), rtol=2**-18)
    # And of a block before: seven rows of the first tile.
    both = averaged(chip, x, 4, rows, bits(1 / count), bits(1 / (count + 7)))
    taken = np.concatenate([taken, x[0, :7]])
    np.testing.assert_allclose(group(both[2]), taken.mean(axis=0)[LANES], rtol=2**-22)
    np.testing.assert_allclose(group(both[3]) / (count + 7), taken.var(axis=0)[LANES], rtol=2**-18)
