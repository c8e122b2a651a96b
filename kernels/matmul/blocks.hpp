// How a matmul of tiles is cut: what the five cores of each tile agree on.
//
// The tiles of C are shared out in rounds. In a round each core of the grid takes a block of height
// x width of them, at most rows x columns, and goes through it in steps along k of at most `depth`
// tiles: height x length tiles of A, which all cores of a grid row use, and length x width tiles of
// B, which all of a grid column do. The first steps are shorter, so that engines begin soon. At the
// edges blocks have fewer rows or columns, but take the room of whole ones.
#pragma once

#include <cstdint>

#include "tilewright/kernel/coordinates.hpp"

namespace tilewright::matmul {

// Circular buffers.
inline constexpr std::uint32_t left_ring = 0, right_ring = 1, sums_ring = 2, bias_ring = 3,
                               out_ring = 16;

/// A page of the bias ring, for a column of tiles: 16 numbers of 32 bits for the left faces in each
/// of four rows, then those for the right ones, as the vector unit's registers take them.
inline constexpr std::uint32_t bias_rows = 4, bias_row_bytes = 64, bias_numbers = 128;

/// What becomes of sums (bits), and the activation above them (ops/engine_matmul.cpp).
namespace finish {
inline constexpr std::uint32_t integers = 1, bias = 2, activation_shift = 2;
enum class Activation : std::uint8_t { none, relu, gelu, sigmoid, tanh, silu };
}  // namespace finish

struct Blocks {
    std::uint32_t m, n, k;  ///< in tiles
    std::uint32_t rows, columns, depth, first_depth;
    std::uint32_t grid_rows, grid_columns;
};

constexpr std::uint32_t divided_up(std::uint32_t a, std::uint32_t b) {
    return (a + b - 1) / b;
}
constexpr std::uint32_t smaller(std::uint32_t a, std::uint32_t b) {
    return a < b ? a : b;
}
/// How many of `most` are left from `first` on, where there are `all`.
constexpr std::uint32_t left_of(std::uint32_t all, std::uint32_t first, std::uint32_t most) {
    return first >= all ? 0 : smaller(all - first, most);
}

/// This core's block of a round.
struct Block {
    std::uint32_t height, width;  ///< of a whole block of the round
    std::uint32_t first_row, rows;
    std::uint32_t first_column, columns;
};

/// Calls body(block) for each round. What is left for the last ones is shared out evenly.
template <class Body>
inline __attribute__((always_inline)) void for_each_round(const Blocks& all, Body body) {
    const auto size = [](std::uint32_t left, std::uint32_t cores, std::uint32_t most) {
        return smaller(most, divided_up(left, cores));
    };
    for (std::uint32_t row = 0; row < all.m;) {
        const std::uint32_t height = size(all.m - row, all.grid_rows, all.rows);
        const std::uint32_t own_row = row + kernel::tile_y() * height;
        for (std::uint32_t column = 0; column < all.n;) {
            const std::uint32_t width = size(all.n - column, all.grid_columns, all.columns);
            const std::uint32_t own_column = column + kernel::tile_x() * width;
            body(Block{height, width, own_row, left_of(all.m, own_row, height), own_column,
                       left_of(all.n, own_column, width)});
            column += width * all.grid_columns;
        }
        row += height * all.grid_rows;
    }
}

/// A step along k.
struct Step {
    std::uint32_t first, length;
    bool last, next_is_last;
};

/// Calls body(step) for each step: a short one, one of twice its length and more, and then as many
/// as it takes, as long as each other.
template <class Body>
inline __attribute__((always_inline)) void for_each_step(const Blocks& all, Body body) {
    std::uint32_t most = all.first_depth;
    for (std::uint32_t first = 0; first < all.k;) {
        const std::uint32_t left = all.k - first;
        const std::uint32_t length = divided_up(left, divided_up(left, most));
        most = first == 0 ? smaller(all.depth, 2 * most + 2) : all.depth;
        body(Step{first, length, length == left, length != left && left - length <= most});
        first += length;
    }
}

}  // namespace tilewright::matmul
