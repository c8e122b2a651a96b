// One of many readers of a DRAM bank: a row of reads of its own part of the bank, and the cycles
// until the last has landed: the data set dramratebench of the package wolfpine.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t bank = get_arg_val<uint32_t>(0);
    const uint32_t address = get_arg_val<uint32_t>(1);
    const uint32_t here = get_arg_val<uint32_t>(2);
    const uint32_t bytes = get_arg_val<uint32_t>(3);
    const uint32_t count = get_arg_val<uint32_t>(4);
    const uint32_t result = get_arg_val<uint32_t>(5);
    uint64_t remote = get_noc_addr_from_bank_id<true>(bank, address);

    const uint32_t begin = tilewright::kernel::cycles_low();
    for (uint32_t i = 0; i < count; ++i) {
        noc_async_read(remote, here, bytes);
        remote += bytes;
    }
    noc_async_read_barrier();
    *reinterpret_cast<volatile uint32_t*>(result) = tilewright::kernel::cycles_low() - begin;
}
