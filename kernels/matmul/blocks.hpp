// How a matmul of tiles is cut: what the five cores of each tile agree on.
//
// The tiles of C are shared out in rounds. In a round each core of the grid takes a block of rows x
// columns of them, and goes through it in steps of `depth` tiles along k: rows x depth tiles of A,
// which all cores of a grid row use, and depth x columns tiles of B, which all of a grid column do.
// At the edges blocks have fewer rows, columns or steps, but take the room of whole ones.
#pragma once

#include <cstdint>

#include "tilewright/kernel/coordinates.hpp"

namespace tilewright::matmul {

// Circular buffers.
inline constexpr std::uint32_t left_ring = 0, right_ring = 1, sums_ring = 2, out_ring = 16;

struct Blocks {
    std::uint32_t m, n, k;  ///< in tiles
    std::uint32_t rows, columns, depth;
    std::uint32_t grid_rows, grid_columns;
};

constexpr std::uint32_t divided_up(std::uint32_t a, std::uint32_t b) {
    return (a + b - 1) / b;
}
/// How many of `most` are left from `first` on, where there are `all`.
constexpr std::uint32_t left_of(std::uint32_t all, std::uint32_t first, std::uint32_t most) {
    return first >= all ? 0 : all - first < most ? all - first : most;
}

/// This core's block of a round.
struct Block {
    std::uint32_t first_row, rows;
    std::uint32_t first_column, columns;
};

/// Calls body(block) for each round.
template <class Body>
inline __attribute__((always_inline)) void for_each_round(const Blocks& all, Body body) {
    const std::uint32_t down = all.grid_rows * all.rows, across = all.grid_columns * all.columns;
    const std::uint32_t y = kernel::tile_y() * all.rows, x = kernel::tile_x() * all.columns;
    for (std::uint32_t row = y; row < y + divided_up(all.m, down) * down; row += down) {
        for (std::uint32_t column = x; column < x + divided_up(all.n, across) * across;
             column += across) {
            body(Block{row, left_of(all.m, row, all.rows), column,
                       left_of(all.n, column, all.columns)});
        }
    }
}

}  // namespace tilewright::matmul
