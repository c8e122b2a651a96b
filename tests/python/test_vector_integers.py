"""Integers, types, random numbers and sums of the vector unit, on both architectures."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.python.compute_programs import run_program
from tests.python.test_vector_functions import KERNEL, STRAIGHT, bits

import tilewright as tw

Array = NDArray[Any]
INT32, UINT32, UINT16, FLOAT32, BFLOAT16 = 8, 24, 9, 0, 5


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param) as device:
        yield device


def run_calls(chip: tw.Device, calls: list[str], x: Array, y: Array) -> Array:
    """What tile 0 is after each of the calls."""
    source = KERNEL.replace("CALLS", "".join(f"apply(0, [] {{ {call}; }});\n" for call in calls))
    a, b = (np.ascontiguousarray(z).view(np.float32)[None] for z in (x, y))
    return run_program(chip, source, a, b, len(calls), **STRAIGHT).tiles


def test_integers(chip: tw.Device) -> None:
    random = np.random.default_rng(51)
    x, y = random.integers(-(2**31), 2**31, (2, 32, 32), dtype=np.int32)
    x[0, :4], y[0, :4] = (2**31 - 1, -(2**31), -1, 0), (-(2**31), 2**31 - 1, 1, 5)
    y[1:] &= 63
    unsigned = x.view(np.uint32)
    inside = (y >= 0) & (y < 32)
    by = (y & 31).astype(np.uint32)
    with np.errstate(all="ignore"):
        expected = {
            "add_int_tile<DataFormat::Int32>(0, 1, 0)": x + y,
            "add_int32_tile(0, 1)": x + y,
            "sub_int_tile<DataFormat::UInt32>(0, 1, 0)": x - y,
            "mul_int_tile<DataFormat::Int32>(0, 1, 0)": x * y,
            "mul_int_tile<DataFormat::Int32>(0, 0, 0)": x * x,
            "bitwise_and_binary_tile<DataFormat::Int32>(0, 1, 0)": x & y,
            "bitwise_or_binary_tile(0, 1, 0)": x | y,
            "bitwise_xor_binary_tile(0, 1, 0)": x ^ y,
            "bitwise_and_tile(0, 0x12345)": x & 0x12345,
            "bitwise_not_tile(0)": ~x,
            "left_shift_tile(0, 3)": x << 3,
            "right_shift_tile(0, 3)": x >> 3,
            "binary_left_shift_tile<DataFormat::Int32>(0, 1, 0)": np.where(inside, x << by, 0),
            "binary_right_shift_tile<DataFormat::Int32>(0, 1, 0)": np.where(
                inside, x >> by.view(np.int32), 0
            ),
            "binary_logical_right_shift_tile<DataFormat::UInt32>(0, 1, 0)": np.where(
                inside, unsigned >> by, 0
            ).astype(np.uint32),
            "binary_max_int32_tile(0, 1, 0)": np.maximum(x, y),
            "binary_min_int32_tile(0, 1, 0)": np.minimum(x, y),
            "binary_max_uint32_tile(0, 1, 0)": np.maximum(unsigned, y.view(np.uint32)),
            "negative_tile_int32(0)": -x,
            f"typecast_tile<{INT32}, {FLOAT32}>(0)": x.astype(np.float32),
            f"typecast_tile<{UINT32}, {FLOAT32}>(0)": unsigned.astype(np.float32),
        }
        quotient = x.astype("f4") / y.astype("f4")
    *taken, divided = run_calls(chip, [*expected, "div_int32_tile(0, 1, 0)"], x, y)
    np.testing.assert_allclose(divided, quotient, rtol=2**-23)
    for (call, tile), result in zip(expected.items(), taken, strict=True):
        wide = np.float32 if tile.dtype == np.float32 else np.uint32
        np.testing.assert_array_equal(
            np.ascontiguousarray(result).view(wide),
            tile.astype(np.int64).astype(wide) if wide is np.uint32 else tile,
            err_msg=call,
        )


def test_quotients_and_remainders(chip: tw.Device) -> None:
    random = np.random.default_rng(54)
    x, y = random.integers(-(2**31), 2**31, (2, 32, 32), dtype=np.int32)
    y[4:] >>= random.integers(0, 31, (28, 32), dtype=np.int32)
    x[8:16] = (x[8:16] >> 9) * (y[8:16] >> 20)  # many without a remainder
    y[8:16] >>= 20
    x[0, :5] = y[0, :5] = (0, 1, -1, 2**31 - 1, -(2**31))
    x[1], y[1, :6] = -(2**31), (1, -1, 2, 3, -7, 2**31 - 1)
    x[2], y[2, :4] = -1, (2, 1, 2**31 - 1, -(2**31))
    y[3, :8] = 0
    unsigned = x.view(np.uint32), y.view(np.uint32)
    with np.errstate(all="ignore"):
        down, rest = x // y, np.where(y == 0, 0, x % y)
        expected = {
            "div_int32_floor_tile(0, 1, 0)": down,
            "div_int32_trunc_tile(0, 1, 0)": down + ((rest != 0) & ((x ^ y) < 0)),
            "remainder_int32_tile(0, 1, 0)": rest,
            "fmod_int32_tile(0, 1, 0)": np.where(y == 0, 0, np.fmod(x, y)),
            "remainder_uint32_tile(0, 1, 0)": np.where(y == 0, 0, unsigned[0] % unsigned[1]).view(
                np.int32
            ),
        }
    # They have most of their code in common, which takes long to compile.
    calls = [*expected] if chip.config.name == "tiny" else ["div_int32_floor_tile(0, 1, 0)"]
    for call, result in zip(calls, run_calls(chip, calls, x, y), strict=True):
        number = np.ascontiguousarray(result).view(np.int32)
        np.testing.assert_array_equal(number, expected[call], err_msg=call)


def test_types_of_floats(chip: tw.Device) -> None:
    random = np.random.default_rng(52)
    x = (random.standard_normal((32, 32)) * 2.0 ** random.integers(-3, 34, (32, 32))).astype("f4")
    whole = np.trunc(x.astype(np.float64))
    expected = {
        f"typecast_tile<{FLOAT32}, {INT32}>(0)": np.clip(whole, -(2**31) + 1, 2**31 - 1),
        f"typecast_tile<{FLOAT32}, {UINT32}>(0)": np.clip(whole, 0, 2**32 - 1),
    }
    taken = run_calls(chip, list(expected), x, x)
    for (call, tile), result in zip(expected.items(), taken, strict=True):
        number = np.ascontiguousarray(result).view(np.int32 if f"{INT32}>" in call else np.uint32)
        np.testing.assert_array_equal(number, tile, err_msg=call)


def test_integers_of_16_bits(chip: tw.Device) -> None:
    x = np.arange(-512, 512, dtype=np.float32).reshape(32, 32) // 4
    calls = (
        f"typecast_tile<{BFLOAT16}, {UINT16}>(0); add_int_tile<DataFormat::UInt16>(0, 0, 0);"
        f"typecast_tile<{UINT16}, {BFLOAT16}>(0)"
    )
    source = KERNEL.replace("CALLS", f"apply(0, [] {{ {calls}; }});")
    taken = run_program(chip, source, x[None], x[None], 1).tiles
    np.testing.assert_array_equal(taken[0], 2 * np.maximum(x, 0))


def test_random_numbers(chip: tw.Device) -> None:
    one, half = bits(1), hex(2**30)
    calls = [
        f"rand_tile_init(7); rand_tile(0, {bits(-2)}, {bits(4)})",
        f"rand_tile(0, {bits(-2)}, {bits(4)})",
        f"rand_tile_init(7); rand_tile(0, {bits(-2)}, {bits(4)})",
        f"rand_tile_init(8); rand_tile(0, {bits(-2)}, {bits(4)})",
        f"dropout_kernel_init(9); dropout_tile(0, {half}, {bits(2)})",
        f"dropout_tile(0, 0, {one})",
        f"rand_tile_init(7, 1); rand_tile(0, {bits(-2)}, {bits(4)})",
    ]
    x = np.full((32, 32), 3, np.float32)
    first, second, again, other, dropped, kept, stream = run_calls(chip, calls, x, x)
    np.testing.assert_array_equal(first, again)
    for tile in (first, second, other, stream):
        assert tile.min() >= -2
        assert tile.max() < 2
        for axis in range(2):
            moved = np.roll(tile, 1, axis)
            assert abs(np.corrcoef(tile.ravel(), moved.ravel())[0, 1]) < 0.12
        assert abs(tile.mean()) < 0.15
        assert abs(tile.std() - 4 / np.sqrt(12)) < 0.1
        assert len(np.unique(tile)) > 1000
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, stream)
    assert set(np.unique(dropped)) == {0, 6}
    assert abs((dropped == 0).mean() - 0.5) < 0.15
    np.testing.assert_array_equal(kept, x)


def test_sums_down_columns(chip: tw.Device) -> None:
    x = np.random.default_rng(53).integers(-50, 50, (32, 32)).astype(np.float32)
    calls = ["cumsum_tile_init(); cumsum_tile(0)", "cumsum_tile(0, false)", "cumsum_tile(0, true)"]
    taken = run_calls(chip, calls, x, x)
    sums = np.cumsum(x, axis=0)
    np.testing.assert_array_equal(taken, [sums, sums + sums[-1], sums])
