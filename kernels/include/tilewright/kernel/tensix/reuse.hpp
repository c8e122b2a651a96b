// Thread 1: sums, differences and products of a tile of Dst and a tile in SrcA or SrcB, to the same
// tile of Dst, which takes the place of the other source.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/elementwise.hpp"

namespace tilewright::kernel::tensix {

namespace matrix {

inline constexpr std::uint32_t stay = 1;

/// Four rows of Dst to SrcA (0) or SrcB (1).
TILEWRIGHT_DEVICE void move_rows(unsigned to, std::uint32_t row) {
    if (to == 0) {
        issue(op::movd2a{.dst = row, .mode = 2, .addr_mod = stay, .src = row});
    } else {
        issue(op::movd2b{.dst = row, .mode = 2, .addr_mod = stay, .src = row});
    }
}

}  // namespace matrix

TILEWRIGHT_DEVICE void start_reuse(Elementwise operation) {
    using namespace matrix;
    set_step(next_eight, {.a = 8, .b = 8});
    set_step(stay, {});
    set_step(next_turn, {.a = 8, .b = 8, .next_phase = true});
    reset_counters();
    issue(op::replay{.load = 1, .execute = 0, .count = elementwise_length, .index = 0});
    for (std::uint32_t row = 0; row < tile_rows; row += 8) {
        combine_rows(operation, Broadcast::none, false, row, row == 56 ? next_turn : next_eight);
    }
}
/// `to`: SrcA (0) or SrcB (1). An unpacker has handed over both: what it put there is overwritten.
/// `widen`: Dst has 32 bits, of numbers with 8 bits of exponent. Products have phases.
TILEWRIGHT_DEVICE void combine_with_dst(const DstUse& dst, bool widen, unsigned to,
                                        std::uint32_t dst_tile, std::uint32_t phases,
                                        bool product) {
    select_dst_tile(dst_tile);
    stall(block::matrix, until::a_unpacked | until::b_unpacked);
    if (widen) widen_sources(true);
    for (std::uint32_t row = 0; row < tile_rows; row += 4) matrix::move_rows(to, row);
    combine_tiles(dst, dst_tile, phases, product, 0);
    if (widen) widen_sources(false);
    matrix::reset_counters(matrix::flip_both);
}

}  // namespace tilewright::kernel::tensix
