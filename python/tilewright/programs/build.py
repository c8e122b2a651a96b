"""Compiles host programs against the installed headers and libraries, as users' builds would."""

from __future__ import annotations

import os
import shlex
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tilewright import _core
from tilewright.errors import FileError
from tilewright.programs.find import Folder, companions
from tilewright.programs.process import Ended, run
from tilewright.programs.verdict import missing_header

#: How often a missing header is looked for below the folder.
HEADERS_FOUND = 16


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler, and what it needs to find Tilewright."""

    command: tuple[str, ...]
    flags: tuple[str, ...]
    libraries: tuple[str, ...]


def find_compiler(command: str | None, include_paths: Sequence[str] = ()) -> Compiler:
    """`command`, else what CXX says, else c++, g++ or clang++. FileError names what is missing."""
    wanted = command or os.environ.get("CXX")
    found = (
        shlex.split(wanted)
        if wanted
        else [name for name in ("c++", "g++", "clang++") if shutil.which(name)][:1]
    )
    if not found or shutil.which(found[0]) is None:
        raise FileError(f"{found[0] if found else 'a C++ compiler'}: not found; set CXX or --cxx")
    headers, lib = installed()
    return Compiler(
        command=tuple(found),
        flags=(
            "-std=c++20",
            "-O1",
            "-w",
            "-Wno-c++11-narrowing" if "clang" in Path(found[0]).name else "-Wno-narrowing",
            "-DFMT_HEADER_ONLY=1",
            *(f"-I{path}" for path in include_paths),
            f"-I{headers}",
            f"-I{headers / 'tt-metalium' / 'compat'}",
            *shlex.split(os.environ.get("CXXFLAGS", "")),
        ),
        libraries=(
            f"-L{lib}",
            "-ltilewright-metalium",
            "-ltilewright",
            f"-Wl,-rpath,{lib}",
        ),
    )


def installed() -> tuple[Path, Path]:
    """Where the headers and the libraries lie. FileError if tilewright::metalium was not built."""
    # The device files of a tree that is worked in are not those that were installed with it.
    prefixes = [Path(_core.device_directory()).parents[1], Path(_core.__file__).parent]
    for prefix in prefixes:
        lib, headers = prefix / "lib", prefix / "include"
        if any(lib.glob("libtilewright-metalium.*")) and (headers / "tt-metalium").is_dir():
            return headers, lib
    raise FileError(
        f"{prefixes[0]}: no libtilewright-metalium with its headers; it is built where the fmt "
        "library is (Debian and Ubuntu: libfmt-dev)"
    )


def is_current(executable: Path, record: Path) -> bool:
    """Whether the executable is newer than the sources and headers in the record that the compiler
    made with it. The library is linked when it runs."""
    try:
        made = executable.stat().st_mtime
        text = record.read_text().replace("\\\n", " ").partition(":")[2]
        return all(Path(name).stat().st_mtime < made for name in text.split())
    except OSError:
        return False


def build(
    compiler: Compiler,
    folder: Folder,
    program: Path,
    executable: Path,
    timeout: float,
    stopped: threading.Event,
) -> Ended:
    """Compile and link, unless the executable is newer than all that went into it. Headers that no
    include path has are looked for below the folder; the sources beside the program are linked if
    definitions are missing."""
    record = Path(f"{executable}.d")
    if is_current(executable, record):
        return Ended(0, False, "", 0.0, 0.0)
    includes = folder.includes(program)
    sources = [program]
    while True:
        command = [
            *compiler.command,
            *compiler.flags,
            *(f"-I{path}" for path in includes),
            *map(str, sources),
            *(["-MD", "-MF", str(record)] if len(sources) == 1 else []),
            "-o",
            str(executable),
            *compiler.libraries,
        ]
        ended = run(
            command,
            cwd=program.parent,
            env={**os.environ, "LC_ALL": "C"},
            timeout=timeout,
            stopped=stopped,
        )
        if ended.returncode == 0 or ended.timed_out:
            return ended
        header = missing_header(ended.output)
        found = folder.folder_of_header(header) if header else None
        if found is not None and found not in includes and len(includes) < HEADERS_FOUND:
            includes.append(found)
        elif len(sources) == 1 and "undefined reference to" in ended.output and companions(program):
            sources += companions(program)
        else:
            return ended
