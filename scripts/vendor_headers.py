"""Fetches the low-level headers that the vendor of Blackhole and Wormhole publishes, in a wheel on
PyPI: no part of this project, and not needed to build or use it. The tests that run them on our
engine (tests/python/test_vendor_headers.py) find them in .venv/vendor-headers."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

REQUIREMENT = "ttnn==0.81.1"
#: Where its headers lie, and which of them are taken: those for the cores of a tile.
ROOT = PurePosixPath("ttnn/tt_metal")
PARTS = ("tt-llk", "hw/inc", "hw/ckernels", "hostdevcommon")

FOLDER = Path(__file__).parent.parent / ".venv" / "vendor-headers"


def is_wanted(name: str) -> bool:
    """Whether a file of the wheel is a header for kernels, or the licence."""
    path = PurePosixPath(name)
    if path.name.startswith("LICENSE") and "dist-info" in name:
        return True
    if path.suffix not in (".h", ".inl") or not path.is_relative_to(ROOT):
        return False
    return any(path.relative_to(ROOT).is_relative_to(part) for part in PARTS)


def unpack(wheel: Path, folder: Path) -> int:
    """Unpack the headers of the wheel, in the place of what was there; how many they are."""
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if is_wanted(name)]
        archive.extractall(fresh, names)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return len(names)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch the vendor's low-level headers.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as download:
        # The headers are the same whatever it was built for: a wheel that there is.
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                *("--only-binary=:all:", "--python-version", "3.12"),
                *("--platform", "manylinux_2_34_x86_64", "--dest", download, REQUIREMENT),
            ],
            check=True,
        )
        (wheel,) = Path(download).glob("*.whl")
        count = unpack(wheel, folder)
    print(f"{count} headers of {REQUIREMENT} in {folder}")


if __name__ == "__main__":
    main()
