// Matmuls of tiles: Dst += in0 * in1. The left operand comes by SrcB, the right one by
// SrcA.
#pragma once

#include "tilewright/kernel/tensix/matmul.hpp"
#include "tilewright/metalium/compute/reconfig.h"
#include "tilewright/metalium/compute/registers.h"
#include "tilewright/metalium/compute/startup.h"

/// `transpose`: each tile of in1 is transposed.
TILEWRIGHT_DEVICE void matmul_init(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                   std::uint32_t transpose = 0) {
    using namespace tilewright::metalium::compute;
    // Which operand comes by which source is known here for the first time.
    if (!same_format(in0_cb, in1_cb)) {
        reconfig_data_format_srca(in1_cb);
        reconfig_data_format_srcb(in0_cb);
    }
    UNPACK((engine::transpose_faces(transpose != 0)));
    UNPACK((engine::unpack_numbers(3, engine::tile_numbers)));
    MATH((note(What::sets_up, call_setup::matmul)));
    MATH((engine::start_matmul(transpose != 0)));
}
TILEWRIGHT_DEVICE void matmul_tiles(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                    std::uint32_t in0_tile, std::uint32_t in1_tile,
                                    std::uint32_t dst, std::uint32_t = 0) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst);
    UNPACK((unpack_operands(in1_cb, in1_tile, in0_cb, in0_tile)));
    MATH((note(What::uses, call_setup::matmul)));
    MATH((engine::multiply_tiles(dst, phases, engine::matrix::flip_both)));
}
/// rows x columns tiles of Dst, in rows, from one column of in0 and one row of in1: tiles of in0
/// are `inner` apart.
TILEWRIGHT_DEVICE void matmul_block(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                    std::uint32_t in0_tile, std::uint32_t in1_tile,
                                    std::uint32_t dst, std::uint32_t /*transpose*/,
                                    std::uint32_t columns, std::uint32_t rows,
                                    std::uint32_t inner) {
    using namespace tilewright::metalium::compute;
    check_dst_index(dst + rows * columns - 1);
    for (std::uint32_t row = 0; row < rows; ++row) {
        // A tile of in0 stays in SrcB for the whole row.
        UNPACK((unpack_operand(1, in0_cb, in0_tile + row * inner)));
        for (std::uint32_t column = 0; column < columns; ++column) {
            UNPACK((unpack_operand(0, in1_cb, in1_tile + column)));
            MATH((note(What::uses, call_setup::matmul)));
            MATH((engine::multiply_tiles(
                dst + row * columns + column, phases,
                column + 1 == columns ? engine::matrix::flip_both : engine::matrix::flip_a)));
        }
    }
}

TILEWRIGHT_DEVICE void matmul_block_init(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                         std::uint32_t transpose = 0, std::uint32_t = 1,
                                         std::uint32_t = 1, std::uint32_t = 1) {
    matmul_init(in0_cb, in1_cb, transpose);
}

// The first generation's names.
TILEWRIGHT_DEVICE void mm_init(std::uint32_t in0_cb, std::uint32_t in1_cb, std::uint32_t out_cb,
                               std::uint32_t transpose = 0) {
    compute_kernel_hw_startup(in1_cb, in0_cb, out_cb);
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_init_short(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                     std::uint32_t transpose = 0) {
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_init_short_with_dt(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                             std::uint32_t, std::uint32_t transpose = 0) {
    reconfig_data_format_srca(in1_cb);
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_block_init(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                     std::uint32_t out_cb, std::uint32_t transpose = 0,
                                     std::uint32_t = 1, std::uint32_t = 1, std::uint32_t = 1) {
    mm_init(in0_cb, in1_cb, out_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_block_init_short(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                           std::uint32_t transpose = 0, std::uint32_t = 1,
                                           std::uint32_t = 1, std::uint32_t = 1) {
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_block_init_short_with_dt(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                                   std::uint32_t, std::uint32_t transpose = 0,
                                                   std::uint32_t = 1, std::uint32_t = 1,
                                                   std::uint32_t = 1) {
    reconfig_data_format_srca(in1_cb);
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_block_init_short_with_both_dt(
    std::uint32_t in0_cb, std::uint32_t in1_cb, std::uint32_t old_in0_cb, std::uint32_t old_in1_cb,
    std::uint32_t transpose = 0, std::uint32_t = 1, std::uint32_t = 1, std::uint32_t = 1) {
    reconfig_data_format(old_in1_cb, in1_cb, old_in0_cb, in0_cb);
    matmul_init(in0_cb, in1_cb, transpose);
}

// The vendor's way without its MOP expander, which is not used here.
TILEWRIGHT_DEVICE void mm_no_mop_init_short(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                            std::uint32_t transpose = 0, std::uint32_t = 1,
                                            std::uint32_t = 1, std::uint32_t = 1) {
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void mm_no_mop_reinit_short(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                              std::uint32_t transpose = 0, std::uint32_t = 1,
                                              std::uint32_t = 1, std::uint32_t = 1) {
    matmul_init(in0_cb, in1_cb, transpose);
}
TILEWRIGHT_DEVICE void matmul_block_no_mop(std::uint32_t in0_cb, std::uint32_t in1_cb,
                                           std::uint32_t in0_tile, std::uint32_t in1_tile,
                                           std::uint32_t dst, std::uint32_t transpose,
                                           std::uint32_t columns, std::uint32_t rows,
                                           std::uint32_t inner) {
    matmul_block(in0_cb, in1_cb, in0_tile, in1_tile, dst, transpose, columns, rows, inner);
}
