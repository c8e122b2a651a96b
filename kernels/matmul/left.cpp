// Brings the tiles of A that the cores of a grid row share.
#include "blocks.hpp"
#include "sharing.hpp"
#include "tilewright/kernel/arguments.hpp"

using namespace tilewright;
using namespace tilewright::kernel;

static void bring_left(Buffer a, Semaphore room, Semaphore come, std::uint32_t m, std::uint32_t n,
                       std::uint32_t k, std::uint32_t rows, std::uint32_t columns,
                       std::uint32_t depth, std::uint32_t first_depth, std::uint32_t grid_rows,
                       std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, first_depth, grid_rows, grid_columns};
    constexpr std::uint32_t noc = 0;
    CircularBuffer ring(matmul::left_ring);
    const std::uint32_t bytes = ring.page_bytes(), y = tile_y();
    matmul::Share share({0, y, grid_columns - 1, y, y % grid_columns, y}, room, come, noc);
    matmul::for_each_round(all, [&](const matmul::Block& block) {
        matmul::for_each_step(all, [&](const matmul::Step& step) {
            const std::uint32_t length = step.length;
            share.bring(ring, rows * depth, block.rows * length * bytes, [&](std::uint32_t to) {
                for (std::uint32_t row = 0; row < block.rows; ++row) {
                    const std::uint32_t tile = (block.first_row + row) * k + step.first;
                    for (std::uint32_t i = 0; i < length; ++i) {
                        noc_async_read(a.noc_address(tile + i),
                                       reinterpret_cast<void*>(to + (row * length + i) * bytes),
                                       bytes, noc);
                    }
                }
            });
        });
    });
}
TILEWRIGHT_KERNEL(bring_left)
