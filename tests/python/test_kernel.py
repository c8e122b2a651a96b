"""Kernels from sources, files, ELF images and the package."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

ECHO = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void echo(std::uint32_t a, std::int32_t b, float c, std::uint64_t d, std::int64_t e,
                 double f, Buffer g, Semaphore h) {
    g.write(0, l1<void>(l1_user_base), 0);
    struct Values { std::uint32_t a; std::int32_t b; float c; std::uint32_t pad;
                    std::uint64_t d; std::int64_t e; double f; };
    auto* out = l1<Values>(l1_user_base);
    *out = Values{a, b, c, h.value(), d, e, f};
    g.write(0, out, sizeof(Values));
    noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(echo)
"""
VALUES = np.dtype(
    [
        ("a", "u4"),
        ("b", "i4"),
        ("c", "f4"),
        ("semaphore", "u4"),
        ("d", "u8"),
        ("e", "i8"),
        ("f", "f8"),
    ]
)


def test_every_parameter_type_arrives(device: tw.Device) -> None:
    kernel = tw.Kernel.from_source(ECHO, "echo")
    assert kernel.signature == "uifUIdBS"
    out = device.zeros(1, VALUES)
    semaphore = device.semaphore(9)
    device.run(
        kernel,
        [(0, 0)],
        [2**32 - 1, -5, 1.5, 2**64 - 2, -(2**63), 1e300, out, semaphore],
    )
    values = out.numpy()[0]
    assert values.tolist() == (2**32 - 1, -5, 1.5, 9, 2**64 - 2, -(2**63), 1e300)


def test_numpy_scalars_are_arguments(device: tw.Device) -> None:
    kernel = tw.Kernel.from_source(ECHO, "echo")
    out = device.zeros(1, VALUES)
    device.run(
        kernel,
        [(0, 0)],
        [
            np.uint8(3),
            np.int16(-3),
            np.float32(0.25),
            np.uint64(4),
            np.int64(5),
            np.float64(6.5),
            out,
            device.semaphore(),
        ],
    )
    assert out.numpy()[0].tolist() == (3, -3, 0.25, 0, 4, 5, 6.5)


def test_from_file_with_defines_and_include_paths(device: tw.Device, tmp_path: Path) -> None:
    headers = tmp_path / "headers"
    headers.mkdir()
    (headers / "twice.hpp").write_text("constexpr unsigned twice(unsigned n) { return 2 * n; }\n")
    source = tmp_path / "answer.cpp"
    source.write_text(
        "#include <twice.hpp>\n#include <tilewright/kernel.hpp>\n"
        "static void answer() { tilewright::kernel::print(twice(HALF)); }\n"
        "TILEWRIGHT_KERNEL(answer)\n"
    )
    for half in (21, 4):
        kernel = tw.Kernel.from_file(source, defines={"HALF": half}, include_paths=[headers])
        assert device.run(kernel, [(0, 0)]).output == str(2 * half)
    (headers / "twice.hpp").write_text("constexpr unsigned twice(unsigned n) { return n + n + 1; }")
    kernel = tw.Kernel.from_file(source, defines={"HALF": 21}, include_paths=[headers])
    assert device.run(kernel, [(0, 0)]).output == "43", "a changed header must compile again"


def test_elf_round_trip(device: tw.Device, double_kernel: tw.Kernel, tmp_path: Path) -> None:
    path = tmp_path / "double.elf"
    path.write_bytes(double_kernel.elf)
    for kernel in (tw.Kernel.from_elf(path), tw.Kernel.from_elf(double_kernel.elf)):
        numbers = np.arange(10, dtype=np.uint32)
        buffer = device.put(numbers)
        device.run(kernel, [(0, 0)], [buffer, 10])
        np.testing.assert_array_equal(buffer.numpy(), numbers * 2)


def test_builtin_kernels_are_there() -> None:
    names = tw.Kernel.builtins()
    assert {"message", "scale_add", "wait_forever", "zmachine"} <= set(names)
    for name in names:
        assert tw.Kernel.builtin(name).name == name


def test_compiling_twice_gives_the_same_image(double_kernel: tw.Kernel, double_source: str) -> None:
    assert tw.Kernel.from_source(double_source, "double_all").elf == double_kernel.elf


def test_one_kernel_runs_on_many_devices(double_kernel: tw.Kernel) -> None:
    for preset in ("tiny", "blackhole"):
        with tw.open(preset) as device:
            buffer = device.put(np.ones(64, np.uint32))
            device.run(double_kernel, [(0, 0)], [buffer, 64])
            assert (buffer.numpy() == 2).all()


def test_without_a_home_to_write_to_kernels_are_kept_among_temporary_files(
    tmp_path: Path, double_source: str
) -> None:
    gone = {"XDG_CACHE_HOME", "TILEWRIGHT_CACHE"}
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    environment["HOME"] = "/proc"  # where even root cannot make a folder
    program = f"import tilewright; print(tilewright.Kernel.from_source({double_source!r}).name)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "kernel\n", "")
    assert (tmp_path / f"tilewright-{os.getuid()}" / "elf").is_dir()


def test_a_cache_that_cannot_be_written_to_is_named_with_the_reason(
    tmp_path: Path, double_source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(tw.CompileError, match="file/below/work: Not a directory; TILEWRIGHT_CACHE"):
        tw.Kernel.from_source(double_source)
