// Brings the tiles of B that the cores of a grid column share, and takes away those of C.
#include "blocks.hpp"
#include "sharing.hpp"
#include "tilewright/kernel/arguments.hpp"

using namespace tilewright;
using namespace tilewright::kernel;

static void take_away(CircularBuffer& ring, const Buffer& c, const matmul::Blocks& all,
                      const matmul::Block& block, std::uint32_t noc) {
    // Rows of a block come whole, whatever there is of them.
    for (std::uint32_t row = 0; row < all.rows; ++row) {
        ring.wait_front(all.columns);
        if (row < block.rows) {
            for (std::uint32_t i = 0; i < block.columns; ++i) {
                const std::uint32_t tile = (block.first_row + row) * all.n + block.first_column + i;
                noc_async_write(
                    reinterpret_cast<const void*>(ring.read_address() + i * ring.page_bytes()),
                    c.noc_address(tile), ring.page_bytes(), noc);
            }
            noc_async_write_barrier(noc);
        }
        ring.pop_front(all.columns);
    }
}

static void bring_right(Buffer b, Buffer c, Semaphore room, Semaphore come, std::uint32_t out_ring,
                        std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t rows,
                        std::uint32_t columns, std::uint32_t depth, std::uint32_t grid_rows,
                        std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, grid_rows, grid_columns};
    constexpr std::uint32_t noc = 1;
    CircularBuffer ring(matmul::right_ring), out(out_ring);
    const std::uint32_t bytes = ring.page_bytes(), x = tile_x();
    matmul::Share share({x, 0, x, grid_rows - 1, x, x % grid_rows}, room, come, noc);
    matmul::for_each_round(all, [&](const matmul::Block& block) {
        for (std::uint32_t step = 0; step < k; step += depth) {
            const std::uint32_t steps = matmul::left_of(k, step, depth);
            share.bring(ring, depth * columns, steps * columns * bytes, [&](std::uint32_t to) {
                for (std::uint32_t i = 0; i < steps; ++i) {
                    const std::uint32_t tile = (step + i) * n + block.first_column;
                    for (std::uint32_t column = 0; column < block.columns; ++column) {
                        noc_async_read(b.noc_address(tile + column),
                                       reinterpret_cast<void*>(to + (i * columns + column) * bytes),
                                       bytes, noc);
                    }
                }
            });
        }
        take_away(out, c, all, block, noc);
    });
}
TILEWRIGHT_KERNEL(bring_right)
