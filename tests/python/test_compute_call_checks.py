"""Of the check `circular_buffers`: calls of compute kernels that lack their init call, that find
the engine configured for other formats, or that use Dst without holding it."""

import re

import pytest
from tests.python.compute_programs import random_tiles, run_program

import tilewright as tw

KERNEL = """
#include "api/compute/bcast.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/matmul.h"
#include "api/compute/pack_untilize.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/tilize.h"
#include "api/compute/transpose_wh_dest.h"
constexpr auto TO_A = EltwiseBinaryReuseDestType::DEST_TO_SRCA;
constexpr auto TO_B = EltwiseBinaryReuseDestType::DEST_TO_SRCB;
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
    "reuse_without_its_init": (
        {"CALLS": "add_reuse_dest_tiles<TO_A>(0, 0, 0);"},
        r"add_reuse_dest_tiles<DEST_TO_SRCA>: the engine is set up by add_tiles_init; call "
        r"add_reuse_dest_init<DEST_TO_SRCA>",
    ),
    "reuse_of_the_other_source": (
        {
            "STARTUP": COMMON + "binary_dest_reuse_tiles_init<ELWMUL, TO_B>(0);",
            "CALLS": "binary_dest_reuse_tiles<ELWMUL, TO_A>(0, 0, 0);",
        },
        r"mul_reuse_dest_tiles<DEST_TO_SRCA>: the engine is set up by "
        r"mul_reuse_dest_init<DEST_TO_SRCB>",
    ),
    "one_tile_broadcast_otherwise": (
        {
            "STARTUP": COMMON + "unary_bcast_init<BroadcastType::ROW>(0);",
            "CALLS": "unary_bcast<BroadcastType::COL>(0, 0, 0);",
        },
        r"unary_bcast: the engine is set up by unary_bcast_init .*; call unary_bcast_init",
    ),
    "a_broadcast_of_two_for_one": (
        {
            "STARTUP": COMMON + "add_bcast_rows_init_short(0, 1);",
            "CALLS": "unary_bcast<BroadcastType::ROW>(0, 0, 0);",
        },
        r"unary_bcast: the engine is set up by add_bcast_rows_init; call unary_bcast_init",
    ),
    "transposed_in_dst_without_its_init": (
        {"CALLS": "add_tiles(0, 1, 0, 0, 0); transpose_wh_dest(0);"},
        r"transpose_dest: the engine is set up by add_tiles_init; call transpose_dest_init",
    ),
    "no_tilize_init": (
        {"STARTUP": COMMON + "copy_tile_init(0);", "ACQUIRE": "tilize_block(0, 1, 16);"},
        r"tilize_block without an init call; call tilize_init before it",
    ),
    "no_tilize_uninit": (
        {
            "STARTUP": COMMON + "tilize_init(0, 1, 16); copy_tile_init(0);",
            "CALLS": "copy_tile(0, 0, 0);",
        },
        r"set up for rows by tilize_init, and reads a tile; call tilize_uninit before",
    ),
    "a_function_without_its_init": (
        {"CALLS": "add_tiles(0, 1, 0, 0, 0); recip_tile_init(); exp_tile(0);"},
        r"exp_tile in a kernel that never calls exp_tile_init; call it before",
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
    "functions": {
        "STARTUP": COMMON + "add_tiles_init(0, 1); recip_tile_init();",
        "CALLS": "add_tiles(0, 1, 0, 0, 0); exp_tile_init(); exp_tile(0); recip_tile(0);",
    },
    "reduced_and_ended": {
        "STARTUP": COMMON + SUM + "reduce_uninit(); add_tiles_init(0, 1);",
    },
    "reduced": {
        "STARTUP": COMMON + SUM,
        "CALLS": "reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);",
    },
    "rows": {
        "STARTUP": COMMON,
        "ACQUIRE": "cb_reserve_back(16, 1); tilize_init(0, 1, 16); tilize_block(0, 1, 16);\n"
        "tilize_uninit(0, 16); unary_bcast_init<BroadcastType::ROW>(0); tile_regs_acquire();",
        "CALLS": "unary_bcast<BroadcastType::ROW>(0, 0, 0); add_reuse_dest_init<TO_B>(0);\n"
        "add_reuse_dest_tiles<TO_B>(0, 0, 0); transpose_dest_init(); transpose_dest(0);",
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


DEADLOCKS = {
    "a_page_too_many": (
        {"CALLS": "cb_wait_front(1, 2); add_tiles(0, 1, 0, 0, 0);"},
        (
            r"core \(0, 0, 1\) at compute:\d+ in kernel_main waits for circular buffer 1: for "
            r"pages that another core pushes \(2 so far\); pushed by core \(0, 0, 4\) at reader",
            r"tile \(0, 0\), T1 \(math\): ELWADD waits for SrcA, which is unpacked for it",
            r"tile \(0, 0\), T2 \(pack\): STALLWAIT .* waits for semaphore 1, which is 0: for Dst, "
            r"to be handed over by tile_regs_commit",
            r"core \(0, 0, 0\) at writer:\d+ in kernel_main waits for circular buffer 16",
        ),
    ),
    "no_commit": (
        {"COMMIT": ""},
        (
            r"T2 \(pack\): STALLWAIT .* waits for semaphore 1, which is 0: for Dst, to be handed",
            r"core \(0, 0, 0\) at writer:\d+ in kernel_main waits for circular buffer 16",
        ),
    ),
    "no_release": (
        {"RELEASE": ""},
        (
            r"T1 \(math\): .* waits for semaphore 1, which is full: for Dst, to be given back by "
            r"tile_regs_release",
        ),
    ),
}


@pytest.mark.parametrize("case", DEADLOCKS)
def test_a_deadlock_names_the_cores_of_the_tile(case: str) -> None:
    """Each with what it waits for, in the words of the kernel's calls."""
    parts, messages = DEADLOCKS[case]
    a = random_tiles(5, 3 if case == "no_release" else 2)
    with tw.open("tiny") as device, pytest.raises(tw.DeadlockError) as caught:
        run_program(device, kernel(**parts), a, a, len(a))
    for message in messages:
        assert re.search(message, str(caught.value)), message
