"""Calls of the newest kernels that are other names, or several calls at once."""

import numpy as np
import pytest
from tests.python.compute_programs import READER, WRITER, random_tiles, run_program

import tilewright as tw

# Each makes one tile of the four in each buffer.
KERNEL = """
#include "api/compute/experimental/matmul_custom.h"
#include "api/compute/experimental/reg_api.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reduce_custom.h"
#include "api/compute/tile_move_copy.h"
template <class F>
void make(F f) {
    tile_regs_acquire_math_clear();
    f();
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(1, 16);
    dummy_pack(16);
    tile_regs_release_math_clear();
    cb_push_back(16, 1);
}
void kernel_main() {
    mm_init(0, 1, 16);
    cb_wait_front(0, 4);
    cb_wait_front(1, 4);
    // Sums in Dst are of the last two only: what was there before is cleared.
    make([] { matmul_tiles(0, 1, 0, 0, 1); });
    mm_no_mop_init_short(0, 1);
    make([] { matmul_block_no_mop(0, 1, 1, 1, 1, false, 1, 1, 1); });
    mm_block_init_short_with_both_dt(1, 0, 0, 1);
    make([] { matmul_block(1, 0, 2, 2, 1, false, 1, 1, 1); });
    reconfig_full_operand(0, 1);
    reconfig_full_operand<SrcOrder::Reverse>(0, 1);
    reconfig_full_operand_srca(1, 0);
    reduce_block_max_row_init<3>(16);
    make([] { reduce_block_max_row<3>(0, 1, 0, 1); });
    reduce_block_max_row_uninit();
    dummy_unpack(0);
    // Each core's part by itself.
    UNPACK((llk_unpack_reconfig_data_format(0, 1)));
    MATH((llk_math_reconfig_data_format(0, 1)));
    PACK((llk_pack_reconfig_data_format(16)));
    PACK((llk_pack_reconfig_l1_acc(0)));
    UNPACK((llk_unpack_AB_init<BroadcastType::ROW>(0, 1)));
    MATH((llk_math_eltwise_binary_init<ELWSUB, BroadcastType::ROW, MathFidelity::LoFi>(0, 1)));
    make([] { sub_tiles_bcast_rows(0, 1, 1, 1, 1); });
    UNPACK((llk_unpack_reconfig_data_format_srca<DST_ACCUM_MODE>(1, 0)));
    MATH((llk_math_reconfig_data_format_srca<DST_ACCUM_MODE>(1, 0)));
    ckernel::copy_init(0);
    make([] { ckernel::copy_tile(0, mulsi3(1, 3), 1); });
    cb_pop_front(0, 4);
    cb_pop_front(1, 4);
}
"""


@pytest.mark.parametrize("preset", ["tiny", "wormhole"])
def test_matmuls_maxima_and_halves_cleared_by_math(preset: str) -> None:
    rng = np.random.default_rng(3)
    a = rng.integers(-2, 3, (4, 32, 32)).astype(np.float32)
    b = rng.integers(-2, 3, (4, 32, 32)).astype(np.float32)
    b[0] = 1  # the scale of maxima
    with tw.open(preset, checks=True) as device:
        c = run_program(device, KERNEL, a, b, 6, pages=4).tiles
    # Numbers up to 128 x 4: products and sums that 16 bits of Dst hold are exact.
    for i, expected in enumerate((a[0] @ b[0], a[1] @ b[1], b[2] @ a[2])):
        np.testing.assert_array_equal(c[i], expected, err_msg=str(i))
    np.testing.assert_array_equal(c[3][:, 0], a[:3].max(axis=(0, 2)))
    np.testing.assert_array_equal(c[4], a[1] - b[1][:1])
    np.testing.assert_array_equal(c[5], a[3])


def test_minima_of_the_matrix_unit_are_refused_by_name() -> None:
    source = """
    #include "api/compute/reduce.h"
    void kernel_main() { reduce_init<PoolType::MIN, ReduceDim::REDUCE_ROW>(0, 1, 16); }
    """
    a = random_tiles(1, 1)
    with (
        tw.open("tiny") as device,
        pytest.raises(tw.CompileError, match=r"PoolType::MIN: the matrix unit has sums"),
    ):
        run_program(device, source, a, a, 1)


def test_addresses_of_this_tile_and_pages_of_this_core() -> None:
    reader = READER.replace(
        "const auto b =",
        """
    const uint32_t x = VIRTUAL_TENSIX_START_X, y = VIRTUAL_TENSIX_START_Y;
    DPRINT << noc_address_backend::is_local_coordinate(x, y)
           << noc_address_backend::is_local_coordinate(x + 1, y)
           << noc_address_backend::is_local(get_noc_addr(x, y, 0x30000))
           << noc_address_backend::is_local(get_noc_addr(x, y + 1, 0x30000));
    for (const auto& page : a.strided_pages(count)) DPRINT << ' ' << page.page_id();
    const auto b =""",
    )
    a = random_tiles(2, 3)
    copy = """
    #include "api/compute/tile_move_copy.h"
    void kernel_main() {
        unary_op_init_common(0, 16);
        for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
            cb_wait_front(0, 1); cb_wait_front(1, 1); cb_reserve_back(16, 1);
            acquire_dst(); copy_tile(0, 0, 0); pack_tile(0, 16); release_dst();
            cb_pop_front(0, 1); cb_pop_front(1, 1); cb_push_back(16, 1);
        }
    }
    """
    with tw.open("blackhole") as device:
        result = run_program(device, copy, a, a, 3, movers=(reader, WRITER))
    assert result.run.output == "1010 0 1 2"
