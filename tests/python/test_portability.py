"""The library builds elsewhere: with libc++, and on a Unix that is not Linux. What asks the host's
system for something, and every public header, is compiled for such a one."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.find_spec("ziglang")
assert SPEC is not None
assert SPEC.origin is not None
ZIG = str(Path(SPEC.origin).parent / "zig")
OF_THE_SYSTEM = re.compile(r"#include <(?:sys/\w+|unistd|spawn|fcntl|dlfcn|pthread|signal)\.h>")
SOURCES = [
    file
    for file in sorted((ROOT / "src").glob("*/*.cpp"))
    if file.parent.name not in ("python", "frontends") and OF_THE_SYSTEM.search(file.read_text())
]
PUBLIC = ROOT / "include" / "tilewright"
ELSEWHERE = "aarch64-macos"


def compile_for(target: str, source: Path, folder: Path) -> str:
    """What the compiler says; nothing if all is well."""
    command = [ZIG, "c++", "-target", target, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-c"]
    folders = [f"-I{ROOT / name}" for name in ("include", "src")]
    done = subprocess.run(
        [*command, *folders, "-o", str(folder / "out.o"), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.stem))
def test_what_asks_the_system_builds_elsewhere(source: Path, tmp_path: Path) -> None:
    assert compile_for(ELSEWHERE, source, tmp_path) == ""


def test_public_headers_build_elsewhere_together(tmp_path: Path) -> None:
    assert {"arena.cpp", "huge_pages.cpp", "toolchain.cpp"} <= {file.name for file in SOURCES}
    headers = [f.relative_to(PUBLIC.parent) for f in sorted(PUBLIC.rglob("*.hpp"))]
    assert len(headers) > 50
    source = tmp_path / "all.cpp"
    source.write_text("".join(f'#include "{header}"\n' for header in headers))
    assert compile_for(ELSEWHERE, source, tmp_path) == ""


def test_what_another_system_lacks_is_told(tmp_path: Path) -> None:
    """The compiler means the other system's headers, not those of this machine."""
    source = tmp_path / "linux.cpp"
    source.write_text("#include <sys/mman.h>\nint f() { return MADV_HUGEPAGE; }\n")
    assert compile_for("x86_64-linux-musl", source, tmp_path) == ""
    assert "MADV_HUGEPAGE" in compile_for(ELSEWHERE, source, tmp_path)
