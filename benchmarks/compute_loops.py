"""What loops of a compute engine over tiles cost the host: copies, sums and products of a pair of
BF16 tiles in the L1 of one core, again and again, each packed to L1.

Simulated cycles and microseconds of processor time for each pair, from a long loop less a short one
(kernels from the cache, medians of runs in turns).
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright import metalium

TILE_BYTES = 2048
SHORT, LONG = 32, 288  # pairs
TILES = [(0, 0)]

READER = """
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto tiles = TensorAccessor(args, get_arg_val<uint32_t>(0));
    for (uint32_t cb = 0; cb < 2; ++cb) {
        cb_reserve_back(cb, 1);
        noc_async_read_page(cb, tiles, get_write_ptr(cb));
        noc_async_read_barrier();
        cb_push_back(cb, 1);
    }
}
"""
COMPUTE = """
#include "api/compute/eltwise_binary.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {{
    {init};
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 1);
    const uint32_t pairs = get_arg_val<uint32_t>(0);
    for (uint32_t i = 0; i < pairs; ++i) {{
        tile_regs_acquire();
        {call};
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
    }}
}}
"""
LOOPS = {
    "copy": (
        "unary_op_init_common(0, 16); copy_tile_to_dst_init_short(0)",
        "copy_tile(0, 0, 0); copy_tile(0, 0, 1)",
    ),
    "sum": ("binary_op_init_common(0, 1, 16); add_tiles_init(0, 1)", "add_tiles(0, 1, 0, 0, 0)"),
    "product": (
        "binary_op_init_common(0, 1, 16); mul_tiles_init(0, 1)",
        "mul_tiles(0, 1, 0, 0, 0)",
    ),
}


def measure(device: tw.Device, folder: Path, loop: str, pairs: int) -> tuple[int, float]:
    """Cycles and seconds of processor time."""
    rng = np.random.default_rng(0)
    numbers = rng.standard_normal(2 * 1024).astype(np.float32)
    bits = (numbers.view(np.uint32) >> 16).astype(np.uint16)
    tiles = device.put(bits, tw.Placement.interleaved(TILE_BYTES))
    program = metalium.Program(device)
    for index in (0, 1, 16):
        program.create_circular_buffer(
            TILES, index, page_size=TILE_BYTES, pages=1, data_format="float16_b"
        )
    accessor = metalium.tensor_accessor_args(page_size=TILE_BYTES)
    init, call = LOOPS[loop]
    (folder / "reader.cpp").write_text(READER)
    (folder / f"{loop}.cpp").write_text(COMPUTE.format(init=init, call=call))
    reader = program.create_kernel(
        folder / "reader.cpp", TILES, processor="riscv_1", compile_args=[*accessor]
    )
    compute = program.create_kernel(
        folder / f"{loop}.cpp", TILES, processor="compute", math_fidelity="HiFi4"
    )
    program.set_runtime_args(reader, (0, 0), [tiles])
    program.set_runtime_args(compute, (0, 0), [pairs])
    before = time.thread_time()
    run = program.run()
    seconds = time.thread_time() - before
    tiles.free()
    return run.cycles, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loops", nargs="+", default=list(LOOPS), choices=list(LOOPS))
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()
    with tw.open("blackhole") as device, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for loop in args.loops:
            measure(device, folder, loop, SHORT)  # compiles the kernels
            runs = [
                [measure(device, folder, loop, n) for n in (SHORT, LONG)] for _ in range(args.runs)
            ]
            pairs = LONG - SHORT
            cycles = (runs[0][1][0] - runs[0][0][0]) / pairs
            seconds = statistics.median(long[1] - short[1] for short, long in runs) / pairs
            print(f"{loop}: {cycles:.1f} cycles and {seconds * 1e6:.1f} us a pair of tiles")


if __name__ == "__main__":
    main()
