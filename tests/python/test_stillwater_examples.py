"""The examples of stillwater_kpu run as users run them, and say what they should."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, EXAMPLES / name, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_walk_through_the_address_map(tmp_path: Path) -> None:
    text = run("kpu_dma.py", tmp_path / "gantt.png")
    assert text.splitlines()[:4] == [
        "source      0x100000000",
        "destination 0x180100000",
        "the transfer has ended",
        "145 cycles, 0.000145 ms",
    ]
    assert "bottleneck" in text
    assert (tmp_path / "gantt.png").stat().st_size > 1000


def test_products(tmp_path: Path) -> None:
    text = run("kpu_matmul.py", "96", tmp_path / "performance.png")
    assert "96 x 96: " in text
    assert "64 x 64 on one tile: " in text
    assert (tmp_path / "performance.png").stat().st_size > 1000
