"""The examples of graphs run, and compute what NumPy does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "graphs"


def output(name: str, *arguments: str) -> str:
    """What an example prints; they exit with an error if their result is wrong."""
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cholesky() -> None:
    text = output("cholesky.py", "4")
    assert "128 x 128: 20 tasks" in text
    assert "gemm" in text


def test_transformer(tmp_path: Path) -> None:
    text = output("transformer.py", str(tmp_path / "layer.json"))
    assert re.search(r"^cube: 24 cores, busy \d+%", text, re.MULTILINE)
    events = json.loads((tmp_path / "layer.json").read_text())["traceEvents"]
    assert "scores of head 3" in {event.get("name") for event in events}


@pytest.mark.parametrize("schedulers", ["1", "4"])
def test_random_dag(schedulers: str) -> None:
    assert "5000 tasks, " in output("random_dag.py", "5000", schedulers)


def test_quadrature() -> None:
    assert "29 intervals, on the host 29" in output("quadrature.py")


def test_own_scheduler() -> None:
    overlaps = re.findall(r"(\d+) tasks at a time", output("own_scheduler.py"))
    assert int(overlaps[0]) > 10
    assert overlaps[1] == "1"
