// Copies pages that go round the banks of the DRAM through this tile's L1, one at a time; leaves
// the cycles of all of it.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t begin = tilewright::kernel::cycles_low();
    const uint32_t from = get_arg_val<uint32_t>(0);
    const uint32_t to = get_arg_val<uint32_t>(1);
    const uint32_t here = get_arg_val<uint32_t>(2);
    const uint32_t page_bytes = get_arg_val<uint32_t>(3);
    const uint32_t pages = get_arg_val<uint32_t>(4);
    for (uint32_t page = 0; page < pages; ++page) {
        noc_async_read(get_dram_noc_addr(page, page_bytes, from), here, page_bytes);
        noc_async_read_barrier();
        noc_async_write(here, get_dram_noc_addr(page, page_bytes, to), page_bytes);
        noc_async_write_barrier();
    }
    *reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(5)) =
        tilewright::kernel::cycles_low() - begin;
}
