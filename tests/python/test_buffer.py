"""Buffers hold what was put into them, whatever the dtype, the shape and the placement."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import tilewright as tw

DTYPES = st.one_of(
    npst.integer_dtypes(),
    npst.unsigned_integer_dtypes(),
    npst.floating_dtypes(),
    npst.complex_number_dtypes(),
    npst.boolean_dtypes(),
    npst.datetime64_dtypes(),
    npst.byte_string_dtypes(min_len=1, max_len=5),
)
PLACEMENTS = st.one_of(
    st.none(),
    st.sampled_from([64, 256, 4096, 16384]).map(tw.Placement.interleaved),
    st.integers(0, 1).map(tw.Placement.bank),
    st.tuples(st.integers(0, 1), st.integers(0, 1)).map(lambda tile: tw.Placement.l1(*tile)),
)
ARRAYS = DTYPES.flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=4, max_side=20))
)
ON_ONE_DEVICE = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ON_ONE_DEVICE
@given(array=ARRAYS, placement=PLACEMENTS)
def test_round_trip(
    device: tw.Device, array: npt.NDArray[np.generic], placement: tw.Placement | None
) -> None:
    buffer = device.put(array, placement)
    assert buffer.shape == array.shape
    assert buffer.dtype == array.dtype
    assert buffer.nbytes == array.nbytes
    result = buffer.numpy()
    assert result.dtype == array.dtype
    assert result.tobytes() == array.tobytes()


@ON_ONE_DEVICE
@given(sizes=st.lists(st.integers(1, 40_000), min_size=2, max_size=6), data=st.data())
def test_buffers_do_not_overlap(device: tw.Device, sizes: list[int], data: st.DataObject) -> None:
    buffers = [device.empty(size, np.uint8, data.draw(PLACEMENTS)) for size in sizes]
    for value, buffer in enumerate(buffers):
        buffer.write(np.full(buffer.shape, value, np.uint8))
    for value, buffer in enumerate(buffers):
        assert (buffer.numpy() == value).all()


@pytest.mark.parametrize("strides", [slice(None, None, 2), slice(None, None, -1)])
def test_strided_arrays(device: tw.Device, strides: slice) -> None:
    array = np.arange(60).reshape(6, 10)[:, strides]
    np.testing.assert_array_equal(device.put(array).numpy(), array)
    np.testing.assert_array_equal(device.put(array.T).numpy(), array.T)


def test_write_replaces_contents(device: tw.Device) -> None:
    buffer = device.zeros((3, 4), np.float32)
    assert not buffer.numpy().any()
    values = np.random.default_rng(1).random((3, 4))
    buffer.write(values)
    np.testing.assert_array_equal(buffer.numpy(), values.astype(np.float32))
    np.testing.assert_array_equal(np.asarray(buffer), buffer.numpy())


def test_empty_like_takes_shape_dtype_and_placement(device: tw.Device) -> None:
    one = device.put(np.zeros((2, 3), np.int16), tw.Placement.bank(1))
    other = device.empty_like(one)
    assert (other.shape, other.dtype, other.placement) == (one.shape, one.dtype, one.placement)
    assert device.empty_like(np.zeros(7, np.int8)).shape == (7,)


def test_bytes_become_uint8(device: tw.Device) -> None:
    buffer = device.put(b"story")
    assert buffer.dtype == np.uint8
    assert buffer.numpy().tobytes() == b"story"


def test_len_and_size(device: tw.Device) -> None:
    buffer = device.empty((5, 2), np.float64)
    assert len(buffer) == 5
    assert buffer.size == 10
    assert buffer.nbytes == 80
    with pytest.raises(TypeError):
        len(device.put(np.float32(1)))


def test_freed_memory_is_used_again(device: tw.Device) -> None:
    first = device.empty(4096, np.uint8)
    address = first.address
    first.free()
    first.free()
    assert not first.valid
    assert device.empty(4096, np.uint8).address == address


def test_dropping_the_last_reference_frees(device: tw.Device) -> None:
    addresses = {device.empty(1 << 16, np.uint8).address for _ in range(20)}
    assert len(addresses) == 1


def test_l1_placement_is_where_it_says(device: tw.Device) -> None:
    data = np.arange(100, dtype=np.uint8)
    buffer = device.put(data, tw.Placement.l1(1, 1))
    assert device.read_l1((1, 1), buffer.address, 100) == data.tobytes()


def test_repr(device: tw.Device) -> None:
    buffer = device.empty((2, 2), np.int32, tw.Placement.bank(1))
    assert repr(buffer).startswith("<Buffer (2, 2) int32 at 0x")
    assert "Placement.bank(1)" in repr(buffer)
    buffer.free()
    assert repr(buffer) == "<Buffer (2, 2) int32, freed>"


def test_looking_at_all_buffers_frees_none(device: tw.Device) -> None:
    kept = device.put(np.arange(100))
    seen = device.buffers
    assert [buffer.address for buffer in seen] == [kept.address]
    del seen
    assert kept.valid
    assert device.buffers[0].nbytes == kept.nbytes
    other = device.put(np.zeros(100))
    assert other.address != kept.address
    assert (kept.numpy() == np.arange(100)).all()
