"""`tilewright metalium check`: what becomes of programs that work and of those that do not."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

import tilewright as tw
from tilewright.cli import main
from tilewright.programs import check, find_compiler, find_programs
from tilewright.programs.build import build
from tilewright.programs.check import read_report
from tilewright.programs.find import Folder, companions
from tilewright.programs.process import KEPT, run
from tilewright.programs.verdict import first_missing, why_it_failed

pytestmark = pytest.mark.skipif(
    shutil.which("c++") is None or sys.platform != "linux", reason="needs a C++ compiler on Linux"
)

WORKS = """
#include <cstdlib>
#include <fmt/core.h>
#include <tt-metalium/host_api.hpp>
#include "shared.hpp"
using namespace tt::tt_metal;
// int main() of another program in a comment
int main() {
    IDevice* device = CreateDevice(0);
    Program program = CreateProgram();
    CreateKernel(program, KERNEL, CoreCoord{0, 0}, DataMovementConfig{});
    EnqueueProgram(device->command_queue(), program, true);
    fmt::print("{}\\n", value);
    return CloseDevice(device) ? 0 : 1;
}
"""
PROGRAMS = {
    "works/works.cpp": WORKS.replace("KERNEL", '"kernels/fine.cpp"'),
    "missing/call.cc": WORKS.replace("KERNEL", '"kernels/unknown.cpp"'),
    "error/not.cpp": "#include <cstdint>\nint main() { return nowhere::at_all(); }\n",
    "error/header.cpp": "#include <tt-metalium/not_there.hpp>\nint main() {}\n",
    "ends/crash.cpp": "int main() { *reinterpret_cast<volatile int*>(8) = 0; }\n",
    "ends/code.cpp": '#include <cstdio>\nint main() { std::puts("three of nine"); return 3; }\n',
    "ends/throws.cpp": "#include <stdexcept>\n"
    'int main() { throw std::runtime_error("the reason"); }\n',
    "two_main.cpp": "int main() { return 9; }\n",  # its name is much like the next one's
    "two/main.cpp": "int two();\nint main() { return two() - 2; }\n",
}
OTHERS = {
    "common/shared.hpp": "#pragma once\ninline constexpr int value = 42;\n",
    "works/kernels/fine.cpp": '#include "dataflow_api.h"\nvoid kernel_main() {}\n',
    "kernels/unknown.cpp": "void kernel_main() { no_such_call(1); }\n",
    "two/part.cpp": "int two() { return 2; }\n",
    "two/kernel.cpp": "void kernel_main() {}\n",
    ".git/old.cpp": "int main() {}\n",
    "notes.txt": "int main() {}\n",
}
ENDLESS = '#include <cstdio>\nint main() { for (;;) std::puts("again and again"); }\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of all kinds, with headers and kernels where build systems would find them."""
    top = tmp_path_factory.mktemp("programs")
    for name, text in {**PROGRAMS, **OTHERS}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    return top


@pytest.fixture(scope="module")
def verdicts(folder: Path) -> dict[str, dict[str, object]]:
    """What the command says, as JSON; it ends with code 1, as not all work."""
    arguments = ["metalium", "check", str(folder), "--json", "--timeout", "100", "--jobs", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "tilewright", *arguments, "--chip", "tiny", "--chip", "wormhole"],
        stdout=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "TT_METAL_HOME"},
    )
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert [each["chip"] for each in found[:2]] == ["tiny", "wormhole"]
    return {f"{each['program']} {each['chip']}": each for each in found}


@pytest.mark.timeout(240)  # compiles all of them
def test_each_program_has_a_verdict_for_each_chip(verdicts: dict[str, dict[str, object]]) -> None:
    assert sorted(verdicts) == sorted(
        f"{program} {chip}" for program in PROGRAMS for chip in ("tiny", "wormhole")
    )


def test_a_program_that_works_has_cycles(verdicts: dict[str, dict[str, object]]) -> None:
    for chip in ("tiny", "wormhole"):
        verdict = verdicts[f"works/works.cpp {chip}"]
        assert (verdict["works"], verdict["problem"], verdict["output"]) == (True, "", "42\n")
        assert 0 < int(str(verdict["cycles"])) < 10_000
    assert verdicts["two/main.cpp tiny"]["works"]  # with the source beside it


@pytest.mark.parametrize(
    ("program", "stage", "problem"),
    [
        ("missing/call.cc", "run", "kernel: no no_such_call"),
        ("error/not.cpp", "compile", "no nowhere"),
        ("error/header.cpp", "compile", "no header tt-metalium/not_there.hpp"),
        ("ends/crash.cpp", "run", "ended by SIGSEGV"),
        ("ends/code.cpp", "run", "exit code 3: three of nine"),
        ("two_main.cpp", "run", "exit code 9"),
        ("ends/throws.cpp", "run", "the reason"),
    ],
)
def test_the_first_missing_thing_is_named(
    verdicts: dict[str, dict[str, object]], program: str, stage: str, problem: str
) -> None:
    verdict = verdicts[f"{program} tiny"]
    assert (verdict["works"], verdict["stage"], verdict["problem"]) == (False, stage, problem)


def test_a_program_that_prints_for_ever_is_ended_and_fills_no_memory(tmp_path: Path) -> None:
    (tmp_path / "never.cpp").write_text(ENDLESS)
    [verdict] = check(find_compiler(None), *find_programs(tmp_path), chips=["tiny"], timeout=2)
    assert (verdict.works, verdict.stage, verdict.problem) == (False, "run", "no end after 2 s")
    assert "bytes ..." in verdict.output
    assert len(verdict.output) < 4 * KEPT
    assert 2 <= verdict.run_seconds < 10


def test_a_report_that_a_program_has_spoilt_takes_nothing_with_it(tmp_path: Path) -> None:
    line = {"device": 1, "chip": "tiny", "cycles": 70, "instructions": 5, "host_seconds": 0.5}
    report = tmp_path / "report"
    report.write_bytes(
        json.dumps(line).encode() + b"\n\xff[1]\n{}\n7\n" + json.dumps(line).encode() + b'\n{"dev'
    )
    assert read_report(report) == (140, 1.0)
    assert read_report(tmp_path / "none") == (0, 0.0)


def test_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metalium", "check", str(folder / "ends/code.cpp")]) == 1
    shown = capsys.readouterr().out
    assert "code.cpp" in shown
    assert "exit code 3: three of nine" in shown
    assert shown.endswith("0 of 1 work\n")
    assert main(["metalium", "check", str(folder / "two"), "-q"]) == 0
    assert "works" in capsys.readouterr().out


def test_progress_is_shown_on_a_terminal_only(folder: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tilewright",
        "metalium",
        "check",
        str(folder / "two"),
        "--json",
    ]
    ours, theirs = pty.openpty()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    assert b"main.cpp" in os.read(ours, 1 << 16)
    os.close(ours)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_executables_are_kept_until_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "sources" / "main.cpp"
    source.parent.mkdir()
    source.write_text('#include "code.hpp"\nint main() { return code; }\n')
    header = source.parent / "code.hpp"
    header.write_text("inline constexpr int code = 0;\n")
    top, programs = find_programs(source.parent)
    compiler = find_compiler(None)

    def codes() -> list[tuple[bool, bool]]:
        found = check(compiler, top, programs, chips=["tiny"], build_folder=tmp_path / "kept")
        return [(verdict.works, verdict.compile_seconds > 0) for verdict in found]

    assert codes() == [(True, True)]
    assert codes() == [(True, False)]
    time.sleep(0.02)  # the clock of files is coarse
    header.write_text("inline constexpr int code = 1;\n")
    assert codes() == [(False, True)]
    monkeypatch.setenv("CXXFLAGS", "-DUNUSED")
    compiler = find_compiler(None)
    assert codes() == [(False, True)]  # other flags are another executable


def test_programs_are_found(folder: Path) -> None:
    top, programs = find_programs(folder)
    assert [top.name(program) for program in programs] == sorted(PROGRAMS)
    assert [path.name for path in companions(folder / "two/main.cpp")] == ["part.cpp"]
    assert companions(folder / "ends/code.cpp") == []  # several programs share the folder
    assert top.folder_of_header("shared.hpp") == folder / "common"
    assert top.folder_of_header("common/shared.hpp") == folder
    assert top.folder_of_header("tt-metalium/shared.hpp") is None


def test_the_root_is_where_the_vendors_tree_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TT_METAL_HOME", raising=False)
    examples = tmp_path / "tt_metal/programming_examples"
    (examples / "one").mkdir(parents=True)
    assert Folder(examples / "one").root == tmp_path
    assert Folder(examples).includes(examples / "one" / "one.cpp") == [
        examples / "one",
        examples,
        tmp_path,
    ]
    monkeypatch.setenv("TT_METAL_HOME", "/elsewhere")
    assert Folder(examples).root == Path("/elsewhere")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: no such folder"),
        (["."], ".: no program; expected C++ files with a function main()"),
        (["main.cpp", "--chip", "blackhol"], "blackhol"),
        (["main.cpp", "--cxx", "no-such-compiler"], "no-such-compiler: not found"),
        (["main.cpp", "--timeout", "0"], "expected seconds above 0, got 0"),
        (["main.cpp", "--timeoot", "9"], "did you mean '--timeout'?"),
        (["main.cpp", "--jobs", "0"], "expected at least 1, got 0"),
    ],
)
def test_mistakes_are_told(
    arguments: Sequence[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if arguments != ["."]:
        (tmp_path / "main.cpp").write_text("int main() {}\n")
    with suppress(SystemExit):
        assert main(["metalium", "check", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_help_of_a_command_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "metalium", "check"]) == 0
    assert "example: tilewright metalium check" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["help", "metalium", "chek"])
    assert "no command 'chek'; did you mean 'check'?" in capsys.readouterr().err


def test_a_process_ends_when_it_is_to_stop_and_its_children_with_it(tmp_path: Path) -> None:
    stopped = threading.Event()
    threading.Timer(0.5, stopped.set).start()
    script = f"sleep 60 & echo $! > {tmp_path}/child; wait"
    ended = run(["sh", "-c", script], cwd=tmp_path, env=os.environ, timeout=60, stopped=stopped)
    assert ended.timed_out
    assert ended.seconds < 10
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("a child was left running")


def test_a_child_that_keeps_the_output_open_is_not_waited_for(tmp_path: Path) -> None:
    ended = run(
        ["sh", "-c", "sleep 60 & echo done"],
        cwd=tmp_path,
        env=os.environ,
        timeout=30,
        stopped=threading.Event(),
    )
    assert (ended.returncode, ended.timed_out, ended.output) == (0, False, "done\n")
    assert ended.seconds < 10


# What compilers and programs say, as published programs made them say it.
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("a.cpp:1:10: fatal error: x/y.hpp: No such file or directory", "no header x/y.hpp"),
        ("a.cpp:1:10: fatal error: 'x/y.hpp' file not found", "no header x/y.hpp"),
        ("k.cpp:3:5: error: use of undeclared identifier 'gelu_tile'", "no gelu_tile"),
        ("a.cpp:3:5: error: \u2018f\u2019 was not declared in this scope", "no f"),
        ("a.cpp:3:5: error: 'Y' is not a member of 'tt::x'", "no tt::x::Y"),
        ("a.cpp:3:5: error: no member named 'Y' in namespace 'tt::x'", "no tt::x::Y"),
        ("a.cpp:3:5: error: 'class D' has no member named 'm'", "no D::m"),
        ("a.cpp:3:5: error: 'Shape' does not name a type", "no Shape"),
        ("ld: a.o: undefined reference to `two()'", "no definition of two()"),
        (
            "a.cpp:3:5: error: expected ';'\nb.cpp:1: error: 'Shape' does not name a type",
            "expected ';'",
        ),
    ],
)
def test_what_compilers_say(said: str, named: str) -> None:
    assert first_missing(said) == named


@pytest.mark.parametrize(
    ("code", "output", "reason"),
    [
        (
            1,
            "Test failed with exception!\nTT_FATAL @ /a/b.cpp:12: x == y\nthe text\n"
            "terminate called\n  what():  TT_THROW @ c.cpp:1: tt::exception\nTest Failed\n",
            "the text",
        ),
        (-6, "terminate called\n  what():  TT_FATAL @ b.cpp:12: x == y\n", "x == y"),
        (
            -6,
            "no such device\nSystem error message: No such file\nwhat(): Test Failed",
            "no such device",
        ),
        (
            -6,
            "error    |            Test | it says\n  what():  deadlock: 3 wait\n",
            "deadlock: 3 wait",
        ),
        (-6, "  what():  core (0, 0):\nno such address\n", "core (0, 0): no such address"),
        (-9, "half a line", "ended by SIGKILL"),
        (2, "", "exit code 2"),
        (
            1,
            "k.cpp does not compile:\n/a/k.cpp:3:5: error: use of undeclared identifier 'f'\n",
            "kernel: no f",
        ),
    ],
)
def test_why_programs_fail(code: int, output: str, reason: str) -> None:
    assert why_it_failed(code, output) == reason


@pytest.mark.timeout(240)  # an empty cache: the interpreter is compiled
def test_the_zork_example_tells_what_the_story_frontend_tells(tmp_path: Path) -> None:
    """All of the game goes through the DRAM buffer between batches of a hundred instructions."""
    import zork_tt

    example = Path(__file__).parents[2] / "examples/metalium/zork_on_blackhole.cpp"
    stories = os.environ.get("TILEWRIGHT_STORIES")
    shipped = Path(tw.__file__).parent / "stories/darksilicon.z3"
    story = Path(stories) / "zork1.z3" if stories else shipped
    lines = ["look", "inventory", "north", "wait"]
    with zork_tt.init_device() as device:
        zork_tt.load_game(device, story)
        typed, expected = 0, ""
        for _ in range(150):
            line = None
            if device.waiting:
                line = lines[typed % len(lines)]
                typed += 1
                expected += line + "\n"
            expected += zork_tt.execute_batch(device, 100, input=line)
        if device.waiting:
            expected += lines[typed % len(lines)] + "\n"
        instructions = device.instructions

    top, programs = find_programs(example)
    executable = tmp_path / "zork_on_blackhole"
    built = build(find_compiler(None), top, programs[0], executable, 300, threading.Event())
    assert built.returncode == 0, built.output
    options = ["--batches", "150", "--reopened", "20"]
    for line in lines:
        options += ["--input", line]
    done = subprocess.run(
        [executable, story, *options],
        cwd=example.parent,
        env={**os.environ, "TILEWRIGHT_CXX": tw.kernel.default_compiler()},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text, _, figures = done.stdout.partition("\n=== persistence ===\n")
    assert text == expected
    assert figures.startswith(f"{instructions} Z-machine instructions")
    assert "kept open   150 batches" in figures
    assert "reopened     20 batches" in figures
