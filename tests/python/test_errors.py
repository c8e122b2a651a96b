"""Bad input: each is a clear exception that names the thing, and the device stays usable."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tilewright as tw
from tilewright import _core, errors

FAULT = """
#include <tilewright/kernel.hpp>
static void stray(std::uint32_t address) {
    *reinterpret_cast<volatile std::uint32_t*>(address) = 1;  // line 4
}
TILEWRIGHT_KERNEL(stray)
"""


@pytest.fixture
def usable(device: tw.Device, double_kernel: tw.Kernel) -> Iterator[tw.Device]:
    """A device that must still compute when the test is over."""
    yield device
    numbers = np.arange(500, dtype=np.uint32)
    buffer = device.put(numbers)
    device.run(double_kernel, [(0, 0)], [buffer, 500])
    np.testing.assert_array_equal(buffer.numpy(), numbers * 2)


# --- Configurations -----------------------------------------------------------------------------


def test_unknown_preset_lists_the_known() -> None:
    with pytest.raises(tw.ConfigError, match="blackhle") as caught:
        tw.open("blackhle")
    assert all(name in str(caught.value) for name in tw.presets())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("l1_byte", 1 << 20),
        ("l1_bytes", -1),
        ("l1_bytes", 0),
        ("l1_bytes", 1 << 40),
        ("l1_bytes", 1 << 80),
        ("l1_bytes", "big"),
        ("l1_bytes", None),
        ("l1_bytes", 1.5),
        ("clock_mhz", 0),
        ("clock_mhz", float("nan")),
        ("dram_bank_bytes", 0),
        ("quantum_cycles", 0),
        ("quantum_cycles", True),
    ],
)
def test_wrong_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(tw.ConfigError, match=field):
        tw.open("tiny", **{field: value})


def test_preset_must_be_a_name() -> None:
    with pytest.raises(tw.ConfigError, match="expected a name"):
        tw.open(3)


# --- Kernels and ELF files ----------------------------------------------------------------------


def test_missing_elf_is_named(tmp_path: Path) -> None:
    with pytest.raises(tw.ElfError, match=r"absent\.elf"):
        tw.Kernel.from_elf(tmp_path / "absent.elf")


@pytest.mark.parametrize("size", [0, 3, 52, 200])
def test_truncated_elf(double_kernel: tw.Kernel, tmp_path: Path, size: int) -> None:
    path = tmp_path / "short.elf"
    path.write_bytes(double_kernel.elf[:size])
    with pytest.raises(tw.ElfError, match="short"):
        tw.Kernel.from_elf(path)


@pytest.mark.parametrize(
    ("offset", "value"), [(0, 0), (4, 2), (5, 2), (18, 3)], ids=["magic", "64-bit", "big", "x86"]
)
def test_elf_of_another_machine(double_kernel: tw.Kernel, offset: int, value: int) -> None:
    damaged = bytearray(double_kernel.elf)
    damaged[offset] = value
    with pytest.raises(tw.ElfError):
        tw.Kernel.from_elf(bytes(damaged))


def test_unknown_builtin_lists_the_known() -> None:
    with pytest.raises(tw.ConfigError, match="mesage") as caught:
        tw.Kernel.builtin("mesage")
    assert "message" in str(caught.value)


def test_compile_error_has_file_line_and_text(tmp_path: Path) -> None:
    source = tmp_path / "broken.cpp"
    source.write_text("#include <cstdint>\nstd::uint32_t f() { return nonsense; }\n")
    with pytest.raises(tw.CompileError) as caught:
        tw.Kernel.from_file(source)
    assert "broken.cpp:2" in str(caught.value)
    assert "nonsense" in str(caught.value)
    assert isinstance(caught.value, RuntimeError)


def test_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(tw.CompileError, match=r"absent\.cpp"):
        tw.Kernel.from_file(tmp_path / "absent.cpp")


def test_missing_compiler_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_CXX", "/nonexistent/clang++")
    with pytest.raises(tw.CompileError, match="/nonexistent/clang"):
        tw.Kernel.from_source("int uncached_source;", "any")


# --- Cores and arguments ------------------------------------------------------------------------


@pytest.mark.parametrize("core", [(2, 0), (0, 2), (-1, 0), (0, 0, 5), (0, 0, -1)])
def test_core_outside_the_grid(usable: tw.Device, double_kernel: tw.Kernel, core: Any) -> None:
    buffer = usable.zeros(4, np.uint32)
    with pytest.raises(tw.AddressError, match="core"):
        usable.run(double_kernel, [core], [buffer, 4])


@pytest.mark.parametrize("core", [(0,), (0, 0, 0, 0), (0.5, 0), "00", 7, None])
def test_what_is_no_core(usable: tw.Device, double_kernel: tw.Kernel, core: Any) -> None:
    buffer = usable.zeros(4, np.uint32)
    with pytest.raises(tw.ArgumentError, match="core"):
        usable.run(double_kernel, [core], [buffer, 4])


def test_core_given_twice(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    buffer = usable.zeros(4, np.uint32)
    with pytest.raises(tw.ArgumentError):
        usable.run(double_kernel, [(0, 0), (0, 0)], [buffer, 4])


def test_no_cores(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    with pytest.raises(tw.ArgumentError, match="no cores"):
        usable.run(double_kernel, [], [])


BAD_ARGUMENTS: dict[str, Callable[[tw.Buffer], Any]] = {
    "too few": lambda buffer: [buffer],
    "too many": lambda buffer: [buffer, 4, 4],
    "number for buffer": lambda _: [4, 4],
    "buffer for number": lambda buffer: [buffer, buffer],
    "float for integer": lambda buffer: [buffer, 1.5],
    "negative": lambda buffer: [buffer, -1],
    "33 bits": lambda buffer: [buffer, 1 << 32],
    "65 bits": lambda buffer: [buffer, 1 << 64],
    "array": lambda _: [np.zeros(4, np.uint32), 4],
    "text": lambda buffer: [buffer, "4"],
    "None": lambda buffer: [buffer, None],
    "not a list": lambda _: 5,
    "a string": lambda _: "ab",
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_wrong_arguments_name_the_kernel(
    usable: tw.Device, double_kernel: tw.Kernel, case: str
) -> None:
    buffer = usable.zeros(4, np.uint32)
    with pytest.raises(tw.ArgumentError, match="double_all"):
        usable.run(double_kernel, [(0, 0)], BAD_ARGUMENTS[case](buffer))
    assert not usable.busy


def test_wrong_argument_is_named_by_its_index(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    buffer = usable.zeros(4, np.uint32)
    bad: list[Any] = [[buffer, 1.5], [buffer, "4"], [buffer, -1]]
    for arguments in bad:
        with pytest.raises(TypeError, match="argument 1"):
            usable.run(double_kernel, [(0, 0)], arguments)
    with pytest.raises(TypeError, match=r"argument 0.*put it on the device"):
        usable.run(double_kernel, [(0, 0)], [np.zeros(4), 4])


def test_arguments_for_the_wrong_cores(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    buffer = usable.zeros(4, np.uint32)
    with pytest.raises(tw.ArgumentError, match=r"\(1, 0\)"):
        usable.run(double_kernel, [(0, 0), (1, 0)], {(0, 0): [buffer, 4]})
    with pytest.raises(tw.ArgumentError, match=r"\(1, 1\)"):
        usable.run(double_kernel, [(0, 0)], {(0, 0): [buffer, 4], (1, 1): [buffer, 4]})


def test_kernel_of_the_wrong_type(usable: tw.Device) -> None:
    with pytest.raises(tw.ArgumentError, match=r"expected a tilewright\.Kernel"):
        usable.run("double", [(0, 0)])  # type: ignore[call-overload]


# --- Buffers ------------------------------------------------------------------------------------


def test_buffer_of_another_device(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    with tw.open("tiny") as other:
        buffer = other.zeros(4, np.uint32)
        with pytest.raises(tw.ArgumentError, match="device"):
            usable.run(double_kernel, [(0, 0)], [buffer, 4])


def test_buffer_of_a_closed_device(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    other = tw.open("tiny")
    buffer = other.zeros(4, np.uint32)
    other.close()
    assert not buffer.valid
    with pytest.raises(tw.ClosedError):
        buffer.numpy()
    with pytest.raises(tw.ClosedError):
        buffer.write(np.zeros(4, np.uint32))
    with pytest.raises(tw.ClosedError):
        usable.run(double_kernel, [(0, 0)], [buffer, 4])
    buffer.free()
    assert "freed" in repr(buffer)


def test_freed_buffer(usable: tw.Device, double_kernel: tw.Kernel) -> None:
    buffer = usable.zeros(4, np.uint32)
    buffer.free()
    with pytest.raises(tw.ClosedError):
        buffer.numpy()
    with pytest.raises(tw.ClosedError):
        usable.run(double_kernel, [(0, 0)], [buffer, 4])


def test_closed_device_refuses_everything() -> None:
    device = tw.open("tiny")
    device.close()
    device.close()
    calls: list[Callable[[], Any]] = [
        lambda: device.empty(4),
        lambda: device.cycle,
        lambda: device.counters,
        lambda: device.snapshot(),
        lambda: device.semaphore(),
        lambda: device.read_l1((0, 0), 0x20000, 4),
        lambda: device.finish(),
        lambda: device.run(tw.Kernel.builtin("message"), [(0, 0)], []),
    ]
    for call in calls:
        with pytest.raises(tw.ClosedError):
            call()


@pytest.mark.parametrize(
    "placement",
    [tw.Placement.bank(99), tw.Placement.l1(9, 9)],
    ids=repr,
)
def test_placement_that_does_not_exist(usable: tw.Device, placement: tw.Placement) -> None:
    with pytest.raises(tw.AddressError):
        usable.empty(4, placement=placement)


def test_pages_that_no_bank_takes(usable: tw.Device) -> None:
    with pytest.raises(tw.ArgumentError, match=r"page_bytes 100; expected a multiple of"):
        usable.empty(4, placement=tw.Placement.interleaved(100))


def test_full_dram() -> None:
    with tw.open("tiny", dram_bank_bytes=1 << 20) as device:
        banks = device.config.dram_bank_count
        half = device.empty(banks << 19, np.uint8)
        with pytest.raises(tw.OutOfMemoryError, match=r"DRAM|full"):
            device.empty((banks << 19) + (banks << 14), np.uint8)
        half.free()
        device.put(np.zeros(banks << 19, np.uint8))


def test_full_l1(usable: tw.Device) -> None:
    with pytest.raises(tw.OutOfMemoryError):
        usable.empty(1 << 30, np.uint8, tw.Placement.l1(0, 0))


def test_buffer_larger_than_any_memory(usable: tw.Device) -> None:
    with pytest.raises(tw.OutOfMemoryError):
        usable.empty(1 << 60, np.uint8)
    with pytest.raises((tw.OutOfMemoryError, TypeError)):
        usable.empty(1 << 70, np.uint8)


def test_write_of_the_wrong_shape_or_type(usable: tw.Device) -> None:
    buffer = usable.zeros((2, 3), np.int32)
    with pytest.raises(tw.ArgumentError, match=r"\(2, 3\).*\(3, 2\)"):
        buffer.write(np.zeros((3, 2), np.int32))
    with pytest.raises(tw.ArgumentError, match=r"float64.*int32"):
        buffer.write(np.zeros((2, 3)))


@pytest.mark.parametrize("dtype", [object, "V0", "S0"])
def test_dtypes_that_no_memory_holds(usable: tw.Device, dtype: Any) -> None:
    with pytest.raises(tw.ArgumentError):
        usable.empty(3, dtype)


def test_negative_shape(usable: tw.Device) -> None:
    with pytest.raises(tw.ArgumentError, match="shape"):
        usable.empty((3, -1))


@pytest.mark.parametrize(
    ("tile", "address", "count"),
    [
        ((9, 0), 0x20000, 4),
        ((0, 0), 0x7FFF0000, 4),
        ((0, 0), 0xFFFFFFFC, 8),
        ((0, 0), 1 << 20, 1 << 30),
    ],
)
def test_l1_out_of_range(
    usable: tw.Device, tile: tuple[int, int], address: int, count: int
) -> None:
    with pytest.raises(tw.AddressError):
        usable.read_l1(tile, address, count)
    if count < 1 << 20:
        with pytest.raises(tw.AddressError):
            usable.write_l1(tile, address, bytes(count))


# --- While running ------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [0x0, 0x10, 0x7000_0000, 0xFFFF_FFFC, 0x20001, 0xFF40_0000])
def test_fault_names_core_function_and_line(usable: tw.Device, address: int) -> None:
    kernel = tw.Kernel.from_source(FAULT, "stray.cpp")
    with pytest.raises(tw.KernelFault) as caught:
        usable.run(kernel, [(1, 1)], [address])
    text = str(caught.value)
    assert "(1, 1, 0)" in text
    assert "stray" in text
    assert caught.value.core == (1, 1, 0)
    assert caught.value.pc is not None
    assert f"{caught.value.pc:#x}" in text
    assert caught.value.place in text
    assert caught.value.printed == ""
    assert ":4" in text
    assert isinstance(caught.value, RuntimeError)


def test_deadlock_names_core_and_address(usable: tw.Device) -> None:
    semaphore = usable.semaphore(0)
    with pytest.raises(tw.DeadlockError) as caught:
        usable.run(tw.Kernel.builtin("wait_forever"), [(0, 1)], [semaphore, 1])
    text = str(caught.value)
    assert "(0, 1, 0)" in text
    assert f"{semaphore.address:x}" in text.lower()
    assert "wait_forever.cpp:" in text


# --- Snapshots ----------------------------------------------------------------------------------


def test_damaged_snapshot_changes_nothing(usable: tw.Device) -> None:
    buffer = usable.put(np.arange(100))
    good = usable.snapshot()
    buffer.write(np.zeros(100, np.int64))
    for position in (0, 9, len(good.data) // 2, len(good.data) - 1):
        damaged = bytearray(good.data)
        damaged[position] ^= 0xFF
        with pytest.raises(tw.SnapshotError):
            usable.restore(tw.Snapshot(bytes(damaged)))
    for size in (0, 7, len(good.data) - 1):
        with pytest.raises(tw.SnapshotError):
            usable.restore(tw.Snapshot(good.data[:size]))
    assert not buffer.numpy().any()
    usable.restore(good)
    np.testing.assert_array_equal(buffer.numpy(), np.arange(100))


def test_snapshot_of_another_chip(usable: tw.Device) -> None:
    with tw.open("tiny", quantum_cycles=77) as other, pytest.raises(tw.SnapshotError):
        usable.restore(other.snapshot())


def test_missing_snapshot_file(tmp_path: Path) -> None:
    with pytest.raises(tw.SnapshotError, match=r"absent\.snapshot"):
        tw.Snapshot.load(tmp_path / "absent.snapshot")


# --- Stories ------------------------------------------------------------------------------------


def test_missing_story_is_named(tmp_path: Path) -> None:
    from tilewright.zmachine import Game

    with tw.open("blackhole") as device, pytest.raises(tw.StoryError, match=r"absent\.z3"):
        Game(tmp_path / "absent.z3", device=device)


@pytest.mark.parametrize(
    "data",
    [b"", b"\3" * 10, b"\x63" + bytes(200), bytes(64)],
    ids=["empty", "short", "version 99", "zeros"],
)
def test_damaged_story(data: bytes) -> None:
    from tilewright.zmachine import Game

    with tw.open("blackhole") as device, pytest.raises(tw.StoryError):
        Game(data, device=device)


# --- The classes themselves ---------------------------------------------------------------------


def in_catalogue() -> dict[str, set[str]]:
    """The table of docs/errors.md: each class with its built-in bases."""
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text()
    rows = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| (.*?) \| .*? \| .*? \|$", page, re.MULTILINE)
    assert all(anchor == name.lower() for name, anchor, _ in rows)
    return {name: set(re.findall(r"`(\w+)`", bases)) for name, _, bases in rows}


def test_catalogue_is_what_python_raises() -> None:
    raised = {
        name: {base.__name__ for base in kind.__bases__ if base not in (tw.Error, tw.RunError)}
        for name, kind in vars(errors).items()
        if isinstance(kind, type)
        and issubclass(kind, tw.Error)
        and kind not in (tw.Error, tw.RunError)
    }
    assert in_catalogue() == raised
    assert all(len(bases) >= 1 for bases in raised.values())
    assert all(getattr(tw, name) is getattr(errors, name) for name in raised)


def test_catalogue_has_what_cpp_throws() -> None:
    only_python = {"ProgramError", "StoryError"}
    assert {*_core.error_classes} == {*in_catalogue(), "Error"} - only_python
    headers = (Path(__file__).parents[2] / "include" / "tilewright").rglob("*.hpp")
    declared = re.findall(
        r"^class TILEWRIGHT_API (\w+) : public (?:Error|RunError|std::runtime_error) ",
        "\n".join(header.read_text() for header in headers),
        re.MULTILINE,
    )
    # Python has KeyboardInterrupt for the one; the other is what some have in common.
    assert sorted(declared) == sorted([*_core.error_classes, "Interrupted", "RunError"])
