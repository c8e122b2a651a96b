"""The demonstration: complete, and red when a comparison fails."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.cli import main
from tilewright.demo import lifecycle, message, multiply, scale_add, story
from tilewright.demo.options import DemoOptions, read_commands

pytestmark = pytest.mark.timeout(180)


README = Path(__file__).parents[2] / "README.md"


def check_readme(printed: str, same_compiler: bool) -> None:
    """The README's table has the rows and cycles of the demonstration's; with TILEWRIGHT_ACCEPT it
    gets them."""
    cycles = dict(re.findall(r"│ (\S.*?) +│ +([\d,]+) │", printed))
    text = README.read_text()
    table = re.search(r"(?<=\| what \| cycles \|\n\| --- \| --- \|\n)(?:\|.*\n)+", text)
    assert table
    if "TILEWRIGHT_ACCEPT" in os.environ:
        rows = "".join(f"| {what} | {count} |\n" for what, count in cycles.items())
        README.write_text(text[: table.start()] + rows + text[table.end() :])
        return
    shown = dict(re.findall(r"\| (.*?) \| ([\d,]+) \|", table[0]))
    assert shown.keys() == cycles.keys()
    assert shown == cycles or not same_compiler, "make accept-tutorials writes them anew"


def test_demo_prints_its_steps_and_a_table(
    documented_compiler: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["demo"]) == 0
    text = capsys.readouterr().out
    for number in range(1, 7):
        assert f"\n{number}. " in text
    for heading in ("what", "cycles", "simulated time", "host time", "instructions/s"):
        assert heading in text
    assert "DIFFERS" not in text
    assert "comparisons hold" in text
    assert "wait_forever.cpp:" in text, "the deadlock names its source line"
    check_readme(text, documented_compiler)


def test_broken_numbers_are_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A chip that computes something else turns the exit code."""
    correct = tw.Buffer.numpy

    def off_by_one(self: tw.Buffer) -> object:
        array = correct(self)
        return array + 1 if array.size >= 1_000_000 else array

    monkeypatch.setattr(tw.Buffer, "numpy", off_by_one)
    with tw.open("blackhole") as device:
        result = scale_add.run(device, lambda done: None)
    assert not any(check.passed for check in result.checks)
    assert main(["demo", "--commands", "look"]) == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_message_is_read_back_three_times() -> None:
    with tw.open("blackhole") as device:
        result = message.run(device)
    assert len([row for row in result.rows if row.cycles]) == 3
    assert len(result.checks) >= 3
    assert all(check.passed for check in result.checks)


def test_matmul_equals_numpy_and_finds_what_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with tw.open("blackhole") as device:
        result = multiply.run(device)
        assert [check.passed for check in result.checks] == [True]
        monkeypatch.setattr(tw.TiledBuffer, "numpy", lambda self: np.zeros(self.shape))
        assert [check.passed for check in multiply.run(device).checks] == [False]


def test_message_uses_the_shipped_kernel_without_a_compiler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TILEWRIGHT_CXX", "/nonexistent/clang++")
    with tw.open("blackhole") as device:
        result = message.run(device)
    assert any("shipped kernel" in line for line in result.lines)
    assert all(check.passed for check in result.checks)


def test_story_takes_commands() -> None:
    with tw.open("blackhole") as device:
        result = story.run(device, DemoOptions(commands=["look", "inventory"]), lambda done: None)
    assert all(check.passed for check in result.checks)
    assert any("look" in line for line in result.lines)


def test_open_is_measured() -> None:
    result, device = lifecycle.run(tw.open("blackhole"), lambda done: None)
    assert device.is_open
    device.close()
    assert len(result.rows) == 2
    assert all(row.host_seconds for row in result.rows)


def test_missing_story_is_an_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--story", str(tmp_path / "absent.z3")]) == 1
    assert "absent.z3" in capsys.readouterr().err


def test_commands_from_text_and_file(tmp_path: Path) -> None:
    assert read_commands("look, take lamp ,") == ["look", "take lamp"]
    path = tmp_path / "commands.txt"
    path.write_text("look\n\ntake lamp\n")
    assert read_commands(str(path)) == ["look", "take lamp"]
