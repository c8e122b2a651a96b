"""Kernels carried out by translated code: what is simulated is what the interpreter simulates."""

import os
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright import _core

SOURCE = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static std::uint32_t step(std::uint32_t x) { return x % 3 == 0 ? x / 3 + 7 : x * 5 + 1; }
static void mix(std::uint32_t rounds) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    std::uint32_t x = 1;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        x = step(x);
        words[i % 64] = x;
    }
    for (std::uint32_t i = 0; i < 64; ++i) x ^= words[i];
    print(x);
}
TILEWRIGHT_KERNEL(mix)
"""
ROUNDS = 20_000
MODE = "TILEWRIGHT_TRANSLATE"


@pytest.fixture(scope="module")
def mix() -> tw.Kernel:
    return tw.Kernel.from_source(SOURCE, "mix.cpp")


@pytest.fixture(scope="module")
def interpreted(mix: tw.Kernel) -> tw.Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MODE, "off")
        return run(mix)


def run(kernel: tw.Kernel, rounds: int = ROUNDS) -> tw.Run:
    with tw.open("tiny") as device:
        return device.run(kernel, cores=[(0, 0)], args=[rounds])


def fresh(kernel: tw.Kernel) -> tw.Kernel:
    """The same program, which no device has decoded."""
    return tw.Kernel.from_elf(kernel.handle.elf, kernel.name)


def assert_same(a: tw.Run, b: tw.Run) -> None:
    assert (a.cycles, a.instructions, a.output) == (b.cycles, b.instructions, b.output)


def test_forced(mix: tw.Kernel, interpreted: tw.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert interpreted.translated == 0
    monkeypatch.setenv(MODE, "force")
    translated = run(fresh(mix))
    assert_same(translated, interpreted)
    assert 0.9 * translated.instructions < translated.translated < translated.instructions
    assert translated.cores[0].translated == translated.translated


def test_a_snapshot_goes_on_in_the_other_tier(
    mix: tw.Kernel, interpreted: tw.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(mode: str) -> tw.Snapshot:
        monkeypatch.setenv(MODE, mode)
        with tw.open("tiny") as device:
            device.launch(fresh(mix), cores=[(0, 0)], args=[ROUNDS])
            assert device.advance_to(interpreted.cycles // 2)
            return device.snapshot()

    def go_on(mode: str, snapshot: tw.Snapshot) -> tuple[int, str, int]:
        monkeypatch.setenv(MODE, mode)
        with tw.open("tiny") as device:
            device.restore(snapshot)
            rest = device.finish()
            return device.cycle, rest.output, rest.translated

    first, second = begin("off"), begin("force")
    assert first == second
    assert go_on("force", first)[:2] == go_on("off", second)[:2]


def test_mid_run(mix: tw.Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    kernel = fresh(mix)
    rounds = 3_000_000
    with tw.open("tiny", translate="on") as device:
        first = device.run(kernel, cores=[(0, 0)], args=[rounds])
        later = first
        deadline = time.monotonic() + 60
        while later.translated < later.instructions * 0.9 and time.monotonic() < deadline:
            later = device.run(kernel, cores=[(0, 0)], args=[rounds])
            assert_same(later, first)
        assert later.translated > later.instructions * 0.9
    # Only what ran was compiled, and it is found again.
    assert len(entries(tmp_path / "cache")) < 3
    with tw.open("tiny", translate="on") as device:
        again = device.run(fresh(mix), cores=[(0, 0)], args=[rounds])
    assert_same(again, first)
    assert again.translated > again.instructions * 0.9


def entries(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and b"tilewright_translation" in path.read_bytes()
    ]


def test_a_damaged_entry_is_made_again(
    mix: tw.Kernel,
    interpreted: tw.Run,
    kernel_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(MODE, "force")
    run(fresh(mix))
    shutil.copytree(kernel_cache, tmp_path / "cache")
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    damaged = {}
    for entry in entries(tmp_path / "cache"):
        good = entry.read_bytes()
        damaged[entry] = good[: len(good) // 2] + b"?" + good[len(good) // 2 + 1 :]
        entry.write_bytes(damaged[entry])
    again = run(fresh(mix))
    assert_same(again, interpreted)
    assert again.translated > 0
    assert sum(entry.read_bytes() != bad for entry, bad in damaged.items()) == 1


def scale_add(translate: str) -> tw.Run:
    """A kernel that ships, fresh, twice: a program is looked for once it has run for a while."""
    file = Path(_core.device_directory()) / "kernels" / "scale_add.elf"
    kernel = tw.Kernel.from_elf(file.read_bytes(), "scale_add")
    count = 100_000
    with tw.open("tiny", translate=translate) as device:
        x, y = (device.put(np.arange(count, dtype=np.int32)) for _ in range(2))
        for _ in range(2):
            run = device.run(kernel, cores=[(0, 0)], args=[x, y, 3, 0, 0, count])
        np.testing.assert_array_equal(y.numpy(), 7 * np.arange(count, dtype=np.int32))
    return run


def test_what_ships_needs_no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TILEWRIGHT_CXX", str(tmp_path / "none"))
    plain, fast = scale_add("off"), scale_add("on")
    assert_same(plain, fast)
    assert plain.translated == 0
    assert fast.translated > 0.9 * fast.instructions

    files = tmp_path / "share"
    shutil.copytree(_core.device_directory(), files)
    for entry in entries(files / "translations"):
        good = entry.read_bytes()
        entry.write_bytes(good[: len(good) // 2])
    monkeypatch.setenv("TILEWRIGHT_DEVICE_DIR", str(files))
    damaged = scale_add("on")
    assert_same(damaged, plain)
    assert damaged.translated == 0


def test_a_compiler_that_fails_is_told_once(
    mix: tw.Kernel, interpreted: tw.Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    zig = tmp_path / "zig"
    zig.write_text("#!/bin/sh\necho no C today\nexit 3\n")
    zig.chmod(0o755)
    monkeypatch.setenv(MODE, "force")
    monkeypatch.setenv("TILEWRIGHT_CXX", str(zig))
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    with tw.open("tiny") as device:
        with pytest.warns(RuntimeWarning, match="no C today"):
            assert_same(device.run(fresh(mix), cores=[(0, 0)], args=[ROUNDS]), interpreted)
        assert_same(device.run(mix, cores=[(0, 0)], args=[ROUNDS]), interpreted)


def test_a_fork_goes_on(mix: tw.Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    zig = tmp_path / "zig"
    zig.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nsleep 100\n")
    zig.chmod(0o755)
    monkeypatch.setenv("TILEWRIGHT_CXX", str(zig))
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    with tw.open("tiny", translate="on") as device:
        kernel = fresh(mix)
        for _ in range(20):
            first = device.run(kernel, cores=[(0, 0)], args=[3_000_000])
            if (tmp_path / "begun").exists():
                break
        child = os.fork()
        if child == 0:
            with device:
                again = device.run(kernel, cores=[(0, 0)], args=[3_000_000])
            os._exit(0 if again.cycles == first.cycles else 1)
        assert os.waitpid(child, 0)[1] == 0


def test_closing_kills_the_compiler(
    mix: tw.Kernel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    zig = tmp_path / "zig"
    zig.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nsleep 100\n")
    zig.chmod(0o755)
    monkeypatch.setenv(MODE, "on")
    monkeypatch.setenv("TILEWRIGHT_CXX", str(zig))
    monkeypatch.setenv("TILEWRIGHT_CACHE", str(tmp_path / "cache"))
    device = tw.open("tiny")
    kernel = fresh(mix)
    for _ in range(20):
        device.run(kernel, cores=[(0, 0)], args=[3_000_000])
        if (tmp_path / "begun").exists():
            break
    assert (tmp_path / "begun").exists()
    start = time.monotonic()
    device.close()
    assert time.monotonic() - start < 5


def test_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODE, "perhaps")
    with pytest.raises(tw.ConfigError, match='TILEWRIGHT_TRANSLATE is "perhaps"'):
        tw.open("tiny")
    with pytest.raises(tw.ConfigError, match='translate is "yes"; expected off, on or force'):
        tw.open("tiny", translate="yes")


def test_the_keyword_goes_before_the_variable(
    mix: tw.Kernel, interpreted: tw.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MODE, "perhaps")
    with tw.open("tiny", translate="force") as device:
        translated = device.run(fresh(mix), cores=[(0, 0)], args=[ROUNDS])
    assert_same(translated, interpreted)
    assert translated.translated > 0


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="shared objects are ELF files")
