// Takes a block of C to its places, two columns of tiles after two others.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr std::uint32_t rows = get_compile_time_arg_val(0);
    constexpr std::uint32_t columns = get_compile_time_arg_val(1);
    constexpr std::uint32_t width = get_compile_time_arg_val(2);
    constexpr std::uint32_t part = 2;
    constexpr auto args = TensorAccessorArgs<3>();
    const auto c = TensorAccessor(args, get_arg_val<std::uint32_t>(0));
    const std::uint32_t first_row = get_arg_val<std::uint32_t>(1);
    const std::uint32_t first_column = get_arg_val<std::uint32_t>(2);
    constexpr auto cb_c = tt::CBIndex::c_16;
    for (std::uint32_t first = first_column; first < first_column + columns; first += part) {
        cb_wait_front(cb_c, rows * part);
        std::uint32_t from = get_read_ptr(cb_c);
        for (std::uint32_t row = first_row; row < first_row + rows; ++row) {
            for (std::uint32_t column = first; column < first + part; ++column) {
                noc_async_write_page(row * width + column, c, from);
                from += get_tile_size(cb_c);
            }
        }
        noc_async_write_barrier();
        cb_pop_front(cb_c, rows * part);
    }
}
