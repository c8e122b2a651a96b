// A block of C, two columns of tiles after two others: half of Dst holds the eight tiles of four
// rows in which they are summed up.
#include <cstdint>

#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    constexpr std::uint32_t rows = get_compile_time_arg_val(0);
    constexpr std::uint32_t columns = get_compile_time_arg_val(1);
    constexpr std::uint32_t depth = get_compile_time_arg_val(2);
    constexpr std::uint32_t steps = get_compile_time_arg_val(3);
    constexpr std::uint32_t part = 2;  // columns at once
    static_assert(rows * part <= 8);
    constexpr auto cb_a = tt::CBIndex::c_0, cb_b = tt::CBIndex::c_1, cb_c = tt::CBIndex::c_16;
    mm_init(cb_a, cb_b, cb_c);
    for (std::uint32_t first = 0; first < columns; first += part) {
        tile_regs_acquire();  // the tiles of Dst are zero
        for (std::uint32_t step = 0; step < steps; ++step) {
            // What has come stays until the end. It comes `depth` steps at a time.
            const std::uint32_t read = (step / depth + 1) * depth;
            cb_wait_front(cb_a, rows * read);
            cb_wait_front(cb_b, columns * read);
            for (std::uint32_t row = 0; row < rows; ++row) {
                for (std::uint32_t column = 0; column < part; ++column) {
                    matmul_tiles(cb_a, cb_b, step * rows + row, step * columns + first + column,
                                 row * part + column);
                }
            }
        }
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(cb_c, rows * part);
        for (std::uint32_t i = 0; i < rows * part; ++i) pack_tile(i, cb_c);
        cb_push_back(cb_c, rows * part);
        tile_regs_release();
    }
    cb_pop_front(cb_a, rows * steps);
    cb_pop_front(cb_b, columns * steps);
}
