"""The programs of the C++ side, as the commands that the package installs."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import tilewright as tw

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SCRIPTS: dict[str, str] = tomllib.loads(PROJECT.read_text())["project"]["scripts"]


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the script that pip writes for this command does."""
    module, function = SCRIPTS[command].split(":")
    program = f"import sys; from {module} import {function}; sys.exit({function}())"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    )


def test_every_command_is_there() -> None:
    assert set(SCRIPTS) == {"tilewright", "tilewright-cc", "tilewright-riscv"}
    for place in SCRIPTS.values():
        module, function = place.split(":")
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("command", ["tilewright-cc", "tilewright-riscv"])
def test_the_programs_run_and_keep_their_exit_codes(command: str) -> None:
    shown = run(command, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"usage: {command} ")
    wrong = run(command, "--nonsense")
    assert wrong.returncode == 2
    assert f"{command} --help" in wrong.stderr


def test_a_kernel_compiled_ahead_of_time_runs(
    tmp_path: Path, device: tw.Device, double_source: str
) -> None:
    source, program = tmp_path / "double.cpp", tmp_path / "double.elf"
    source.write_text(double_source)
    done = run("tilewright-cc", str(source), "-o", str(program))
    assert (done.returncode, done.stderr) == (0, "")
    words = device.put(bytes([1, 0, 0, 0]))
    device.run(tw.Kernel.from_elf(program), [(0, 0)], [words, 1])
    assert words.numpy()[0] == 2
