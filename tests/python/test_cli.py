"""The command line: what each command prints, and what a mistake says."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tilewright as tw
from tilewright.cli import main
from tilewright.cli.presets import draw_hierarchy
from tilewright.cli.run import parse_cores

KERNEL = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void add(Buffer data, std::uint32_t count, std::uint32_t value) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    data.read(0, words, count * 4);
    noc_async_read_barrier();
    for (std::uint32_t i = 0; i < count; ++i) words[i] += value;
    data.write(0, words, count * 4);
    noc_async_write_barrier();
    print("added ", value, '\\n');
}
TILEWRIGHT_KERNEL(add)
"""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == f"tilewright {tw.__version__}"


@pytest.mark.parametrize(
    "command", ["demo", "presets", "info", "doctor", "run", "play", "sweep", "completion"]
)
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"example: tilewright {command}" in capsys.readouterr().out


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith("usage: tilewright")
    assert "presets" in shown.out
    with pytest.raises(SystemExit) as caught:
        main(["presetz"])
    assert caught.value.code == 2


@pytest.mark.parametrize("arguments", ["presets", "info tiny", "doctor", "completion bash", ""])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_full_disk_is_told_in_one_line(arguments: str, buffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tilewright", *arguments.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )
    assert (done.returncode, done.stderr) == (1, "tilewright: No space left on device\n")


def test_a_reader_that_has_gone_is_no_error_to_tell() -> None:
    command = [sys.executable, "-m", "tilewright", "info", "blackhole"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        "info tiny --write /nonexistent/x.yaml",
        "info /nonexistent/x.yaml",
        "run /nonexistent/x.cpp",
        "run /nonexistent/x.elf",
        "firmware build /nonexistent/x",
        "play /nonexistent/x",
        "play --transcript /nonexistent/x",
        "sweep /nonexistent/x",
        "demo --story /nonexistent/x",
    ],
)
def test_a_file_that_is_not_there_is_told_in_one_line(
    arguments: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = arguments.replace("firmware build /nonexistent", "firmware /proc/nonexistent").split()
    assert main(words) == 1
    told = capsys.readouterr()
    assert "nonexistent/x" in told.err
    assert told.err.startswith("tilewright: ")
    assert told.err.count("\n") == 1


def test_presets_and_info(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in tw.presets())
    assert main(["info", "blackhole"]) == 0
    text = capsys.readouterr().out
    assert "14 x 10" in text
    assert all(name in text for name in tw.preset("blackhole").fields())


def tree_text(config: tw.ChipConfig) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(draw_hierarchy(config))
    return capture.get()


def test_info_draws_the_hierarchy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "kpu"]) == 0
    text = capsys.readouterr().out
    places = [text.index(part) for part in ("DRAM: 2 x 1 GiB", "DMA engines: 2", "L3: 4 x 128 KiB")]
    places += [text.index(part) for part in ("L2: 8 x 64 KiB", "L1 buffers: 4", "arrays: 2 of 16")]
    assert places == sorted(places)
    for gone in ("l3_tile_count", "block_mover_count", "streamer_count", "scratchpad_count"):
        assert "arrays" in tree_text(tw.preset("kpu", **{gone: 0}))
    assert main(["info", "ascend"]) == 0
    text = capsys.readouterr().out
    assert "control tile (0, 4): 4 cores" in text
    assert "DMA engines" not in text


def test_unknown_preset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "nothing"]) == 1
    assert "nothing" in capsys.readouterr().err


def test_doctor_finds_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "MISSING" not in text
    assert text.count("ok ") == 3


def test_doctor_without_a_compiler(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEWRIGHT_CXX", "/nonexistent/clang++")
    assert main(["doctor"]) == 1
    assert "MISSING  kernel compiler" in capsys.readouterr().out


def test_run_a_kernel_on_an_array(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "add.cpp"
    source.write_text(KERNEL)
    array = tmp_path / "data.npy"
    np.save(array, np.arange(4, dtype=np.uint32))
    options = ["--preset", "tiny", "--arg", str(array), "--arg", "4", "--arg", "0x10"]
    assert main(["run", str(source), *options]) == 0
    text = capsys.readouterr().out
    assert "added 16" in text
    assert "[16 17 18 19]" in text
    assert "cycles" in text


@pytest.mark.parametrize("argument", ["zeros:f4", "zeros:nothing:3", "absent.npy", "word"])
def test_run_with_a_wrong_argument(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argument: str
) -> None:
    source = tmp_path / "add.cpp"
    source.write_text(KERNEL)
    assert main(["run", str(source), "--preset", "tiny", "--arg", argument]) == 1
    assert argument in capsys.readouterr().err


def test_cores_are_rectangles() -> None:
    assert parse_cores("2,1") == [(2, 1)]
    assert parse_cores("0,0-1,1") == [(0, 0), (1, 0), (0, 1), (1, 1)]
    with pytest.raises(SystemExit):
        main(["run", "x.cpp", "--cores", "3,3-0,0"])


def test_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tilewright", "presets"], capture_output=True, text=True, check=True
    )
    assert "blackhole" in done.stdout
    assert "\x1b" not in done.stdout, "no colour where there is no terminal"


def test_completion_knows_commands_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    # What bash would offer after `tilewright ru` and after `tilewright run --cyc`.
    ask = (
        "COMP_WORDS=({words}); COMP_CWORD={last}; cur=${{COMP_WORDS[COMP_CWORD]}}; "
        "_shtab_tilewright; echo ${{COMPREPLY[@]}}"
    )
    for words, answer in (("tilewright ru", "run"), ("tilewright run --cyc", "--cycle-limit")):
        question = ask.format(words=words, last=len(words.split()) - 1)
        shell = subprocess.run(
            ["bash", "-c", f"{script}\n{question}"], capture_output=True, text=True
        )
        assert shell.stdout.split() == [answer], shell.stderr


def test_cmake_folder_holds_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--cmake-dir"])
    folder = Path(capsys.readouterr().out.strip())
    assert caught.value.code == 0
    assert (folder / "tilewrightConfig.cmake").exists()
    assert (folder / "tilewrightTargets.cmake").exists()
