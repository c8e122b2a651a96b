// Brings the tiles of B that the cores of a grid column share, and the bias; takes away those of C,
// a few rows between two pieces of B of the next round.
#include "blocks.hpp"
#include "sharing.hpp"
#include "tilewright/kernel/arguments.hpp"

using namespace tilewright;
using namespace tilewright::kernel;

namespace {

/// What is filled up in the last tiles of C: from this row and column on, 32 for nothing.
struct Edge {
    std::uint32_t row, column;
};

/// The block of C that was computed last, as far as it has not been taken away.
class Results {
public:
    Results(const Buffer& c, const matmul::Blocks& all, const Edge& edge)
        : c_(c), all_(all), edge_(edge) {}

    /// The next block; all of the one before must have been taken.
    void begin(const matmul::Block& block) {
        block_ = block;
        taken_ = 0;
    }
    /// Takes rows away, up to this one.
    void take(std::uint32_t row) {
        for (; taken_ < row; ++taken_) {
            // Rows of a block come whole, whatever there is of them.
            ring_.wait_front(all_.columns);
            if (taken_ < block_.rows) {
                for (std::uint32_t i = 0; i < block_.columns; ++i) write(i);
                noc_async_writes_flushed(matmul::write_noc);
                noc_async_writes_flushed(matmul::read_noc);
            }
            ring_.pop_front(all_.columns);
        }
    }

private:
    void write(std::uint32_t i) {
        const std::uint32_t row = block_.first_row + taken_, column = block_.first_column + i;
        const std::uint32_t page = ring_.read_address() + i * ring_.page_bytes();
        const std::uint32_t end_row = row + 1 == all_.m ? edge_.row : 32;
        const std::uint32_t end_column = column + 1 == all_.n ? edge_.column : 32;
        if (end_row < 32 || end_column < 32) fill_up(page, end_row, end_column);
        noc_async_write(reinterpret_cast<const void*>(page),
                        matmul::tile_address(c_, row * all_.n + column, ring_.page_bytes()),
                        ring_.page_bytes(), noc_of(column));
    }
    /// A third goes over the other network, which is idle where nothing is read any more.
    static std::uint32_t noc_of(std::uint32_t column) {
        return column % 3 == 0 ? matmul::read_noc : matmul::write_noc;
    }
    /// Zeros from that row and column on.
    void fill_up(std::uint32_t page, std::uint32_t end_row, std::uint32_t end_column) const {
        const bool narrow = ring_.page_bytes() == 2048;
        for (std::uint32_t number = 0; number < 1024; ++number) {
            const std::uint32_t face = number >> 8;
            const std::uint32_t row = (face >> 1) * 16 + (number >> 4 & 15);
            const std::uint32_t column = (face & 1) * 16 + (number & 15);
            if (row < end_row && column < end_column) continue;
            if (narrow) {
                reinterpret_cast<volatile std::uint16_t*>(page)[number] = 0;
            } else {
                reinterpret_cast<volatile std::uint32_t*>(page)[number] = 0;
            }
        }
    }

    const Buffer& c_;
    const matmul::Blocks& all_;
    Edge edge_;
    CircularBuffer ring_{matmul::out_ring};
    matmul::Block block_{};
    std::uint32_t taken_ = 0;
};

/// The bias of a block's columns, as the bias ring has it, which is as long as a block is wide.
void bring_bias(CircularBuffer& ring, const Buffer& bias, const matmul::Blocks& all,
                const matmul::Block& block) {
    ring.reserve_back(all.columns);
    for (std::uint32_t i = 0; i < block.columns; ++i) {
        const std::uint32_t page = ring.write_address() + i * ring.page_bytes();
        const std::uint32_t from = (block.first_column + i) * 2 * matmul::bias_row_bytes;
        if (from + 2 * matmul::bias_row_bytes > bias.bytes()) {
            for (std::uint32_t word = 0; word < ring.page_bytes() / 4; ++word) {
                reinterpret_cast<volatile std::uint32_t*>(page)[word] = 0;
            }
        }
        for (std::uint32_t row = 0; row < 2 * matmul::bias_rows; ++row) {
            const std::uint32_t half = row / matmul::bias_rows * matmul::bias_row_bytes;
            const std::uint32_t bytes =
                matmul::left_of(bias.bytes(), from + half, matmul::bias_row_bytes);
            if (bytes == 0) break;
            bias.read(from + half, reinterpret_cast<void*>(page + row * matmul::bias_row_bytes),
                      bytes, matmul::read_noc);
        }
    }
    noc_async_read_barrier(matmul::read_noc);
    ring.push_back(all.columns);
}

}  // namespace

/// `bias` is not used if `finish` does not say that there is one.
static void bring_right(Buffer b, Buffer c, Buffer bias, Semaphore room0, Semaphore room1,
                        Semaphore come0, Semaphore come1, std::uint32_t finish,
                        std::uint32_t end_row, std::uint32_t end_column, std::uint32_t m,
                        std::uint32_t n, std::uint32_t k, std::uint32_t rows, std::uint32_t columns,
                        std::uint32_t depth, std::uint32_t first_depth, std::uint32_t grid_rows,
                        std::uint32_t grid_columns) {
    const matmul::Blocks all{m, n, k, rows, columns, depth, first_depth, grid_rows, grid_columns};
    const CircularBuffer ring(matmul::right_ring);
    const std::uint32_t x = tile_x(), bytes = ring.page_bytes();
    matmul::Share share({x, 0, x, grid_rows - 1, tile_y()}, ring, depth * columns, {{room0, room1}},
                        {{come0, come1}});
    const auto tiles = [](const matmul::Pieces& piece) {
        return piece.step().length * piece.block().columns;
    };
    const auto reader = [&](const matmul::Pieces& piece) {
        return [&](std::uint32_t tile, std::uint32_t to) {
            const matmul::Block& block = piece.block();
            const std::uint32_t i = tile / block.columns;
            const std::uint32_t from =
                (piece.step().first + i) * n + block.first_column + (tile - i * block.columns);
            noc_async_read(matmul::tile_address(b, from, bytes), reinterpret_cast<void*>(to), bytes,
                           matmul::read_noc);
        };
    };
    Results results(c, all, {end_row, end_column});
    std::uint32_t before = 0;  // rows of the block before this one
    for (matmul::Pieces piece(all); piece.valid();) {
        matmul::Pieces next = piece;
        next.next();
        share.bring(tiles(piece), reader(piece), next.valid(), tiles(next), reader(next));
        const matmul::Step& step = piece.step();
        results.take(before * (step.first + step.length) / k);
        if (step.last) {
            if ((finish & matmul::finish::bias) != 0) {
                CircularBuffer bias_ring(matmul::bias_ring);
                bring_bias(bias_ring, bias, all, piece.block());
            }
            results.begin(piece.block());
            before = rows;
        }
        piece = next;
    }
    results.take(before);
    noc_async_write_barrier(matmul::write_noc);
    noc_async_write_barrier(matmul::read_noc);
}
TILEWRIGHT_KERNEL(bring_right)
