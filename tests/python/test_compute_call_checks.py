"""Of the check `circular_buffers`: calls of compute kernels that lack their init call, that find
the engine configured for other formats, or that use Dst without holding it."""

import pytest
from tests.python.compute_programs import random_tiles, run_program

import tilewright as tw

KERNEL = """
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/matmul.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    STARTUP
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(0); ++i) {
        cb_wait_front(0, 1); cb_wait_front(1, 1);
        ACQUIRE
        CALLS
        COMMIT
        cb_pop_front(0, 1); cb_pop_front(1, 1);
        cb_reserve_back(16, 1);
        WAIT
        pack_tile(0, 16);
        RELEASE
        cb_push_back(16, 1);
    }
}
"""
PARTS = {
    "STARTUP": "binary_op_init_common(0, 1, 16); add_tiles_init(0, 1);",
    "ACQUIRE": "tile_regs_acquire();",
    "CALLS": "add_tiles(0, 1, 0, 0, 0);",
    "COMMIT": "tile_regs_commit();",
    "WAIT": "tile_regs_wait();",
    "RELEASE": "tile_regs_release();",
}
COMMON = "binary_op_init_common(0, 1, 16); "
SUM = "reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16); "
# What differs from the right kernel, and what is said of it.
MISTAKES = {
    "no_init": (
        {"STARTUP": COMMON},
        r"add_tiles without an init call; call add_tiles_init before it",
    ),
    "the_init_of_another": (
        {"STARTUP": COMMON + "mul_tiles_init(0, 1);"},
        r"add_tiles: the engine is set up by mul_tiles_init; call add_tiles_init before it",
    ),
    "without_broadcast": (
        {"CALLS": "add_tiles_bcast_rows(0, 1, 0, 0, 0);"},
        r"add_tiles_bcast_rows: the engine is set up by add_tiles_init; call add_bcast_rows_init",
    ),
    "matmul_without_its_init": (
        {"CALLS": "matmul_tiles(0, 1, 0, 0, 0);"},
        r"matmul_tiles: the engine is set up by add_tiles_init; call mm_init or matmul_init",
    ),
    "copy_without_its_init": (
        {"CALLS": "copy_tile(0, 0, 0);"},
        r"copy_tile: the engine is set up by add_tiles_init; call copy_tile_init before it",
    ),
    "no_uninit": (
        {"STARTUP": COMMON + SUM + "add_tiles_init(0, 1);"},
        r"packers leave out all but what reductions give since reduce_init; call reduce_uninit",
    ),
    "no_acquire": ({"ACQUIRE": ""}, r"add_tiles: Dst is not held; call tile_regs_acquire before"),
    "computed_after_commit": (
        {"COMMIT": "tile_regs_commit(); add_tiles(0, 1, 0, 0, 0);"},
        r"add_tiles: Dst is not held; .* nothing after tile_regs_commit",
    ),
    "no_wait": ({"WAIT": ""}, r"pack_tile: Dst is not held; call tile_regs_wait before packing"),
    "packed_after_release": (
        {"RELEASE": "tile_regs_release(); pack_tile(0, 16);"},
        r"pack_tile: Dst is not held; .* nothing after tile_regs_release",
    ),
    "release_without_wait": (
        {"WAIT": "tile_regs_release(); tile_regs_wait();"},
        r"tile_regs_release without tile_regs_wait",
    ),
}


def kernel(**parts: str) -> str:
    source = KERNEL
    for name, text in {**PARTS, **parts}.items():
        source = source.replace(name, text)
    return source


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    parts, message = MISTAKES[mistake]
    a = random_tiles(1, 2)
    with (
        tw.open("tiny", checks=True) as device,
        pytest.raises(tw.KernelFault, match=message) as caught,
    ):
        run_program(device, kernel(**parts), a, a, 2)
    assert "compute engine" in str(caught.value)
    assert ".h:" in caught.value.place or "compute" in caught.value.place


def test_formats_that_the_engine_is_not_configured_for() -> None:
    a = random_tiles(2, 2)
    with tw.open("tiny", checks=True) as device:
        source = kernel(STARTUP="binary_op_init_common(16, 16, 16); add_tiles_init(0, 1);")
        message = (
            r"unpacker 0 \(SrcA\) is configured for Bfp8_b \(circular buffer 16\), circular "
            r"buffer 0 has Float16_b; call .* reconfig_data_format_srca"
        )
        with pytest.raises(tw.KernelFault, match=message):
            run_program(device, source, a, a, 2, out_format="bfp8_b")
        source = kernel(STARTUP="binary_op_init_common(0, 1, 0); add_tiles_init(0, 1);")
        message = (
            r"pack_tile: packers are configured for Float16_b \(circular buffer 0\), circular "
            r"buffer 16 has Bfp8_b; call pack_reconfig_data_format"
        )
        with pytest.raises(tw.KernelFault, match=message):
            run_program(device, source, a, a, 2, out_format="bfp8_b")


RIGHT = {
    "sums": {},
    "started_again": {
        "CALLS": "mul_tiles_init(0, 1); mul_tiles(0, 1, 0, 0, 0); add_tiles_init(0, 1);\n"
        "add_tiles(0, 1, 0, 0, 0); mm_init_short(0, 1); matmul_tiles(0, 1, 0, 0, 1);\n"
        "add_tiles_init(0, 1);"
    },
    "reduced_and_ended": {
        "STARTUP": COMMON + SUM + "reduce_uninit(); add_tiles_init(0, 1);",
    },
    "reduced": {
        "STARTUP": COMMON + SUM,
        "CALLS": "reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);",
    },
    "older": {"ACQUIRE": "acquire_dst();", "COMMIT": "", "WAIT": "", "RELEASE": "release_dst();"},
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_takes_the_same_cycles(case: str) -> None:
    a, b = random_tiles(3, 3), random_tiles(4, 3)

    def run(checks: bool) -> tuple[int, bytes]:
        with tw.open("tiny", checks=checks) as device:
            result = run_program(device, kernel(**RIGHT[case]), a, b, 3)
            return result.run.cycles, result.tiles.tobytes()

    assert run(True) == run(False)
