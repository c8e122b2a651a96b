"""Arrays of the host that kernels read and write in place."""

import gc
import weakref

import numpy as np
import pytest

import tilewright as tw

COPY = """
#include <tilewright/kernel.hpp>
using namespace tilewright::kernel;
static void copy(Buffer from, Buffer to, std::uint32_t count) {
    auto* bytes = l1<std::uint8_t>(l1_user_base);
    from.read(0, bytes, count);
    noc_async_read_barrier();
    to.write(0, bytes, count);
    noc_async_write_barrier();
}
TILEWRIGHT_KERNEL(copy)
"""


def test_what_a_kernel_writes_is_in_the_array() -> None:
    with tw.open("tiny") as device:
        source = device.put(np.arange(500, dtype=np.float32))
        array = np.zeros((20, 25), np.float32)
        pinned = device.pin(array)
        device.run(tw.Kernel.from_source(COPY), [(0, 0)], [source, pinned, 2000])
        np.testing.assert_array_equal(array.reshape(-1), np.arange(500))
        assert pinned.numpy() is array
        assert np.shares_memory(np.asarray(pinned), array)


def test_the_array_lives_as_long_as_it_is_pinned() -> None:
    with tw.open("tiny") as device:
        array = np.zeros(64, np.uint32)
        watch = weakref.ref(array)
        pinned = device.pin(array)
        source = device.put(np.arange(64, dtype=np.uint32))
        queue = device.queue()
        queue.run(tw.Kernel.from_source(COPY), [(1, 0)], [source, pinned, 256])
        del array, pinned
        gc.collect()
        assert watch() is not None
        queue.finish()
        gc.collect()
        assert watch() is None


def test_what_cannot_be_pinned() -> None:
    with tw.open("tiny") as device:
        frozen = np.zeros(4)
        frozen.flags.writeable = False
        for bad in (frozen, np.zeros((4, 4))[:, 1], [1, 2], np.zeros(0)):
            with pytest.raises(tw.ArgumentError):
                device.pin(bad)  # type: ignore[arg-type]
        pinned = device.pin(np.zeros(4))
        with pytest.raises(tw.SnapshotError, match="pinned"):
            device.snapshot()
        pinned.free()
        device.snapshot()
