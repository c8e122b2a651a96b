"""Queues, events, programs and doorbells, as a Python user drives them."""

import gc
import threading
import weakref

import numpy as np
import pytest

import tilewright as tw

SCALE = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void scale(Buffer data, std::uint32_t words, std::uint32_t factor) {
    auto* here = l1<std::uint32_t>(l1_user_base);
    data.read(0, here, words * 4);
    noc_async_read_barrier();
    for (std::uint32_t i = 0; i < words; ++i) here[i] *= factor;
    data.write(0, here, words * 4);
    noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(scale)
"""


@pytest.fixture(scope="module")
def scale() -> tw.Kernel:
    return tw.Kernel.from_source(SCALE, "scale.cpp")


def test_commands_take_place_in_order(device: tw.Device, scale: tw.Kernel) -> None:
    numbers = np.arange(1000, dtype=np.uint32)
    data = device.zeros(1000, np.uint32)
    queue = device.queue()
    queue.write(data, numbers)
    numbers[:] = 0  # the contents were taken at once
    for factor in (3, 5):
        queue.run(scale, [(0, 0)], [data, 1000, factor])
    result = queue.read(data)
    done = queue.record()
    with pytest.raises(tw.Error, match="finish"):
        result.numpy()
    assert done.cycle is None
    assert not queue.empty
    run = queue.finish()
    assert queue.empty
    assert len(run.cores) == 2
    assert done.cycle is not None
    assert done.cycle > run.end
    np.testing.assert_array_equal(result.numpy(), np.arange(1000, dtype=np.uint32) * 15)


@pytest.mark.parametrize("preset", ["kpu", "tiny"])
def test_buffers_are_copied(preset: str) -> None:
    values = np.arange(5000, dtype=np.float32)
    with tw.open(preset) as device:
        queue = device.queue()
        a = device.put(values)
        b = device.empty(5000, np.float32, tw.Placement.bank(1))
        queue.copy(b, a)
        copied = queue.record()
        queue.copy(b, a, 400, destination_offset=8000, source_offset=4)
        result = queue.read(b)
        assert copied.cycle is None
        queue.finish()
        assert copied.cycle
        expected = values.copy()
        expected[2000:2100] = values[1:101]
        np.testing.assert_array_equal(result.numpy(), expected)
        if preset == "kpu":
            # Interleaved in 5 pages: a transfer for each of two banks, one for what is left of the
            # last page; and the second copy.
            assert device.counters["dma0.commands"] + device.counters["dma1.commands"] == 4
        for wrong, message in (
            (lambda: queue.copy(device.empty(5000, np.int32), a), "one dtype and size"),
            (lambda: queue.copy(device.empty(4999, np.float32), a), "one dtype and size"),
            (lambda: queue.copy(b, a, source_offset=4), "offsets go with nbytes"),
            (lambda: queue.copy(b, a, -1), "nbytes: expected 0"),
            (lambda: queue.copy(b, a, 4, destination_offset=2**64), "destination_offset"),
            (lambda: queue.copy(b, a, 4, destination_offset=20000), "do not fit"),
            (lambda: queue.copy(a, a, 8, destination_offset=4), "overlap"),
        ):
            with pytest.raises(tw.Error, match=message):
                wrong()
        assert queue.empty


def test_queues_overlap_and_wait_for_each_other(device: tw.Device, scale: tw.Kernel) -> None:
    buffers = [device.put(np.full(1000, n + 1, np.uint32)) for n in range(2)]
    first, second = device.queue(), device.queue()
    first.run(scale, [(0, 0)], [buffers[0], 1000, 2])
    first_done = first.record()
    second.run(scale, [(1, 0)], [buffers[1], 1000, 2])
    second_done = second.record()
    second.wait(first_done)
    second.run(scale, [(1, 1)], [buffers[0], 1000, 10])
    last = second.finish().cores[1]
    assert first.empty
    assert first_done.cycle is not None
    assert second_done.cycle is not None
    assert last.start == max(first_done.cycle, second_done.cycle)
    assert (buffers[0].numpy() == 20).all()
    assert (buffers[1].numpy() == 4).all()


def test_a_queue_is_filled_from_another_thread(device: tw.Device, scale: tw.Kernel) -> None:
    data = device.put(np.ones(8, np.uint32))
    queue = device.queue()

    def fill() -> None:
        for _ in range(10):
            queue.run(scale, [(0, 0)], [data, 8, 2])

    threads = [threading.Thread(target=fill) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    queue.finish()
    assert (data.numpy() == 1 << 30).all()


def test_a_read_nobody_waits_for_keeps_its_memory(device: tw.Device) -> None:
    data = device.put(np.arange(100_000, dtype=np.uint32))
    forgotten = device.queue()
    result = forgotten.read(data)
    array = weakref.ref(result._array)
    del forgotten, result
    gc.collect()
    assert array() is not None  # the command still stands and will write there
    other = device.queue()
    other.wait(other.record())
    later = other.read(data)
    other.finish()
    np.testing.assert_array_equal(later.numpy(), np.arange(100_000))


def test_a_program_runs_its_kernels_together(device: tw.Device) -> None:
    token = device.semaphore()
    ring = tw.Kernel.builtin("ring")
    tiles = device.tiles
    program = tw.Program()
    for n, tile in enumerate(tiles):
        x, y = tiles[(n + 1) % len(tiles)]
        program.add(ring, [tile], [token, x, y, n == 0, 5])
    run = device.run(program)
    assert len(run.cores) == len(tiles)
    assert repr(program).startswith("<Program: ring on 1")
    with pytest.raises(tw.ArgumentError, match="program"):
        device.run(program, [(0, 0)])
    with pytest.raises(tw.ArgumentError, match="no cores"):
        device.run(ring)


def test_a_persistent_kernel_is_fed_while_it_runs(device: tw.Device) -> None:
    bell = device.doorbell()
    device.launch(tw.Kernel.builtin("wait_forever"), [(1, 1)], [bell, 2])
    assert device.run_until_idle()
    with pytest.raises(tw.Error, match="doorbell"):
        device.finish()
    device.ring(bell, (1, 1))
    assert device.run_until_idle()
    device.ring(bell, (1, 1))
    assert not device.run_until_idle()
    assert len(device.finish().cores) == 1


def test_what_cannot_go_on_says_why(device: tw.Device, scale: tw.Kernel) -> None:
    data = device.put(np.ones(8, np.uint32))
    other = tw.open("tiny")
    queue = device.queue()
    with pytest.raises(tw.Error, match="another device"):
        queue.wait(other.queue().record())
    with pytest.raises(tw.ArgumentError, match="shape"):
        queue.write(data, np.ones(9, np.uint32))
    event = device.queue().record()
    device.abort()
    queue.wait(event)
    with pytest.raises(tw.DeadlockError, match="not recorded"):
        queue.finish()
    queue.read(data)
    with pytest.raises(tw.SnapshotError, match="read into memory of the host"):
        device.snapshot()
    queue.finish()
    other.close()
    queue.run(scale, [(0, 0)], [data, 8, 3])
    queue.finish()
    assert (data.numpy() == 3).all()


def test_queued_work_goes_on_in_another_device(device: tw.Device, scale: tw.Kernel) -> None:
    data = device.zeros(8, np.uint32)
    queue = device.queue()
    queue.write(data, np.arange(8, dtype=np.uint32))
    queue.run(scale, [(0, 0)], [data, 8, 3])
    image = device.snapshot()
    with tw.open("tiny") as other:
        other.restore(image)
        (again,) = other.queues
        assert not again.empty
        run = again.finish()
        assert [core.core for core in run.cores] == [(0, 0, 0)]
        (buffer,) = other.buffers
        expected = np.arange(8, dtype=np.uint32) * 3
        assert (buffer.numpy().view(np.uint32) == expected).all()
        queue.finish()
        assert device.cycle == other.cycle
