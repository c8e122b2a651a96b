// Thread 1: the sum, scaled, or the largest of the numbers of a tile's rows or columns, or of all.
//
// SrcB's first row holds the scale (for a maximum: ones). Sums and maxima of columns are in row 0
// of the upper faces of Dst, those of rows in column 0 of the left faces, that of all in both. They
// are combined with what is there, so that several tiles can be reduced into one.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/math.hpp"

namespace tilewright::kernel::tensix {

enum class Pool : std::uint8_t { sum, maximum };
/// What becomes one number: the numbers of each row, of each column, or all.
enum class Reduced : std::uint8_t { rows, columns, all };

/// Which sums of rows take the other way: products of the tile in SrcB with the transpose of the
/// scale in SrcA.
constexpr bool swaps_sources(Pool pool, Reduced what) {
    return pool == Pool::sum && what == Reduced::rows;
}
/// Whether the unpacker transposes the faces of SrcA.
constexpr bool transposes_a(Reduced what) {
    return what == Reduced::rows;
}

namespace reduction {

// Address modes: the next rows; to the start, in the next phase; the same; the same in the next
// phase.
inline constexpr std::uint32_t next = 0, turn = 1, stay = 2, next_phase = 3;

/// A face of SrcA into four rows of Dst, of which the first counts.
TILEWRIGHT_DEVICE void pool_face(Pool pool, std::uint32_t dst, std::uint32_t step) {
    constexpr std::uint32_t of_16_rows = 1;
    if (pool == Pool::sum) {
        issue(op::gapool{.dst = dst, .addr_mod = step, .mode = of_16_rows});
    } else {
        issue(op::gmpool{.dst = dst, .addr_mod = step, .mode = of_16_rows});
    }
}

constexpr std::uint32_t length(Pool pool, Reduced what) {
    return swaps_sources(pool, what) ? 8 : 4;
}

/// Where the columns of all four faces are reduced on the way to one number: face 1.
inline constexpr std::uint32_t scratch_face = 1, scratch = 16;

/// SrcB's rows that can be transposed.
inline constexpr std::uint32_t turned = 16;

/// A row of Dst to SrcB, where it becomes a column.
TILEWRIGHT_DEVICE void turn_row(std::uint32_t dst) {
    issue(op::movd2b{.dst = dst, .mode = 0, .addr_mod = stay, .src = turned});
    issue(op::trnspsrcb{});
    issue(op::gatesrcrst{.src_a = 1, .src_b = 1});
}

/// Reduces the columns of all faces, then the row that comes of them.
TILEWRIGHT_DEVICE void reduce_all(const DstUse& dst, bool widen, Pool pool, std::uint32_t tile,
                                  std::uint32_t phases) {
    clear_dst_face(dst, tile, scratch_face);
    matrix::reset_counters();
    for (std::uint32_t phase = 0; phase < phases; ++phase) {
        issue(op::replay{.execute = 1, .count = length(pool, Reduced::all), .index = 0});
    }
    if (widen) widen_sources(true);
    turn_row(scratch);
    for (std::uint32_t row = 0; row < 16; row += 4) {
        issue(op::movb2a{.src_b = turned + row, .mode = 2, .addr_mod = stay, .src_a = row});
    }
    matrix::reset_counters();
    for (std::uint32_t phase = 0; phase < phases; ++phase) pool_face(pool, 0, next_phase);
    if (widen) widen_sources(false);
    clear_dst_face(dst, tile, scratch_face);
}

/// The largest of each row. The unpacker has transposed the faces: they are columns.
TILEWRIGHT_DEVICE void maxima_of_rows(const DstUse& dst, bool widen, std::uint32_t tile) {
    const bool again = (matrix::tiles_of_maxima >> tile & 1) != 0;
    matrix::tiles_of_maxima |= 1u << tile;
    if (!again) {
        clear_dst_face(dst, tile, 0);
        clear_dst_face(dst, tile, 2);
        matrix::reset_counters();
    }
    if (widen) widen_sources(true);
    for (std::uint32_t first = 0; first < tile_rows; first += 32) {
        if (again) {
            // The column of those before becomes a row. A move from Dst waits for no unpacker.
            stall(block::matrix, until::b_unpacked);
            for (std::uint32_t row = 0; row < 16; row += 4) {
                issue(op::movd2b{
                    .dst = first + row, .mode = 2, .addr_mod = stay, .src = turned + row});
            }
            issue(op::trnspsrcb{});
            issue(op::gatesrcrst{.src_a = 1, .src_b = 1});
            issue(op::movb2d{.dst = first, .mode = 0, .addr_mod = stay, .src = turned});
        } else if (first != 0) {
            issue(op::trnspsrcb{});  // back, so that nothing is left in the other rows
        }
        pool_face(Pool::maximum, first, next);
        pool_face(Pool::maximum, first, next);
        turn_row(first);
        for (std::uint32_t row = 0; row < 16; row += 4) {
            issue(op::movb2d{.dst = first + row, .mode = 4, .addr_mod = stay, .src = turned + row});
        }
    }
    if (widen) widen_sources(false);
}

}  // namespace reduction

/// Address modes and replay buffer.
TILEWRIGHT_DEVICE void start_reduction(Pool pool, Reduced what) {
    using namespace reduction;
    const bool swapped = swaps_sources(pool, what);
    const matrix::Step step{.a = swapped ? 0u : 16u, .b = swapped ? 8u : 0u};
    matrix::Step last = step;
    last.next_phase = pool == Pool::sum;
    matrix::set_step(next, step);
    matrix::set_step(turn, last);
    matrix::set_step(stay, {});
    matrix::set_step(next_phase, {.next_phase = pool == Pool::sum});
    matrix::reset_counters();
    if (pool == Pool::maximum && what == Reduced::rows) return;
    issue(op::replay{.load = 1, .execute = 0, .count = length(pool, what), .index = 0});
    if (swapped) {
        for (std::uint32_t row = 0; row < tile_rows; row += 8) {
            // Both faces of a half, to its left one.
            issue(op::mvmul{.dst = (row & 32) + (row & 8), .addr_mod = row == 56 ? turn : next});
        }
        return;
    }
    for (std::uint32_t face = 0; face < 4; ++face) {
        const std::uint32_t dst = what == Reduced::all ? scratch : 16 * (face & 1);
        pool_face(pool, dst, face == 3 ? turn : next);
    }
}

/// A tile, combined with what is in the tile of Dst; then the banks are given back. `widen`: Dst
/// has 32 bits, of numbers with 8 bits of exponent.
TILEWRIGHT_DEVICE void reduce(const DstUse& dst, bool widen, Pool pool, Reduced what,
                              std::uint32_t dst_tile, std::uint32_t phases) {
    const std::uint32_t turns = pool == Pool::sum ? phases : 1;
    select_dst_tile(dst_tile);
    if (what == Reduced::all) {
        reduction::reduce_all(dst, widen, pool, dst_tile, turns);
    } else if (what == Reduced::rows && pool == Pool::maximum) {
        reduction::maxima_of_rows(dst, widen, dst_tile);
    } else {
        for (std::uint32_t phase = 0; phase < turns; ++phase) {
            issue(op::replay{.execute = 1, .count = reduction::length(pool, what), .index = 0});
        }
    }
    matrix::reset_counters(matrix::flip_both);
}

}  // namespace tilewright::kernel::tensix
