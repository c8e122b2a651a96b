"""What simulating transfers and products costs on the host: `python benchmarks/kpu.py`.

Figures of one run on one core; take the best of several on a quiet machine.
"""

import time

import numpy as np

import stillwater_kpu as kpu

TRANSFERS = 1_000_000
SIZE = 1024


def main() -> None:
    with kpu.KPUSimulator() as sim:
        bank, pad = sim.get_memory_bank_base(0), sim.get_scratchpad_base(0)
        start = time.perf_counter()
        for _ in range(TRANSFERS):
            sim.dma_external_to_scratchpad(0, bank, pad, 1024)
        sim.run_until_idle()
        seconds = time.perf_counter() - start
        assert sim.get_current_cycle() == 145 * TRANSFERS
        print(f"{TRANSFERS:,} transfers of 1 KiB queued and run in {seconds:.2f} s")

    a = np.random.default_rng(1).normal(size=(SIZE, SIZE)).astype(np.float32)
    with kpu.KPUSimulator() as sim:
        start = time.perf_counter()
        sim.matmul(a, a)
        seconds = time.perf_counter() - start
        cycles = sim.get_current_cycle()
        print(f"{SIZE}^3 in float32: {cycles:,} simulated cycles in {seconds:.2f} s")


if __name__ == "__main__":
    main()
