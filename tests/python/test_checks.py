"""The optional checks: what each finds, what its message names, and that none costs a cycle."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw
from tilewright.checks import CHECKS
from tilewright.launch import Arguments, Core

HEAD = "#include <tilewright/kernel.hpp>\nusing namespace tilewright::kernel;\n"

DEEP = """
volatile std::uint32_t table[500];
[[clang::noinline]] static std::uint32_t sum(std::uint32_t n) {
    return n == 0 ? table[0] : n + sum(n - 1) + table[n % 500];
}
static void deep(std::uint32_t n) { print(sum(n)); }
TILEWRIGHT_KERNEL(deep)
"""

UNWRITTEN = """
static void unwritten(std::uint32_t address) {
    print(*l1<volatile std::uint32_t>(address));
}
TILEWRIGHT_KERNEL(unwritten)
"""

UNWRITTEN_DRAM = """
static void fetch(Buffer data) {
    data.read(0, l1<std::byte>(l1_user_base), 256);
    noc_async_read_barrier();
}
TILEWRIGHT_KERNEL(fetch)
"""

UNWRITTEN_BANK = """
static void fetch(std::uint32_t address) {
    noc_async_read(dram_address(1, address), l1<std::byte>(0x80000), 256);
    noc_async_read_barrier();
}
TILEWRIGHT_KERNEL(fetch)
"""

STACK_GARBAGE = """
static void garbage(std::uint32_t index) {
    volatile std::uint32_t words[64];
    words[index] = 1;
    print(words[index] + words[index + 20]);
}
TILEWRIGHT_KERNEL(garbage)
"""

UNFLUSHED = """
static void unflushed(Buffer data, bool barrier) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    words[0] = 7;
    data.write(0, words, 4);
    if (barrier) noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(unflushed)
"""


@pytest.fixture
def checked(device: tw.Device) -> tw.Device:
    device.checks = True
    return device


def compile(source: str) -> tw.Kernel:
    return tw.Kernel.from_source(HEAD + source, "kernel.cpp")


def test_names(device: tw.Device) -> None:
    assert device.checks == frozenset()
    device.checks = "stack"
    assert device.checks == {"stack"}
    device.checks = ["stack", "unflushed_writes"]
    assert device.checks == {"stack", "unflushed_writes"}
    device.checks = True
    assert device.checks == set(CHECKS)
    device.checks = False
    assert device.checks == frozenset()
    with pytest.raises(tw.ConfigError, match=r"'stak'.*unwritten_reads"):
        device.checks = ["stak"]
    with pytest.raises(tw.ConfigError, match="'stak'"):
        tw.open("tiny", checks="stak")
    with tw.open("tiny", checks=True) as other:
        assert other.checks == set(CHECKS)


def test_stack_in_the_globals(device: tw.Device) -> None:
    kernel = compile(DEEP)
    assert device.run(kernel, [(0, 0)], [100]).output == str(100 * 101 // 2)
    device.run(kernel, [(0, 0)], [450])  # overwrites its globals, and nobody says so
    device.checks = "stack"
    assert device.run(kernel, [(0, 0)], [100]).output == str(100 * 101 // 2)
    with pytest.raises(tw.KernelFault, match=r"stack overflow.*globals") as caught:
        device.run(kernel, [(0, 0)], [450])
    assert "sum(" in caught.value.place
    assert device.run(kernel, [(0, 0)], [100]).output == str(100 * 101 // 2)


def test_stack_out_of_local_memory_is_always_a_fault(device: tw.Device) -> None:
    with pytest.raises(tw.KernelFault, match=r"nothing is mapped.*stack pointer"):
        device.run(compile(DEEP), [(0, 0)], [1000])


def test_load_of_what_nothing_wrote(checked: tw.Device) -> None:
    kernel = compile(UNWRITTEN)
    address = 0x20000
    with pytest.raises(tw.KernelFault, match=f"4 bytes from {address:#x}.*nothing has written"):
        checked.run(kernel, [(1, 0)], [address])
    checked.write_l1((1, 0), address, b"\x05")  # a byte of it is enough: padding is copied, too
    assert checked.run(kernel, [(1, 0)], [address]).output == "5"
    with pytest.raises(tw.KernelFault, match="nothing has written"):
        checked.run(kernel, [(0, 0)], [address])


def test_read_of_a_buffer_that_nothing_wrote(checked: tw.Device) -> None:
    kernel = compile(UNWRITTEN_DRAM)
    buffer = checked.empty(64, np.uint32)
    with pytest.raises(tw.KernelFault, match=r"256 bytes at .* of DRAM bank .*nothing has written"):
        checked.run(kernel, [(0, 0)], [buffer])
    buffer.write(np.arange(64, dtype=np.uint32))
    checked.run(kernel, [(0, 0)], [buffer])
    # A new buffer in the same place holds nothing.
    address = buffer.address
    buffer.free()
    buffer = checked.empty(64, np.uint32)
    assert buffer.address == address
    with pytest.raises(tw.KernelFault, match="nothing has written"):
        checked.run(kernel, [(0, 0)], [buffer])


@pytest.mark.parametrize("how", ["free", "del"])
def test_use_of_a_buffer_that_was_freed(checked: tw.Device, how: str) -> None:
    """By its address; as an argument it is refused at once."""
    fetch, load = compile(UNWRITTEN_BANK), compile(UNWRITTEN)
    in_dram = checked.put(np.arange(64, dtype=np.uint32), tw.Placement.bank(1))
    in_l1 = checked.put(np.arange(64, dtype=np.uint32), tw.Placement.l1(0, 0))
    addresses = in_dram.address, in_l1.address
    for kernel, address in zip((fetch, load), addresses, strict=True):
        checked.run(kernel, [(0, 0)], [address])
    if how == "free":
        in_dram.free()
        in_l1.free()
        with pytest.raises(tw.ClosedError, match="freed"):
            checked.run(compile(UNWRITTEN_DRAM), [(0, 0)], [in_dram])
    del in_dram, in_l1
    for kernel, address in ((load, addresses[1]), (fetch, addresses[0])):
        with pytest.raises(tw.KernelFault, match="256 bytes that was freed"):
            checked.run(kernel, [(0, 0)], [address])
    checked.checks = "unwritten_reads"
    for kernel, address in zip((fetch, load), addresses, strict=True):
        with pytest.raises(tw.KernelFault, match="nothing has written"):
            checked.run(kernel, [(0, 0)], [address])


def test_load_of_a_variable_that_was_never_set(checked: tw.Device) -> None:
    kernel = compile(STACK_GARBAGE)
    with pytest.raises(tw.KernelFault, match="nothing has written") as caught:
        checked.run(kernel, [(0, 0)], [0])
    assert "kernel.cpp:7" in caught.value.place


def test_what_was_there_before_the_check_counts_as_written(device: tw.Device) -> None:
    device.write_l1((0, 0), 0x30000, b"\x09\0\0\0")
    device.checks = "unwritten_reads"
    assert device.run(compile(UNWRITTEN), [(0, 0)], [0x30000]).output == "9"


def test_restored_memory_counts_as_written(device: tw.Device) -> None:
    device.checks = "unwritten_reads"
    device.write_l1((0, 0), 0x30000, b"\x09\0\0\0")
    image = device.snapshot()
    with tw.open("tiny", checks=True) as other:
        other.restore(image)
        assert other.run(compile(UNWRITTEN), [(0, 0)], [0x30000]).output == "9"


def test_kernel_that_ends_before_its_writes(checked: tw.Device) -> None:
    kernel = compile(UNFLUSHED)
    buffer = checked.zeros(16, np.uint32)
    with pytest.raises(tw.KernelFault, match=r"'kernel.cpp' ended with 1 of its writes on NoC 0"):
        checked.run(kernel, [(0, 0)], [buffer, False])
    checked.run(kernel, [(0, 0)], [buffer, True])
    assert buffer.numpy()[0] == 7


@pytest.mark.parametrize("name", ["scale_add", "ring", "message"])
def test_checks_change_no_cycle(name: str) -> None:
    def run(checks: bool) -> tuple[int, int, bytes]:
        with tw.open("tiny", checks=checks) as device:
            kernel = tw.Kernel.builtin(name)
            result = device.run(kernel, *arguments(device))
            return result.cycles, result.instructions, device.snapshot().data

    def arguments(device: tw.Device) -> tuple[list[Core], Arguments]:
        if name == "message":
            return [(1, 1)], [device.zeros(64, np.uint8), 1, 2]
        if name == "scale_add":
            x = device.put(np.arange(1000, dtype=np.int32))
            y = device.put(np.arange(1000, dtype=np.int32))
            return [(0, 0)], [x, y, 3, 0, 0, 1000]
        token = device.semaphore()
        return [(0, 0), (1, 0)], {
            (0, 0): [token, 1, 0, True, 5],
            (1, 0): [token, 0, 0, False, 5],
        }

    assert run(True) == run(False)


def test_a_story_plays_the_same_under_all_checks() -> None:
    from tilewright.zmachine import Game

    def play(checks: bool) -> tuple[str, int]:
        with tw.open("tiny", checks=checks) as device:
            game = Game(device=device)
            text = game.read() + game.send("look")
            return text, device.cycle

    assert play(True) == play(False)


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tilewright.cli import main

    source = tmp_path / "kernel.cpp"
    source.write_text(HEAD + UNWRITTEN)
    run = ["run", str(source), "--preset", "tiny", "--arg", "0x20000"]
    assert main(run) == 0
    assert main([*run, "--checks"]) == 1
    assert "nothing has written" in capsys.readouterr().err


POLLING = """
static void poll(bool writer) {
    auto* word = l1<volatile std::uint32_t>(0x20000);
    if (writer) {
        for (volatile int i = 0; i < 500; i = i + 1) {}
        *word = 1;
    } else {
        while (*word == 0) {}
    }
}
TILEWRIGHT_KERNEL(poll)
"""


@pytest.mark.parametrize("park", [0, 1])
def test_checks_change_no_cycle_of_a_polling_loop(park: int) -> None:
    def run(checks: bool) -> tuple[int, list[int]]:
        with tw.open("tiny", checks=checks, park_polling_loops=park) as device:
            device.write_l1((0, 0), 0x20000, bytes(4))
            result = device.run(
                compile(POLLING), [(0, 0, 0), (0, 0, 1)], lambda core: [core == (0, 0, 1)]
            )
            return result.cycles, [core.instructions for core in result.cores]

    assert run(True) == run(False)
