"""Four ways of programming, one chip, one clock.

Weights come in by DMA and are multiplied on the systolic array (`stillwater_kpu`). A graph of tasks
works on the product (`pto_runtime`) while the array goes on multiplying, a kernel written for
TT-Metalium moves it row by row to pages in all banks, and a story plays on tile (0, 0) (`zork_tt`).
With all four at work the chip is saved; another process goes on from there to the same cycle.

    python examples/one_chip.py [STORY]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import pto_runtime
import stillwater_kpu as kpu
import tilewright as tw
import zork_tt
from tilewright import metalium
from tilewright.zmachine.story import read_story

N = 16  # the arrays have 16 x 16 elements
ROW = 4 * N
BYTES = ROW * N

MOVE = """
#include <cstdint>
#include "dataflow_api.h"

void kernel_main() {
    constexpr std::uint32_t l1 = 0x20000, bank = 0;
    const std::uint32_t address = get_arg_val<std::uint32_t>(0);
    const std::uint64_t source = get_noc_addr_from_bank_id<true>(bank, address);
    const InterleavedAddrGen<true> target = {
        .bank_base_address = get_arg_val<std::uint32_t>(1), .page_size = ROW};
    for (std::uint32_t row = 0; row < ROWS; ++row) {
        noc_async_read(source + row * ROW, l1, ROW);
        noc_async_read_barrier();
        noc_async_write(l1, get_noc_addr(row, target), ROW);
        noc_async_write_barrier();
    }
}
"""

GO_ON = """
import sys
import tilewright as tw

with tw.open("full") as device:
    device.restore(tw.Snapshot.load(sys.argv[1]))
    for queue in device.queues:
        queue.finish()
    device.finish()
    print(device.cycle)
"""


def main(story: str | None = None) -> None:
    with tw.open("full") as device:
        # Weights and inputs come in by DMA and are multiplied; the product goes to DRAM.
        sim = kpu.Simulator(device=device)
        weights = device.put(np.full((N, N), 1 / 8, np.float32), tw.Placement.bank(0))
        inputs = device.put(np.ones((N, N), np.float32), tw.Placement.bank(0))
        product = device.zeros((N, N), np.float32, tw.Placement.bank(0))
        pad = sim.get_scratchpad_base(0)
        sim.start_dma_transfer(0, weights, pad, BYTES)
        sim.start_dma_transfer(1, inputs, pad + BYTES, BYTES)
        sim.run_until_idle()
        sim.start_matmul(0, 0, N, N, N, BYTES, 0, 2 * BYTES)

        sim.run_until_idle()
        sim.start_dma_transfer(0, pad + 2 * BYTES, product, BYTES)
        sim.run_until_idle()
        assert (product.numpy() == 2).all(), product.numpy()

        # A graph of four tasks on the product: f = (a + b + 1) * (a + b + 2) with b = 3.
        runner = pto_runtime.DeviceRunner.attach(device)
        three = device.put(np.full((N, N), 3, np.float32), tw.Placement.bank(0))
        c, d, e, f = (device.zeros((N, N), np.float32, tw.Placement.bank(0)) for _ in range(4))
        add, add_scalar, mul = 0, 1, 2
        graph = pto_runtime.Graph()
        t0 = graph.add_task([product, three, c, N * N], add)
        t1 = graph.add_task([c, 1.0, d, N * N], add_scalar)
        t2 = graph.add_task([c, 2.0, e, N * N], add_scalar)
        t3 = graph.add_task([d, e, f, N * N], mul)
        for before, after in ((t0, t1), (t0, t2), (t1, t3), (t2, t3)):
            graph.add_successor(before, after)

        # A kernel written for TT-Metalium moves the product to pages that go round all banks. It
        # and the graph only read the product, so that nothing has to order the two.
        rows = device.zeros((N, N), np.float32, tw.Placement.interleaved(ROW))
        program = metalium.Program(device)
        defines = {"ROW": ROW, "ROWS": N}
        move = program.create_kernel(MOVE, [(13, 9)], name="move.cpp", defines=defines)
        program.set_runtime_args(move, (13, 9), [product, rows])
        queue = device.queue()

        # The story has a long step before it.
        zork = zork_tt.init_device(device=device)
        zork_tt.load_game(zork, read_story(story)[1])
        zork.game.start(2000)

        # The array goes on multiplying, fifty products at a time; behind the first of each the
        # chip is saved.
        saved: list[tuple[int, tw.Snapshot, tw.Counters]] = []

        def multiply() -> None:
            for number in range(50):
                then = save if number == 0 else None
                sim.start_matmul(0, 0, N, N, N, BYTES, 0, 3 * BYTES, callback=then)

        def save() -> None:
            saved.append((device.cycle, device.snapshot(), device.counters))
            if len(saved) < 12:
                multiply()

        multiply()
        program.enqueue(queue)
        runner.run(graph)  # time passes for all of them
        moved = queue.finish()
        text = zork.game.finish()

        assert zork.instructions == 2000 or zork.waiting
        assert (f.numpy() == 42).all(), f.numpy()
        assert (rows.numpy() == product.numpy()).all(), rows.numpy()
        print(f"the product is {product.numpy()[0, 0]:g}, the graph makes it {f.numpy()[0, 0]:g}")
        print(f"the story said meanwhile: {' '.join(text.split())[:60]}...")

        # One of these while tasks of the graph were executing: then all four were at work.
        tasks = runner.last_run.tasks

        def executing(cycle: int) -> int:
            return int(((tasks["started"] < cycle) & (cycle < tasks["ended"])).sum())

        cycle, middle, counters = next(s for s in saved if executing(s[0]) > 0)
        later = device.counters - counters
        assert moved.start < cycle < moved.end
        assert later["systolic_array0.commands"] > 0
        assert later["core.0.0.0.instructions"] > 0
        print(f"saved at cycle {cycle:,} with all four at work")

        # From the middle: here again, and in another process.
        device.restore(middle)
        for each in device.queues:
            each.finish()
        device.finish()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "middle.snapshot"
            middle.save(file)
            other = subprocess.run(
                [sys.executable, "-c", GO_ON, str(file)], check=True, capture_output=True, text=True
            )
        assert int(other.stdout) == device.cycle
        print(f"from the snapshot in the middle, two processes end at cycle {device.cycle:,}")


if __name__ == "__main__":
    main(*sys.argv[1:])
