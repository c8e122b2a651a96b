"""The check `races`: what nothing orders is told with both places, what is ordered is not, and no
cycle changes."""

import re
from typing import Any

import numpy as np
import pytest

import tilewright as tw

HEAD = "#include <tilewright/kernel.hpp>\nusing namespace tilewright::kernel;\n"


def compile(source: str, name: str = "kernel.cpp") -> tw.Kernel:
    return tw.Kernel.from_source(HEAD + source, name)


def race(call: object, *arguments: object, **named: object) -> str:
    """The report of the race that the call ends with."""
    with pytest.raises(tw.KernelFault, match="race on") as fault:
        call(*arguments, **named)  # type: ignore[operator]
    return str(fault.value)


@pytest.fixture
def checked(device: tw.Device) -> tw.Device:
    device.checks = ["races"]
    return device


# --- Words that nobody waits for ------------------------------------------------------------------

INSTEAD_OF_WAITING = """
static void instead_of_waiting(std::uint32_t address) {
    if (tile_x() == 0) {
        noc_inline_write(tile_address(1, 0, address), 42, 1);
        noc_async_write_barrier(1);
    } else {
        for (volatile int i = 0; i < 200; ++i) {}
        print(*l1<volatile std::uint32_t>(address));
    }
}
TILEWRIGHT_KERNEL(instead_of_waiting)
"""


@pytest.mark.parametrize(("hop", "seen"), [(9, "42"), (900, "1")])
def test_a_word_read_after_a_while_is_told_however_long_the_network_takes(
    hop: int, seen: str
) -> None:
    kernel = compile(INSTEAD_OF_WAITING, "late.cpp")
    with tw.open("tiny", noc_hop_cycles=hop) as device:
        word = device.put(np.array([1], np.uint32), tw.Placement.l1(1, 0))
        arguments: Any = [(0, 0), (1, 0)], [word.address]
        assert device.run(kernel, *arguments).output == seen
        word.write(np.array([1], np.uint32))
        device.checks = True
        text = race(device.run, kernel, *arguments)
        assert "core (0, 0, 0) at late.cpp:6" in text
        assert "core (1, 0, 0) at late.cpp:10" in text
        assert "4 bytes at 0x20000 of the L1 of tile (1, 0), a buffer of 4 bytes" in text
        assert re.search(r"a load by .*, in cycle \d+", text)
        assert re.search(r"a write over NoC 1 by .*, in cycle \d+", text)
        assert "once noc_async_write_barrier(1) has waited for it" in text
        assert "to wait for the signal" in text


# --- Kernels of docs/memory-model.md --------------------------------------------------------------

MESSAGE = """
static void message(Semaphore ready, std::uint32_t how) {
    auto* data = l1<std::uint32_t>(l1_user_base);
    if (tile_x() == 1) {
        if (how != 5) ready.wait_min(1);
        print(data[4095]);
        return;
    }
    data[4095] = 42;
    noc_async_write(data, tile_address(1, 0, data), 16384);
    switch (how) {
        case 0: ready.remote_add(1, 0, 1); break;
        case 1: ready.remote_add(1, 0, 1, 1); break;
        case 2:
            noc_async_write_barrier();
            ready.remote_add(1, 0, 1, 1);
            break;
        case 3:
            data[4095] = 7;
            ready.remote_add(1, 0, 1);
            break;
        case 4:
            noc_async_writes_flushed();
            data[4095] = 7;
            ready.remote_add(1, 0, 1);
            break;
        case 5: break;
    }
}
TILEWRIGHT_KERNEL(message)
"""


@pytest.fixture(scope="module")
def message() -> tw.Kernel:
    return compile(MESSAGE, "message.cpp")


@pytest.mark.parametrize("how", [0, 2, 4])
def test_a_message_that_its_signal_is_behind_is_no_race(message: tw.Kernel, how: int) -> None:
    cycles = []
    for checks in (False, ["races"]):
        with tw.open("tiny", checks=checks) as device:
            run = device.run(message, [(0, 0), (1, 0)], [device.semaphore(), how])
            assert run.output == "42"
            cycles.append(run.cycles)
    assert cycles[0] == cycles[1]


@pytest.mark.parametrize(
    ("how", "lines", "missing"),
    [
        (1, (8, 12), "core (0, 0, 0) signals too early: it has to wait with noc_async_write_barri"),
        (3, (21, 12), "it has to wait with noc_async_writes_flushed between the two"),
        (5, (8, 12), "core (0, 0, 0) to wait for the signal; or the other way round"),
    ],
    ids=["another network", "the source changed", "no wait"],
)
def test_a_message_without_order_is_a_race(
    checked: tw.Device, message: tw.Kernel, how: int, lines: tuple[int, int], missing: str
) -> None:
    text = race(checked.run, message, [(0, 0), (1, 0)], [checked.semaphore(), how])
    found = [int(line) for line in re.findall(r"message\.cpp:(\d+)", text)]
    assert set(found) == set(lines)
    assert missing in text
    # And the device goes on.
    assert checked.run(message, [(0, 0), (1, 0)], [checked.semaphore(), 0]).output == "42"


def test_a_semaphore_that_is_not_set_back_lets_the_next_run_begin_too_early(
    checked: tw.Device, message: tw.Kernel
) -> None:
    """The second run's receiver finds the first one's signal."""
    ready = checked.semaphore()
    arguments: Any = [(0, 0), (1, 0)], [ready, 0]
    checked.run(message, *arguments)
    text = race(checked.run, message, *arguments)
    assert "message.cpp:8" in text
    assert "message.cpp:12" in text
    for x in (0, 1):
        checked.write_l1((x, 0), ready.address, bytes(4))
    checked.run(message, *arguments)


# --- Buffers that are used again ------------------------------------------------------------------

DOUBLE_BUFFER = """
// Tile (0, 0) sends blocks in turn to `buffers` places of tile (1, 0), two ahead of its credits.
static void double_buffer(Semaphore full, Semaphore credits, std::uint32_t buffers) {
    auto* data = l1<std::uint32_t>(l1_user_base);
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < 8; ++i) {
        auto* block = data + i % buffers * 64;
        if (tile_x() == 0) {
            if (i >= 2) credits.wait_min(i - 1);
            block[0] = i;
            noc_async_write(block, tile_address(1, 0, block), 256);
            full.remote_add(1, 0, 1);
            noc_async_writes_flushed();
        } else {
            full.wait_min(i + 1);
            sum += block[0];
            credits.remote_add(0, 0, 1);
        }
    }
    if (tile_x() == 1) print(sum);
}
TILEWRIGHT_KERNEL(double_buffer)
"""


def test_a_double_buffer_with_one_buffer_is_a_race(checked: tw.Device) -> None:
    kernel = compile(DOUBLE_BUFFER)
    where = [(0, 0), (1, 0)]
    run = checked.run(kernel, where, [checked.semaphore(), checked.semaphore(), 2])
    assert run.output == "28"
    text = race(checked.run, kernel, where, [checked.semaphore(), checked.semaphore(), 1])
    assert "a load by core (1, 0, 0)" in text
    assert "a write over NoC 0 by core (0, 0, 0)" in text


MULTICAST = """
// Tile (0, 0) tells all others of data in one of them.
static void multicast(Semaphore ready, std::uint32_t how) {
    auto* data = l1<std::uint32_t>(l1_user_base);
    if (tile_x() != 0 || tile_y() != 0) {
        ready.wait_min(1);
        if (tile_x() == 1 || how != 1) print(data[63]);
        return;
    }
    data[63] = 5;
    const auto all = [&](auto address) { return tiles_address(0, 0, 1, 1, address); };
    if (how == 1) {
        noc_async_write(data, tile_address(1, 0, data), 256);
        noc_async_write(data, tile_address(1, 1, data), 256);
    } else {
        noc_async_write_multicast(data, all(l1_user_base), 256, 3);
    }
    noc_semaphore_inc_multicast(all(ready.address), 1, 3, Multicast::to_others, how == 2);
}
TILEWRIGHT_KERNEL(multicast)
"""


def test_a_multicast_that_may_overtake_is_a_race(checked: tw.Device) -> None:
    kernel = compile(MULTICAST)
    assert checked.run(kernel, checked.tiles, [checked.semaphore(), 0]).output == "555"
    for how in (1, 2):  # behind single writes, and over another network
        text = race(checked.run, kernel, checked.tiles, [checked.semaphore(), how])
        assert "signals too early: it has to wait with noc_async_write_barrier" in text


# --- One tile -------------------------------------------------------------------------------------

ONE_TILE = """
static void one_tile(std::uint32_t how) {
    auto* data = l1<volatile std::uint32_t>(l1_user_base);
    auto* bytes = l1<volatile std::uint8_t>(l1_user_base + 512);
    auto* flag = l1<volatile std::uint32_t>(l1_user_base + 4096);
    if (processor() == 0) {
        for (std::uint32_t i = 0; i < 64; ++i) data[i] = 1;
        for (std::uint32_t i = 0; i < 64; i += 2) bytes[i] = 1;
        *flag = 1;
        if (how == 2) data[0] = 3;
        return;
    }
    for (std::uint32_t i = 1; i < 64; i += 2) bytes[i] = 1;  // beside those
    if (how == 0 || how == 2) while (*flag == 0) {}
    if (how == 1) for (int n = 0; n < 1000 && *flag == 0; ++n) {}
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < 64; ++i) sum += data[i];
    print(sum);
}
TILEWRIGHT_KERNEL(one_tile)
"""


def test_a_polling_loop_acquires_and_another_loop_does_not(checked: tw.Device) -> None:
    kernel = compile(ONE_TILE)
    cores = [(0, 0, 0), (0, 0, 1)]

    def again() -> None:
        checked.write_l1((0, 0), 0x21000, bytes(4))

    again()
    assert checked.run(kernel, cores, [0]).output == "64"
    # A loop that counts loads the flag as anything else is loaded; and the flag does not tell of
    # what is stored behind it.
    for how, address, load, store in ((1, "0x21000", 17, 11), (2, "0x20000", 19, 12)):
        again()
        text = race(checked.run, kernel, cores, [how])
        assert f"race on 4 bytes at {address} of the L1 of tile (0, 0)" in text
        assert f"a load by core (0, 0, 1) at kernel.cpp:{load} " in text
        assert f"a store by core (0, 0, 0) at kernel.cpp:{store} " in text


def test_direct_memory_is_checked_and_a_store_there_is_no_signal() -> None:
    kernel = compile("""
    static void direct(std::uint32_t address, bool fence, Semaphore ready) {
        auto* data = l1<volatile std::uint32_t>(address);
        if (tile_x() == 0) {
            data[0] = 1;
            if (fence) asm volatile("fence" ::: "memory");
            data[16] = 1;
            return;
        }
        while (data[16] == 0) {}
        print(data[0]);
    }
    TILEWRIGHT_KERNEL(direct)
    """)
    for fence in (True, False):
        with tw.open("ascend", checks=["races"]) as device:
            data = device.put(np.zeros(32, np.uint32), tw.Placement.bank(0))
            arguments: Any = [(0, 0), (1, 0)], [data.core_address, fence, device.semaphore()]
            if fence:
                assert device.run(kernel, *arguments).output == "1"
            else:
                assert "of DRAM bank 0" in race(device.run, kernel, *arguments)


# --- Engines and queues ---------------------------------------------------------------------------


def test_an_engine_is_waited_for_by_its_flag() -> None:
    kernel = compile("""
    static void copy(std::uint64_t source, std::uint32_t done, bool wait) {
        auto* data = l1<volatile std::uint32_t>(l1_user_base);
        dma_copy(source, own_l1(l1<std::byte>(l1_user_base)), 4096, {.done = Flag{done}});
        if (wait) Flag{done}.wait_min(1);
        else while (cycles() < 5000) {}
        print(data[1023]);
    }
    TILEWRIGHT_KERNEL(copy)
    """)
    with tw.open("kpu", checks=["races"]) as device:
        bank = device.memory("dram", 0)
        bank.write(0, np.full(1024, 3, np.uint32))
        arguments: Any = [(0, 0)], [bank.address, device.flag()]
        assert device.run(kernel, arguments[0], [*arguments[1], True]).output == "3"
        arguments[1][1] = device.flag()
        text = race(device.run, kernel, arguments[0], [*arguments[1], False])
        assert "a command of DMA engine 0, which writes them, submitted by core (0, 0, 0)" in text
        assert "core (0, 0, 0) has to wait for the flag of that command" in text


@pytest.mark.parametrize("ordered", [True, False])
def test_queues_are_ordered_by_events(checked: tw.Device, ordered: bool) -> None:
    kernel = compile("""
    static void fill(Buffer data, std::uint32_t value) {
        auto* words = l1<std::uint32_t>(l1_user_base);
        for (std::uint32_t i = 0; i < 64; ++i) words[i] = value;
        data.write(0, words, 256);
        noc_async_write_barrier();
    }
    TILEWRIGHT_KERNEL(fill)
    """)
    data = checked.put(np.zeros(64, np.uint32))
    first, second = checked.queue(), checked.queue()
    first.run(kernel, [(0, 0)], [data, 1])
    event = first.record()
    if ordered:
        second.wait(event)
    second.run(kernel, [(1, 0)], [data, 2])
    if ordered:
        second.finish()
        assert (data.numpy() == 2).all()
        return
    text = race(second.finish)
    assert "of DRAM bank" in text
    assert "a buffer of 256 bytes" in text


# --- The device's own ways ------------------------------------------------------------------------


def test_a_snapshot_in_the_middle_changes_nothing(checked: tw.Device, message: tw.Kernel) -> None:
    for how, raced in ((0, False), (1, True)):
        checked.launch(message, [(0, 0), (1, 0)], [checked.semaphore(), how])
        checked.advance_to(checked.cycle + 60)  # nothing has been sent
        image = checked.snapshot()
        for _ in range(2):
            if raced:
                race(checked.finish)
            else:
                assert checked.finish().output == "42"
            checked.restore(image)
        checked.abort()


def test_bytes_of_a_buffer_that_was_freed_are_nobodys(checked: tw.Device) -> None:
    kernel = compile("""
    static void touch(std::uint32_t data, Semaphore go) {
        *l1<volatile std::uint32_t>(data) = 1;
        go.wait_min(1);
    }
    TILEWRIGHT_KERNEL(touch)
    """)
    go = checked.doorbell()
    first = checked.empty(64, np.uint8, tw.Placement.l1(0, 0))
    at = first.address
    checked.launch(kernel, [(0, 0, 0)], [first.address, go])
    checked.advance_to(checked.cycle + 2000)
    first.free()
    second = checked.empty(64, np.uint8, tw.Placement.l1(0, 0))
    assert second.address == at
    checked.launch(kernel, [(0, 0, 1)], [second.address, go])
    checked.advance_to(checked.cycle + 2000)
    checked.ring(go, (0, 0))
    checked.finish()


def test_a_host_that_rings_and_is_rung_is_in_order(checked: tw.Device) -> None:
    kernel = compile("""
    static void serve(std::uint32_t data, Semaphore bell, std::uint32_t rounds) {
        auto* words = l1<volatile std::uint32_t>(data);
        for (std::uint32_t i = 1; i <= rounds; ++i) {
            bell.wait_min(i);
            words[1] = words[0] + 1;
        }
    }
    TILEWRIGHT_KERNEL(serve)
    """)
    bell = checked.doorbell()
    data = checked.put(np.zeros(2, np.uint32), tw.Placement.l1(0, 0))
    checked.launch(kernel, [(0, 0)], [data.address, bell, 3])
    for value in range(3):
        checked.run_until_idle()
        checked.write_l1((0, 0), data.address, value.to_bytes(4, "little"))
        checked.ring(bell, (0, 0))
    checked.finish()
    assert data.numpy().tolist() == [2, 3]


def test_a_host_that_writes_into_a_running_kernel_is_told(checked: tw.Device) -> None:
    kernel = compile("""
    static void look(std::uint32_t data) {
        auto* word = l1<volatile std::uint32_t>(data);
        while (cycles() < 4000) {}
        print(*word);
    }
    TILEWRIGHT_KERNEL(look)
    """)
    data = checked.put(np.zeros(1, np.uint32), tw.Placement.l1(0, 0))
    checked.launch(kernel, [(0, 0)], [data.address])
    checked.advance_to(100)
    data.write(np.array([1], np.uint32))
    assert "a write by the host, in cycle 100" in race(checked.finish)


def test_what_the_host_writes_before_time_passes_is_before_what_it_launched(
    checked: tw.Device,
) -> None:
    kernel = compile("""
    static void look(std::uint32_t data) { print(*l1<volatile std::uint32_t>(data)); }
    TILEWRIGHT_KERNEL(look)
    """)
    data = checked.put(np.zeros(1, np.uint32), tw.Placement.l1(0, 0))
    checked.launch(kernel, [(0, 0)], [data.address])
    data.write(np.array([1], np.uint32))
    assert checked.finish().output == "1"
