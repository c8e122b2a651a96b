// Calls as kernels of 2024 make them: circular buffers that they leave out are 0 and 1 for the
// operands and 16 for the result.
#pragma once

#include "tilewright/metalium/compute/binary.h"
#include "tilewright/metalium/compute/copy.h"
#include "tilewright/metalium/compute/matmul.h"

TILEWRIGHT_DEVICE void mm_init(std::uint32_t in0_cb = 0, std::uint32_t in1_cb = 1) {
    mm_init(in0_cb, in1_cb, 16);
}
TILEWRIGHT_DEVICE void mm_init_short(std::uint32_t in0_cb = 0) {
    mm_init_short(in0_cb, 1);
}
TILEWRIGHT_DEVICE void mm_block_init(std::uint32_t in0_cb = 0, std::uint32_t in1_cb = 1) {
    mm_block_init(in0_cb, in1_cb, 16);
}
TILEWRIGHT_DEVICE void mm_block_init_short(std::uint32_t in0_cb = 0) {
    mm_block_init_short(in0_cb, 1);
}
TILEWRIGHT_DEVICE void copy_tile_to_dst_init_short() {
    copy_tile_to_dst_init_short(0);
}
TILEWRIGHT_DEVICE void copy_tile_init() {
    copy_tile_init(0);
}
TILEWRIGHT_DEVICE void binary_op_init_common(std::uint32_t icb0, std::uint32_t icb1) {
    binary_op_init_common(icb0, icb1, 16);
}
TILEWRIGHT_DEVICE void unary_op_init_common(std::uint32_t icb) {
    unary_op_init_common(icb, 16);
}
TILEWRIGHT_DEVICE void add_tiles_init(std::uint32_t icb0 = 0) {
    add_tiles_init(icb0, 1);
}
TILEWRIGHT_DEVICE void sub_tiles_init(std::uint32_t icb0 = 0) {
    sub_tiles_init(icb0, 1);
}
TILEWRIGHT_DEVICE void mul_tiles_init(std::uint32_t icb0 = 0) {
    mul_tiles_init(icb0, 1);
}
template <bool full_init = false, EltwiseBinaryType type = ELWADD>
TILEWRIGHT_DEVICE void binary_op_specific_init() {
    tilewright::metalium::compute::start_binary(type, BroadcastType::NONE, false);
}
