"""`stillwater_kpu.utilities.data_converter`: NumPy arrays to device bytes and back."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import stillwater_kpu as kpu
import tilewright as tw

converter = kpu.utilities.data_converter

NUMBERS = st.one_of(
    hnp.floating_dtypes(endianness="?"),
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
)


@given(
    NUMBERS.flatmap(lambda d: hnp.arrays(d, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))),
    st.sampled_from(converter.LAYOUTS),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_there_and_back(array: npt.NDArray[Any], layout: str, tile: tuple[int, int]) -> None:
    for source in (array, array[::-1, ::2], array.T):
        data = converter.to_device_bytes(source, layout=layout, tile=tile)
        back = converter.from_device_bytes(data, source.shape, source.dtype, layout, tile)
        np.testing.assert_array_equal(back, source)


def test_layouts_by_hand() -> None:
    matrix = np.arange(6, dtype=np.int8).reshape(2, 3)
    assert converter.to_device_bytes(matrix).tolist() == [0, 1, 2, 3, 4, 5]
    assert converter.to_device_bytes(matrix, layout="column").tolist() == [0, 3, 1, 4, 2, 5]
    tiled = converter.to_device_bytes(matrix, layout="tiled", tile=(2, 2))
    assert tiled.tolist() == [0, 1, 3, 4, 2, 0, 5, 0]
    assert converter.to_device_bytes(np.array([1], ">u4")).tolist() == [1, 0, 0, 0]


def test_bfloat16_rounds_to_the_nearest_even() -> None:
    """By value: of the two bfloat16 around each float32, the nearer, or that with an even bit."""
    values = np.random.default_rng(7).normal(0, 1e3, 2000).astype(np.float32)
    below = values.view(np.uint32) >> 16
    candidates = np.stack([converter.bfloat16_to_float32(below + up) for up in (0, 1)])
    distance = np.abs(candidates.astype(np.float64) - values)
    up = (distance[1] < distance[0]) | ((distance[1] == distance[0]) & (below % 2 == 1))
    np.testing.assert_array_equal(converter.float32_to_bfloat16(values), below + up)
    ties = np.array([0x3F80_8000, 0x3F81_8000], np.uint32).view(np.float32)
    assert converter.float32_to_bfloat16(ties).tolist() == [0x3F80, 0x3F82]
    special = np.array([np.inf, -np.inf, 0, -0.0, 3e38 * 1.13], np.float32)
    assert converter.float32_to_bfloat16(special).tolist() == [0x7F80, 0xFF80, 0, 0x8000, 0x7F7F]
    nan = np.array([0x7F80_0001], np.uint32).view(np.float32)
    assert np.isnan(converter.bfloat16_to_float32(converter.float32_to_bfloat16(nan))).all()
    data = converter.to_device_bytes(values, "bfloat16")
    assert data.size == 4000
    back = converter.from_device_bytes(data.tobytes(), (2000,), "bfloat16")
    np.testing.assert_allclose(back, values, rtol=2**-8)


def test_what_cannot_be_is_refused_by_name() -> None:
    matrix = np.zeros((2, 3), np.float32)
    with pytest.raises(tw.ArgumentError, match="layout: expected one of row, column, tiled"):
        converter.to_device_bytes(matrix, layout="diagonal")
    with pytest.raises(tw.ArgumentError, match="expected a matrix"):
        converter.to_device_bytes(matrix[0], layout="column")
    with pytest.raises(tw.ArgumentError, match="expected 24 bytes"):
        converter.from_device_bytes(b"1", (2, 3))
    with pytest.raises(tw.ArgumentError, match="dtype"):
        converter.to_device_bytes(matrix, "float31")
    with pytest.raises(tw.ArgumentError, match="cannot hold"):
        converter.to_device_bytes(np.array([object()]))
    with pytest.raises(tw.ArgumentError, match="tile: expected sizes"):
        converter.to_device_bytes(matrix, layout="tiled", tile=(0, 1))
    assert converter.element_size("bfloat16") == 2
    assert converter.element_size(np.float64) == 8
