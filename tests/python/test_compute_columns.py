"""Columns, rows and single numbers for a tile, sums of integers, moving averages and rows in
another order, by the vector unit of compute kernels against NumPy; mailboxes beside."""

from collections.abc import Iterator

import numpy as np
import pytest
from tests.python.compute_programs import from_faces, random_tiles, run_kernel, to_faces

import tilewright as tw

# Inputs: x, y and z in buffer 0, integers in 1, a table of rows in 2. Each step gives one tile.
KERNEL = """
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/sfpu_int_sum.h"
#include "api/compute/ema.h"
#include "api/dataflow/dataflow_buffer.h"
#include "api/compute/reshuffle.h"
#include "api/compute/sfpu_binary_bcast.h"
#ifdef ARCH_BLACKHOLE
#include "api/compute/clamped_silu_glu.h"
#include "api/compute/situ_glu.h"
#endif
uint32_t made[2];
template <class F>
void step(uint32_t cb, uint32_t out, uint32_t dst, F f) {
    tile_regs_acquire();
    reconfig_data_format_srca(cb);
    copy_init(cb);
    for (uint32_t i = 0; i < 3; ++i) copy_tile(cb, i, i);
    f();
    tile_regs_commit();
    tile_regs_wait();
    pack_reconfig_data_format(16 + out);
    pack_tile<true>(dst, 16 + out, made[out]++);
    tile_regs_release();
}
void kernel_main() {
    init_sfpu(0, 16);
    for (uint32_t cb = 0; cb < 2; ++cb) cb_wait_front(cb, 3);
    cb_wait_front(2, 1);
    cb_reserve_back(16, 12);
    cb_reserve_back(17, 3);
    sfpu_bcast_col_init();
    step(0, 0, 0, [] { sfpu_add_bcast_col(0, 1); });
    step(0, 0, 0, [] { sfpu_sub_bcast_col(0, 1); });
    step(0, 0, 0, [] { sfpu_mul_bcast_col(0, 1); });
    sfpu_sub_bcast_row_init();
    step(0, 0, 0, [] { sfpu_sub_bcast_row(0, 1); });
    step(0, 0, 0, [] { sfpu_normalize_bcast_col(0, 1, 2); });
    step(0, 0, 0, [] { sfpu_residual_normalize_bcast_col(0, 2, 1, 2); });
    sfpu_normalize_bcast_scalar_init();
    step(0, 0, 0, [] { sfpu_normalize_bcast_scalar(0, 1, 2); });
    reshuffle_rows_tile_init();
    const uint32_t table = CircularBuffer(2).get_tile_address(0);
    step(0, 0, 1, [=] { reshuffle_rows_tile(0, table - 16); });
    ema_init(0x3f400000, 0x3e800000);  // 3/4 and 1/4
    ema_clear_previous_output();
    step(0, 0, 1, [] { ema_tile(0); });
    step(0, 0, 1, [] { ema_tile(0); });
#ifdef ARCH_BLACKHOLE
    situ_glu_tile_init();
    clamped_silu_glu_tile_init();
    step(0, 0, 2, [] { situ_glu_tile(0, 1, 2); });
    step(0, 0, 2, [] { clamped_silu_glu_tile(0, 1, 2); });
#endif
    sfpu_sum_int_init();
    step(1, 1, 0, [] { sfpu_sum_int_col(0); });
    step(1, 1, 0, [] { sfpu_sum_int_row(0); });
    step(1, 1, 0, [] { sfpu_add_int(0); });
    // All three cores find the same; what they printed shows it.
    volatile uint32_t* words;
    cb_get_tile(2, 0, &words);
    const uint32_t first = words[4];
    cb_release_tile(2);
    const uint32_t byte = DataflowBuffer(2).read_tile_value<uint8_t>(0, 5);
    MATH(mailbox_write(ckernel::ThreadId::PackThreadId, first + byte);)
    PACK(DPRINT << mailbox_not_empty(ckernel::ThreadId::UnpackThreadId) << ' '
                << mailbox_read(ckernel::ThreadId::MathThreadId) - first - byte << ' '
                << (first == read_tile_value(2, 0, 0)) << ' ' << byte;)
    UNPACK(static_cast<void>(read_tile_value(2, 0, 0));)
    MATH(static_cast<void>(read_tile_value(2, 0, 0));)
    // Pages that are unpacked after they were packed.
    PACK(t6_semaphore_post<p_stall::PACK>(semaphore::PACK_DONE);)
    UNPACK(t6_semaphore_wait_on_zero<p_stall::STALL_SYNC>(semaphore::PACK_DONE);
           t6_semaphore_get<>(semaphore::PACK_DONE);)
    cb_push_back(16, 12);
    cb_push_back(17, 3);
    for (uint32_t cb = 0; cb < 2; ++cb) cb_pop_front(cb, 3);
    cb_pop_front(2, 1);
}
"""


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param, checks=True) as device:
        yield device


def test_columns_rows_and_words(chip: tw.Device) -> None:
    x, y, z = (tile.astype(np.float64) for tile in random_tiles(31, 3))
    integers = np.random.default_rng(32).integers(-(2**26), 2**26, (3, 32, 32)).astype(np.int32)
    table = np.random.default_rng(33).permutation(np.arange(0, 64, 2) % 40).astype(np.uint8)
    page = np.zeros(4096, np.uint8)
    page[:32] = table
    numbers = to_faces(np.stack([x, y, z]).astype(np.float32))
    (floats, sums), run = run_kernel(
        chip,
        KERNEL,
        [("float32", numbers), ("int32", to_faces(integers)), ("uint32", page)],
        [("float32", 12), ("int32", 3)],
        fp32_dest_acc_en=True,
        unpack_to_dest_fp32=[0, 1, 2],
    )
    moved = y.copy()
    for row, to in enumerate(table):
        if to < 32:
            moved[to] += x[row]
    averages, last = [], np.zeros(32)
    for _ in range(2):
        rows = np.empty((32, 32))
        for row in range(32):
            rows[row] = last = 0.75 * last + 0.25 * x[row]
        averages.append(rows)

    sigmoid = [1 / (1 + np.exp(-numbers)) for numbers in (x, np.minimum(x, 10))]
    expected = [
        x + y[:, :1],
        x - y[:, :1],
        x * y[:, :1],
        x - y[:1],
        (x - y[:, :1]) * z[:, :1],
        (x + z - y[:, :1]) * z[:, :1],
        (x - y[0, 0]) * z[0, 0],
        moved,
        *averages,
        4 * np.tanh(x / 4) * sigmoid[0] * 25 * np.tanh(y / 25),
        np.minimum(x, 10) * sigmoid[1] * np.clip(y, -10, 10),
    ]
    taken = from_faces(floats.view(np.float32))
    for number, tile in enumerate(expected if chip.config.name != "wormhole" else expected[:10]):
        np.testing.assert_allclose(
            taken[number], tile, rtol=2**-19, atol=2**-19, err_msg=str(number)
        )
    taken = from_faces(sums.view(np.int32))
    np.testing.assert_array_equal(taken[0, :4], integers[0].reshape(8, 4, 32).sum(axis=0))
    parts = integers[0].reshape(32, 2, 8, 2).sum(axis=(1, 3))
    np.testing.assert_array_equal(taken[1, :, 0:16:2], parts)
    np.testing.assert_array_equal(taken[2], integers[0] + integers[1])
    assert run.output == f"0 0 1 {table[5]}"


def test_a_word_that_nobody_sends_is_named() -> None:
    source = """
    #include "api/compute/common.h"
    void kernel_main() {
        MATH(static_cast<void>(mailbox_read(ckernel::ThreadId::PackThreadId));)
        PACK(for (uint32_t i = 0; i < 5; ++i) mailbox_write(ckernel::UnpackThreadId, i);)
    }
    """
    page = np.zeros(4096, np.uint8)
    with tw.open("tiny") as device, pytest.raises(tw.DeadlockError) as caught:
        run_kernel(device, source, [("uint32", page)], [("uint32", 1)])
    text = str(caught.value)
    assert "T1 (math) waits for a word from T2 (pack)" in text
    assert "T2 (pack) waits for room in the mailbox of T0 (unpack)" in text


def test_a_sort_without_its_init_is_named() -> None:
    source = """
    #include "api/compute/topk.h"
    void kernel_main() {
        compute_kernel_hw_startup(0, 16);
        cb_wait_front(0, 1);
        tile_regs_acquire();
        CALL
        tile_regs_commit();
    }
    """
    page = np.zeros(4096, np.uint8)
    calls = {
        "topk_merge(0, 0, 32);": "topk_merge in a kernel that never calls topk_tile_init",
        "ema_tile(0);": "ema_tile in a kernel that never calls ema_init",
    }
    for call, message in calls.items():
        with (
            tw.open("tiny", checks=True) as device,
            pytest.raises(tw.KernelFault, match=message),
        ):
            run_kernel(device, source.replace("CALL", call), [("uint32", page)], [("uint32", 1)])
