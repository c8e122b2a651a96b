// A burst of reads from the L1 of other tiles that looks at the network interface after each start,
// as the data set nocreadbench of the package wolfpine does: how many requests are outstanding, how
// many answers have come, and the state of the command buffer. Our interface has a counter of
// pending transfers for each of three kinds; as many registers are read.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t sources = get_arg_val<uint32_t>(0);  // a power of two
    uint32_t there = get_arg_val<uint32_t>(1);
    uint32_t here = get_arg_val<uint32_t>(2);
    const uint32_t bytes = get_arg_val<uint32_t>(3);
    const uint32_t count = get_arg_val<uint32_t>(4);
    const uint32_t source_stride = get_arg_val<uint32_t>(5);
    const uint32_t destination_stride = get_arg_val<uint32_t>(6);
    const uint32_t result = get_arg_val<uint32_t>(7);
    constexpr uint32_t first_source = 8;  // x and y of each

    struct {
        uint32_t x, y;
    } places[8];
    for (uint32_t i = 0; i < sources; ++i) {
        places[i].x = get_arg_val<uint32_t>(first_source + 2 * i);
        places[i].y = get_arg_val<uint32_t>(first_source + 2 * i + 1);
    }
    const auto outstanding = [](uint32_t counter) {
        return tilewright::kernel::device::noc_pending(counter, noc_index);
    };
    uint32_t most_reads = 0;
    uint32_t most_writes = 0;
    uint32_t most_atomics = 0;

    const uint32_t begin = tilewright::kernel::cycles_low();
    for (uint32_t i = 0; i < count; ++i) {
        const auto& from = places[i & (sources - 1)];
        noc_async_read(get_noc_addr(from.x, from.y, there), here, bytes);
        there += source_stride;
        here += destination_stride;
        const uint32_t reads = outstanding(tilewright::abi::noc_register::reads_pending);
        const uint32_t writes = outstanding(tilewright::abi::noc_register::writes_pending);
        const uint32_t atomics = outstanding(tilewright::abi::noc_register::atomics_pending);
        if (reads > most_reads) most_reads = reads;
        if (writes > most_writes) most_writes = writes;
        if (atomics > most_atomics) most_atomics = atomics;
    }
    noc_async_read_barrier();
    const uint32_t cycles = tilewright::kernel::cycles_low() - begin;
    volatile uint32_t* const out = reinterpret_cast<volatile uint32_t*>(result);
    out[0] = cycles;
    out[1] = most_reads;
    out[2] = most_writes + most_atomics;
}
