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
        program.set_common_runtime_args(reader, [x])
        program.set_runtime_args(writer, tile, [5, y])
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


NOTHING = "void kernel_main() {}"


def test_what_cannot_be_is_refused_when_it_is_said() -> None:
    with tw.open("tiny") as device, tw.open("tiny") as other:
        program = metalium.Program(device)
        with pytest.raises(tw.ArgumentError, match="no circular buffer 32; they are 0 to 31"):
            program.create_circular_buffer([(0, 0)], 32, page_size=64, pages=1)
        with pytest.raises(tw.OutOfMemoryError, match="no room for a buffer of 16777216 bytes"):
            program.create_circular_buffer([(0, 0)], 0, page_size=1 << 20, pages=4)
        program.create_circular_buffer([(0, 0), (0, 1)], 1, page_size=64, pages=2)
        with pytest.raises(tw.ArgumentError, match="circular buffer 1 exists already"):
            program.create_circular_buffer([(0, 1)], 1, page_size=64, pages=2)
        for tiles in ([(2, 0)], [(-1, 0)], [(0, 0), (0, 7)]):
            with pytest.raises(tw.AddressError, match="tiny has 2 x 2 tiles"):
                program.create_kernel(NOTHING, tiles, name="k")
            with pytest.raises(tw.AddressError, match="tiny has 2 x 2 tiles"):
                program.create_semaphore(tiles)
        with pytest.raises(tw.ArgumentError, match="kernel: no tiles"):
            program.create_kernel(NOTHING, [], name="k")
        for _ in range(32):
            program.create_semaphore([(0, 0)])
        with pytest.raises(tw.ArgumentError, match="all 32 semaphores"):
            program.create_semaphore([(0, 0)])
        kernel = program.create_kernel(NOTHING, [(0, 0)], name="k")
        for bad in (-1, 1 << 32, "a", 1.5):
            with pytest.raises(tw.ArgumentError, match="runtime argument 1 is"):
                program.set_runtime_args(kernel, (0, 0), [0, bad])  # type: ignore[list-item]
            with pytest.raises(tw.ArgumentError, match="compile-time argument 0 is"):
                metalium.compile_kernel(
                    NOTHING,
                    device,
                    name="k",
                    compile_args=[bad],  # type: ignore[list-item]
                )
        with pytest.raises(tw.ArgumentError, match="pages of 0 bytes"):
            metalium.tensor_accessor_args(page_size=0)
        with pytest.raises(tw.ArgumentError, match="one of another device"):
            program.enqueue(other.queue())
        with pytest.raises(tw.OutOfMemoryError, match="one buffer holds at most"):
            device.zeros(1 << 40, np.uint8)
        program.run()  # nothing of it was changed


def test_compile_errors_and_faults_have_the_users_lines() -> None:
    with tw.open("tiny") as device:
        for body, error, text in (
            ("\n    oops();", tw.CompileError, "k.cpp:2:5: error: use of undeclared identifier"),
            (
                "\n    *(volatile uint32_t*)0x20000 = get_arg_val<uint32_t>(3);",
                tw.KernelFault,
                "k.cpp:2 in kernel_main",
            ),
        ):
            program = metalium.Program(device)
            source = f"void kernel_main() {{{body}\n}}"
            kernel = program.create_kernel(source, [(0, 0)], name="k.cpp")
            program.set_runtime_args(kernel, (0, 0), [1, 2])
            with pytest.raises(error) as caught:
                program.run()
            assert text in str(caught.value)
        assert "runtime argument 3 was read; 2 were set" in str(caught.value)


def test_closing_with_work_in_flight_drops_it() -> None:
    device = tw.open("tiny")
    program = metalium.Program(device)
    program.create_kernel("void kernel_main() { riscv_wait(100000); }", [(0, 0)], name="k")
    queue = device.queue()
    program.enqueue(queue)
    device.advance_to(50)
    with pytest.raises(tw.BusyError, match="is busy: kernel 'k' cannot have it beside kernel 'k'"):
        program.run()
    device.close()
    device.close()
    with pytest.raises(tw.Error, match="closed"):
        program.run()
    with pytest.raises(tw.Error, match="closed"):
        program.enqueue(queue)


# What a kernel does wrong, and what the fault says with all checks on. X is page 0 of a DRAM
# buffer; circular buffer 0 has four pages; there is a semaphore 0.
MISTAKES = {
    "load_before_barrier": (
        "noc_async_read(X, 0x20000, 64); DPRINT << WORDS[3] << ENDL(); noc_async_read_barrier();",
        r"load of 4 bytes from 0x2000c, which a NoC read in flight will write; .*read_barrier",
    ),
    "store_before_flush": (
        "WORDS[15] = 1; noc_async_write(0x20000, X, 64); WORDS[15] = 2; noc_async_write_barrier();",
        r"store of 4 bytes to 0x2003c, which a NoC write has still to take; .*writes_flushed",
    ),
    "store_before_barrier": (
        "noc_async_read(X, 0x20000, 64); WORDS[0] = 2; noc_async_read_barrier();",
        r"store of 4 bytes to 0x20000, which a NoC read in flight will write",
    ),
    "write_before_barrier": (
        "noc_async_read(X, 0x20000, 64); noc_async_write(0x20000, X, 64);",
        r"write from 0x20000, which a NoC read in flight will write",
    ),
    "no_write_barrier": (
        "WORDS[0] = 1; noc_async_write(0x20000, X, 4);",
        r"1 of its writes on NoC 0",
    ),
    "no_read_barrier": ("noc_async_read(X, 0x20000, 64);", r"1 of its reads on NoC 0 in flight"),
    "uninitialised": ("DPRINT << WORDS[0] << ENDL();", r"from 0x20000, which nothing has written"),
    "alignment": ("noc_async_read(X + 4, 0x20000, 64);", r"0x20000 and .* differ modulo 64"),
    "local_range": ("noc_async_read(X, 0x1fffff0, 64);", r"0x1fffff0 do not lie in this tile's L1"),
    "read_of_one_packet": (
        "noc_async_read_one_packet(X, 0x20000, 16448); noc_async_read_barrier();",
        r"NoC command: length 16448; expected 1 to 16384",
    ),
    "write_of_one_packet": (
        "WORDS[0] = 1; noc_async_write_one_packet(0x20000, X, 16448); noc_async_write_barrier();",
        r"NoC command: length 16448; expected 1 to 16384",
    ),
    "write_of_one_packet_with_state": (
        "WORDS[0] = 1; noc_async_write_one_packet_set_state(X, 16448); "
        "noc_async_write_one_packet_with_state(0x20000, (uint32_t)X); noc_async_write_barrier();",
        r"NoC command: length 16448; expected 1 to 16384",
    ),
    "reserved_store": ("*(volatile uint32_t*)0x100 = 1;", r"reserved L1"),
    "reserved_read": ("noc_async_read(X, 0x1000, 64);", r"read into 0x1000 in reserved L1"),
    "overflow": ("cb_push_back(0, 5);", r"circular buffer 0: push_back\(5\): free pages: 4"),
    "underflow": ("cb_pop_front(0, 1);", r"circular buffer 0: pop_front\(1\): pages in it: 0"),
    "no_such_ring": ("cb_wait_front(1, 1);", r"circular buffer 1 does not exist"),
    "set_missing_semaphore": (
        "noc_semaphore_set((volatile uint32_t*)get_semaphore(3), 1);",
        r"semaphore 3, which the program has not created on tile \(0, 0\)",
    ),
    "wait_for_missing_semaphore": (
        "noc_semaphore_wait((volatile uint32_t*)get_semaphore(3), 1);",
        r"semaphore 3, which the program has not created on tile \(0, 0\)",
    ),
    "add_to_missing_semaphore": (
        "noc_semaphore_inc(get_noc_addr(get_semaphore(2)), 1); noc_async_atomic_barrier();",
        r"semaphore 2, which the program has not created on tile \(0, 0\)",
    ),
    "no_such_semaphore": (
        "noc_semaphore_set((volatile uint32_t*)get_semaphore(40), 1);",
        r"semaphore 40 does not exist; they are numbered from 0 to 31",
    ),
    "unaligned_semaphore": (
        "noc_semaphore_set((volatile uint32_t*)(get_semaphore(0) + 2), 1);",
        r"0x11102",
    ),
}


GOOD = "noc_async_read(X, 0x20000, 64); noc_async_read_barrier(); WORDS[0] += 1;"
SET_SEMAPHORE_1 = "noc_semaphore_set((volatile uint32_t*)get_semaphore(1), 1);"


def one_kernel(device: tw.Device, bodies: list[str], chosen: int = 0) -> metalium.Program:
    """A program of one kernel on tile (0, 0) that runs the chosen body, of which number n has line
    n + 1, with what the table above says."""
    program = metalium.Program(device)
    program.create_circular_buffer([(0, 0)], 0, page_size=64, pages=4, data_format="uint32")
    assert program.create_semaphore([(0, 0)]) == 0
    x = device.put(np.arange(1024, dtype=np.uint32))
    # The comment in the assembly keeps the compiler from sharing code between the cases.
    cases = "\n".join(
        f'case {n}: {{ {body} asm volatile("# {n}"); }} break;' for n, body in enumerate(bodies)
    )
    kernel = program.create_kernel(
        f"void kernel_main() {{ switch (get_arg_val<uint32_t>(0)) {{ {cases} }} }}",
        [(0, 0)],
        name="mistake.cpp",
        defines={
            "X": "get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(1))",
            "WORDS": "((volatile uint32_t*)0x20000)",
        },
    )
    program.set_runtime_args(kernel, (0, 0), [chosen, x])
    return program


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_faults_at_their_line(mistake: str) -> None:
    bodies = [GOOD, *(body for body, _ in MISTAKES.values())]
    number = 1 + list(MISTAKES).index(mistake)
    place = "ended with" if mistake.startswith("no_") and "barrier" in mistake else ""
    with tw.open("tiny", checks=True) as device:
        with pytest.raises(tw.KernelFault, match=MISTAKES[mistake][1]) as caught:
            one_kernel(device, bodies, number).run()
        assert (place or f"mistake.cpp:{number + 1} ") in str(caught.value)
        one_kernel(device, bodies).run()  # the device goes on


def test_semaphores_of_an_earlier_program_are_gone() -> None:
    with tw.open("tiny", checks=True) as device:
        first = one_kernel(device, [SET_SEMAPHORE_1])
        first.create_semaphore([(0, 0)])
        first.run()
        with pytest.raises(tw.KernelFault, match="semaphore 1, which the program has not created"):
            one_kernel(device, [SET_SEMAPHORE_1]).run()


def test_all_checks_at_once_change_no_cycle() -> None:
    body = """
    auto* words = (volatile uint32_t*)0x30000;  // behind the circular buffer
    noc_async_read(X, 0x30000, 2048);
    noc_async_read_barrier();
    for (int i = 0; i < 4; ++i) {
        cb_reserve_back(0, 1);
        noc_async_write(0x30000 + 64 * i, get_noc_addr(get_write_ptr(0)), 64);
        words[300] = i;
        noc_async_writes_flushed();
        words[16 * i] = i;
        cb_push_back(0, 1);
    }
    noc_semaphore_inc(get_noc_addr(get_semaphore(0)), 1);
    noc_semaphore_wait((volatile uint32_t*)get_semaphore(0), 1);
    noc_async_write_barrier();
    noc_async_atomic_barrier();
    """

    def run(checks: bool) -> tuple[int, int, bytes]:
        with tw.open("tiny", checks=checks) as device:
            result = one_kernel(device, [body]).run()
            return result.cycles, result.instructions, device.snapshot().data

    assert run(True) == run(False)


def test_deadlocks_name_who_should_have_filled_what_is_empty() -> None:
    with tw.open("tiny", checks=True) as device:
        program = one_kernel(device, ["cb_wait_front(0, 1);"])
        program.create_kernel(
            "void kernel_main() { noc_semaphore_wait((volatile uint32_t*)get_semaphore(0), 1); }",
            [(0, 0)],
            name="filler.cpp",
            processor="riscv_1",
        )
        with pytest.raises(tw.DeadlockError) as caught:
            program.run()
        message = str(caught.value)
        assert "waits for circular buffer 0: for pages that another core pushes" in message
        assert (
            "no kernel of its tile pushes to it; beside it in its tile: core (0, 0, 4)" in message
        )
        assert "filler.cpp" in message
        assert "waits for semaphore 0 of its program" in message
        assert "no other kernel has a call that sets a semaphore like it" in message
