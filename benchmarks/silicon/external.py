"""Whole programs that others ran on the board, written here from their description: a tile copies
50 pages of 2 KiB from DRAM to DRAM through its L1, waiting for each; a core adds two integers that
it reads from DRAM and writes the sum back.

What is published (the card session of 2026-08-10 in the repository of the package wolfpine) is the
length of the zone that the vendor's profiler puts around kernel_main; so these leave the cycles
from its first statement to its last, without launch and start-up.
"""

from benchmarks.silicon.chip import HERE, KERNELS, RESULT, result

import tilewright as tw
from tilewright import metalium


def _run(device: tw.Device, kernel: str, args: list[int]) -> int:
    program = metalium.Program(device)
    tile = (0, 0)
    handle = program.create_kernel(KERNELS / kernel, [tile])
    program.set_runtime_args(handle, tile, [*args, RESULT])
    program.run()
    return result(device, tile)


def loopback(device: tw.Device) -> int:
    """Cycles of the copy."""
    page, pages = 2048, 50
    return _run(device, "loopback.cpp", [0, 0x100000, HERE, page, pages])


def add_2_integers_in_riscv(device: tw.Device) -> int:
    """Cycles of the addition."""
    return _run(device, "add_two_integers.cpp", [0, 0x10000, 0x20000, HERE])


PROGRAMS = {"loopback": loopback, "add_2_integers_in_riscv": add_2_integers_in_riscv}
