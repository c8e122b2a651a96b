"""Matmuls on the compute engines of tiles against NumPy, and matrices as tiles in memory."""

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import tilewright as tw
from tilewright import matmul as mm
from tilewright.tiles import tile_bytes

Matrix = NDArray[np.float32]

ONE = np.ones((1, 1), np.float32)


def integers(seed: int, *shape: int) -> Matrix:
    """Small ones, whose products and sums every type holds."""
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(np.float32)


def last_report(device: tw.Device) -> tw._core.MatmulReport:
    assert device.last_matmul is not None
    return device.last_matmul


@pytest.fixture(scope="module", params=["tiny", "wormhole"])
def chip(request: pytest.FixtureRequest) -> Iterator[tw.Device]:
    with tw.open(request.param, checks=True) as device:
        yield device


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
@pytest.mark.parametrize("out_dtype", [None, "bfloat16", "float16"])
def test_exact_numbers(chip: tw.Device, dtype: str, out_dtype: str | None) -> None:
    a, b = integers(1, 70, 45), integers(2, 45, 100)
    c = chip.matmul(a, b, dtype=dtype, out_dtype=out_dtype)
    assert isinstance(c, tw.TiledBuffer)
    np.testing.assert_array_equal(c.numpy(), a @ b)


@settings(max_examples=12, deadline=None)
@given(m=st.integers(1, 200), n=st.integers(1, 200), k=st.integers(1, 700), seed=st.integers(0, 9))
def test_any_shape(m: int, n: int, k: int, seed: int) -> None:
    a, b = integers(seed, m, k), integers(seed + 1, k, n)
    with tw.open("tiny") as device:
        c = device.matmul(a, b, dtype="bfloat16", fidelity="LoFi")
        np.testing.assert_array_equal(c.numpy(), a @ b)


def test_rounds_where_the_sums_do_not_fit() -> None:
    a, b = integers(3, 150, 100), integers(4, 100, 220)
    with tw.open("tiny", l1_bytes=256 * 1024, checks=True) as device:
        c = device.matmul(a, b, dtype="bfloat16", out_dtype="bfloat16")
        block = last_report(device).plan.tiles
        assert block[0] * 2 < 150 or block[1] * 2 < 220
        np.testing.assert_array_equal(c.numpy(), a @ b)


def test_values_have_the_precision_of_the_fidelity(chip: tw.Device) -> None:
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((40, 64)), rng.standard_normal((64, 50))
    left, right = (mm.from_bfloat16(mm.to_bfloat16(x)).astype(np.float64) for x in (a, b))
    errors = []
    for fidelity in mm.FIDELITIES:
        c = chip.matmul(a, b, dtype="bfloat16", fidelity=fidelity).numpy()
        errors.append(np.abs(c - left @ right).max())
    # LoFi multiplies 5 by 7 bits of mantissa; HiFi4 all of them.
    assert errors[0] > errors[1] > 4 * errors[3]
    # Each product is cut to what is aligned with the largest of eight.
    assert errors[3] < 2.0**-9 * (np.abs(left) @ np.abs(right)).max()


@pytest.mark.parametrize(("fidelity", "value"), [("HiFi2", 10.41796875), ("HiFi4", 10.458984375)])
def test_one_product(chip: tw.Device, fidelity: str, value: float) -> None:
    # The vendor publishes 10.4375 and 10.5, what becomes of these in 16 bits.
    left, right = 7.96875 * ONE, 1.3125 * ONE
    c = chip.matmul(left, right, dtype="bfloat16", fidelity=fidelity)
    assert c.numpy() == value


def half_away(numbers: Matrix) -> Matrix:
    """To BF16 as packers round: to the nearest, halves away from zero."""
    return ((numbers.view(np.uint32) + 0x8000) >> 16 << 16).view(np.float32)


SHAPES = [(70, 45, 100), (33, 300, 130), (32, 32, 32)]


def operands(m: int, k: int, n: int) -> tuple[Matrix, Matrix, Matrix]:
    rng = np.random.default_rng(m)
    a, b, bias = (rng.standard_normal(shape, np.float32) for shape in ((m, k), (k, n), n))
    return a, b, bias


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_bias_is_added_in_float32_and_rounded_once(
    chip: tw.Device, shape: tuple[int, int, int]
) -> None:
    a, b, bias = operands(*shape)
    sums = chip.matmul(a, b, dtype="bfloat16").numpy() + bias
    c = chip.matmul(a, b, dtype="bfloat16", bias=bias)
    np.testing.assert_array_equal(c.numpy(), sums)
    row = chip.put(bias)
    rounded = chip.matmul(a, b, dtype="bfloat16", bias=row, out_dtype="bfloat16")
    np.testing.assert_array_equal(rounded.numpy(), half_away(sums))
    narrow = chip.matmul(a, b, dtype="bfloat16", bias=row, out_dtype="float16").numpy()
    # Packers cut numbers to FP16, and have none below 2^-14.
    cut = (sums.view(np.uint32) >> 13 << 13).view(np.float32)
    np.testing.assert_array_equal(narrow, np.where(np.abs(cut) < 2.0**-14, 0, cut))


ACTIVATIONS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "silu": lambda x: x / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_come_behind_the_bias(chip: tw.Device, activation: str) -> None:
    a, b, bias = operands(33, 50, 70)
    x = chip.matmul(a, b, dtype="bfloat16", bias=bias).numpy().astype(np.float64)
    c = chip.matmul(a, b, dtype="bfloat16", bias=bias, activation=activation).numpy()
    exact = ACTIVATIONS[activation](x)
    assert (np.abs(c - exact) <= 6e-7 * np.maximum(1, np.abs(x))).all()
    if activation == "relu":
        np.testing.assert_array_equal(c, exact)
    assert last_report(chip).vector_cycles > 0
    assert last_report(chip).compulsory_bytes == 4 * (2 * 2 + 2 * 3) * 512 + 4 * 70 + 6 * 4096


@settings(max_examples=8, deadline=None)
@given(m=st.integers(1, 100), n=st.integers(1, 100), k=st.integers(1, 700), seed=st.integers(0, 99))
def test_integers(m: int, n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(-127, 128, shape, np.int8) for shape in ((m, k), (k, n)))
    bias = rng.integers(-(2**31), 2**31, n, np.int32)  # sums with it wrap
    sums = a.astype(np.int32) @ b.astype(np.int32)
    for preset in ("tiny", "n150"):
        with tw.open(preset, checks=True) as device:
            np.testing.assert_array_equal(device.matmul(a, b).numpy(), sums)
            c = device.matmul(a, b, bias=bias, activation="relu").numpy()
            assert c.dtype == np.int32
            np.testing.assert_array_equal(c, np.maximum(sums + bias, 0))


def test_what_integers_cannot_do_is_named(chip: tw.Device) -> None:
    one = np.ones((1, 1), np.int8)
    for options, message in (
        ({"fidelity": "HiFi2"}, "whole in 4"),
        ({"activation": "gelu"}, "no activation 'gelu'; known: none, relu"),
        ({"out_dtype": "float32"}, "cannot be written as float32"),
        ({"bias": [0.5]}, "bias: float64 does not convert to int32"),
    ):
        with pytest.raises(tw.ArgumentError, match=message):
            chip.matmul(one, one, **options)
    with pytest.raises(tw.ArgumentError, match="expected int8 from -127 to 127"):
        chip.matmul(one * np.int8(-128), one)
    with pytest.raises(tw.ArgumentError, match="expected a multiple of 64"):
        chip.matmul(one, one, bias=chip.put(np.zeros(1, np.int32), tw.Placement.interleaved(32)))


def test_what_fills_up_tiles_stays_zero(chip: tw.Device) -> None:
    """It takes part in the next product, where a bias or sigmoid(0) would be seen."""
    a, b = integers(13, 40, 35), integers(14, 35, 45)
    left = chip.matmul(a, b, bias=np.ones(45), activation="sigmoid")
    right = chip.matmul(b.T, a.T, bias=np.full(40, 2), activation="relu")
    c = chip.matmul(left, right, fidelity="HiFi4").numpy()
    exact = left.numpy().astype(np.float64) @ right.numpy()
    np.testing.assert_allclose(c, exact, rtol=4e-3)
    assert left.numpy().shape == (40, 45)


def test_result_is_an_operand_and_memory_can_be_given(chip: tw.Device) -> None:
    a, b = integers(6, 33, 40), integers(7, 40, 20)
    c = chip.matmul(a, b)
    out = chip.empty_tiles((33, 5))
    d = chip.matmul(c, np.ones((20, 5), np.float32), out=out)
    assert d is out
    np.testing.assert_array_equal(d.numpy(), (a @ b).sum(axis=1, keepdims=True).repeat(5, axis=1))


def test_matrices_elsewhere(chip: tw.Device) -> None:
    """In the L1 of a tile, in one bank, and in pages of several tiles."""
    a, b = integers(15, 40, 70), integers(16, 70, 50)
    for where in (tw.Placement.bank(1), tw.Placement.interleaved(6144)):
        right = chip.put_tiles(b, "bfloat16", where)
        np.testing.assert_array_equal(chip.matmul(a, right, dtype="bfloat16").numpy(), a @ b)
    left = chip.put_tiles(a, "bfloat16", tw.Placement.l1(1, 0))
    out = chip.empty_tiles((40, 50), "bfloat16", tw.Placement.l1(0, 1))
    c = chip.matmul(left, b, dtype="bfloat16", out_dtype="bfloat16", out=out)
    np.testing.assert_array_equal(c.numpy(), a @ b)
    assert last_report(chip).dram_bytes_written == 0
    left.free()
    out.free()


def test_report_and_plan() -> None:
    a, b = integers(8, 256, 128), integers(9, 128, 192)
    with tw.open("blackhole") as device:
        reports = []
        for fidelity in ("LoFi", "HiFi4"):
            device.matmul(a, b, dtype="bfloat16", fidelity=fidelity)
            report = last_report(device)
            reports.append(report)
            assert report.macs == 256 * 128 * 192
            assert report.passes == 8 * 4 * 6
            assert report.dram_bytes_read == 2 * (256 * 128 + 128 * 192)
            assert report.dram_bytes_written == 4 * 256 * 192
            assert report.compulsory_bytes == report.dram_bytes_read + report.dram_bytes_written
            assert report.plan.arrays == 8 * 6
            assert report.compute_cycles + report.stall_cycles == report.cycles
            assert report.utilisation == pytest.approx(report.array_utilisation * 48 / 140)
        # An engine has one tile of C, of four products in 16 cycles each and phase.
        assert 4 * 16 <= reports[0].compute_cycles < 4 * 16 + 32
        assert 4 * 64 <= reports[1].compute_cycles < 4 * 64 + 32
        plan = mm.plan(device.config, 256, 192, 128, dtype="bfloat16")
        assert str(plan) == str(reports[1].plan)
        assert "48 compute engines" in str(plan)


def test_same_cycles_with_and_without_checks() -> None:
    a, b = integers(10, 100, 90), integers(11, 90, 80)
    cycles = set()
    for checks in (False, True, False):
        with tw.open("tiny", checks=checks) as device:
            device.matmul(a, b, dtype="bfloat16")
            cycles.add(last_report(device).cycles)
    assert len(cycles) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int8"}, "a: float32 does not convert to int8"),
        ({"out_dtype": "int32"}, "summed in float32 and cannot be written as int32"),
        ({"activation": "softmax"}, "no activation is called 'softmax'"),
        ({"dataflow": "weight_stationary"}, "the dataflow weight_stationary"),
        ({"bias": [0.0, 0.0]}, r"bias: expected shape \(1,\)"),
        ({"arrays": 1}, "how many to use"),
        ({"tiles": (32, 32, 32, 32, 32)}, "a choice of tiles"),
        ({"fidelity": "HiFi5"}, "expected one of LoFi, HiFi2, HiFi3, HiFi4"),
    ],
)
def test_what_engines_do_not_do_is_named(
    chip: tw.Device, options: dict[str, object], message: str
) -> None:
    with pytest.raises(tw.Error, match=message):
        chip.matmul(ONE, ONE, **options)  # type: ignore[arg-type]


def test_wrong_operands_are_named(chip: tw.Device) -> None:
    one = np.ones((4, 4), np.float32)
    with pytest.raises(tw.ArgumentError, match=r"a: compute engines read matrices as tiles"):
        chip.matmul(chip.put(one), one)
    with pytest.raises(tw.ArgumentError, match=r"\(4, 4\) and \(3, 4\) do not fit"):
        chip.matmul(one, one[:3])
    with pytest.raises(tw.ArgumentError, match="a is float32, b is float16"):
        chip.matmul(one, one.astype(np.float16))
    with pytest.raises(tw.ArgumentError, match="b: expected a matrix of bfloat16"):
        chip.matmul(one, chip.put_tiles(one), dtype="bfloat16")
    with pytest.raises(tw.ArgumentError, match="out: expected a matrix"):
        chip.matmul(one, one, out=chip.empty_tiles((4, 5)))
    with pytest.raises(tw.ArgumentError, match="a: expected 2 dimensions"):
        chip.matmul(one[0], one)


@pytest.mark.parametrize("kind", ["float32", "float16", "bfloat16", "bfp8_b", "int32", "uint8"])
def test_matrices_as_tiles(chip: tw.Device, kind: str) -> None:
    matrix = np.abs(integers(12, 37, 70))
    tiles = chip.put_tiles(matrix.astype(np.int32) if "int" in kind else matrix, kind)
    assert tiles.shape == (37, 70)
    assert tiles.nbytes == 2 * 3 * tile_bytes(kind)
    np.testing.assert_array_equal(tiles.numpy(), matrix)
    np.testing.assert_array_equal(tiles[3:5, ::2], matrix[3:5, ::2])
    tiles[1, 2] = 3
    tiles[36] = 1
    matrix[1, 2] = 3
    matrix[36] = 1
    np.testing.assert_array_equal(np.asarray(tiles), matrix)
    tiles.fill(2)
    np.testing.assert_array_equal(tiles.numpy(), np.full((37, 70), 2))
    assert repr(tiles).startswith(f"<TiledBuffer (37, 70) {kind}")
    for refused in (tiles.view, lambda: tiles.reshape(-1)):
        with pytest.raises(tw.UnsupportedError):
            refused()
    with pytest.raises(tw.ArgumentError, match=r"expected shape \(37, 70\)"):
        tiles.write(matrix[:1])
    with pytest.raises(tw.ArgumentError, match="expected a matrix"):
        chip.empty_tiles((3,))
