"""The sorting network of compute kernels against NumPy."""

from collections.abc import Iterator

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
    config = {"fp32_dest_acc_en": True, "unpack_to_dest_fp32": [0, 1]} if wide else {}
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
