"""The check `circular_buffers`: what it finds, how it names it, and what it leaves alone."""

import pytest

import tilewright as tw
from tilewright import metalium

# Buffer 0 has two pages of 32 bytes, buffer 1 lies right behind it and has two, too. WORDS is the
# back of buffer 0.
DEFINES = {
    "X": "get_noc_addr(0x60000)",
    "WORDS": "reinterpret_cast<volatile uint32_t*>(get_write_ptr(0))",
    "FRONT": "reinterpret_cast<volatile uint32_t*>(get_read_ptr(0))",
}


def program_of(device: tw.Device, *bodies: str) -> metalium.Program:
    """A kernel for each of the two cores of a tile."""
    program = metalium.Program(device)
    first = program.create_circular_buffer([(0, 0)], 0, page_size=32, pages=2)
    assert program.create_circular_buffer([(0, 0)], 1, page_size=32, pages=2) == first + 64
    for number, body in enumerate(bodies):
        source = (
            f"#include <tilewright/kernel/circular_buffer.hpp>\nvoid kernel_main() {{\n{body}\n}}"
        )
        kernel = program.create_kernel(
            source, [(0, 0)], name=f"k{number}.cpp", processor=f"riscv_{number}", defines=DEFINES
        )
        program.set_runtime_args(kernel, (0, 0), [1])
    return program


# What a kernel does wrong, and what is said of it.
MISTAKES = {
    "a_loop_into_the_next_buffer": (
        "cb_reserve_back(0, 2); for (uint32_t i = 0; i < 64; ++i) WORDS[i] = i;",
        r"store of 4 bytes to 0x\w+: of circular buffer 0 it has reserved 2 pages \(64 bytes at",
    ),
    "a_loop_that_is_not_unrolled": (
        "cb_reserve_back(0, 2);\n#pragma clang loop unroll(disable)\n"
        "for (uint32_t i = 0; i < 64; ++i) WORDS[i] = i;",
        r"of circular buffer 0 it has reserved 2 pages",
    ),
    "a_loop_of_bytes": (
        "cb_reserve_back(0, 2); auto* p = reinterpret_cast<volatile uint8_t*>(WORDS);\n"
        "for (uint32_t i = 0; i < 128; ++i) p[i] = i;",
        r"store of 1 bytes? to 0x\w+: of circular buffer 0 it has reserved 2 pages",
    ),
    "of_the_native_class": (
        "tilewright::kernel::CircularBuffer ring(0); ring.reserve_back(2);\n"
        "auto* p = reinterpret_cast<volatile uint32_t*>(ring.write_address());\n"
        "for (uint32_t i = 0; i < 64; ++i) p[i] = i;",
        r"of circular buffer 0 it has reserved 2 pages",
    ),
    "one_page_of_two": (
        "cb_reserve_back(0, 1); WORDS[8] = 1;",
        r"has reserved 1 page \(32 bytes at .*; pages are reserved before they are written",
    ),
    "as_many_as_an_argument_says": (
        "cb_reserve_back(0, get_arg_val<uint32_t>(0)); WORDS[3] = 1; WORDS[8] = 1;",
        r"has reserved 1 page \(32 bytes at",
    ),
    "after_the_push": (
        "cb_reserve_back(0, 1); auto* p = WORDS; p[0] = 1; cb_push_back(0, 1); p[0] = 2;",
        r"of circular buffer 0 it holds no page",
    ),
    "a_read_that_brings_too_much": (
        "cb_reserve_back(0, 1); noc_async_read(X, get_write_ptr(0), 64); noc_async_read_barrier();",
        r"NoC command: read of 64 bytes into 0x\w+: of circular buffer 0 it has reserved 1 page",
    ),
    "a_read_beyond_the_ring": (
        "cb_reserve_back(0, 2); noc_async_read(X, get_write_ptr(0), 128);\n"
        "noc_async_read_barrier();",
        r"of circular buffer 0 it has reserved 2 pages",
    ),
    "an_end_without_a_push": (
        "cb_reserve_back(0, 1); cb_push_back(0, 1); cb_reserve_back(0, 1); WORDS[0] = 1;",
        r"ended with 1 page of circular buffer 0 that it has written and not pushed",
    ),
}
PRODUCE = """for (uint32_t i = 0; i < 4; ++i) {
    cb_reserve_back(0, 1);
    WORDS[0] = i; WORDS[1] = i; WORDS[2] = i; WORDS[3] = i;
    cb_push_back(0, 1);
}"""
CONSUME = """for (uint32_t i = 0; i < 4; ++i) {
    cb_wait_front(0, 1);
    DPRINT << FRONT[3];
    cb_pop_front(0, 1);
}"""
CONSUMERS = {
    "beyond_the_wait": (
        "cb_wait_front(0, 1); DPRINT << FRONT[8];",
        r"load of 4 bytes from 0x\w+: of circular buffer 0 it has waited for 1 page \(32 bytes at "
        r".*; pages are waited for before they are used, and popped after",
    ),
    "after_the_pop": (
        "cb_wait_front(0, 1); auto* p = FRONT; cb_pop_front(0, 1); DPRINT << p[0];",
        r"of circular buffer 0 it holds no page",
    ),
    "a_write_of_too_much": (
        "cb_wait_front(0, 1); noc_async_write(get_read_ptr(0), X, 64); noc_async_write_barrier();",
        r"NoC command: write of 64 bytes from 0x\w+: of circular buffer 0 it has waited for 1 page",
    ),
    "an_end_without_a_pop": (
        "cb_wait_front(0, 1); cb_pop_front(0, 1); cb_wait_front(0, 1); DPRINT << FRONT[0];",
        r"ended with 1 page of circular buffer 0 that it has waited for and not popped",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_producers(mistake: str) -> None:
    body, message = MISTAKES[mistake]
    with tw.open("tiny", checks=True) as device:
        device.write_l1((0, 0), 0x60000, bytes(128))
        program = program_of(device, body)
        with pytest.raises(tw.KernelFault, match=message) as caught:
            program.run()
        assert "k0.cpp" in str(caught.value)
        program_of(device, PRODUCE, CONSUME).run()  # the device goes on


@pytest.mark.parametrize("mistake", CONSUMERS)
def test_consumers(mistake: str) -> None:
    body, message = CONSUMERS[mistake]
    with tw.open("tiny", checks=True) as device:
        program = program_of(device, "cb_reserve_back(0, 2); for (uint32_t i = 0; i < 16; ++i) "
                             "WORDS[i] = i; cb_push_back(0, 2);", body)  # fmt: skip
        with pytest.raises(tw.KernelFault, match=message) as caught:
            program.run()
        assert "core (0, 0, 4)" in str(caught.value)


# What kernels do and may: each with what it prints.
GOOD = {
    "in_turn": ((PRODUCE, CONSUME), "0123"),
    "two_at_a_time": (
        (
            "for (uint32_t i = 0; i < 4; ++i) {\n cb_reserve_back(0, 2);\n"
            "for (uint32_t w = 0; w < 16; ++w) WORDS[w] = i;\n cb_push_back(0, 2); }",
            "for (uint32_t i = 0; i < 4; ++i) {\n cb_wait_front(0, 2);\n DPRINT << FRONT[15];\n"
            "cb_pop_front(0, 1);\n DPRINT << FRONT[0];\n cb_pop_front(0, 1); }",
        ),
        "00112233",
    ),
    "more_and_more": (
        (
            PRODUCE,
            "cb_wait_front(0, 1);\n cb_wait_front(0, 2);\n DPRINT << FRONT[0] << FRONT[8];\n"
            "cb_pop_front(0, 2);\n cb_wait_front(0, 2);\n cb_pop_front(0, 2);",
        ),
        "01",
    ),
    "asked_without_waiting": (
        (
            PRODUCE,
            "for (uint32_t i = 0; i < 4; ++i) {\n while (!cb_pages_available_at_front(0, 1)) {}\n"
            "DPRINT << FRONT[0];\n cb_pop_front(0, 1); }",
        ),
        "0123",
    ),
    "a_ring_for_scratch": (
        ("for (uint32_t i = 0; i < 16; ++i) WORDS[i] = i;\n DPRINT << WORDS[15];",),
        "15",
    ),
    "reserved_for_scratch": (
        ("cb_reserve_back(0, 2);\n WORDS[15] = 7;\n DPRINT << WORDS[15];",),
        "7",
    ),
    "waited_for_and_kept": (
        (PRODUCE.replace("4;", "2;"), "cb_wait_front(0, 2);\n DPRINT << FRONT[8];"),
        "1",
    ),
    "in_place": (
        (
            PRODUCE,
            "for (uint32_t i = 0; i < 4; ++i) {\n cb_wait_front(0, 1);\n FRONT[0] = FRONT[3] + 1;\n"
            "DPRINT << FRONT[0];\n cb_pop_front(0, 1); }",
        ),
        "1234",
    ),
    "both_buffers_one_after_the_other": (
        (
            "cb_reserve_back(0, 2);\n cb_reserve_back(1, 2);\n auto* p = WORDS;\n"
            "for (uint32_t i = 0; i < 32; ++i) p[i] = i;\n"
            "cb_push_back(0, 2);\n cb_push_back(1, 2);\n cb_wait_front(1, 2);\n DPRINT << p[31];",
        ),
        "31",
    ),
    "something_else_behind_it": (
        (
            "cb_reserve_back(0, 2);\n auto* p = WORDS;\n"
            "for (uint32_t i = 0; i < 16; ++i) p[i] = i;\n cb_push_back(0, 2);\n"
            "*reinterpret_cast<volatile uint32_t*>(get_write_ptr(1)) = 5;",
        ),
        "",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_right_is_not_reported(case: str) -> None:
    bodies, printed = GOOD[case]

    def run(checks: bool) -> tuple[str, int, int, bytes]:
        with tw.open("tiny", checks=checks) as device:
            result = program_of(device, *bodies).run()
            return result.output, result.cycles, result.instructions, device.snapshot().data

    assert run(True) == run(False)
    assert run(True)[0] == printed


def test_a_check_that_begins_late_knows_only_what_it_has_seen() -> None:
    """Nothing is said of kernels that were launched before it, or of those in a snapshot."""
    body = "cb_reserve_back(0, 1); riscv_wait(10000); WORDS[8] = 1; noc_async_write_barrier();"
    with tw.open("tiny") as device:
        queue = device.queue()
        program_of(device, body).enqueue(queue)
        device.advance_to(5000)
        image = device.snapshot()
        device.checks = "circular_buffers"
        queue.finish()
        with tw.open("tiny", checks="circular_buffers") as other:
            other.restore(image)
            other.run_until_idle()
        with pytest.raises(tw.KernelFault, match="circular buffer 0"):
            program_of(device, body).run()
