"""`tilewright doctor` tells what this machine is like, by trying it."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.cli import doctor, main


def states(**environment: str) -> dict[str, tuple[str, str]]:
    """What it finds in an environment, by what was looked at."""
    done = subprocess.run(
        [sys.executable, "-m", "tilewright", "doctor", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.stderr == ""
    found = json.loads(done.stdout)["findings"]
    missing = any(finding["state"] == "MISSING" for finding in found)
    assert done.returncode == missing
    return {finding["what"]: (finding["state"], finding["text"]) for finding in found}


@pytest.mark.timeout(240)  # an empty cache: the device's arithmetic is compiled, too
def test_everything_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "MISSING" not in text
    for what in ("chip", "shipped kernels", "kernel compiler", "address space", "/proc"):
        assert f"ok       {what}: " in text
    assert main(["doctor", "--quiet"]) == 0
    assert "ok " not in capsys.readouterr().out


def test_without_a_compiler_and_with_a_full_cache(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier run has compiled says nothing about this one."""
    assert main(["doctor"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("TILEWRIGHT_CXX", "/nonexistent/clang++")
    assert main(["doctor"]) == 1
    assert "MISSING  kernel compiler: " in capsys.readouterr().out


def test_the_compiler_is_tried_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def remember(text: str, name: str) -> tw.Kernel:
        seen.append(text)
        raise tw.CompileError("none")

    monkeypatch.setattr(tw.Kernel, "from_source", remember)
    for _ in range(2):
        assert doctor.try_out("compiler", doctor.check_compiler).state == "MISSING"
    assert len(set(seen)) == 2, "text that no cache knows"


@pytest.mark.timeout(240)  # likewise
def test_home_that_cannot_be_written(tmp_path: Path) -> None:
    found = states(
        HOME="/proc/nonexistent", XDG_CACHE_HOME="", TILEWRIGHT_CACHE="", TMPDIR=str(tmp_path)
    )
    state, text = found["cache of kernels"]
    assert state == "note"
    assert text.startswith(f"{tmp_path}/tilewright-")
    assert "as /proc/nonexistent/.cache/tilewright cannot be written" in text
    assert found["kernel compiler"][0] == "ok", "it works all the same"


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE", "/proc/nonexistent")
    finding = doctor.look_at_cache()
    assert finding.state == "MISSING"
    assert "set TILEWRIGHT_CACHE" in finding.text


def test_little_room_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_room("temporary files", tmp_path).state == "ok"
    usage = type("usage", (), {"free": 5 << 20})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    finding = doctor.look_at_room("temporary files", tmp_path)
    assert finding.state == "note"
    assert "5 MiB free; expected 64: set TMPDIR" in finding.text
    assert "set TMPDIR" in doctor.look_at_room("temporary files", Path("/proc/none")).text


def test_little_address_space() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tilewright.cli import doctor as d; "
         "print(d.look_at_address_space().text); print(d.check_device())"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)),
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        check=True,
    )  # fmt: skip
    banks, chip = done.stdout.splitlines()
    assert "instead of" in banks
    assert "ulimit -v" in banks
    assert chip == "a buffer holds what was written to it"


def test_no_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.look_at_proc().state == "ok"
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert doctor.look_at_proc().state == "note"


def test_commands_that_are_not_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    finding = doctor.look_at_commands()
    assert finding.state == "note"
    assert "tilewright-riscv: not on PATH" in finding.text
    assert "python -m tilewright" in finding.text


def test_packages_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "matplotlib" else name)
    finding = doctor.look_at_optional()
    assert finding.text == "without matplotlib: pip install 'tilewright[plot]'"
