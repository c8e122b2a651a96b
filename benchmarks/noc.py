"""Measures the network on chip of `blackhole`: latency against distance, bandwidth against size, of
writes and reads between tiles, beside what the published numbers of the hardware give.

    python benchmarks/noc.py

The published numbers: about 5 cycles into the network, 9 a hop and 5 out of it; links of 64 bytes a
cycle. A transfer goes there and its answer back: 2 * (5 + 5) + 9 * hops + the flits behind the
header; on tori of one direction the way there and back is a number of whole rounds. A measured
latency also has the instructions that start a transfer and the atomic load that finds it complete:
the rest, the same for every distance. Bandwidth is that of a long row of transfers, without its
latency; small ones come no faster than the core starts them. All numbers are cycles of the chip
clock, and equal in every run.
"""

import argparse

import tilewright as tw

KERNEL = """
#include "tilewright/kernel.hpp"
using namespace tilewright::kernel;

static void transfer(bool read, std::uint32_t x, std::uint32_t y, std::uint32_t bytes,
                     std::uint32_t count) {
    const NocAddress there = tile_address(x, y, 0x20000u);
    void* here = l1<void>(0x20000);
    const std::uint32_t start = static_cast<std::uint32_t>(cycles());
    for (std::uint32_t i = 0; i < count; ++i) {
        if (read) {
            noc_async_read(there, here, bytes);
        } else {
            noc_async_write(here, there, bytes);
        }
    }
    if (read) {
        noc_async_read_barrier();
    } else {
        noc_async_write_barrier();
    }
    *l1<volatile std::uint32_t>(0x100000) = static_cast<std::uint32_t>(cycles()) - start;
}
TILEWRIGHT_KERNEL(transfer)
"""


def measure(
    device: tw.Device, kernel: tw.Kernel, read: bool, to: tuple[int, int], size: int, count: int
) -> int:
    """Cycles that tile (0, 0) takes for `count` transfers of `size` bytes with tile `to`."""
    device.run(kernel, cores=[(0, 0)], args=[read, *to, size, count])
    return int.from_bytes(device.read_l1((0, 0), 0x100000, 4), "little")


def hops_and_back(config: tw.ChipConfig, to: tuple[int, int]) -> tuple[int, int]:
    """Hops on NoC 0 from tile (0, 0) to `to`, and from there home."""
    fields = config.fields()
    columns, rows = int(fields["router_columns"]), int(fields["router_rows"])
    dx = config.tile_router_x[to[0]] - config.tile_router_x[0]
    dy = config.tile_router_y[to[1]] - config.tile_router_y[0]
    return dx % columns + dy % rows, -dx % columns + -dy % rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    kernel = tw.Kernel.from_source(KERNEL, "noc")
    with tw.open("blackhole") as device:
        print("Latency of 64 bytes, cycles")
        print("| to tile | hops there | back | published | write | rest | read | rest |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for to in [(1, 0), (4, 0), (13, 0), (0, 1), (0, 9), (7, 5), (13, 9)]:
            there, back = hops_and_back(device.config, to)
            published = 2 * (5 + 5) + 9 * (there + back) + 1
            write = measure(device, kernel, False, to, 64, 1)
            read = measure(device, kernel, True, to, 64, 1)
            print(
                f"| {to} | {there} | {back} | {published} | {write} | {write - published} "
                f"| {read} | {read - published} |"
            )

        to = (7, 5)
        print(f"\nBandwidth to tile {to}, bytes a cycle")
        print("| bytes | link with a header flit each | write | read |")
        print("| --- | --- | --- | --- |")
        for size in [64, 256, 1024, 2048, 4096, 16384]:
            limit = size / (size // 64 + 1)
            rates = []
            for read in (False, True):
                cycles = measure(device, kernel, read, to, size, 96)
                cycles -= measure(device, kernel, read, to, size, 32)
                rates.append(64 * size / cycles)
            print(f"| {size} | {limit:.1f} | {rates[0]:.1f} | {rates[1]:.1f} |")
        more = measure(device, kernel, False, to, 4, 96)
        start = (more - measure(device, kernel, False, to, 4, 32)) / 64
        print(f"\nThe core starts a write every {start:.0f} cycles.")


if __name__ == "__main__":
    main()
