"""What orders what on the chip, as docs/memory-model.md says. Where it promises an order, that one
holds; where it promises none, the other one can be seen, so that a program must ask for it."""

import numpy as np
import pytest

import tilewright as tw

HEAD = "#include <tilewright/kernel.hpp>\nusing namespace tilewright::kernel;\n"


def compile(source: str) -> tw.Kernel:
    return tw.Kernel.from_source(HEAD + source, "kernel.cpp")


# Tile (0, 0) sends ones over NoC 0, in two packets, and then a signal; who gets it adds up what has
# come so far.
MESSAGE = """
constexpr std::uint32_t words = 5120;
enum Signal { atomic, inline_write, write, multicast };
static void message(Semaphore ready, std::uint32_t how, std::uint32_t signal_noc, bool barrier) {
    auto* data = l1<std::uint32_t>(l1_user_base);
    if (tile_x() != 0 || tile_y() != 0) {
        ready.wait_min(1);
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < words; i += 10) sum += data[i];
        print(sum, ' ');
        return;
    }
    auto* one = l1<std::uint32_t>(l1_user_base + 4 * words + ready.address % 16);
    for (std::uint32_t i = 0; i < words; ++i) data[i] = 1;
    *one = 1;
    if (how == multicast) {
        noc_async_write_multicast(data, tiles_address(0, 0, 1, 1, l1_user_base), words * 4);
    } else {
        noc_async_write(data, tile_address(1, 0, data), words * 4);
    }
    if (barrier) noc_async_write_barrier();
    if (how == atomic) ready.remote_add(1, 0, 1, signal_noc);
    if (how == inline_write) noc_inline_write(ready.noc_address(1, 0), 1, signal_noc);
    if (how == write) noc_async_write(one, ready.noc_address(1, 0), 4, signal_noc);
    if (how == multicast) {
        noc_semaphore_inc_multicast(tiles_address(0, 0, 1, 1, ready.address), 1, 3,
                                    Multicast::to_others, signal_noc);
    }
}
TILEWRIGHT_KERNEL(message)
"""
SIGNALS = ["atomic", "inline_write", "write", "multicast"]


@pytest.fixture(scope="module")
def message() -> tw.Kernel:
    return compile(MESSAGE)


def send(
    device: tw.Device, message: tw.Kernel, signal: str, noc: int, barrier: bool = False
) -> list[int]:
    """The sum that each receiver saw when the signal had come."""
    tiles = device.tiles if signal == "multicast" else [(0, 0), (1, 0)]
    run = device.run(message, tiles, [device.semaphore(), SIGNALS.index(signal), noc, barrier])
    return [int(text) for text in run.output.split()]


@pytest.mark.parametrize("signal", SIGNALS)
def test_what_travels_one_path_arrives_in_order(
    device: tw.Device, message: tw.Kernel, signal: str
) -> None:
    sums = send(device, message, signal, noc=0)
    assert sums == [512] * (3 if signal == "multicast" else 1)


@pytest.mark.parametrize("signal", SIGNALS)
def test_two_networks_have_no_order_but_by_a_barrier(
    device: tw.Device, message: tw.Kernel, signal: str
) -> None:
    assert min(send(device, message, signal, noc=1)) < 512
    assert set(send(device, message, signal, noc=1, barrier=True)) == {512}


@pytest.mark.parametrize(("noc", "seen"), [(0, 7), (1, 0)])
def test_a_read_on_the_path_of_a_write_sees_it(device: tw.Device, noc: int, seen: int) -> None:
    kernel = compile("""
    static void write_and_read(std::uint32_t noc) {
        auto* words = l1<std::uint32_t>(l1_user_base);
        words[4095] = 7;
        noc_async_write(words, tile_address(1, 0, words), 16384);
        noc_async_read(tile_address(1, 0, words + 4095), words + 4111, 4, noc);
        noc_async_read_barrier(noc);
        print(words[4111]);
    }
    TILEWRIGHT_KERNEL(write_and_read)
    """)
    assert device.run(kernel, [(0, 0)], [noc]).output == str(seen)


# The first access opens a row of the bank; the second one finds it open, and would be faster alone.
TO_DRAM = """
static void to_dram(bool read) {
    auto* words = l1<std::uint32_t>(l1_user_base);
    words[0] = 1;
    words[16] = 2;
    noc_async_write(words, dram_address(0, 0), 4);
    if (!read) noc_async_write(words + 16, dram_address(0, 0), 4);
    if (!read) noc_async_write_barrier();
    noc_async_read(dram_address(0, 0), words + 32, 4);
    noc_async_read_barrier();
    print(words[32]);
}
TILEWRIGHT_KERNEL(to_dram)
"""


@pytest.mark.parametrize("read", [False, True], ids=["write_write", "write_read"])
def test_a_dram_bank_keeps_the_order_of_a_path(device: tw.Device, read: bool) -> None:
    assert device.run(compile(TO_DRAM), [(0, 0)], [read]).output == ("1" if read else "2")


def test_any_writes_and_reads_of_a_dram_bank_keep_the_order_of_their_path(
    device: tw.Device,
) -> None:
    """Random commands, each of 16 words, on few places of few rows, against a list of words."""
    kernel = compile("""
    static void commands(std::uint32_t base, std::uint32_t count) {
        auto* script = l1<std::uint32_t>(l1_user_base);   // place * 2 + whether it writes
        auto* data = l1<std::uint32_t>(l1_user_base + 4096);
        for (std::uint32_t i = 0; i < 16 * count; ++i) data[i] = i;
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto there = dram_address(0, base + script[i] / 2);
            if (script[i] % 2 != 0) noc_async_write(data + 16 * i, there, 64);
            else noc_async_read(there, data + 16 * i, 64);
        }
        noc_async_write_barrier();
        noc_async_read_barrier();
    }
    TILEWRIGHT_KERNEL(commands)
    """)
    random = np.random.default_rng(5)
    count = 400
    places = random.integers(0, 6, count) * 32768 + random.integers(0, 2, count) * 64
    writes = random.integers(0, 2, count)
    bank = device.put(np.zeros(50_000, np.uint32), tw.Placement.bank(0))
    device.write_l1((0, 0), 0x20000, (places * 2 + writes).astype(np.uint32).tobytes())
    device.run(kernel, [(0, 0)], [bank.address, count])
    words = np.frombuffer(device.read_l1((0, 0), 0x21000, 64 * count), np.uint32).reshape(-1, 16)
    memory: dict[int, list[int]] = {}
    for i, (place, write) in enumerate(zip(places, writes, strict=True)):
        if write:
            memory[place] = list(range(16 * i, 16 * i + 16))
        else:
            assert words[i].tolist() == memory.get(place, [0] * 16)


def test_a_read_has_landed_behind_its_barrier(device: tw.Device) -> None:
    kernel = compile("""
    static void fetch(Buffer data) {
        auto* word = l1<volatile std::uint32_t>(l1_user_base);
        *word = 0;
        data.read(0, l1<std::byte>(l1_user_base), 64);
        print(*word, ' ');
        noc_async_read_barrier();
        print(*word);
    }
    TILEWRIGHT_KERNEL(fetch)
    """)
    data = device.put(np.arange(5, 21, dtype=np.uint32))
    assert device.run(kernel, [(0, 0)], [data]).output == "0 5"


@pytest.mark.parametrize(("flush", "taken"), [(True, 1), (False, 2)])
def test_the_source_of_a_write_is_taken_when_it_is_flushed(
    device: tw.Device, flush: bool, taken: int
) -> None:
    kernel = compile("""
    static void reuse(bool flush) {
        auto* word = l1<volatile std::uint32_t>(l1_user_base);
        *word = 1;
        noc_async_write(l1<std::byte>(l1_user_base), tile_address(1, 0, l1_user_base), 4);
        if (flush) noc_async_writes_flushed();
        *word = 2;
    }
    TILEWRIGHT_KERNEL(reuse)
    """)
    device.run(kernel, [(0, 0)], [flush])
    assert device.read_l1((1, 0), 0x20000, 4) == taken.to_bytes(4, "little")


def test_the_end_of_a_run_is_behind_all_transfers(device: tw.Device) -> None:
    kernel = compile("""
    static void leave(Buffer data) {
        auto* words = l1<std::uint32_t>(l1_user_base);
        for (std::uint32_t i = 0; i < 1024; ++i) words[i] = i;
        data.write(0, words, 4096);
    }
    TILEWRIGHT_KERNEL(leave)
    """)
    data = device.put(np.zeros(1024, np.uint32))
    device.run(kernel, [(0, 0)], [data])
    assert np.array_equal(data.numpy(), np.arange(1024))


def test_atomics_of_cores_and_of_the_network_lose_nothing(device: tw.Device) -> None:
    """Adds of two cores of the tile, by amoadd and lr/sc, and of two other tiles over each NoC."""
    kernel = compile("""
    static void add(Semaphore count, std::uint32_t times) {
        for (std::uint32_t i = 0; i < times; ++i) {
            if (tile_x() != 0 || tile_y() != 0) {
                count.remote_add(0, 0, 1, tile_x());
            } else if (processor() == 0) {
                count.add(1);
            } else {
                std::uint32_t word, failed;
                do {
                    asm volatile(
                        "lr.w %0, (%2)\\naddi %0, %0, 1\\nsc.w %1, %0, (%2)"
                        : "=&r"(word), "=&r"(failed) : "r"(count.address) : "memory");
                } while (failed != 0);
            }
        }
        noc_async_atomic_barrier(tile_x());
    }
    TILEWRIGHT_KERNEL(add)
    """)
    count = device.semaphore()
    device.run(kernel, [(0, 0, 0), (0, 0, 1), (1, 0), (0, 1)], [count, 50])
    assert int.from_bytes(device.read_l1((0, 0), count.address, 4), "little") == 200


# Core 0 stores data and then a flag; core 1 waits for the flag with loads.
STORES = """
static void stores() {
    auto* data = l1<volatile std::uint32_t>(l1_user_base);
    auto* flag = l1<volatile std::uint32_t>(l1_user_base + 4096);
    if (processor() == 0) {
        for (std::uint32_t i = 0; i < 200; ++i) data[i] = 1;
        asm volatile("fence" ::: "memory");
        *flag = 1;
        return;
    }
    while (*flag == 0) {
    }
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < 200; ++i) sum += data[i];
    print(sum);
}
TILEWRIGHT_KERNEL(stores)
"""


def test_a_polling_loop_acquires_from_the_store_that_ends_it() -> None:
    """And in the same cycle whatever the quantum, as the store stands behind a fence."""
    kernel = compile(STORES)
    runs = []
    for quantum in (1, 100, 1024):
        with tw.open("tiny", quantum_cycles=quantum) as device:
            runs.append(device.run(kernel, [(0, 0, 0), (0, 0, 1)]))
    assert [run.output for run in runs] == ["200"] * 3
    assert len({run.cycles for run in runs}) == 1


def test_other_plain_loads_do_not_acquire(device: tw.Device) -> None:
    """The word has come long since; a load sees it behind the next boundary."""
    kernel = compile("""
    static void look() {
        auto* word = l1<volatile std::uint32_t>(l1_user_base);
        if (tile_x() == 1) return noc_inline_write(tile_address(0, 0, l1_user_base), 1);
        while (cycles() < 700) {
        }
        const std::uint32_t before = *word;
        asm volatile("fence" ::: "memory");
        const std::uint32_t behind = *word;
        print(before, ' ', behind);
    }
    TILEWRIGHT_KERNEL(look)
    """)
    device.write_l1((0, 0), 0x20000, bytes(4))
    assert device.run(kernel, [(0, 0), (1, 0)]).output == "0 1"


def test_plain_loads_see_the_host_behind_the_next_boundary(device: tw.Device) -> None:
    kernel = compile("""
    static void look() {
        auto* word = l1<volatile std::uint32_t>(l1_user_base);
        while (cycles() < 500) {
        }
        const std::uint32_t before = *word;
        asm volatile("fence" ::: "memory");
        const std::uint32_t behind = *word;
        print(before, ' ', behind);
    }
    TILEWRIGHT_KERNEL(look)
    """)
    device.write_l1((0, 0), 0x20000, bytes(4))
    device.launch(kernel, [(0, 0)])
    device.advance_to(100)
    device.write_l1((0, 0), 0x20000, b"\1\0\0\0")
    assert device.finish().output == "0 1"


def test_a_fence_does_not_wait_for_transfers(device: tw.Device) -> None:
    kernel = compile("""
    static void fetch(Buffer data) {
        auto* word = l1<volatile std::uint32_t>(l1_user_base);
        *word = 0;
        data.read(0, l1<std::byte>(l1_user_base), 64);
        asm volatile("fence" ::: "memory");
        print(*word);
    }
    TILEWRIGHT_KERNEL(fetch)
    """)
    data = device.put(np.full(16, 9, np.uint32))
    assert device.run(kernel, [(0, 0)], [data]).output == "0"


def test_a_flag_of_an_engine_is_raised_behind_its_bytes() -> None:
    kernel = compile("""
    static void copy(std::uint64_t source, std::uint32_t done) {
        auto* data = l1<volatile std::uint32_t>(l1_user_base);
        data[1023] = 0;
        dma_copy(source, own_l1(l1<std::byte>(l1_user_base)), 4096, {.done = Flag{done}});
        asm volatile("fence" ::: "memory");
        print(data[1023], ' ');
        Flag{done}.wait_min(1);
        print(data[1023]);
    }
    TILEWRIGHT_KERNEL(copy)
    """)
    with tw.open("kpu") as device:
        bank = device.memory("dram", 0)
        bank.write(0, np.full(1024, 3, np.uint32))
        assert device.run(kernel, [(0, 0)], [bank.address, device.flag()]).output == "0 3"
