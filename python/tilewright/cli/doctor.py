"""`tilewright doctor`: is everything there, and does it work?"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

import tilewright
from tilewright import _core
from tilewright.cli.commands import Subcommands, add_command, make_console
from tilewright.demo.message import expected_text, read_message, shipped_kernel
from tilewright.kernel import describe_compiler

PROBE = """
#include <tilewright/kernel.hpp>
static void probe(std::uint32_t number) { tilewright::kernel::print(number); }
TILEWRIGHT_KERNEL(probe)
"""


def add_to(commands: Subcommands) -> None:
    add_command(
        commands,
        "doctor",
        doctor,
        "Check the installation and say what is missing.",
        "tilewright doctor",
    )


def check_device() -> str:
    """A chip opens, and keeps what is written."""
    with tilewright.open("tiny") as device:
        numbers = np.arange(1000)
        if not np.array_equal(device.put(numbers).numpy(), numbers):
            raise tilewright.Error("a buffer does not hold what was written to it")
    return "a buffer holds what was written to it"


def check_builtin() -> str:
    """A shipped kernel runs."""
    with tilewright.open("tiny") as device:
        text = read_message(device, shipped_kernel(), 1).text
    if text != expected_text(1):
        raise tilewright.Error(f"the kernel `message` wrote {text!r}")
    return ", ".join(tilewright.Kernel.builtins())


def check_compiler() -> str:
    """A kernel compiles and runs."""
    with tilewright.open("tiny") as device:
        run = device.run(tilewright.Kernel.from_source(PROBE, "probe"), [(0, 0)], [42])
        if run.output.strip() != "42":
            raise tilewright.Error(f"a kernel that prints 42 printed {run.output!r}")
    return describe_compiler()


def doctor(_: argparse.Namespace) -> int:
    console = make_console()
    console.out(f"tilewright {tilewright.__version__}")
    console.out(f"Python {platform.python_version()}, NumPy {np.__version__}")
    console.out(f"{platform.system()} {platform.machine()}, byte order {sys.byteorder}")
    device_files = Path(_core.device_directory())
    console.out(f"device files: {device_files}")
    console.out(f"C++ programs find it with CMAKE_PREFIX_PATH={device_files.parents[1]}")
    checks: list[tuple[str, Callable[[], str]]] = [
        ("chip", check_device),
        ("shipped kernels", check_builtin),
        ("kernel compiler", check_compiler),
    ]
    failures = 0
    for name, check in checks:
        try:
            console.out(f"ok       {name}: {check()}")
        except tilewright.Error as error:
            failures += 1
            console.out(f"MISSING  {name}: {error}")
    return 1 if failures else 0
