"""The examples of products and convolutions run, and agree with NumPy and each other."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "arrays"


def output(name: str) -> str:
    """What an example prints; they exit with an error if their result is wrong."""
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_mlp() -> None:
    assert "equal to NumPy within rounding" in output("mlp.py")


def test_convolution() -> None:
    assert "both ways give the same bits" in output("convolution.py")


def test_double_buffering(tmp_path: Path) -> None:
    picture = tmp_path / "double_buffered.png"
    command = [sys.executable, str(EXAMPLES / "double_buffered.py"), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cycles = [
        int(line.split(":")[1].split()[0].replace(",", ""))
        for line in done.stdout.splitlines()
        if "cycles" in line
    ]
    one, two, passes = cycles
    assert passes == 16 * 4 * (64 + 32 + 32 - 2)
    # What comes in hides behind the passes, but for the first slices and the way back.
    assert passes < two < passes + 1000 < one
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_design_space(tmp_path: Path) -> None:
    picture = tmp_path / "design_space.png"
    command = [sys.executable, str(EXAMPLES / "design_space.py"), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "cycles" in line]
    assert len(lines) == 12
    front = [
        int(line.split("cycles")[0].split()[-1].replace(",", "")) for line in lines if "<-" in line
    ]
    assert front == sorted(front, reverse=True)
    assert len(front) >= 2
    assert picture.read_bytes().startswith(b"\x89PNG")
