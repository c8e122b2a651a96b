"""The sorting network of compute kernels against NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import (
    bf16_bits,
    from_bf16,
    from_faces,
    run_kernel,
    to_faces,
)

import tilewright as tw

# Whole tiles of numbers and of their indices; columns are sorted. The first argument says what is
# done, others are those of the calls.
KERNEL = """
#include "api/compute/tile_move_copy.h"
#include "api/compute/topk.h"
constexpr auto ORDER = TopkTieOrder::TIES;
constexpr bool STABLE = ORDER != TopkTieOrder::Unset;
template <class F>
void with_tiles(F f) {
    tile_regs_acquire();
    for (uint32_t cb = 0; cb < 2; ++cb) {
        copy_tile_to_dst_init_short(cb);
        reconfig_data_format_srca(cb);
        for (uint32_t i = 0; i < 2; ++i) copy_tile(cb, i, 2 * cb + i);
    }
    f();
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t cb = 0; cb < 2; ++cb) {
        pack_reconfig_data_format(16 + cb);
        for (uint32_t i = 0; i < 2; ++i) pack_tile(2 * cb + i, 16 + cb);
    }
    tile_regs_release();
}
void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    cb_wait_front(0, 2); cb_wait_front(1, 2);
    cb_reserve_back(16, 2); cb_reserve_back(17, 2);
    ckernel::topk_tile_init();
    const uint32_t what = get_arg_val<uint32_t>(0);
    const int a = get_arg_val<uint32_t>(1), b = get_arg_val<uint32_t>(2);
    const int c = get_arg_val<uint32_t>(3), d = get_arg_val<uint32_t>(4);
    with_tiles([=] {
        if constexpr (STABLE) topk_canonicalize_negzero_values(0);
        if (what == 0) {
            ckernel::topk_local_sort<STABLE, DST_ACCUM_MODE, false, false, ORDER>(0, a, b);
        } else if (what == 1) {
            topk_merge<false, STABLE, DST_ACCUM_MODE, false, false, ORDER>(0, a, b);
        } else if (what == 2) {
            topk_merge<true, STABLE, DST_ACCUM_MODE, false, false, ORDER>(0, a, b);
        } else if (what >= 4) {
            if constexpr (DST_ACCUM_MODE && !STABLE) {
                if (what == 4) {
                    topk_tile_init<true>();
                    topk_fuse_tile<true>(0);
                    topk_local_sort<false, true, true>(0, 0, 5);
                    topk_defuse_tile<true>(0, 2);
                } else {
                    topk_tile_init<false, true>();
                    topk_stamp_local_positions<true>(0);
                    topk_local_sort<false, true, false, true>(0, 0, 4);
                    topk_merge<false, false, true, false, true>(0, 0, 32);
                    topk_rebuild<false, true, false, true>(0, false, 0, 32, 5, 0);
                    for (uint32_t i = 0; i < 2; ++i) topk_strip_rank_tags(i);
                }
            }
        } else {
            topk_rebuild<STABLE, DST_ACCUM_MODE, false, false, ORDER>(0, false, a, b, c, d);
        }
    });
    cb_push_back(16, 2); cb_push_back(17, 2);
    cb_pop_front(0, 2); cb_pop_front(1, 2);
}
"""
Columns = NDArray[np.generic]  #: 64 x 32


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


def network(
    chip: tw.Device,
    numbers: NDArray[np.float32],
    indices: NDArray[np.uint32],
    what: int,
    *args: int,
    wide: bool = False,
    ties: str = "Unset",
) -> tuple[Columns, Columns]:
    """Columns of numbers and of their indices, after a call."""
    formats = ("float32", "uint32") if wide else ("float16_b", "uint16")
    values = to_faces(numbers.reshape(2, 32, 32))
    data = values if wide else bf16_bits(values)
    places = to_faces(indices.reshape(2, 32, 32).astype("uint32" if wide else "uint16"))
    config: dict[str, Any] = (
        {"fp32_dest_acc_en": True, "unpack_to_dest_fp32": [0, 1]} if wide else {}
    )
    (value_bytes, index_bytes), _ = run_kernel(
        chip,
        KERNEL.replace("TIES", ties),
        [(formats[0], data), (formats[1], places)],
        [(formats[0], 2), (formats[1], 2)],
        args=(what, *args, *[0] * (4 - len(args))),
        **config,
    )
    if wide:
        values = from_faces(value_bytes.view(np.float32))
        places = from_faces(index_bytes.view(np.uint32))
    else:
        values = from_faces(from_bf16(value_bytes.view(np.uint16)))
        places = from_faces(index_bytes.view(np.uint16))
    return values.reshape(64, 32), places.reshape(64, 32)


def random_columns(seed: int) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    rng = np.random.default_rng(seed)
    numbers = from_bf16(bf16_bits(rng.standard_normal((64, 32)).astype(np.float32)))
    return numbers, np.tile(np.arange(64, dtype=np.uint32)[:, None], (1, 32))


WIDE = pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])


@WIDE
@pytest.mark.parametrize("ascending", [0, 1])
def test_columns_are_sorted_with_their_indices(chip: tw.Device, ascending: int, wide: bool) -> None:
    numbers, indices = random_columns(1)
    values, places = network(chip, numbers, indices, 0, ascending, 5, wide=wide)
    expected = np.sort(numbers, axis=0)
    np.testing.assert_array_equal(values, expected if ascending else expected[::-1])
    np.testing.assert_array_equal(np.take_along_axis(numbers, places.astype(int), 0), values)
    np.testing.assert_array_equal(np.sort(places, axis=0), indices)


@WIDE
@pytest.mark.parametrize("k", [4, 16, 32])
def test_the_largest_of_two_runs(chip: tw.Device, k: int, wide: bool) -> None:
    """A local sort to runs of k, merged and sorted again: the first has the k largest of both."""
    numbers, indices = random_columns(2)
    log_k = k.bit_length() - 1
    state: tuple[Any, Any] = numbers, indices
    for what, args in ((0, (0, log_k - 1)), (1, (0, k)), (3, (0, k, log_k, 0))):
        state = network(chip, *state, what, *args, wide=wide)
    values, places = state
    expected = np.sort(numbers[: 2 * k], axis=0)[::-1][:k]
    # Runs of four and eight go in turn one way and the other, whatever was asked for.
    np.testing.assert_array_equal(np.sort(values[:k], axis=0)[::-1], expected)
    if k >= 16:
        np.testing.assert_array_equal(values[:k], expected)
    np.testing.assert_array_equal(np.take_along_axis(numbers, places.astype(int), 0), values)


def few_numbers(seed: int) -> NDArray[np.float32]:
    """Each of seven numbers many times, 0 and -0 among them."""
    numbers = np.random.default_rng(seed).integers(-3, 4, (64, 32)).astype(np.float32)
    return np.where(numbers == 0, np.copysign(0, numbers - 1), numbers).astype(np.float32)


def test_equal_numbers_keep_their_order(chip: tw.Device) -> None:
    _, indices = random_columns(3)
    numbers = few_numbers(3)
    values, places = network(chip, numbers, indices, 0, 0, 5, wide=True, ties="Descending")
    expected = np.argsort(-numbers, axis=0, kind="stable")
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(numbers, expected, 0))


def test_indices_and_ranks_in_the_numbers_own_words(chip: tw.Device) -> None:
    _, indices = random_columns(4)
    numbers = np.abs(few_numbers(4))  # BF16, without -0
    expected = np.argsort(-numbers, axis=0, kind="stable")
    values, places = network(chip, numbers, indices, 4, wide=True)
    # Packers of 16-bit integers take the upper half of a word of Dst as it is; 32 bits have there
    # seven bits of mantissa before the exponent.
    np.testing.assert_array_equal(places, expected << 23)
    np.testing.assert_array_equal(values, np.take_along_axis(numbers, expected, 0))
    signed = few_numbers(5)
    values, places = network(chip, signed, indices, 5, wide=True)
    expected = np.argsort(-signed, axis=0, kind="stable")[:32]
    np.testing.assert_array_equal(places[:32], expected)
    np.testing.assert_array_equal(values[:32], np.take_along_axis(signed, expected, 0))
