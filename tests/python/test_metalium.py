"""TT-Metalium kernels in programs that Python makes."""

import numpy as np
import pytest

import tilewright as tw
from tilewright import metalium

READER = """
void kernel_main() {
    const uint32_t pages = get_arg_val<uint32_t>(0);
    constexpr auto args = TensorAccessorArgs<1>();
    const auto x = TensorAccessor(args, get_common_arg_val<uint32_t>(0), get_tile_size(0));
    constexpr uint32_t cb = get_compile_time_arg_val(0);
    for (uint32_t page = 0; page < pages; ++page) {
        cb_reserve_back(cb, 1);
        noc_async_read_tile(page, x, get_write_ptr(cb));
        noc_async_read_barrier();
        cb_push_back(cb, 1);
    }
}
"""

WRITER = """
#include "dataflow_api.h"
void kernel_main() {
    const uint32_t pages = get_arg_val<uint32_t>(0);
    const InterleavedAddrGenFast<true> y = {.bank_base_address = get_arg_val<uint32_t>(1),
                                            .page_size = 4096,
                                            .data_format = get_dataformat(0)};
    for (uint32_t page = 0; page < pages; ++page) {
        cb_wait_front(0, 1);
        uint32_t* words = (uint32_t*)get_read_ptr(0);
        for (uint32_t i = 0; i < 1024; ++i) words[i] += ADDEND;
        noc_async_write_tile(page, y, get_read_ptr(0));
        noc_async_write_barrier();
        cb_pop_front(0, 1);
    }
}
"""


def test_a_reader_and_a_writer_share_a_circular_buffer() -> None:
    with tw.open("tiny") as device:
        placement = tw.Placement.interleaved(4096)
        data = np.arange(5 * 1024, dtype=np.uint32)
        x = device.put(data, placement)
        y = device.empty(data.shape, data.dtype, placement)

        program = metalium.Program(device)
        tile = (1, 0)
        program.create_circular_buffer([tile], 0, page_size=4096, pages=2, data_format="uint32")
        reader = program.create_kernel(
            READER,
            [tile],
            name="reader",
            compile_args=[0, *metalium.tensor_accessor_args(page_size=4096)],
        )
        writer = program.create_kernel(
            WRITER, [tile], name="writer", processor="riscv_1", defines={"ADDEND": 7}
        )
        program.set_runtime_args(reader, tile, [5])
        program.set_common_runtime_args(reader, [x.address])
        program.set_runtime_args(writer, tile, [5, y.address])
        first = program.run()
        assert np.array_equal(y.numpy(), data + 7)
        assert program.run().cycles <= first.cycles  # rows are open; nothing else is left over


def test_deadlocks_name_the_circular_buffer_and_the_kernel_beside() -> None:
    with tw.open("tiny") as device:
        program = metalium.Program(device)
        program.create_circular_buffer([(0, 0)], 0, page_size=4096, pages=1, data_format="uint32")
        waiting = program.create_kernel(WRITER, [(0, 0)], name="writer", defines={"ADDEND": 7})
        program.set_runtime_args(waiting, (0, 0), [1, 0])
        with pytest.raises(tw.DeadlockError, match="waits for circular buffer 0"):
            program.run()


def test_bad_input_is_named() -> None:
    with tw.open("tiny") as device:
        program = metalium.Program(device)
        with pytest.raises(tw.ArgumentError, match="data format 'bf16'"):
            program.create_circular_buffer([(0, 0)], 0, page_size=1, pages=1, data_format="bf16")
        with pytest.raises(tw.ArgumentError, match="expected at least one of each"):
            program.create_circular_buffer([(0, 0)], 0, page_size=64, pages=0)
        kernel = program.create_kernel("missing.cpp", [(0, 0)])
        with pytest.raises(tw.ArgumentError, match="which the kernel is not on"):
            program.set_runtime_args(kernel, (1, 1), [1])
        with pytest.raises(tw.CompileError, match=r"missing.cpp cannot be read"):
            program.run()
