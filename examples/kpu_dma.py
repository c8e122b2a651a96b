"""The walk through the unified address map that users of stillwater_kpu start with.

Moves 256 numbers from an external bank into a scratchpad by their global addresses, then through
the whole hierarchy: host, external bank, L3, L2 and an L1 buffer.

Usage: python examples/kpu_dma.py [FIGURE.png]
"""

import sys

import numpy as np

import stillwater_kpu as kpu


def first_transfer() -> None:
    """1024 bytes by DMA, with a callback at the end."""
    config = kpu.SimulatorConfig()
    config.memory_bank_count = 2
    config.memory_bank_capacity_mb = 64
    config.scratchpad_count = 2
    config.scratchpad_capacity_kb = 256
    config.dma_engine_count = 4
    sim = kpu.KPUSimulator(config)

    data = [float(i) for i in range(256)]
    sim.write_memory_bank(0, 0, data)
    source = sim.get_external_bank_base(0)
    destination = sim.get_scratchpad_base(0)
    print(f"source      {source:#x}\ndestination {destination:#x}")

    sim.dma_external_to_scratchpad(
        0, source, destination, 4 * len(data), lambda: print("the transfer has ended")
    )
    sim.run_until_idle()
    assert sim.read_scratchpad(0, 0, len(data)) == data
    print(f"{sim.get_current_cycle()} cycles, {sim.get_elapsed_time_ms():.6f} ms")


def through_the_hierarchy(figure: str | None) -> None:
    """A matrix from the host to an L1 buffer, transposed on its way from L3 to L2."""
    matrix = np.arange(48 * 32, dtype=np.float32).reshape(48, 32)
    with kpu.Simulator() as sim:
        sim.write_host_memory_numpy(0, 0, matrix)
        sim.dma_host_to_external(0, 0, sim.get_external_bank_base(0), matrix.nbytes)
        sim.run_until_idle()
        sim.dma_external_to_l3(
            0, sim.get_external_bank_base(0), sim.get_l3_tile_base(1), matrix.nbytes
        )
        sim.run_until_idle()
        sim.start_block_transfer(0, 1, 0, 2, 0, 48, 32, 4, "transpose")
        sim.run_until_idle()
        sim.start_row_stream(0, 2, 0, 3, 0, 32, 48, 4, "l2_to_l1")
        sim.run_until_idle()
        arrived = sim.read_l1_buffer_numpy(3, 0, matrix.size).reshape(32, 48)
        assert np.array_equal(arrived, matrix.T)

        statistics = sim.statistics()
        print(kpu.analysis.PerformanceAnalyzer().analyze(statistics))
        if figure:
            kpu.visualization.plot_gantt(statistics, save=figure)


if __name__ == "__main__":
    first_transfer()
    through_the_hierarchy(sys.argv[1] if len(sys.argv) > 1 else None)
