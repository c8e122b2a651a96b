// Copies pages of one buffer to another through L1.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const std::uint32_t scratch = get_arg_val<std::uint32_t>(0);
    const std::uint32_t input_address = get_arg_val<std::uint32_t>(1);
    const std::uint32_t output_address = get_arg_val<std::uint32_t>(2);
    const std::uint32_t pages = get_arg_val<std::uint32_t>(3);

    constexpr auto input_args = TensorAccessorArgs<0>();
    constexpr auto output_args = TensorAccessorArgs<input_args.next_compile_time_args_offset()>();
    const auto input = TensorAccessor(input_args, input_address);
    const auto output = TensorAccessor(output_args, output_address);
    for (std::uint32_t page = 0; page < pages; ++page) {
        noc_async_read_page(page, input, scratch);
        noc_async_read_barrier();
        noc_async_write_page(page, output, scratch);
        noc_async_write_barrier();
    }
}
