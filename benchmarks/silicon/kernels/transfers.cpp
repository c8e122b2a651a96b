// Starts a row of writes to, or reads from, the L1 of another tile over the published API, waits
// for them all, and leaves the cycles of that: the data set nocbench of the package wolfpine.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0);
    const uint32_t y = get_arg_val<uint32_t>(1);
    const uint32_t there = get_arg_val<uint32_t>(2);
    const uint32_t here = get_arg_val<uint32_t>(3);
    const uint32_t bytes = get_arg_val<uint32_t>(4);
    const uint32_t count = get_arg_val<uint32_t>(5);
    const uint32_t result = get_arg_val<uint32_t>(6);
    const uint64_t remote = get_noc_addr(x, y, there);

    const uint32_t begin = tilewright::kernel::cycles_low();
    for (uint32_t i = 0; i < count; ++i) {
#ifdef READS
        noc_async_read(remote, here, bytes);
#else
        noc_async_write(here, remote, bytes);
#endif
    }
#ifdef READS
    noc_async_read_barrier();
#else
    noc_async_write_barrier();
#endif
    *reinterpret_cast<volatile uint32_t*>(result) = tilewright::kernel::cycles_low() - begin;
}
