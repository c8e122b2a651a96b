"""Whole programs that others ran on the board, written here from their description: a tile copies
50 pages of 2 KiB from DRAM to DRAM through its L1, waiting for each; a core adds two integers that
it reads from DRAM and writes the sum back."""

from benchmarks.silicon.chip import HERE, KERNELS

import tilewright as tw
from tilewright import metalium


def loopback(device: tw.Device) -> int:
    """Cycles of the copy."""
    page, pages = 2048, 50
    program = metalium.Program(device)
    kernel = program.create_kernel(KERNELS / "loopback.cpp", [(0, 0)])
    program.set_runtime_args(kernel, (0, 0), [0, 0x100000, HERE, page, pages])
    return int(program.run().cycles)


def add_2_integers_in_riscv(device: tw.Device) -> int:
    """Cycles of the addition."""
    program = metalium.Program(device)
    kernel = program.create_kernel(KERNELS / "add_two_integers.cpp", [(0, 0)])
    program.set_runtime_args(kernel, (0, 0), [0, 0x10000, 0x20000, HERE])
    return int(program.run().cycles)


PROGRAMS = {"loopback": loopback, "add_2_integers_in_riscv": add_2_integers_in_riscv}
