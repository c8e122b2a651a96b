"""Profiles: exact by line, the same cycles, files that other tools read."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.launch import Arguments
from tilewright.profile import Profile
from tilewright.profile.text import short_name

SOURCE = """\
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;

static std::uint32_t work(std::uint32_t n) {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 1; i <= n; ++i) {
        sum += 1000000007u / (i | 256u);
    }
    return sum;
}
static void main_kernel(std::uint32_t n, Semaphore bell, std::uint32_t waits) {
    if (waits != 0) bell.wait_min(1);
    print(work(n));
    if (waits == 0) bell.add(1);
}
TILEWRIGHT_KERNEL(main_kernel)
"""
DIVISION = 7  # the line of SOURCE that divides
ROUNDS = 100


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("profile") / "divide.cpp"
    file.write_text(SOURCE)
    return file


@pytest.fixture
def device() -> Iterator[tw.Device]:
    with tw.open("tiny") as opened:
        yield opened


def made(device: tw.Device, source: Path) -> tuple[Profile, tw.Run]:
    """Two cores, of which one waits for the other."""
    kernel = tw.Kernel.from_file(source)
    bell = device.semaphore()
    cores = [(0, 0, 0), (0, 0, 1)]
    with device.profile() as profile:
        run = device.run(
            kernel, cores, {core: [ROUNDS, bell, i] for i, core in enumerate(reversed(cores))}
        )
    return profile, run


def test_lines_are_counted_exactly(device: tw.Device, source: Path) -> None:
    profile, run = made(device, source)
    assert profile.instructions == run.instructions
    assert profile.cycles == sum(core.cycles for core in run.cores)
    line = next(row for row in profile.lines if row.line == DIVISION)
    assert line.place == f"divide.cpp:{DIVISION}"
    assert line.file == str(source)
    # Both cores divide by the same numbers: by how many digits the dividend has, each alike.
    assert line.lost["division"] % (2 * ROUNDS) == 0
    assert line.cycles == line.instructions + sum(line.lost.values())
    assert [k.kernel for k in profile.kernels] == ["divide"]
    assert profile.kernels[0].cycles == profile.cycles


def test_waits_are_told_by_what_for(device: tw.Device, source: Path) -> None:
    profile, _ = made(device, source)
    waiting, working = (profile.of((0, 0, p)) for p in (0, 1))
    assert waiting.kernels[0].waited.keys() == {"semaphore 0"}
    assert not working.kernels[0].waited
    assert any("waiting for semaphore 0" in hint for hint in waiting.hints)
    with pytest.raises(tw.ArgumentError, match=r"\(3, 3\) took no part"):
        profile.of((3, 3))


def test_it_is_seen_with_its_source(device: tw.Device, source: Path) -> None:
    profile, _ = made(device, source)
    text = str(profile)
    assert f"divide.cpp:{DIVISION}  sum += 1000000007u / (i | 256u);" in text
    assert "lost to division" in text
    assert len(profile.text(lines=1).splitlines()) < len(text.splitlines())
    with pytest.raises(tw.ArgumentError, match="lines is 0; expected 1 or more"):
        profile.text(lines=0)


def test_software_floats_are_named(device: tw.Device) -> None:
    kernel = tw.Kernel.from_source(
        "#include <tilewright/kernel.hpp>\n"
        "static void floats(float x) { for (int i = 0; i < 200; ++i) x = x * 1.5f + 1.0f;\n"
        "*reinterpret_cast<volatile float*>(0x40000) = x; }\n"
        "TILEWRIGHT_KERNEL(floats)",
        "floats.cpp",
    )
    with device.profile() as profile:
        device.run(kernel, [(0, 0)], [1.0])
    (hint,) = (hint for hint in profile.hints if "float arithmetic in software" in hint)
    assert "__mulsf3" in hint
    assert any("most at ? in __mulsf3" in hint for hint in profile.hints)


def test_other_tools_read_it(device: tw.Device, source: Path, tmp_path: Path) -> None:
    profile, _ = made(device, source)
    total = profile.cycles

    profile.save(tmp_path / "x.speedscope.json")
    scope = json.loads((tmp_path / "x.speedscope.json").read_text())
    (shown,) = scope["profiles"]
    assert sum(shown["weights"]) == shown["endValue"] == total
    frames = scope["shared"]["frames"]
    named = {frames[i]["name"] for sample in shown["samples"] for i in sample}
    assert f"divide.cpp:{DIVISION}" in named

    profile.save(tmp_path / "x.folded")
    folded = (tmp_path / "x.folded").read_text().splitlines()
    assert sum(int(row.rpartition(" ")[2]) for row in folded) == total

    profile.save(tmp_path / "x.json")
    rows = json.loads((tmp_path / "x.json").read_text())["lines"]
    assert sum(row["cycles"] for row in rows) == total

    profile.save(tmp_path / "callgrind.out.x")
    annotate = shutil.which("callgrind_annotate")
    if annotate is not None:
        command = [annotate, str(tmp_path / "callgrind.out.x")]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert f"{total:,} (100.0%)" in said
    with pytest.raises(tw.ArgumentError, match=r"'x\.png' is no kind of file that is known"):
        profile.save(tmp_path / "x.png")


def test_one_at_a_time_and_not_before_its_end(device: tw.Device) -> None:
    with device.profile() as profile:
        assert repr(profile) == "<Profile: being made>"
        with pytest.raises(tw.StateError, match="still being made"):
            _ = profile.lines
        with pytest.raises(tw.BusyError, match="being made already"), device.profile():
            pass
    assert profile.lines == []
    assert profile.cycles == 0
    assert profile.hints == []
    with device.profile() as profile:
        device.close()
    assert profile.cores == []


def test_with_everything_else_on(source: Path, tmp_path: Path) -> None:
    """Timeline, checks, threads of the host and profile together change no cycle."""
    cycles = []
    for everything in (False, True):
        with tw.open("tiny", checks=everything, threads=1 + everything) as device:
            if everything:
                with device.trace(tmp_path / "x.pftrace"):
                    profile, run = made(device, source)
                assert profile.instructions == run.instructions
            else:
                _, run = made(device, source)
            cycles.append([(core.cycles, core.output) for core in run.cores])
    assert cycles[0] == cycles[1]


def test_the_same_line_on_many_cores_is_one_row() -> None:
    kernel = tw.Kernel.builtin("scale_add")
    tiles = [(x, y) for y in range(2) for x in range(4)]
    part = 64
    with tw.open("blackhole") as device:
        x, y = (device.put(np.full(part * len(tiles), v, np.int32)) for v in (3, 4))
        args: Arguments = {t: [x, y, 2, 0, i * part, part] for i, t in enumerate(tiles)}
        with device.profile() as profile:
            run = device.run(kernel, tiles, args)
    keys = [(row.kernel, row.file, row.line, row.function) for row in profile.lines]
    assert len(keys) == len(set(keys))
    assert profile.instructions == run.instructions
    assert len(profile.cores) == len(tiles)
    assert sum(profile.of(tile).cycles for tile in tiles) == profile.cycles


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("app::scale(unsigned int)", "scale"),
        ("(anonymous namespace)::scale(tilewright::kernel::Buffer)", "scale"),
        ("main", "main"),
        ("", "code without symbols"),
    ],
)
def test_names_are_short(name: str, short: str) -> None:
    assert short_name(name) == short


def test_threads_of_the_host_count_the_same() -> None:
    """No turn is begun early while instructions are counted."""
    kernel = tw.Kernel.from_source(
        "#include <tilewright/kernel.hpp>\n"
        "static void spin(std::uint32_t n) { for (std::uint32_t i = 0; i < n; ++i)\n"
        '    asm volatile("mul t0, t0, t0" : : : "t0"); }\n'
        "TILEWRIGHT_KERNEL(spin)",
        "spin.cpp",
    )
    tables = []
    for threads in (1, 3):
        with tw.open("tiny", threads=threads) as device:
            device.run(kernel, [(0, 0), (1, 0), (0, 1), (1, 1)], [20_000])
            with device.profile() as profile:
                run = device.run(kernel, [(0, 0), (1, 0), (0, 1), (1, 1)], [20_000])
            assert profile.instructions == run.instructions
            tables.append(profile.table())
    assert tables[0] == tables[1]


def test_a_device_that_goes_to_a_snapshot_has_a_profile_but_no_counters(
    device: tw.Device, source: Path
) -> None:
    begin = device.snapshot()
    _, run = made(device, source)
    with device.profile() as profile:
        device.restore(begin)
    assert profile.lines == []
    with pytest.raises(tw.StateError, match="went to a snapshot"):
        _ = profile.setting
    again, repeated = made(device, source)  # nothing is being made any more
    assert [core.cycles for core in repeated.cores] == [core.cycles for core in run.cores]
    assert again.setting.elapsed == again.setting.counters["cycle"]
