// A burst of reads from the L1 of other tiles that looks at the network interface after each start,
// as the data set nocreadbench of the package wolfpine does: how many requests are outstanding, how
// many answers have come, and the state of the command buffer. Our interface has a counter of
// pending transfers for each of three kinds; as many registers are read.
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t sources = get_arg_val<uint32_t>(0);
    const uint32_t there = get_arg_val<uint32_t>(1);
    const uint32_t here = get_arg_val<uint32_t>(2);
    const uint32_t bytes = get_arg_val<uint32_t>(3);
    const uint32_t count = get_arg_val<uint32_t>(4);
    const uint32_t source_stride = get_arg_val<uint32_t>(5);
    const uint32_t destination_stride = get_arg_val<uint32_t>(6);
    const uint32_t result = get_arg_val<uint32_t>(7);
    constexpr uint32_t first_source = 8;  // x and y of each

    uint64_t remote[8];
    for (uint32_t i = 0; i < sources; ++i) {
        remote[i] = get_noc_addr(get_arg_val<uint32_t>(first_source + 2 * i),
                                 get_arg_val<uint32_t>(first_source + 2 * i + 1), there);
    }
    const auto outstanding = [](uint32_t counter) {
        return tilewright::kernel::device::noc_pending(counter, noc_index);
    };
    uint32_t most_reads = 0;
    uint32_t most_writes = 0;
    uint32_t most_atomics = 0;
    uint32_t source = 0;

    const uint32_t begin = tilewright::kernel::cycles_low();
    for (uint32_t i = 0; i < count; ++i) {
        noc_async_read(remote[source] + i * source_stride, here + i * destination_stride, bytes);
        if (++source == sources) source = 0;
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
