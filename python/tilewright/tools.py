"""The programs of the C++ side as commands of the package: `tilewright-cc`, `tilewright-riscv`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from tilewright import _core
from tilewright.kernel import default_compiler


def cc() -> NoReturn:
    """`tilewright-cc`, with the compiler that the package uses."""
    compiler = default_compiler()
    if compiler:
        os.environ["TILEWRIGHT_CXX"] = compiler
    _become("tilewright-cc")


def riscv() -> NoReturn:
    """`tilewright-riscv`."""
    _become("tilewright-riscv")


def _become(name: str) -> NoReturn:
    program = Path(_core.device_directory()).parents[1] / "bin" / name
    try:
        os.execv(program, [name, *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"{name}: {program}: {error.strerror}")
