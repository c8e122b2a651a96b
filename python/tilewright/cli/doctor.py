"""`tilewright doctor`: is everything there, and does it work? What it tells it has tried now: no
answer comes from a cache."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import tilewright
from tilewright.cli.commands import Subcommands, add_command, make_console, print_json, working

PROBE = """
#include <tilewright/kernel.hpp>
static void probe(std::uint32_t number) { tilewright::kernel::print(number); }
TILEWRIGHT_KERNEL(probe)
"""

#: What a kernel takes to compile, and what a sweep writes, with room to spare.
LITTLE_ROOM = 64 << 20

#: Packages that only some commands and calls need, and the extra that brings each.
OPTIONAL = {
    "distributed": "dask",
    "gymnasium": "gymnasium",
    "matplotlib": "plot",
    "ml_dtypes": "ml-dtypes",
}


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    what: str
    state: str  #: "ok"; "note": works, but knows less or is slower; "MISSING": does not work
    text: str


def add_to(commands: Subcommands) -> None:
    add_command(
        commands,
        "doctor",
        doctor,
        "Check the installation and this machine, and say what is missing and what to do.",
        "tilewright doctor",
        has_json=True,
    )


def check_device() -> str:
    """A chip opens, and keeps what is written."""
    import numpy as np

    with tilewright.open("tiny") as device:
        numbers = np.arange(1000)
        if not np.array_equal(device.put(numbers).numpy(), numbers):
            raise tilewright.Error("a buffer does not hold what was written to it")
    return "a buffer holds what was written to it"


def check_builtin() -> str:
    """A shipped kernel runs."""
    from tilewright.demo.message import expected_text, read_message, shipped_kernel

    with tilewright.open("tiny") as device:
        text = read_message(device, shipped_kernel(), 1).text
    if text != expected_text(1):
        raise tilewright.Error(f"the kernel `message` wrote {text!r}")
    return ", ".join(tilewright.Kernel.builtins())


def check_compiler() -> str:
    """A kernel compiles, now, and runs."""
    from tilewright.kernel import describe_compiler

    source = f"{PROBE}// {uuid.uuid4()}: in no cache\n"
    with tilewright.open("tiny") as device:
        run = device.run(tilewright.Kernel.from_source(source, "probe"), [(0, 0)], [42])
        if run.output.strip() != "42":
            raise tilewright.Error(f"a kernel that prints 42 printed {run.output!r}")
    return describe_compiler()


def try_out(what: str, check: Callable[[], str]) -> Finding:
    """What a check returns, or raises."""
    try:
        return Finding(what, "ok", check())
    except (tilewright.Error, OSError) as error:
        return Finding(what, "MISSING", str(error))


def look_at_cache() -> Finding:
    """Where compiled kernels are kept; not where it usually is if that cannot be written."""
    from tilewright import _core

    folder = _core.cache_folder()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    usual = Path(os.environ.get("TILEWRIGHT_CACHE") or Path(home) / "tilewright")
    if (problem := unwritable(folder)) is not None:
        hint = "set TILEWRIGHT_CACHE to a folder that can be written"
        return Finding("cache of kernels", "MISSING", f"{folder}: {problem}; {hint}")
    if folder != usual:
        text = f"{folder}, as {usual} cannot be written; set TILEWRIGHT_CACHE to keep kernels"
        return Finding("cache of kernels", "note", text)
    return Finding("cache of kernels", "ok", str(folder))


def look_at_room(what: str, folder: Path) -> Finding:
    """Whether files can be written there, and how much fits."""
    if (problem := unwritable(folder)) is not None:
        return Finding(what, "note", f"{folder}: {problem}; set TMPDIR to a folder with room")
    free = shutil.disk_usage(folder).free
    text = f"{folder}, {free >> 20} MiB free"
    if free < LITTLE_ROOM:
        return Finding(what, "note", f"{text}; expected {LITTLE_ROOM >> 20}: set TMPDIR to another")
    return Finding(what, "ok", text)


def unwritable(folder: Path) -> str | None:
    """Why no file can be written in a folder; None if one can."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"tilewright")
    except OSError as error:
        return error.strerror or str(error)
    return None


def look_at_address_space() -> Finding:
    """Whether the banks of DRAM are as large as they are asked to be."""
    wanted = int(tilewright.preset("blackhole").fields()["dram_bank_bytes"])
    try:
        with tilewright.open("blackhole") as device:
            got = int(device.config.fields()["dram_bank_bytes"])
    except tilewright.Error as error:
        return Finding(
            "address space", "MISSING", f"{error}; raise it, as with ulimit -v unlimited"
        )
    if got < wanted:
        text = f"blackhole has banks of {got >> 20} MiB instead of {wanted >> 20} (see ulimit -v)"
        return Finding("address space", "note", text)
    return Finding("address space", "ok", "enough for all of blackhole's DRAM")


def look_at_proc() -> Finding:
    """Linux's /proc, which tells programs where they are and how much memory there is."""
    if Path("/proc/self/exe").exists() or platform.system() != "Linux":
        return Finding("/proc", "ok", "is there")
    text = "is not mounted; the compiler may not find its own files (see kernel compiler)"
    return Finding("/proc", "note", text)


def look_at_commands() -> Finding:
    """Whether the package's programs can be typed as they are called."""
    names = ("tilewright", "tilewright-cc", "tilewright-riscv")
    absent = [name for name in names if shutil.which(name) is None]
    if absent:
        place = Path(sys.executable).parent
        text = f"{', '.join(absent)}: not on PATH; add {place}, or use python -m tilewright"
        return Finding("commands", "note", text)
    return Finding("commands", "ok", ", ".join(names))


def look_at_optional() -> Finding:
    """Packages that are not needed by all."""
    absent = [name for name in OPTIONAL if find_spec(name) is None]
    if absent:
        extras = ",".join(OPTIONAL[name] for name in absent)
        text = f"without {', '.join(absent)}: pip install 'tilewright[{extras}]'"
        return Finding("optional packages", "note", text)
    return Finding("optional packages", "ok", ", ".join(OPTIONAL))


def findings() -> Iterator[Finding]:
    """All checks, one after another."""
    yield try_out("chip", check_device)
    yield try_out("shipped kernels", check_builtin)
    yield try_out("kernel compiler", check_compiler)
    yield look_at_cache()
    yield look_at_room("temporary files", Path(tempfile.gettempdir()))
    yield look_at_address_space()
    yield look_at_proc()
    yield look_at_commands()
    yield look_at_optional()


def doctor(options: argparse.Namespace) -> int:
    import numpy as np

    from tilewright import _core

    with working(options, "trying what there is"):
        found = list(findings())
    missing = any(finding.state == "MISSING" for finding in found)
    device_files = Path(_core.device_directory())
    if options.json:
        print_json(
            {
                "tilewright": tilewright.__version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
                "system": f"{platform.system()} {platform.machine()}",
                "device_files": device_files,
                "findings": [asdict(finding) for finding in found],
            }
        )
        return 1 if missing else 0
    console = make_console()
    if not options.quiet:
        console.out(f"tilewright {tilewright.__version__}")
        console.out(f"Python {platform.python_version()}, NumPy {np.__version__}")
        console.out(f"{platform.system()} {platform.machine()}, byte order {sys.byteorder}")
        console.out(f"device files: {device_files}")
        console.out(f"C++ programs find it with CMAKE_PREFIX_PATH={device_files.parents[1]}")
    for finding in found:
        if finding.state != "ok" or not options.quiet:
            console.out(f"{finding.state:<8} {finding.what}: {finding.text}")
    return 1 if missing else 0
