"""A product commanded step by step: DMA brings slices of A to one scratchpad and of B to another,
an array adds their products up. With two buffers the next slices come in while the array works.

    python examples/arrays/double_buffered.py [double_buffered.png]
"""

from __future__ import annotations

import sys

import numpy as np

import stillwater_kpu as kpu

M, N, K = 64, 64, 1024
SLICE = 64  # of K
ARRAY = 32  # rows and columns


def product(sim: kpu.KPUSimulator, buffers: int) -> int:
    """The cycles of C = A B with slices of A and B in so many buffers, by turns."""
    device = sim.device
    there, done = device.flag(), device.flag()
    bank = sim.get_external_bank_base(0)  # A, B and C, one after another
    pads = sim.get_scratchpad_base(0), sim.get_scratchpad_base(1)
    c = pads[0] + buffers * 4 * M * SLICE
    start = sim.get_current_cycle()
    for step in range(K // SLICE):
        a = pads[0] + step % buffers * 4 * M * SLICE
        b = pads[1] + step % buffers * 4 * SLICE * N
        # A buffer is free when the product that used it before has ended.
        free = (done, max(0, step - buffers + 1))
        columns = bank + 4 * step * SLICE
        device.dma(
            columns, a, 4 * SLICE, rows=M, source_stride=4 * K, engine=0, wait=free, signal=there
        )
        rows = bank + 4 * (M * K + step * SLICE * N)
        device.dma(rows, b, 4 * SLICE * N, engine=1, wait=free, signal=there)
        device.multiply(
            a, b, c, M, N, SLICE, accumulate=step > 0, wait=(there, 2 * step + 2), signal=done
        )
    device.dma(c, bank + 4 * K * (M + N), 4 * M * N, wait=(done, K // SLICE))
    sim.run_until_idle()
    return sim.get_current_cycle() - start


def main(file: str | None = None) -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(-8, 9, (M, K)).astype(np.float32)
    b = rng.integers(-8, 9, (K, N)).astype(np.float32)
    config = kpu.SimulatorConfig()
    config.processor_array_rows = config.processor_array_cols = ARRAY
    runs = []
    with kpu.KPUSimulator(config) as sim:
        for buffers in (1, 2):
            sim.reset()
            sim.write_memory_bank_numpy(0, 0, a)
            sim.write_memory_bank_numpy(0, a.nbytes, b)
            cycles = product(sim, buffers)
            c = sim.read_memory_bank_numpy(0, a.nbytes + b.nbytes, M * N).reshape(M, N)
            assert np.array_equal(c, a @ b)  # whole numbers: exact
            runs.append(sim.statistics())
            print(f"{buffers} buffer{'s' if buffers > 1 else ' '}: {cycles:6,} cycles")
    passes = K // SLICE * (M // ARRAY) * (N // ARRAY)
    print(f"passes alone: {passes * (SLICE + 2 * ARRAY - 2):,} cycles")
    if file is not None:
        kpu.visualization.plot_gantt(runs[-1], save=file)
        print(f"drawn to {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
