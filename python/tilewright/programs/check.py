"""Compiles and runs programs, several at a time: none takes another with it."""

from __future__ import annotations

import json
import os
import re
import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tilewright.kernel import default_compiler
from tilewright.programs.build import Compiler, build
from tilewright.programs.find import Folder
from tilewright.programs.process import Ended, run
from tilewright.programs.verdict import Verdict, first_missing, why_it_failed

#: Compilers are given at least this long, whatever the time limit of programs.
COMPILE_SECONDS = 300.0


def check(
    compiler: Compiler,
    folder: Folder,
    programs: Sequence[Path],
    *,
    chips: Sequence[str] = ("blackhole",),
    timeout: float = 120.0,
    jobs: int = 1,
    build_folder: Path | None = None,
) -> Iterator[Verdict]:
    """A verdict for each program on each chip, in the order in which they are done. A program runs
    in its own folder, with TT_METAL_HOME set to the folder's root where it is not set, for at most
    `timeout` seconds. Executables are kept in `build_folder`, and made again only when what went
    into them has changed."""
    stopped = threading.Event()
    with TemporaryDirectory(prefix="tilewright-check-") as scratch:
        executables = build_folder or Path(scratch)
        executables.mkdir(parents=True, exist_ok=True)
        pool = ThreadPoolExecutor(jobs)
        try:
            futures = [
                pool.submit(
                    check_one,
                    compiler,
                    folder,
                    program,
                    executables / executable_name(compiler, folder, program),
                    Path(scratch) / f"{number}.report",
                    chips,
                    timeout,
                    stopped,
                )
                for number, program in enumerate(programs)
            ]
            for future in as_completed(futures):
                yield from future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def executable_name(compiler: Compiler, folder: Folder, program: Path) -> str:
    """Of its own for each program and for each way to compile it."""
    name = folder.name(program)
    sort = zlib.crc32(repr((name, compiler.command, compiler.flags)).encode())
    return f"{re.sub(r'[^A-Za-z0-9.-]', '_', name)}-{sort:08x}"


def check_one(
    compiler: Compiler,
    folder: Folder,
    program: Path,
    executable: Path,
    report: Path,
    chips: Sequence[str],
    timeout: float,
    stopped: threading.Event,
) -> list[Verdict]:
    """One program: compiled once, run on each chip."""
    built = build(compiler, folder, program, executable, max(timeout, COMPILE_SECONDS), stopped)
    verdicts = []
    for chip in chips:
        ended = None
        report.unlink(missing_ok=True)
        if built.returncode == 0 and not stopped.is_set():
            ended = run(
                [str(executable)],
                cwd=program.parent,
                env=environment(folder, chip, report),
                timeout=timeout,
                stopped=stopped,
            )
        verdicts.append(verdict_of(folder.name(program), chip, built, ended, report, timeout))
    return verdicts


def environment(folder: Folder, chip: str, report: Path) -> dict[str, str]:
    """What a program finds: where kernels are, which chip, and where what it did is told."""
    return {
        "TT_METAL_HOME": str(folder.root),
        "TILEWRIGHT_CXX": default_compiler(),
        **os.environ,
        "TILEWRIGHT_CHIP": chip,
        "TILEWRIGHT_REPORT": str(report),
    }


def verdict_of(
    program: str, chip: str, built: Ended, ended: Ended | None, report: Path, timeout: float
) -> Verdict:
    """What to say of a program that was compiled and, maybe, run."""
    if ended is None:
        stage = "compile"
        problem = "the compiler did not end" if built.timed_out else first_missing(built.output)
    elif ended.timed_out:
        stage, problem = "run", f"no end after {timeout:g} s"
    elif ended.returncode != 0:
        stage, problem = "run", why_it_failed(ended.returncode, ended.output)
    else:
        stage, problem = "done", ""
    cycles, simulating = read_report(report)
    return Verdict(
        program=program,
        chip=chip,
        works=stage == "done",
        stage=stage,
        problem=problem,
        cycles=cycles,
        simulating_seconds=simulating,
        compile_seconds=built.seconds,
        run_seconds=ended.seconds if ended else 0.0,
        processor_seconds=ended.processor_seconds if ended else 0.0,
        output=ended.output if ended else built.output,
    )


def read_report(report: Path) -> tuple[int, float]:
    """Cycles of the device with the most of them, and host seconds of all; zeros if no kernel ran.
    The program could write there, too, or was ended in the middle of a line: what is no line of a
    report does not count."""
    if not report.exists():
        return 0, 0.0
    cycles: dict[int, int] = defaultdict(int)
    seconds = 0.0
    for line in report.read_text(errors="replace").splitlines():
        with suppress(ValueError, LookupError, TypeError):
            entry = json.loads(line)
            device, busy, took = entry["device"], int(entry["cycles"]), float(entry["host_seconds"])
            cycles[device] += busy
            seconds += took
    return max(cycles.values(), default=0), seconds
