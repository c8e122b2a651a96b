// Brings tiles of A and of B, those of one step along k after those of another.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr std::uint32_t rows = get_compile_time_arg_val(0);
    constexpr std::uint32_t columns = get_compile_time_arg_val(1);
    constexpr std::uint32_t depth = get_compile_time_arg_val(2);
    constexpr std::uint32_t a_width = get_compile_time_arg_val(3);
    constexpr std::uint32_t b_width = get_compile_time_arg_val(4);
    constexpr auto a_args = TensorAccessorArgs<5>();
    constexpr auto b_args = TensorAccessorArgs<a_args.next_compile_time_args_offset()>();
    const auto a = TensorAccessor(a_args, get_arg_val<std::uint32_t>(0));
    const auto b = TensorAccessor(b_args, get_arg_val<std::uint32_t>(1));
    const std::uint32_t first_row = get_arg_val<std::uint32_t>(2);
    const std::uint32_t first_column = get_arg_val<std::uint32_t>(3);
    constexpr auto cb_a = tt::CBIndex::c_0, cb_b = tt::CBIndex::c_1;
    for (std::uint32_t first = 0; first < a_width; first += depth) {
        cb_reserve_back(cb_a, rows * depth);
        cb_reserve_back(cb_b, columns * depth);
        std::uint32_t to_a = get_write_ptr(cb_a), to_b = get_write_ptr(cb_b);
        for (std::uint32_t step = first; step < first + depth; ++step) {
            for (std::uint32_t row = first_row; row < first_row + rows; ++row) {
                noc_async_read_page(row * a_width + step, a, to_a);
                to_a += get_tile_size(cb_a);
            }
            for (std::uint32_t column = first_column; column < first_column + columns; ++column) {
                noc_async_read_page(step * b_width + column, b, to_b);
                to_b += get_tile_size(cb_b);
            }
        }
        noc_async_read_barrier();
        cb_push_back(cb_a, rows * depth);
        cb_push_back(cb_b, columns * depth);
    }
}
