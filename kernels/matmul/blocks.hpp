// How a matmul of tiles is cut: what the five cores of each tile agree on.
//
// The tiles of C are shared out in rounds. In a round each core of the grid takes a block of height
// x width of them, at most rows x columns, and goes through it in steps along k of at most `depth`
// tiles: height x length tiles of A, which all cores of a grid row use, and length x width tiles of
// B, which all of a grid column do, each row by row. The first step is shorter, so that engines
// begin soon. At the edges blocks have fewer rows or columns, but take the room of whole ones.
#pragma once

#include <cstdint>

#include "tilewright/kernel/buffer.hpp"
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

/// Where a tile of a matrix lies, whose pages are whole tiles, or which lies in one place.
inline kernel::NocAddress tile_address(const kernel::Buffer& matrix, std::uint32_t tile,
                                       std::uint32_t bytes) {
    const std::uint32_t page_bytes = matrix.page_bytes();
    if (page_bytes == bytes) return matrix.noc_address(tile);
    const std::uint32_t offset = tile * bytes, page = offset / page_bytes;
    return matrix.noc_address(page, offset - page * page_bytes);
}

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

/// A step along k.
struct Step {
    std::uint32_t first, length;
    bool last, next_is_last;
};

/// What this core works on, one after another: the steps of each round. What is left for the last
/// rounds is shared out evenly. Steps are as many as it takes, and as long as each other but for
/// the very first, which is shorter.
class Pieces {
public:
    explicit Pieces(const Blocks& all) : all_(all) { begin_round(); }

    bool valid() const { return row_ < all_.m; }
    const Block& block() const { return block_; }
    const Step& step() const { return step_; }
    void next() {
        if (!step_.last) {
            begin_step(step_.first + step_.length);
            return;
        }
        column_ += block_.width * all_.grid_columns;
        if (column_ >= all_.n) {
            column_ = 0;
            row_ += block_.height * all_.grid_rows;
        }
        if (valid()) begin_round();
    }

private:
    static std::uint32_t size(std::uint32_t left, std::uint32_t cores, std::uint32_t most) {
        return smaller(most, divided_up(left, cores));
    }
    void begin_round() {
        const std::uint32_t height = size(all_.m - row_, all_.grid_rows, all_.rows);
        const std::uint32_t width = size(all_.n - column_, all_.grid_columns, all_.columns);
        const std::uint32_t row = row_ + kernel::tile_y() * height;
        const std::uint32_t column = column_ + kernel::tile_x() * width;
        block_ = {height, width,
                  row,    left_of(all_.m, row, height),
                  column, left_of(all_.n, column, width)};
        begin_step(0);
    }
    void begin_step(std::uint32_t first) {
        const bool starts = row_ == 0 && column_ == 0 && first == 0;
        const std::uint32_t most = starts ? smaller(all_.first_depth, all_.depth) : all_.depth;
        // The last steps are the longer ones: what comes out during the last one goes to DRAM then.
        const std::uint32_t left = all_.k - first, length = left / divided_up(left, most);
        step_ = {first, length, length == left, length != left && left - length <= all_.depth};
    }

    Blocks all_;
    std::uint32_t row_ = 0, column_ = 0;
    Block block_{};
    Step step_{};
};

}  // namespace tilewright::matmul
