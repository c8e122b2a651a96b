"""Two runs of one program are equal to the cycle, however they are driven."""

import subprocess
import sys

import numpy as np
import pytest

import tilewright as tw

SUM_RING = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
// Every tile adds to its right neighbour's semaphore after its own was raised; tile 0 starts.
static void ring(Semaphore turn, std::uint32_t tiles, std::uint32_t rounds) {
    const std::uint32_t columns = grid_columns();
    const std::uint32_t me = tile_y() * columns + tile_x();
    const std::uint32_t next = (me + 1) % tiles;
    for (std::uint32_t round = 1; round <= rounds; ++round) {
        if (me != 0) turn.wait_min(round);
        turn.remote_add(next % columns, next / columns, 1);
        if (me == 0) turn.wait_min(round);
    }
    noc_async_atomic_barrier();
    print(me, ':', turn.value(), ' ');
}
TILEWRIGHT_KERNEL(ring)
"""


@pytest.fixture(scope="module")
def ring() -> tw.Kernel:
    return tw.Kernel.from_source(SUM_RING, "ring")


def play(device: tw.Device, ring: tw.Kernel) -> tuple[object, ...]:
    tiles = device.tiles
    run = device.run(ring, tiles, [device.semaphore(), len(tiles), 5])
    return (
        run.cycles,
        run.instructions,
        run.output,
        [(core.core, core.start, core.end, core.waiting_cycles) for core in run.cores],
        simulated_counters(device),
    )


def simulated_counters(device: tw.Device) -> dict[str, int]:
    """What the chip counts; what the simulator counts may depend on where a run was cut."""
    return {k: n for k, n in device.counters.items() if not k.startswith("simulator.")}


def test_two_devices_agree(ring: tw.Kernel) -> None:
    with tw.open("blackhole") as one, tw.open("blackhole") as other:
        first = play(one, ring)
        assert first == play(other, ring)
        assert first[2] == "".join(f"{me}:5 " for me in range(140))


def test_stopping_anywhere_changes_nothing(device: tw.Device, ring: tw.Kernel) -> None:
    expected = play(device, ring)
    with tw.open("tiny") as other:
        tiles = other.tiles
        other.launch(ring, tiles, [other.semaphore(), len(tiles), 5])
        step = 1
        while other.advance_to(other.cycle + step):
            step = step * 3 % 101 + 1
        run = other.finish()
        assert (run.cycles, run.instructions, run.output) == expected[:3]


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.9])
def test_snapshot_in_the_middle(device: tw.Device, ring: tw.Kernel, fraction: float) -> None:
    expected = play(device, ring)
    with tw.open("tiny") as source, tw.open("tiny") as target:
        tiles = source.tiles
        source.launch(ring, tiles, [source.semaphore(), len(tiles), 5])
        cycles = expected[0]
        assert isinstance(cycles, int)
        assert source.advance_to(int(cycles * fraction))
        image = source.snapshot()
        source.abort()
        target.restore(image)
        assert target.busy
        run = target.finish()
        assert (run.cycles, run.instructions, run.output) == expected[:3]
        assert simulated_counters(target) == expected[4]


def test_snapshot_carries_buffers_to_another_process(
    device: tw.Device, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("snapshot") / "chip.snapshot"
    device.write_l1((1, 1), 0x20000, np.arange(1000, dtype=np.uint32))
    device.snapshot().save(path)
    script = (
        "import sys, numpy as np, tilewright as tw\n"
        "with tw.open('tiny') as device:\n"
        "    device.restore(tw.Snapshot.load(sys.argv[1]))\n"
        "    print(np.frombuffer(device.read_l1((1, 1), 0x20000, 4000), np.uint32).sum())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == sum(range(1000))
