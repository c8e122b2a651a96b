"""Products and convolutions: values against NumPy, costs against what no machine can beat."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tilewright as tw
from tilewright.matmul import from_bfloat16, plan, to_bfloat16

sizes = st.integers(1, 90)
SMALL: dict[str, Any] = {"systolic_rows": 8, "systolic_columns": 4}


def rounding_bound(
    a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """How far float32 sums of so many products may be from the exact ones: k units of rounding for
    the products and the sums, twice for NumPy's own sums in another order."""
    k = a.shape[1]
    exact: npt.NDArray[np.float64] = np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64)
    exact *= 2 * (k + 1) * 2.0**-24
    return exact


def check_report(device: tw.Device) -> None:
    report = device.last_matmul
    assert report is not None
    m, n, k = report.plan.shape
    config = device.config.fields()
    elements = config["systolic_rows"] * config["systolic_columns"] * report.plan.arrays
    assert report.macs == m * n * k
    assert report.macs <= report.cycles * elements
    assert 0 < report.utilisation <= report.array_utilisation <= 1
    share = report.plan.arrays / config["systolic_array_count"]
    assert report.utilisation == pytest.approx(report.array_utilisation * share)
    assert report.cycles >= max(report.compute_cycles, report.memory_cycles)
    assert report.compute_cycles == report.plan.compute_cycles
    assert report.stall_cycles == report.cycles - report.compute_cycles
    moved = report.dram_bytes_read + report.dram_bytes_written
    assert moved >= report.compulsory_bytes
    assert report.cycles * config["dram_bytes_per_cycle"] * device.config.dram_bank_count >= moved
    assert report.arithmetic_intensity == 2 * report.macs / moved
    parts = report.mac_energy_pj, report.on_chip_energy_pj, report.dram_energy_pj
    assert report.energy_pj == pytest.approx(sum(parts))
    assert min(parts) > 0


@settings(max_examples=40)
@given(
    sizes,
    sizes,
    sizes,
    st.sampled_from(["auto", "output_stationary", "ws", "is"]),
    st.integers(0, 99),
)
def test_any_shape_equals_numpy(m: int, n: int, k: int, dataflow: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((m, k), dtype=np.float32)
    b = rng.standard_normal((k, n), dtype=np.float32)
    with tw.open("kpu", **SMALL) as device:
        c = device.matmul(a, b, dataflow=dataflow).numpy()
        assert c.dtype == np.float32
        assert np.all(np.abs(c - a @ b) <= rounding_bound(a, b))
        check_report(device)


@settings(max_examples=20)
@given(sizes, sizes, sizes, st.integers(0, 99))
def test_integers_are_exact(m: int, n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.integers(-128, 128, (m, k), np.int8)
    b = rng.integers(-128, 128, (k, n), np.int8)
    bias = rng.integers(-1000, 1000, n, np.int32)
    with tw.open("kpu", **SMALL) as device:
        c = device.matmul(a, b, bias=bias, activation="relu").numpy()
        exact = a.astype(np.int32) @ b.astype(np.int32) + bias
        assert np.array_equal(c, np.maximum(exact, 0))
        check_report(device)


def test_halves_are_summed_in_float32() -> None:
    rng = np.random.default_rng(1)
    a = rng.standard_normal((40, 70)).astype(np.float16)
    b = rng.standard_normal((70, 30)).astype(np.float16)
    wide = a.astype(np.float32), b.astype(np.float32)
    with tw.open("kpu") as device:
        c = device.matmul(a, b).numpy()
        assert np.all(np.abs(c - wide[0] @ wide[1]) <= rounding_bound(*wide))
        narrow = device.matmul(a, b, out_dtype="float16").numpy()
        assert np.array_equal(narrow, c.astype(np.float16))


def test_bfloat16_comes_as_bits_or_by_conversion() -> None:
    rng = np.random.default_rng(2)
    a = rng.standard_normal((20, 50), dtype=np.float32)
    b = rng.standard_normal((50, 20), dtype=np.float32)
    rounded = from_bfloat16(to_bfloat16(a)), from_bfloat16(to_bfloat16(b))
    assert np.all(np.abs(rounded[0] - a) <= 2.0**-8 * np.abs(a))
    with tw.open("kpu") as device:
        converted = device.matmul(a, b, dtype="bfloat16").numpy()
        assert np.all(np.abs(converted - rounded[0] @ rounded[1]) <= rounding_bound(*rounded))
        bits = device.put(to_bfloat16(a)), device.put(to_bfloat16(b))
        assert np.array_equal(device.matmul(*bits, dtype="bfloat16").numpy(), converted)
        out = device.matmul(*bits, dtype="bfloat16", out_dtype="bfloat16").numpy()
        assert np.array_equal(out, to_bfloat16(converted))


ACTIVATIONS: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "silu": lambda x: x / (1 + np.exp(-x)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_round_once(name: str) -> None:
    rng = np.random.default_rng(3)
    a = rng.standard_normal((30, 40), dtype=np.float32)
    b = rng.standard_normal((40, 30), dtype=np.float32)
    bias = rng.standard_normal(30, dtype=np.float32)
    with tw.open("kpu") as device:
        plain = device.matmul(a, b, bias=bias).numpy()
        fused = device.matmul(a, b, bias=bias, activation=name).numpy()
        report = device.last_matmul
    exact = ACTIVATIONS[name](plain.astype(np.float64))
    assert np.all(np.abs(fused - exact) <= 0.51 * np.spacing(np.abs(exact).astype(np.float32)))
    assert report is not None
    assert report.vector_cycles > 0


def test_operands_stay_on_the_device() -> None:
    rng = np.random.default_rng(4)
    weights = [rng.standard_normal((64, 64), dtype=np.float32) for _ in range(3)]
    with tw.open("kpu") as device:
        x = device.put(weights[0])
        out = device.empty((64, 64))
        hidden = device.matmul(x, weights[1], activation="relu")
        result = device.matmul(hidden, weights[2], out=out)
        assert result is out
        expected = np.maximum(weights[0] @ weights[1], 0) @ weights[2]
        assert np.allclose(out.numpy(), expected, rtol=1e-4, atol=1e-3)


def test_any_strides_and_orders_are_taken() -> None:
    a = np.arange(600, dtype=np.float32).reshape(20, 30)[::2, ::-3]
    b = np.asfortranarray(np.arange(50, dtype=np.float32).reshape(10, 5))
    with tw.open("kpu") as device:
        assert np.array_equal(device.matmul(a, b).numpy(), a @ b)


@settings(max_examples=25)
@given(st.data())
def test_convolutions_equal_windows_times_filters(data: st.DataObject) -> None:
    draw = data.draw
    count, channels, filters = (draw(st.integers(1, 4)) for _ in range(3))
    kernel = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    strides = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    edges = [(draw(st.integers(0, size - 1)), draw(st.integers(0, size - 1))) for size in kernel]
    height, width = draw(st.integers(3, 10)), draw(st.integers(3, 10))
    rng = np.random.default_rng(5)
    images = rng.integers(-8, 8, (count, height, width, channels)).astype(np.float32)
    weights = rng.integers(-8, 8, (*kernel, channels, filters)).astype(np.float32)
    padded = np.pad(images, ((0, 0), *edges, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, (1, 2))
    expected = np.einsum("nyxcij,ijcf->nyxf", windows[:, :: strides[0], :: strides[1]], weights)
    with tw.open("kpu", **SMALL) as device:
        for method in ("direct", "im2col"):
            padding = edges[0], edges[1]
            result = device.conv2d(images, weights, stride=strides, padding=padding, method=method)
            assert np.array_equal(result.numpy(), expected)
            check_report(device)


@pytest.mark.parametrize("stride", [1, 2, (1, 2), (3, 1), [2, 2]])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 5), (1, 1), (9, 4)])
def test_same_padding_is_that_of_tensorflow(stride: Any, kernel: tuple[int, int]) -> None:
    """Its definition (tf.nn.convolution): the output has ceil(size / stride) places, and of the
    zeros that this takes the odd one comes last."""
    strides = (stride, stride) if isinstance(stride, int) else tuple(stride)
    rng = np.random.default_rng(7)
    images = rng.integers(-8, 8, (1, 7, 8, 3)).astype(np.float32)
    weights = rng.integers(-8, 8, (*kernel, 3, 2)).astype(np.float32)
    edges = []
    for size, width, step in zip((7, 8), kernel, strides, strict=True):
        rest = size % step
        zeros = max(width - step, 0) if rest == 0 else max(width - rest, 0)
        edges.append((zeros // 2, zeros - zeros // 2))
    padded = np.pad(images, ((0, 0), *edges, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, (1, 2))
    expected = np.einsum("nyxcij,ijcf->nyxf", windows[:, :: strides[0], :: strides[1]], weights)
    with tw.open("kpu", **SMALL) as device:
        result = device.conv2d(images, weights, stride=stride, padding="same")
        assert result.shape[1:3] == (-(-7 // strides[0]), -(-8 // strides[1]))
        assert np.array_equal(result.numpy(), expected)


def test_one_padding_in_all_its_forms() -> None:
    images, weights = np.ones((1, 6, 6, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    forms: list[list[Any]] = [
        [1, (1, 1), [1, 1], ((1, 1), (1, 1)), np.int64(1), "same"],
        [0, (0, 0), "valid"],
        [(2, 1), ((2, 2), (1, 1)), ((2, 2), 1)],
    ]
    with tw.open("kpu", **SMALL) as device:
        for same in forms:
            results = [device.conv2d(images, weights, padding=p).numpy() for p in same]
            assert all(np.array_equal(results[0], result) for result in results[1:])


def test_utilisation_is_of_the_chip_and_of_the_arrays_in_use() -> None:
    """A product of one row of tiles cannot be spread: one of two arrays does all of it."""
    with tw.open("kpu", systolic_array_count=2) as device:
        device.matmul(np.ones((3, 256)), np.ones((256, 1)), dtype="bfloat16")
        report = device.last_matmul
        assert report is not None
        assert report.plan.arrays == 1
        done = 3 * 256 / report.cycles / 256
        assert report.array_utilisation == pytest.approx(done)
        assert report.utilisation == pytest.approx(done / 2)
        assert f"{done / 2:.1%}".replace("%", " %") in str(report)


def test_plans_are_equal_and_can_be_read() -> None:
    config = tw.preset("kpu")
    text = repr(plan(config, 512, 256, 1024))
    assert text == repr(plan(config, 512, 256, 1024))
    assert "512 x 256 x 1024" in text
    assert "L3 tile > L2 bank > L1 buffer" in text
    fixed = plan(config, 512, 256, 1024, dataflow="ws", tiles=(32, 32, 64, 32, 16))
    assert fixed.dataflow == "weight_stationary"
    assert fixed.tiles == (32, 32, 64, 32, 16)


@pytest.mark.parametrize("dataflow", ["os", "ws", "is"])
def test_arrays_too_large_for_their_memories_are_used_in_part(dataflow: str) -> None:
    config = tw.preset("kpu", systolic_rows=128, systolic_columns=128, l1_buffer_bytes=4096)
    chosen = plan(config, 300, 300, 300, dataflow=dataflow)
    assert chosen.compute_cycles >= 300**3 / 128**2 / 2
    with tw.open(config) as device:
        x = np.ones((300, 300), np.float32)
        assert np.all(device.matmul(x, x, dataflow=dataflow).numpy() == 300)
        check_report(device)


def test_one_command_of_an_array() -> None:
    rng = np.random.default_rng(6)
    a = rng.standard_normal((20, 24), dtype=np.float32)
    b = rng.standard_normal((24, 18), dtype=np.float32)
    with tw.open("kpu") as device:
        base = device.memory("scratchpad", 1).address
        device.write(base, a)
        device.write(base + 0x2000, b)
        go = device.flag(host=True)
        done: list[int] = []
        command = (base, base + 0x2000, base + 0x4000, 20, 18, 24)
        device.multiply(*command, wait=(go, 1), on_done=lambda: done.append(device.cycle))
        device.multiply(*command, accumulate=True, dataflow="ws")
        device.run_until_idle()
        assert done == []
        go.value = 1
        device.finish()
        # ceil(20/16) * ceil(18/16) passes of 24 + 16 + 16 - 2 cycles, then 4 of 20 + 32 + 16 - 2.
        assert done == [4 * 54]
        assert device.cycle == 4 * 54 + 4 * 66
        result = device.memory("scratchpad", 1).numpy(0x4000, 20 * 18).reshape(20, 18)
        assert np.allclose(result, 2 * (a @ b), rtol=1e-5, atol=1e-5)
        counters = device.counters
        for name, count in {"passes": 8, "macs": 2 * 20 * 18 * 24, "commands": 2}.items():
            assert counters[f"systolic_array0.{name}"] == count
        with pytest.raises(tw.AddressError, match="a overlaps the result"):
            device.multiply(base, base + 0x2000, base, 4, 4, 4)


def test_what_does_not_fit_is_named() -> None:
    f32 = np.ones((4, 4), np.float32)
    with tw.open("kpu") as device:
        cases: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
            ((f32, np.ones((5, 4), np.float32)), {}, "do not fit together"),
            ((f32.astype(np.float64), f32), {}, "a: expected float32, .*got float64"),
            ((f32, f32[0]), {}, "b: expected 2 dimensions"),
            ((f32[:0], f32), {}, "none of them 0"),
            ((f32, f32.astype(np.float16)), {}, "a is float32, b is float16"),
            ((f32 * 1j, f32), {"dtype": "float32"}, "complex64"),
            ((f32, f32), {"dtype": "float64"}, "dtype: expected one of"),
            ((f32, f32), {"activation": "softmax"}, "softmax"),
            ((f32, f32), {"dataflow": "row"}, "no dataflow is called 'row'"),
            ((f32, f32), {"bias": np.ones(3, np.float32)}, r"bias: expected shape \(4,\)"),
            ((f32, f32), {"out_dtype": "int32"}, "cannot be written as int32"),
            ((f32, f32), {"tiles": (4, 4, 0, 4, 4)}, "at least 1"),
        ]
        for operands, options, message in cases:
            with pytest.raises(tw.ArgumentError, match=message):
                device.matmul(*operands, **options)
        x = device.put(f32)
        with pytest.raises(tw.ArgumentError, match="C is also an operand"):
            device.matmul(x, f32, out=x)
        with pytest.raises(tw.ArgumentError, match="padding smaller than the filter"):
            device.conv2d(
                np.ones((1, 4, 4, 1), np.float32), np.ones((2, 2, 1, 1), np.float32), padding=2
            )
        assert device.cycle == 0
        assert device.last_matmul is None
    with (
        tw.open("tiny", compute_engines=0) as device,
        pytest.raises(tw.ConfigError, match="systolic_array_count"),
    ):
        device.matmul(f32, f32)


def test_a_cycle_limit_leaves_the_device_usable() -> None:
    x = np.ones((64, 64), np.float32)
    with tw.open("kpu") as device:
        with pytest.raises(tw.CycleLimitError):
            device.matmul(x, x, cycle_limit=100)
        assert np.array_equal(device.matmul(x, x).numpy(), x @ x)


def test_slow_memory_stalls_no_product() -> None:
    """Stores of blocks may end after what tells the host of later blocks."""
    random = np.random.default_rng(5)
    chips = [(128, 200, 300, "int8", 8)]
    for _ in range(40):
        m, k, n = (int(size) for size in random.integers(1, 320, 3))
        chips.append((m, k, n, ("int8", "float16")[m % 2], int(random.integers(1, 9))))
    for m, k, n, kind, rate in chips:
        a, b = (random.integers(-5, 5, shape).astype(kind) for shape in ((m, k), (k, n)))
        wide = "int32" if kind == "int8" else "float32"
        with tw.open(
            "kpu", systolic_array_count=1, dram_bank_count=1, dram_bytes_per_cycle=rate
        ) as device:
            result = device.matmul(a, b).numpy()
        np.testing.assert_array_equal(result, a.astype(wide) @ b.astype(wide))
