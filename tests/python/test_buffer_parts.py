"""Parts of buffers by index, filling and reshaping: what NumPy does with the same index."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import tilewright as tw

ON_ONE_DEVICE = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PLACES = [tw.Placement.interleaved(64), tw.Placement.bank(1), tw.Placement.l1(1, 0)]
SHAPES = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=7)


def numbers(shape: tuple[int, ...], dtype: str) -> npt.NDArray[Any]:
    return np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)


def indices(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    return npst.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)


@ON_ONE_DEVICE
@given(shape=SHAPES, dtype=st.sampled_from(["f4", "u1", "i8"]), data=st.data())
def test_a_part_is_what_numpy_says(
    device: tw.Device, shape: tuple[int, ...], dtype: str, data: st.DataObject
) -> None:
    array = numbers(shape, dtype)
    buffer = device.put(array, data.draw(st.sampled_from(PLACES)))
    key = data.draw(indices(shape))
    part, expected = buffer[key], array[key]
    assert type(part) is type(expected)
    assert part.dtype == expected.dtype
    np.testing.assert_array_equal(part, expected)
    array[key] = buffer[key] = np.asarray(expected) // 2 + 1
    np.testing.assert_array_equal(buffer.numpy(), array)
    array[key] = buffer[key] = 3
    np.testing.assert_array_equal(buffer.numpy(), array)


def test_values_are_broadcast_and_cast(device: tw.Device) -> None:
    buffer = device.zeros((4, 6), np.uint16)
    buffer[1:3, ::2] = [1, 2, 3]
    buffer[-1] = np.int64(500)
    expected = np.zeros((4, 6), np.uint16)
    expected[1:3, ::2] = [1, 2, 3]
    expected[-1] = 500
    np.testing.assert_array_equal(buffer.numpy(), expected)
    buffer.write(expected.astype(np.int64) + 1)
    np.testing.assert_array_equal(buffer.numpy(), expected + 1)


def test_a_part_reads_only_what_it_spans(device: tw.Device) -> None:
    buffer = device.zeros(10, np.uint32, tw.Placement.bank(0))
    part = buffer[2:4]
    part[:] = 7
    assert not buffer.numpy().any(), "a part is a copy"


def test_a_mapped_array_takes_parts() -> None:
    with tw.open("blackhole") as chip:
        array = np.arange(12, dtype=np.uint32)
        buffer = chip.pin(array)
        buffer[3] = 100
        assert array[3] == buffer[3] == 100
        assert np.shares_memory(buffer.reshape(3, 4).numpy(), array)
        buffer.fill(9)
        assert (array == 9).all()


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (7, IndexError, "out of bounds"),
        ((0, 0, 0), IndexError, "too many indices"),
        ([0, 1], TypeError, "list"),
        (np.array([True, False, True]), TypeError, "ndarray"),
        (True, TypeError, "bool"),
        (1.5, TypeError, "float"),
        ("field", TypeError, "'field'; fields by name are for arrays"),
        (slice(0, 2, 0), ValueError, "step"),
        (slice("a", 2), TypeError, "start"),
    ],
)
def test_other_indices_are_refused_by_name(
    device: tw.Device, key: Any, error: type[Exception], message: str
) -> None:
    buffer = device.zeros((3, 4))
    with pytest.raises(error, match=message) as caught:
        buffer[key]
    assert isinstance(caught.value, tw.Error)
    with pytest.raises(error, match=message):
        buffer[key] = 1
    assert not buffer.numpy().any()


def test_values_that_do_not_fit_are_refused(device: tw.Device) -> None:
    buffer = device.zeros((3, 4), np.uint8)
    for value, message in ((256, "0 to 255"), (-1, "0 to 255"), (1.5, "float64"), ("a", "U1")):
        with pytest.raises(tw.ArgumentError, match=message):
            buffer[0, 0] = value
        with pytest.raises(tw.ArgumentError, match=message):
            buffer.fill(value)
    with pytest.raises(tw.ArgumentError, match="broadcast"):
        buffer[0] = [1, 2]
    with pytest.raises(tw.ArgumentError, match=r"a single one, got the shape \(2,\)"):
        buffer.fill([1, 2])
    assert not buffer.numpy().any()
    buffer.free()
    with pytest.raises(tw.ClosedError):
        buffer[0]
    with pytest.raises(tw.ClosedError):
        buffer[0] = 1


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (300_000, 5)])
def test_fill(device: tw.Device, shape: tuple[int, ...]) -> None:
    buffer = device.empty(shape, np.float32)
    buffer.fill(2.5)
    assert (buffer.numpy() == np.full(shape, 2.5, np.float32)).all()


def test_a_reshaped_buffer_is_the_same_memory(device: tw.Device) -> None:
    buffer = device.put(np.arange(24))
    shaped = buffer.reshape(2, -1, 4)
    assert shaped.shape == (2, 3, 4)
    assert shaped.ndim == 3
    assert buffer.reshape((6, 4)).shape == buffer.reshape([6, -1]).shape == (6, 4)
    shaped[1, 0, 0] = 99
    assert buffer[12] == 99
    address = buffer.address
    del buffer
    assert device.empty(24, np.int64).address != address, "the memory is kept"
    shaped.free()
    assert not shaped.valid


@pytest.mark.parametrize("shape", [(5, 5), (-1, -1), (7, -1), (-2, -12), (0, -1)])
def test_a_shape_of_other_size_is_refused(device: tw.Device, shape: tuple[int, ...]) -> None:
    with pytest.raises(tw.ArgumentError, match=r"reshape: shape: expected one of 24 elements"):
        device.zeros((4, 6)).reshape(*shape)


def test_iteration_is_refused_by_name(device: tw.Device) -> None:
    buffer = device.zeros((4, 6))
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: list(buffer),
        lambda: dict(buffer),
        lambda: [*buffer],
    )
    for attempt in attempts:
        with pytest.raises(TypeError, match=r"Buffer cannot be iterated over.*buffer\.numpy\(\)"):
            attempt()


def test_numpy_takes_a_buffer_as_an_array(device: tw.Device) -> None:
    for place in PLACES:
        buffer = device.put(np.arange(6.0).reshape(2, 3), place)
        assert np.asarray(buffer).shape == (2, 3)
        assert np.asarray(buffer, np.float32).dtype == np.float32
        assert np.sum(buffer) == 15
        assert (np.add(buffer, 1) == np.arange(1.0, 7).reshape(2, 3)).all()
