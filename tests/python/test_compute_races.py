"""Unpackers and packers in the race check: both sides of a race are named."""

import pytest
from tests.python.compute_programs import READER, WRITER, random_tiles, run_program

import tilewright as tw

ADD = """
#include "api/compute/eltwise_binary.h"
void kernel_main() {
    binary_op_init_common(0, 1, 16);
    add_tiles_init(0, 1);
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        tile_regs_acquire();
        add_tiles(0, 1, 0, 0, 0);
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
}
"""
PUSH = "cb_push_back(1, 1);"
WAIT = "cb_wait_front(16, 1);"
RESERVE = "cb_reserve_back(1, 1);"
# A reader or a writer that does not keep to the circular buffer; the two accesses.
RACES = {
    "overwrites_what_is_unpacked": (
        (
            READER.replace(
                PUSH,
                f"const uint32_t page = get_write_ptr(1); {PUSH}\n"
                "noc_async_read_page(i, b, page); noc_async_read_barrier();",
            ),
            WRITER,
        ),
        "a read by T0 of the compute engine of tile",
        r"a read over NoC 1, which lands there by core \(0, 0, 4\) at reader:\d+ in kernel_main",
    ),
    "reserves_no_page": (
        (READER.replace("cb_reserve_back(0, 1);", "").replace(RESERVE, ""), WRITER),
        "a read by T0 of the compute engine of tile",
        r"a read over NoC 1, which lands there by core \(0, 0, 4\) at reader:\d+ in kernel_main",
    ),
    "takes_what_is_not_packed_yet": (
        (READER, WRITER.replace(WAIT, "riscv_wait(3000);").replace("cb_pop", f"{WAIT} cb_pop")),
        "a write by T2 of the compute engine of tile",
        r"a write over NoC 0, which takes them by core \(0, 0, 0\) at writer:\d+ in kernel_main",
    ),
}


@pytest.mark.parametrize("case", RACES)
def test_a_mover_that_does_not_wait_for_the_engine(case: str) -> None:
    movers, engine, mover = RACES[case]
    a = random_tiles(1, 6)
    with (
        tw.open("tiny", checks="races") as device,
        pytest.raises(tw.KernelFault, match=r"race on \d+ bytes") as caught,
    ):
        run_program(device, ADD, a, a, 6, movers=movers)
    assert caught.match(engine)
    assert caught.match(mover)


def test_those_that_keep_to_it_are_in_order() -> None:
    a = random_tiles(2, 6)
    with tw.open("tiny", checks="races") as device:
        run_program(device, ADD, a, a, 6)
