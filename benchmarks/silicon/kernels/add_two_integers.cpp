// Reads two integers from DRAM, adds them, and writes the sum back; leaves the cycles of all of it.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t begin = tilewright::kernel::cycles_low();
    const uint32_t a = get_arg_val<uint32_t>(0);
    const uint32_t b = get_arg_val<uint32_t>(1);
    const uint32_t sum = get_arg_val<uint32_t>(2);
    const uint32_t here = get_arg_val<uint32_t>(3);
    constexpr uint32_t step = 64;
    noc_async_read(get_noc_addr_from_bank_id<true>(0, a), here, sizeof(uint32_t));
    noc_async_read(get_noc_addr_from_bank_id<true>(0, b), here + step, sizeof(uint32_t));
    noc_async_read_barrier();
    const auto word = [](uint32_t address) {
        return reinterpret_cast<volatile uint32_t*>(address);
    };
    *word(here + 2 * step) = *word(here) + *word(here + step);
    noc_async_write(here + 2 * step, get_noc_addr_from_bank_id<true>(0, sum), sizeof(uint32_t));
    noc_async_write_barrier();
    *word(get_arg_val<uint32_t>(4)) = tilewright::kernel::cycles_low() - begin;
}
