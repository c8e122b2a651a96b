"""The check `buffers`: uses of what was freed, writes into padding, and what it leaves alone."""

import gc

import numpy as np
import pytest

import tilewright as tw

HEAD = "#include <tilewright/kernel.hpp>\nusing namespace tilewright::kernel;\n"
SCRATCH = 0x80000

# What a kernel does with the address of 256 bytes of L1, here and on tile (1, 1), and of DRAM bank
# 1; and what is said of it.
USES = {
    "store": ("*l1<volatile std::uint32_t>(near) = 1;", "store of 4 bytes to", "the L1 of tile"),
    "load": ("print(*l1<volatile std::uint32_t>(near + 252));", "load of 4 bytes from", "L1"),
    "atomic": (
        "__atomic_fetch_add(l1<std::uint32_t>(near), 1, __ATOMIC_RELAXED);",
        "store of 4 bytes to",
        "L1",
    ),
    "read_into": (
        "noc_async_read(dram_address(0, 0), l1<void>(near), 64);",
        "write of 64 bytes at",
        "L1",
    ),
    "write_from": (
        "noc_async_write(l1<void>(near + 192), dram_address(0, 0), 64);",
        "read of 64 bytes at",
        "L1",
    ),
    "write": (
        "noc_async_write(l1<void>(scratch), dram_address(1, bank), 64);",
        "write of 64 bytes at",
        "DRAM bank 1",
    ),
    "write_that_reaches_in": (
        "noc_async_write(l1<void>(scratch), dram_address(1, bank - 64), 128);",
        "write of 128 bytes at",
        "DRAM bank 1",
    ),
    "read": (
        "noc_async_read(dram_address(1, bank + 128), l1<void>(scratch), 64);",
        "read of 64 bytes at",
        "DRAM bank 1",
    ),
    "word": ("noc_inline_write(tile_address(1, 1, far), 7);", "write of 4 bytes at", "L1 of tile"),
    "semaphore": ("noc_semaphore_inc(tile_address(1, 1, far), 1);", "write of 4 bytes at", "tile"),
}


def kernel_of(body: str) -> tw.Kernel:
    source = (
        "static void use(std::uint32_t near, std::uint32_t far, std::uint32_t bank,\n"
        f"                std::uint32_t scratch) {{\n    {body}\n"
        "    noc_async_read_barrier(); noc_async_write_barrier(); noc_async_atomic_barrier();\n"
        "}\nTILEWRIGHT_KERNEL(use)\n"
    )
    return tw.Kernel.from_source(HEAD + source, "use.cpp")


@pytest.mark.parametrize("how", ["free", "del"])
@pytest.mark.parametrize("use", USES)
def test_what_was_freed_is_nobodys(device: tw.Device, use: str, how: str) -> None:
    body, what, where = USES[use]
    kernel = kernel_of(body)
    device.write_l1((0, 0), SCRATCH, bytes(256))
    ground = device.zeros(256, np.uint8, tw.Placement.bank(0))
    before = device.zeros(64, np.uint8, tw.Placement.bank(1))
    device.checks = "buffers"
    buffers = [
        device.zeros(256, np.uint8, place)
        for place in (tw.Placement.l1(0, 0), tw.Placement.l1(1, 1), tw.Placement.bank(1))
    ]
    addresses = [buffer.address for buffer in buffers]
    assert (ground.address, before.address + 64) == (0, addresses[2])
    device.run(kernel, [(0, 0)], [*addresses, SCRATCH])
    if how == "free":
        for buffer in buffers:
            buffer.free()
    del buffers
    with pytest.raises(tw.KernelFault) as caught:
        device.run(kernel, [(0, 0)], [*addresses, SCRATCH])
    message = str(caught.value)
    assert what in message
    assert where in message
    assert "in a buffer of 256 bytes that was freed, which had 0x" in message
    assert caught.value.core == (0, 0, 0)
    assert "use.cpp:5" in message or "noc.hpp" in message
    # Where there is another one, it is somebody's again.
    again = [device.zeros(128, np.uint8, tw.Placement.l1(0, 0)) for _ in range(2)]
    assert again[0].address == addresses[0]
    device.run(kernel_of(USES["store"][0]), [(0, 0)], [*addresses, SCRATCH])


def test_pages_that_were_freed_are_nobodys_in_all_memories(device: tw.Device) -> None:
    kernel = kernel_of("noc_async_write(l1<void>(scratch), dram_address(near, bank), 64);")
    device.write_l1((0, 0), SCRATCH, bytes(64))
    device.checks = True
    pages = device.zeros(5 * 64, np.uint8, tw.Placement.interleaved(64))
    address = pages.address
    banks = device.config.dram_bank_count
    pages.free()
    for bank in range(banks):
        with pytest.raises(tw.KernelFault, match=f"buffer of 320 bytes .* of DRAM bank {bank}"):
            device.run(kernel, [(0, 0)], [bank, 0, address, SCRATCH])


@pytest.mark.parametrize("side", ["source", "target"])
def test_engines_are_told_too(side: str) -> None:
    with tw.open("kpu", checks="buffers") as device:
        source = device.put(np.arange(300, dtype=np.int32), tw.Placement.bank(1))
        target = device.zeros(300, np.int32, tw.Placement.memory("l2", 5))
        freed = {"source": source, "target": target}[side]
        ready = device.flag()
        device.dma(source, target, wait=(ready, 1))
        freed.free()
        ready.value = 1
        what = "reads 1200 bytes" if side == "source" else "writes 1200 bytes"
        with pytest.raises(tw.KernelFault, match=rf"DMA.*{what} at .*in a buffer of 1200 bytes"):
            device.finish()
        device.dma(device.zeros(300, np.int32, tw.Placement.bank(1)), device.zeros(
            300, np.int32, tw.Placement.memory("l2", 5)))  # fmt: skip
        device.finish()


@pytest.mark.parametrize("all_at_once", [False, True])
def test_writes_behind_a_buffer_are_told(device: tw.Device, all_at_once: bool) -> None:
    """What lies between its last byte and where the next one may begin."""
    kernel = kernel_of("for (std::uint32_t i = 0; i < far; ++i) l1<volatile char>(near)[i] = 1;")
    device.checks = True if all_at_once else "buffers"
    buffer = device.zeros(100, np.uint8, tw.Placement.l1(0, 0))
    after = device.zeros(64, np.uint8, tw.Placement.l1(0, 0))
    assert after.address == buffer.address + 128
    device.run(kernel, [(0, 0)], [buffer.address, 100, 0, SCRATCH])
    message = r"store of 1 bytes to .* in the padding behind a buffer of 100 bytes: 0x\w+ to"
    with pytest.raises(tw.KernelFault, match=message):
        device.run(kernel, [(0, 0)], [buffer.address, 101, 0, SCRATCH])


def test_transfers_behind_a_buffer_are_told(device: tw.Device) -> None:
    write = kernel_of("noc_async_write(l1<void>(scratch), dram_address(far, bank), near);")
    read = kernel_of("noc_async_read(dram_address(far, bank), l1<void>(scratch), near);")
    device.write_l1((0, 0), SCRATCH, bytes(256))
    device.checks = "buffers"
    # Its third page, of 64 bytes, has 32 bytes in it.
    pages = device.zeros(160, np.uint8, tw.Placement.interleaved(64))
    banks = device.config.dram_bank_count
    place = [2 % banks, pages.address + 2 // banks * 64]
    device.run(write, [(0, 0)], [32, *place, SCRATCH])
    with pytest.raises(tw.KernelFault, match="padding behind a buffer of 160 bytes"):
        device.run(write, [(0, 0)], [64, *place, SCRATCH])
    device.run(read, [(0, 0)], [64, *place, SCRATCH])  # whole pages may be read


def test_it_holds_for_buffers_that_were_there_before(device: tw.Device) -> None:
    buffer = device.zeros(100, np.uint8, tw.Placement.l1(0, 0))
    image = device.snapshot()
    kernel = kernel_of("*l1<volatile char>(near + 100) = 1;")
    with tw.open("tiny", checks="buffers") as other:
        other.restore(image)
        with pytest.raises(tw.KernelFault, match="padding"):
            other.run(kernel, [(0, 0)], [buffer.address, 0, 0, 0])
    device.checks = "buffers"
    with pytest.raises(tw.KernelFault, match="padding"):
        device.run(kernel, [(0, 0)], [buffer.address, 0, 0, 0])


STORE_AT = "static void use() {{ *l1<volatile std::uint32_t>({address}) = 1; }}"


def store_at(address: int) -> tw.Kernel:
    source = HEAD + STORE_AT.format(address=address) + "\nTILEWRIGHT_KERNEL(use)\n"
    return tw.Kernel.from_source(source, "store.cpp")


def test_l1_that_was_freed_is_scratch_for_kernels_that_start_later(device: tw.Device) -> None:
    device.checks = True
    buffer = device.zeros(64, np.uint32, tw.Placement.l1(0, 0))
    address = buffer.address
    buffer.free()
    device.run(store_at(address), [(0, 0)])
    # But not for one that runs already.
    buffer = device.zeros(64, np.uint32, tw.Placement.l1(0, 0))
    bell = device.doorbell()
    source = (
        "static void use(Semaphore bell, std::uint32_t address) {\n"
        "    bell.wait(1);\n    *l1<volatile std::uint32_t>(address) = 1;\n}\n"
        "TILEWRIGHT_KERNEL(use)\n"
    )
    queue = device.queue()
    queue.run(tw.Kernel.from_source(HEAD + source, "late.cpp"), [(0, 0)], [bell, buffer.address])
    device.advance_to(device.cycle + 150)
    buffer.free()
    device.ring(bell, (0, 0))
    with pytest.raises(tw.KernelFault, match=r"late.cpp:5.*store of 4 bytes.*that was freed"):
        queue.finish()


def test_what_the_host_leases_or_writes_to_is_in_use(device: tw.Device) -> None:
    device.checks = True
    kernel = kernel_of("*l1<volatile std::uint32_t>(near) = 1;")
    buffer = device.zeros(64, np.uint32, tw.Placement.l1(0, 0))
    address = buffer.address
    buffer.free()
    lease = device.lease_l1((0, 0), address, 256, "tables")
    device.run(kernel, [(0, 0)], [address, 0, 0, 0])
    lease.release()
    device.zeros(64, np.uint32, tw.Placement.l1(0, 0)).free()
    with pytest.raises(tw.KernelFault, match="freed"):
        device.run(kernel, [(0, 0)], [address, 0, 0, 0])
    device.write_l1((0, 0), address, bytes(4))
    device.run(kernel, [(0, 0)], [address, 0, 0, 0])


def test_a_handle_that_goes_while_its_kernel_is_queued_keeps_its_memory(device: tw.Device) -> None:
    """What a command names lives until the command has ended, and so do arguments of a run."""
    device.checks = True
    source = (
        "static void twice(Buffer data, std::uint32_t times) {\n"
        "    auto* words = l1<std::uint32_t>(l1_user_base);\n"
        "    for (std::uint32_t i = 0; i < times; ++i) {\n"
        "        data.read(0, words, 256); noc_async_read_barrier();\n"
        "        words[0] += 1;\n"
        "        data.write(0, words, 256); noc_async_write_barrier();\n    }\n"
        "}\nTILEWRIGHT_KERNEL(twice)\n"
    )
    kernel = tw.Kernel.from_source(HEAD + source, "twice.cpp")
    queue = device.queue()
    data = device.zeros(64, np.uint32)
    queue.run(kernel, [(0, 0)], [data, 20])
    queue.run(kernel, [(0, 0)], [data, 20])
    result = queue.read(data)
    del data
    gc.collect()
    device.advance_to(device.cycle + 3000)  # in the middle of the first
    gc.collect()
    queue.finish()
    assert result.numpy()[0] == 40
    device.run(kernel, [(0, 0)], [device.zeros(64, np.uint32), 3])


def test_the_check_changes_no_cycle(device: tw.Device, double_kernel: tw.Kernel) -> None:
    def run(checks: object) -> tuple[int, bytes]:
        with tw.open("tiny", checks=checks) as chip:  # type: ignore[arg-type]
            data = chip.put(np.arange(1000, dtype=np.uint32))
            cycles = chip.run(double_kernel, [(0, 0)], [data, 1000]).cycles
            return cycles, data.numpy().tobytes()

    assert run("buffers") == run(False)


WRITES = """
static void writes(Buffer data, std::uint32_t pages, std::uint32_t other) {
    auto* words = l1<std::uint32_t>(0x80000);
    for (std::uint32_t i = 0; i < 16; ++i) words[i] = i;
    for (std::uint32_t i = 0; i < pages; ++i) {
        noc_async_write(words, dram_address(1, data.ref.address + 64 * i), 64);
        noc_async_write_barrier();
    }
    if (other != 0) {
        noc_async_write(words, dram_address(1, other), 64);
        noc_async_write_barrier();
    }
}
TILEWRIGHT_KERNEL(writes)
"""


def test_a_buffer_that_no_argument_names_is_not_written_to(device: tw.Device) -> None:
    kernel = tw.Kernel.from_source(HEAD + WRITES, "writes.cpp")
    ground = device.zeros(4096, np.uint8, tw.Placement.bank(1))  # in which small numbers lie
    data = device.zeros(256, np.uint8, tw.Placement.bank(1))
    neighbour = device.zeros(256, np.uint8, tw.Placement.bank(1))
    assert (ground.address, neighbour.address) == (0, data.address + 256)
    device.run(kernel, [(0, 0)], [data, 5, 0])
    assert neighbour.numpy().any()  # and nobody says so
    neighbour.write(np.zeros(256, np.uint8))
    device.checks = "buffers"
    device.run(kernel, [(0, 0)], [data, 4, 0])
    message = r"write of 64 bytes .*buffer of 256 bytes that no kernel under way was given"
    with pytest.raises(tw.KernelFault, match=message):
        device.run(kernel, [(0, 0)], [data, 5, 0])
    assert not neighbour.numpy().any()
    # Its address among the arguments names it, and so does a handle that a neighbour was given.
    device.run(kernel, [(0, 0)], [data, 4, neighbour.address + 64])
    device.run(
        kernel,
        [(0, 0), (1, 0)],
        {(0, 0): [data, 5, 0], (1, 0): [neighbour, 0, 0]},
    )


def test_a_kernel_that_is_given_no_buffer_may_write_to_all(device: tw.Device) -> None:
    device.checks = "buffers"
    data = device.zeros(64, np.uint8, tw.Placement.l1(0, 0))
    device.run(store_at(data.address), [(0, 0)])
    assert data.numpy()[0] == 1
