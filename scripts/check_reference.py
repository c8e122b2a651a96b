"""Looks whether the built reference has every public name of the packages.

Usage: check_reference.py FOLDER. What a package lists in `__all__` has to stand in the inventory of
the site, under the package's name or that of the module it comes from.
"""

from __future__ import annotations

import importlib
import sys
import types
import zlib
from pathlib import Path

#: All that offers something; tests try the same ones.
PACKAGES = (
    *("tilewright", "tilewright.agents", "tilewright.agents.gym", "tilewright.graph"),
    "tilewright.metalium",
    *("tilewright.movement", "tilewright.sweep", "tilewright.testing", "tilewright.zmachine"),
    *("pto_runtime", "stillwater_kpu", "stillwater_kpu.analysis", "stillwater_kpu.visualization"),
    *("stillwater_kpu_native", "stillwater_toplevel", "zork_tt"),
)


def documented(inventory: Path) -> set[str]:
    """The names of Python in an inventory of Sphinx: four lines, then a packed line for each."""
    data = inventory.read_bytes()
    for _ in range(4):
        data = data.partition(b"\n")[2]
    lines = zlib.decompress(data).decode().splitlines()
    return {line.split(" ")[0] for line in lines if " py:" in line}


def missing_names(known: set[str]) -> list[str]:
    """Public names that are nowhere."""
    missing = []
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in module.__all__:
            what = getattr(module, name)
            if name.startswith("__") or isinstance(what, types.ModuleType):
                continue
            home = getattr(what, "__module__", package)
            own = getattr(what, "__name__", name)
            if {f"{package}.{name}", f"{home}.{own}"} & known:
                continue
            if not any(n.startswith(f"{package}.") and n.endswith(f".{name}") for n in known):
                missing.append(f"{package}.{name}")
    return missing


def main() -> None:
    missing = missing_names(documented(Path(sys.argv[1]) / "objects.inv"))
    if missing:
        sys.exit("the reference does not have: " + ", ".join(missing))


if __name__ == "__main__":
    main()
