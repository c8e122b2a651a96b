"""Code for the cores: compiled from C++, read from ELF files, or shipped with the package."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tilewright import _core
from tilewright.errors import CompileError

PathLike = str | os.PathLike[str]


def default_compiler() -> str:
    """The clang of the Python package `ziglang`, unless $TILEWRIGHT_CXX names another; empty
    leaves the search to the runtime."""
    return "" if "TILEWRIGHT_CXX" in os.environ else _packaged_zig()


@cache
def _packaged_zig() -> str:
    package = importlib.util.find_spec("ziglang")
    if package is not None and package.origin is not None:
        zig = Path(package.origin).with_name("zig")
        if zig.exists():
            return str(zig)
    return ""


def describe_compiler() -> str:
    """The compiler that kernels are compiled with. CompileError says how to get one."""
    return _core.compiler_description(default_compiler())


class Kernel:
    """An executable for the cores of any device; it does not change once it is made."""

    def __init__(self, handle: _core.Kernel) -> None:
        #: The kernel of the runtime.
        self.handle = handle

    @classmethod
    def from_file(
        cls,
        path: PathLike,
        *,
        defines: Mapping[str, object] | None = None,
        include_paths: Iterable[PathLike] = (),
        optimisation: str = "2",
        isa: str | None = None,
    ) -> Kernel:
        """Compile a C++ source file. CompileError carries the compiler's own text.

        `defines` maps names to values (None for none), `optimisation` is what follows ``-O``, `isa`
        the instruction set of the cores, such as those of ``device.config.isas``; by default what
        the cores of every preset have.
        Results are kept in a cache by content.
        """
        options = _options(defines, include_paths, optimisation, isa)
        return cls(_core.Kernel.from_file(Path(path), options))

    @classmethod
    def from_source(
        cls,
        text: str,
        name: str = "kernel",
        *,
        defines: Mapping[str, object] | None = None,
        include_paths: Iterable[PathLike] = (),
        optimisation: str = "2",
        isa: str | None = None,
    ) -> Kernel:
        """Compile C++ text, which the compiler's messages call `name`."""
        options = _options(defines, include_paths, optimisation, isa)
        return cls(_core.Kernel.from_source(text, name, options))

    @classmethod
    def from_elf(cls, elf: PathLike | bytes, name: str = "kernel") -> Kernel:
        """From an ELF file, or its bytes. ElfError if it is missing, damaged or for another CPU."""
        if isinstance(elf, (bytes, bytearray, memoryview)):
            return cls(_core.Kernel.from_elf(elf, name))
        return cls(_core.Kernel.from_elf_file(Path(elf)))

    @classmethod
    def builtin(cls, name: str) -> Kernel:
        """A kernel that ships with the package. ConfigError lists them if there is none such."""
        return cls(_core.Kernel.builtin(name))

    @staticmethod
    def builtins() -> list[str]:
        """Names of the kernels that ship with the package."""
        return _core.Kernel.builtin_names()

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.handle.name

    @property
    def signature(self) -> str | None:
        """A letter for each parameter (u i f 32 bits, U I d 64 bits, B buffer, S semaphore); None
        if it takes raw words."""
        return self.handle.signature

    @property
    def elf(self) -> bytes:
        """The executable."""
        return self.handle.elf

    def __reduce__(self) -> tuple[Any, ...]:
        return Kernel.from_elf, (self.elf, self.name)

    def __copy__(self) -> Kernel:
        return self  # it does not change

    def __deepcopy__(self, _: object) -> Kernel:
        return self

    def __repr__(self) -> str:
        return f"<Kernel {self.name}({self.signature if self.signature is not None else '...'})>"


def _options(
    defines: Mapping[str, object] | None,
    include_paths: Iterable[PathLike],
    optimisation: str,
    isa: str | None,
) -> _core.CompileOptions:
    if isinstance(include_paths, (str, os.PathLike)):
        raise CompileError(f"include_paths: expected a list of folders, got {include_paths!r}")
    return _core.CompileOptions(
        [
            name if value is None or value == "" else f"{name}={value}"
            for name, value in (defines or {}).items()
        ],
        [Path(path) for path in include_paths],
        optimisation,
        default_compiler(),
        isa,
    )
