"""Measures the interpreter on five small programs: instructions a second, the time beside that of
the same source on the host, and with valgrind the host's instructions for each of the guest's.

    python benchmarks/interpreter.py --tool build/release/bin/tilewright-riscv
    python benchmarks/interpreter.py --tool ... --peer "some-emulator --flag"

A peer is a command that runs a static Linux executable for RV32 (without 16-bit instructions).
"""

import argparse
import os
import re
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

SOURCES = Path(__file__).parent / "riscv"
PROGRAMS = ["integer", "records", "bytecode", "matrix", "strings"]
CPU = "generic_rv32+m+a+zba+zbb"
ISA = "rv32ima_zba_zbb"


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout + done.stderr


def build(compiler: list[str], name: str, folder: Path) -> tuple[Path, Path, Path]:
    """The program for the host, for the core alone and for emulators of Linux."""
    source = str(SOURCES / f"{name}.c")
    host = folder / f"{name}-host"
    host_compiler = os.environ.get("CC", "cc")
    run([host_compiler, "-O2", source, str(SOURCES / "host.c"), "-o", str(host)])
    expected = run([str(host)]).strip()
    common = [
        *compiler,
        *("-target", "riscv32-freestanding-none", f"-mcpu={CPU}", "-O2", "-nostdlib"),
        *("-ffreestanding", "-fno-sanitize=undefined", f"-DEXPECTED={expected}u"),
        *(source, str(SOURCES / "start.c")),
    ]
    alone = folder / f"{name}.elf"
    run([*common, f"-Wl,-T,{SOURCES / 'program.ld'}", "-o", str(alone)])
    linux = folder / f"{name}-linux"
    run([*common, "-DLINUX", "-o", str(linux)])
    return host, alone, linux


def seconds(command: list[str]) -> float:
    samples = []
    for _ in range(3):
        start = time.perf_counter()
        run(command)
        samples.append(time.perf_counter() - start)
    return statistics.median(samples)


def host_instructions(command: list[str], folder: Path) -> int:
    output = run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'cg'}", *command]
    )
    found = re.search(r"Collected : (\d+)", output)
    assert found, output
    return int(found.group(1))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tool", required=True, help="the program tilewright-riscv")
    parser.add_argument("--compiler", default="python3 -m ziglang cc", help="clang that knows RV32")
    parser.add_argument("--peer", action="append", default=[], help="another emulator's command")
    arguments = parser.parse_args()
    compiler = shlex.split(arguments.compiler)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program in PROGRAMS:
            host, alone, linux = build(compiler, program, folder)
            command = [arguments.tool, str(alone), "--isa", ISA]
            statistics_text = run([*command, "--stats"])
            found = re.search(r"^instructions (\d+)", statistics_text, re.MULTILINE)
            assert found, statistics_text
            retired = int(found.group(1))
            ours = seconds(command)
            line = (
                f"{program:9} {retired / 1e6:7.1f} M instructions {retired / ours / 1e6:7.1f} M/s"
            )
            line += f", {ours / seconds([str(host)]):6.1f} times the host's time"
            if shutil.which("valgrind"):
                line += f", {host_instructions(command, folder) / retired:5.2f} for each"
            for peer in arguments.peer:
                theirs = seconds([*shlex.split(peer), str(linux)])
                line += f"; {shlex.split(peer)[0]} {retired / theirs / 1e6:7.1f} M/s"
            print(line, flush=True)


if __name__ == "__main__":
    main()
