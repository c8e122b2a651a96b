// Brings the tiles of A that the cores of a grid row share.
#include "blocks.hpp"
#include "sharing.hpp"
#include "tilewright/kernel/arguments.hpp"

using namespace tilewright;
using namespace tilewright::kernel;

static void bring_left(Buffer a, Semaphore room0, Semaphore room1, Semaphore come0, Semaphore come1,
                       std::uint32_t m, std::uint32_t n, std::uint32_t k, std::uint32_t rows,
                       std::uint32_t columns, std::uint32_t depth, std::uint32_t first_depth,
                       std::uint32_t grid_rows, std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, first_depth, grid_rows, grid_columns};
    const CircularBuffer ring(matmul::left_ring);
    const std::uint32_t y = tile_y(), bytes = ring.page_bytes();
    matmul::Share share({0, y, grid_columns - 1, y, tile_x()}, ring, rows * depth, {{room0, room1}},
                        {{come0, come1}});
    const auto tiles = [](const matmul::Pieces& piece) {
        return piece.block().rows * piece.step().length;
    };
    const auto reader = [&](const matmul::Pieces& piece) {
        return [&](std::uint32_t tile, std::uint32_t to) {
            const matmul::Step& step = piece.step();
            const std::uint32_t row = tile / step.length;
            const std::uint32_t from =
                (piece.block().first_row + row) * k + step.first + (tile - row * step.length);
            noc_async_read(matmul::tile_address(a, from, bytes), reinterpret_cast<void*>(to), bytes,
                           matmul::read_noc);
        };
    };
    for (matmul::Pieces piece(all); piece.valid();) {
        matmul::Pieces next = piece;
        next.next();
        share.bring(tiles(piece), reader(piece), next.valid(), tiles(next), reader(next));
        piece = next;
    }
}
TILEWRIGHT_KERNEL(bring_left)
