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
