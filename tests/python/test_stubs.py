"""The types of the C++ module that type checkers read are those that it has."""

import subprocess
import sys
from pathlib import Path

import tilewright


def test_stub_is_what_nanobind_writes(tmp_path: Path) -> None:
    """If this fails, `make stubs` writes it again."""
    written = tmp_path / "_core.pyi"
    script = Path(__file__).parents[2] / "scripts" / "stubs.py"
    subprocess.run([sys.executable, str(script), str(written)], check=True)
    kept = Path(tilewright.__file__).with_name("_core.pyi")
    assert kept.read_text() == written.read_text()
