"""Buffers seen in place: views, the buffer protocol and DLPack, and how long the memory stays."""

import gc
import weakref

import numpy as np
import pytest

import tilewright as tw

PLACES = [tw.Placement.bank(1), tw.Placement.l1(1, 0)]


@pytest.mark.parametrize("place", PLACES, ids=repr)
def test_a_view_is_the_memory(
    device: tw.Device, double_kernel: tw.Kernel, place: tw.Placement
) -> None:
    buffer = device.put(np.arange(500, dtype=np.uint32), place)
    view = buffer.view()
    assert view.dtype == np.uint32
    assert (view == np.arange(500)).all()
    device.run(double_kernel, [(0, 0)], [buffer, 500])
    assert (view == 2 * np.arange(500)).all()
    view[3] = 77
    assert buffer.numpy()[3] == 77
    assert view.base is not None


def test_protocols_make_no_copy(device: tw.Device) -> None:
    buffer = device.put(np.arange(12.0).reshape(3, 4), tw.Placement.bank(0))
    view = buffer.view()
    for same in (
        np.from_dlpack(buffer),
        np.asarray(memoryview(buffer)),
        np.asarray(buffer, copy=False),
    ):
        assert np.shares_memory(same, view)
        assert same.shape == (3, 4)
        assert same.dtype == np.float64
    assert not np.shares_memory(np.array(buffer), view)
    assert buffer.__dlpack_device__() == (1, 0)
    with memoryview(buffer) as memory:
        assert memory.shape == (3, 4)
        assert memory.format == "d"


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (5,)])
def test_any_shape(device: tw.Device, shape: tuple[int, ...]) -> None:
    buffer = device.put(np.ones(shape), tw.Placement.bank(0))
    assert (buffer.view() == np.ones(shape)).all()
    assert buffer.view().shape == shape


def test_pages_in_several_memories_have_no_view(device: tw.Device) -> None:
    buffer = device.zeros(10)
    with pytest.raises(tw.UnsupportedError, match="several memories"):
        buffer.view()
    with pytest.raises(BufferError):
        memoryview(buffer)
    with pytest.raises(ValueError, match="several memories"):
        np.asarray(buffer, copy=False)
    assert (np.asarray(buffer) == 0).all()


@pytest.mark.parametrize(
    "place", [tw.Placement.interleaved(), tw.Placement.all_l1(64), *PLACES], ids=repr
)
@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.complex64])
def test_dlpack_copies_what_has_no_view(
    device: tw.Device, place: tw.Placement, dtype: type[np.generic]
) -> None:
    values = np.arange(4096).reshape(64, 64).astype(dtype)
    buffer = device.put(values, place)
    for array in (np.from_dlpack(buffer), np.from_dlpack(buffer, copy=True)):
        assert array.dtype == dtype
        assert (array == values).all()
    apart = np.from_dlpack(buffer, copy=True)
    apart.fill(0)
    assert (buffer.numpy() == values).all(), "a copy is a copy"
    if place in PLACES:
        assert np.shares_memory(np.from_dlpack(buffer, copy=False), buffer.view())
    else:
        with pytest.raises(BufferError, match="several memories"):
            np.from_dlpack(buffer, copy=False)


def test_a_copy_of_pinned_memory_is_a_copy() -> None:
    with tw.open("blackhole") as chip:
        array = np.arange(16)
        buffer = chip.pin(array)
        assert np.shares_memory(np.from_dlpack(buffer), array)
        assert not np.shares_memory(np.from_dlpack(buffer, copy=True), array)


def test_a_view_outlives_the_device() -> None:
    device = tw.open("tiny")
    buffer = device.put(np.arange(1000), tw.Placement.bank(0))
    view = buffer.view()
    device.close()
    assert not buffer.valid
    assert (view == np.arange(1000)).all()
    view[:] = 5
    with pytest.raises(tw.ClosedError):
        buffer.view()


def test_a_buffer_with_views_is_not_given_back(device: tw.Device) -> None:
    buffer = device.put(np.arange(1000), tw.Placement.bank(0))
    view = buffer.view()
    address = buffer.address
    with pytest.raises(tw.Error, match="views"):
        buffer.free()
    alive = weakref.ref(buffer)
    del buffer
    gc.collect()
    assert alive() is None
    other = device.put(np.zeros(1000), tw.Placement.bank(0))  # does not lie there
    assert other.address != address
    assert (view == np.arange(1000)).all()
    del view
    gc.collect()
    assert device.put(np.zeros(1000), tw.Placement.bank(0)).address == address


def test_snapshots_see_what_views_wrote(device: tw.Device) -> None:
    buffer = device.zeros(1000, np.int64, tw.Placement.bank(0))
    view = buffer.view()
    empty = device.snapshot()
    view[:] = 3
    filled = device.snapshot()
    device.restore(empty)
    assert (view == 0).all()
    view[500] = 9  # on a page that the snapshot did not have
    image = device.snapshot()
    device.restore(filled)
    assert (view == 3).all()
    with tw.open("tiny") as other:
        other.restore(image)
        (copy,) = other.buffers
        assert copy.numpy().view(np.int64)[500] == 9


def test_put_takes_what_exports_dlpack(device: tw.Device) -> None:
    class Tensor:
        def __init__(self) -> None:
            self.data = np.arange(6, dtype=np.float32).reshape(2, 3)

        def __dlpack__(self, **options: object) -> object:
            return self.data.__dlpack__(**options)  # type: ignore[arg-type]

        def __dlpack_device__(self) -> tuple[int, int]:
            return self.data.__dlpack_device__()

    buffer = device.put(Tensor())  # type: ignore[arg-type]
    assert (buffer.numpy() == Tensor().data).all()
    assert buffer.shape == (2, 3)


def test_pinned_memory_is_the_array(device: tw.Device) -> None:
    array = np.arange(100, dtype=np.uint32)
    pinned = device.pin(array)
    assert np.shares_memory(np.from_dlpack(pinned), array)
    assert np.shares_memory(np.asarray(memoryview(pinned)), array)
