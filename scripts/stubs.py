"""Writes the types of the C++ module `tilewright._core`, without what the package puts around it.

Usage: stubs.py FILE
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types


def main() -> None:
    package = types.ModuleType("tilewright")
    spec = importlib.util.find_spec("tilewright")
    assert spec is not None, "tilewright is not installed"
    package.__path__ = list(spec.submodule_search_locations or [])
    sys.modules["tilewright"] = package  # its __init__ is not run
    importlib.import_module("nanobind.stubgen").main(
        ["-q", "-m", "tilewright._core", "-o", sys.argv[1]]
    )


if __name__ == "__main__":
    main()
