"""The command line: what each command prints, and what a mistake says."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tilewright as tw
from tilewright.cli import main
from tilewright.cli.presets import draw_hierarchy
from tilewright.cli.run import parse_tiles

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
    "command",
    ["demo", "presets", "info", "doctor", "run", "metalium", "play", "sweep", "completion"],
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


def test_tiles_are_rectangles() -> None:
    assert parse_tiles("2,1") == [(2, 1)]
    assert parse_tiles("0,0-1,1") == [(0, 0), (1, 0), (0, 1), (1, 1)]
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


# --- Mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("prestes", "tilewright: there is no command 'prestes'; did you mean 'presets'?"),
        ("help inof", "tilewright: there is no command 'inof'; did you mean 'info'?"),
        ("run x.cpp --tile-s 0,0", "there is no option '--tile-s'; did you mean '--tiles'?"),
        (
            "presets --josn",
            "tilewright presets: there is no option '--josn'; did you mean '--json'?",
        ),
        ("presets blackhole", "tilewright presets: no argument 'blackhole' is expected here"),
        ("run", "tilewright run: the following arguments are required: KERNEL"),
        ("run x.cpp --check race", "did you mean 'races'?"),
        ("presets -q -v", "not allowed with argument"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    told = capsys.readouterr()
    assert caught.value.code == 2
    assert message in told.err
    assert told.err.count("\n") == 1
    assert "(see 'tilewright help" in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("info blackhold", "unknown preset 'blackhold'; did you mean 'blackhole'?"),
        ("sweep layers.csv --set systolic_row=16", "did you mean 'systolic_rows'?"),
    ],
)
def test_names_that_are_close_are_suggested(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("layers.csv").write_text("name,M,N,K\nfirst,4,4,4\n")
    assert main(arguments.split()) == 1
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_fields_that_are_close_are_suggested() -> None:
    with pytest.raises(tw.ConfigError, match=r"no field 'l1_byte'; did you mean 'l1_bytes'\?$"):
        tw.preset("tiny", l1_byte=5)
    with pytest.raises(tw.ConfigError, match=r"no field 'qqqq'; expected one of: "):
        tw.preset("tiny", qqqq=5)
    with pytest.raises(tw.ConfigError, match=r"'corse'; did you mean 'cores'\?$"):
        tw.open("tiny", corse=[])


def test_verbose_tells_where_an_error_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "nothing", "-v"]) == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1].startswith("tilewright: unknown preset 'nothing'")


# --- Help, JSON, volume ---------------------------------------------------------------------------


def test_help_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "info"]) == 0
    by_help = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["info", "--help"])
    assert capsys.readouterr().out == by_help
    assert main(["help"]) == main([]) == 0
    whole = capsys.readouterr().out
    assert whole[: len(whole) // 2] == whole[len(whole) // 2 :]


def test_presets_and_info_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "--json"]) == 0
    chips = json.loads(capsys.readouterr().out)
    assert [chip["preset"] for chip in chips] == tw.presets()
    assert chips[tw.presets().index("blackhole")]["tile_columns"] == 14
    assert main(["info", "kpu", "--json"]) == 0
    assert tw.load_config(json.loads(capsys.readouterr().out)) == tw.preset("kpu")


def test_firmware_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["firmware", str(tmp_path), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    for file in written["files"]:
        assert Path(file["file"]).stat().st_size == file["bytes"]
    assert [each["name"] for each in written["functions"]][:3] == ["add", "add_scalar", "mul"]
    assert main(["firmware", str(tmp_path), "--quiet"]) == 0
    assert capsys.readouterr().out == ""


def test_sweep_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = tmp_path / "layers.csv"
    layers.write_text("name,M,N,K\nfirst,4,4,4\n")
    assert main(["sweep", str(layers), "--jobs", "1", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["layer"] == "first"
    assert row["cycles"] > row["array_cycles"] > 0
    assert main(["sweep", str(layers), "--jobs", "1", "--quiet"]) == 0
    assert "1 points" not in capsys.readouterr().out


# --- Runs --------------------------------------------------------------------------------------

MEET = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void meet(Semaphore bell, Buffer sums, std::uint32_t own, std::uint32_t waits) {
    if (waits == 0) {
        bell.remote_add(1, 1, own);
        noc_async_atomic_barrier();
        return;
    }
    auto* word = l1<std::uint32_t>(l1_user_base);
    *word = bell.wait_min(5 + own);
    sums.write(0, word, 4);
    noc_async_write_barrier();
    print("met", '\\n');
}
TILEWRIGHT_KERNEL(meet)
"""


def test_run_with_semaphores_and_arguments_by_tile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "meet.cpp"
    source.write_text(MEET)
    trace = tmp_path / "run.json"
    options = ["--preset", "tiny", "--tiles", "0,0", "--tiles", "1,1", "--trace", str(trace)]
    options += ["--arg", "semaphore:5", "--arg", "zeros:uint32:1", "--arg", "37"]
    options += ["--arg", "0,0=0", "--arg", "1,1-1,1=1", "--check", "races"]
    assert main(["run", str(source), *options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["buffers"] == [{"argument": 1, "given": "zeros:uint32:1", "values": [42]}]
    assert told["output"] == "met\n"
    assert [core["core"] for core in told["cores"]] == [[0, 0, 0], [1, 1, 0]]
    assert told["cycles"] > max(core["waiting_cycles"] for core in told["cores"]) > 0
    assert json.loads(trace.read_text())
    assert main(["run", str(source), *options, "--quiet"]) == 0
    assert capsys.readouterr().out == "met\nargument 1: [42]\n"
    assert main(["run", str(source), *options, "--profile", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["profile"]
    assert sum(row["instructions"] for row in rows) == told["instructions"]
    scope = tmp_path / "run.speedscope.json"
    assert main(["run", str(source), *options, "--profile", "--profile-file", str(scope)]) == 0
    assert "meet.cpp:" in capsys.readouterr().out
    assert json.loads(scope.read_text())["profiles"]
    assert main(["run", str(source), *options, "--verbose"]) == 0
    assert "core (1, 1, 0): cycles " in capsys.readouterr().out
    assert main(["run", str(source), *options, "--arg", "0,1=7"]) == 1
    assert "--arg 0,1=7: no kernel runs on tile (0, 1)" in capsys.readouterr().err


# --- Terminals and shells -------------------------------------------------------------------------


def on_a_terminal(arguments: list[str], **environment: str) -> str:
    """What a command writes to a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tilewright", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    ) as process:
        os.close(slave)
        text = b""
        with suppress(OSError):  # what Linux says when the other end is closed
            while part := os.read(master, 1 << 16):
                text += part
    os.close(master)
    assert process.returncode in (0, 1)
    return text.decode()


COLOUR = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-8]|4[0-8]|9\d|10\d)(?:;[\d;]*)?m")


def test_no_color_means_none(tmp_path: Path) -> None:
    source = tmp_path / "wrong.cpp"
    source.write_text("#error on purpose\n")
    commands = [["info", "kpu"], ["run", str(source)], ["demo", "--help"], ["info", "nothing"]]
    assert COLOUR.search(on_a_terminal(["info", "kpu"], NO_COLOR=""))
    for command in commands:
        assert not COLOUR.search(on_a_terminal(command, NO_COLOR="1"))


@pytest.mark.parametrize(("shell", "name"), [("bash", "tilewright"), ("zsh", "_tilewright")])
def test_completion_is_installed(
    shell: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_package = [
        file
        for file in metadata.files("tilewright") or ()
        if file.name == name and "share" in file.parts
    ]
    assert with_package
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["completion", shell, "--install"]) == 0
    path = Path(capsys.readouterr().out.partition(":")[0])
    assert path.is_relative_to(tmp_path)
    assert f"tilewright completion {shell}" in path.read_text()
    assert path.read_text() == Path(str(with_package[0].locate())).read_text()
    if shell == "bash":
        asked = subprocess.run(
            ["bash", "-c", f"source {path}; complete -p tilewright"],
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        assert "_shtab_tilewright" in asked.stdout, asked.stderr


def test_programs_of_the_package_are_commands() -> None:
    scripts = {entry.name for entry in metadata.entry_points(group="console_scripts")}
    assert {"tilewright", "tilewright-cc", "tilewright-riscv"} <= scripts


def test_what_is_offered_without_being_loaded_is_what_there_is() -> None:
    """The help names shells and element types without loading what knows them."""
    import shtab

    from tilewright.cli import completion, sweep
    from tilewright.matmul import DTYPES

    assert set(shtab.SUPPORTED_SHELLS) <= set(completion.SHELLS)
    assert set(DTYPES) - {"int32"} == set(sweep.DTYPES)
