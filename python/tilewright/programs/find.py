"""Which files of a folder are programs, and where their headers and kernels are looked for."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tilewright.errors import FileError

SUFFIXES = {".cpp", ".cc", ".cxx"}

_MAIN = re.compile(r"^[ \t]*(?:int|auto)\s+main\s*\(", re.MULTILINE)
_KERNEL = re.compile(r"\bkernel_main\s*\(|\bvoid\s+MAIN\b|\bTT_KERNEL\b|\bTEST(?:_F|_P)?\s*\(")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)

#: Headers of the vendor's library: ours or nobody's, wherever files of that name lie.
_LIBRARY = ("tt-metalium/", "tt_metal/api/", "ttnn/", "tt_stl/", "tt-logger/", "umd/")


@dataclass(frozen=True)
class Folder:
    """A folder of programs."""

    top: Path  #: absolute

    @cached_property
    def root(self) -> Path:
        """What the vendor calls TT_METAL_HOME: the variable, or the nearest folder, from the top
        upwards, that has a folder ``tt_metal``, or the top."""
        if home := os.environ.get("TT_METAL_HOME"):
            return Path(home)
        above = (self.top, *self.top.parents)
        return next((folder for folder in above if (folder / "tt_metal").is_dir()), self.top)

    def name(self, program: Path) -> str:
        """The program in reports: its path below the top."""
        return program.relative_to(self.top).as_posix()

    def includes(self, program: Path) -> list[Path]:
        """Folders for headers: the program's, those above it up to the top, and the root."""
        folders = [program.parent]
        while folders[-1] != self.top:
            folders.append(folders[-1].parent)
        return folders if self.root in folders else [*folders, self.root]

    def folder_of_header(self, header: str) -> Path | None:
        """Where a header that no include path has lies below the top, as a build system would have
        told the compiler; None for one that is not there, or would be the vendor's library's."""
        if header.startswith(_LIBRARY):
            return None
        parts = Path(header).parts
        for found in sorted(self.top.rglob(parts[-1])):
            if found.parts[-len(parts) :] == parts and found.is_file():
                return Path(*found.parts[: -len(parts)])
        return None


def find_programs(folder: Path) -> tuple[Folder, list[Path]]:
    """The programs of a folder (or the one that is named): sources that define ``main``, in the
    order of their paths. FileError if there are none."""
    top = folder.absolute()
    if top.is_file():
        return Folder(top.parent), [top]
    if not top.is_dir():
        raise FileError(f"{folder}: no such folder")
    programs = [path for path in sources_below(top) if _MAIN.search(_code(path))]
    if not programs:
        raise FileError(f"{folder}: no program; expected C++ files with a function main()")
    return Folder(top), programs


def sources_below(top: Path) -> list[Path]:
    """C++ sources, hidden folders aside."""
    return sorted(
        path
        for path in top.rglob("*")
        if path.suffix in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(top).parts)
    )


def companions(program: Path) -> list[Path]:
    """Sources beside a program that may belong to it: no programs, kernels or tests themselves.
    Nothing if several programs share the folder."""
    beside = {
        path: _code(path)
        for path in sorted(program.parent.iterdir())
        if path.suffix in SUFFIXES and path.is_file()
    }
    if sum(bool(_MAIN.search(code)) for code in beside.values()) > 1:
        return []
    return [
        path
        for path, code in beside.items()
        if path != program and not _MAIN.search(code) and not _KERNEL.search(code)
    ]


def _code(path: Path) -> str:
    """A source without its comments; "" if it cannot be read."""
    try:
        return _COMMENT.sub(" ", path.read_text(errors="replace"))
    except OSError:
        return ""
