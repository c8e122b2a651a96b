"""One core on the five programs of benchmarks/riscv, beside QEMU and the host itself."""

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.interpreter import ISA, PROGRAMS, build
from benchmarks.peers.contest import Contest, Seconds, processor_seconds

QEMU = "qemu-riscv32"


def contests(folder: Path, build_tree: Path) -> Iterator[Contest]:
    tool = build_tree / "bin" / "tilewright-riscv"
    qemu = shutil.which(QEMU)
    for program in PROGRAMS:
        host, alone, linux = build([sys.executable, "-m", "ziglang", "cc"], program, folder)
        peers: dict[str, Seconds | str] = {
            QEMU: partial(processor_seconds, [qemu, linux]) if qemu else "not installed",
            "native": partial(processor_seconds, [host]),
        }
        ours = partial(processor_seconds, [tool, alone, "--isa", ISA])
        yield Contest(f"core: {program}", ours, peers, "cycles counted")
