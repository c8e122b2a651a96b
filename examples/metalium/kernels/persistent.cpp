// Writes a numbered message to L1 and from there to a DRAM buffer and to memory of the host.
#include <cstdint>

#include "dataflow_api.h"

void kernel_main() {
    const std::uint32_t dram_address = get_arg_val<std::uint32_t>(0);
    std::uint32_t number = get_arg_val<std::uint32_t>(1);
    const std::uint64_t host_address = static_cast<std::uint64_t>(get_arg_val<std::uint32_t>(3))
                                           << 32 |
                                       get_arg_val<std::uint32_t>(2);
    constexpr std::uint32_t here = 0x20000;  // the first byte of L1 that is a program's own

    auto* text = reinterpret_cast<volatile char*>(here);
    for (const char letter : {'m', 'e', 's', 's', 'a', 'g', 'e', ' '}) *text++ = letter;
    std::uint32_t unit = 1;
    while (number / unit >= 10) unit *= 10;
    for (; unit != 0; unit /= 10) {
        *text++ = static_cast<char>('0' + number / unit);
        number %= unit;
    }
    *text = '\0';

    const InterleavedAddrGen<true> dram = {.bank_base_address = dram_address, .page_size = BYTES};
    noc_async_write(here, get_noc_addr(0, dram), BYTES);
    noc_async_write(here, host_address, BYTES);
    noc_async_write_barrier();
}
