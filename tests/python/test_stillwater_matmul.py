"""Products through `stillwater_kpu`: values against NumPy, cycles against the closed form of one
tile, and what is refused."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stillwater_kpu as kpu
import tilewright as tw

SIZES = st.integers(1, 70)


def rounding(a: npt.NDArray[np.generic], b: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """How far a float32 sum of k products may be from the true one, in any order: k + 1 roundings
    of at most 2**-24 of the sum of magnitudes (Higham, Accuracy and Stability, section 3.1)."""
    magnitudes = np.abs(a).astype(np.float64) @ np.abs(b).astype(np.float64)
    bound: npt.NDArray[np.float64] = (a.shape[1] + 1) * 2.0**-24 * magnitudes
    return bound


@settings(max_examples=25)
@given(SIZES, SIZES, SIZES, st.sampled_from(["float32", "float16", "int8"]), st.integers(0, 99))
def test_any_shape_and_type(m: int, n: int, k: int, dtype: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    with kpu.Simulator() as sim:
        if dtype == "int8":
            a, b = (random.integers(-128, 128, s).astype(np.int8) for s in ((m, k), (k, n)))
            c = sim.matmul(a, b)
            assert c.dtype == np.int32
            np.testing.assert_array_equal(c, a.astype(np.int32) @ b.astype(np.int32))
        else:
            a, b = (random.normal(size=s).astype(dtype) for s in ((m, k), (k, n)))
            c = sim.matmul(a, b)
            assert c.dtype == np.float32
            exact = a.astype(np.float64) @ b.astype(np.float64)
            assert (np.abs(c - exact) <= rounding(a, b)).all()
        statistics = sim.statistics()
        arrays = [e for e in statistics["engines"].values() if e["kind"] == "systolic"]
        assert sum(array["macs"] for array in arrays) == m * n * k
        assert statistics["cycles"] == sim.get_current_cycle()
        assert statistics["cycles"] * 256 * len(arrays) >= m * n * k


def test_any_strides_and_dtypes_that_convert() -> None:
    a = np.arange(60, dtype=">i8").reshape(5, 12)[:, ::2].T
    b = np.linspace(0, 1, 15, dtype=np.float64).reshape(3, 5).T
    with kpu.Simulator() as sim:
        np.testing.assert_allclose(sim.matmul(a, b), a @ b, rtol=1e-5)
        assert sim.matmul([[1, 2], [3, 4]], [[5], [6]]).tolist() == [[17], [39]]


@pytest.mark.parametrize("shape", [(0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 0)])
def test_empty_products(shape: tuple[int, int, int]) -> None:
    m, n, k = shape
    with kpu.Simulator() as sim:
        c = sim.matmul(np.zeros((m, k), np.float32), np.zeros((k, n), np.float32))
        assert c.shape == (m, n)
        assert not c.any()
        assert sim.run_numpy_matmul(np.zeros((m, k)), np.zeros((k, n))).shape == (m, n)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros((2, 3)), np.zeros((2, 3)), "2 x 3 cannot be multiplied with B of 2 x 3"),
        (np.zeros(3), np.zeros((3, 3)), "A: expected a matrix"),
        (np.zeros((3, 3), complex), np.zeros((3, 3)), "A: expected numbers"),
        (np.zeros((1, 1)), np.array([[None]]), "B: expected numbers"),
        (np.full((1, 1), 2**24 + 1), np.ones((1, 1)), "A: some of its int64 do not convert"),
    ],
)
def test_what_cannot_be_multiplied(
    a: npt.NDArray[np.generic], b: npt.NDArray[np.generic], message: str
) -> None:
    with kpu.Simulator() as sim, pytest.raises(tw.ArgumentError, match=message):
        sim.matmul(a, b)


def test_products_do_not_touch_what_users_write_by_address() -> None:
    with kpu.Simulator() as sim:
        data = [float(i) for i in range(4096)]
        for bank in range(2):
            sim.write_memory_bank(bank, 0, data)
        a, b = kpu.generate_random_matrix(64, 64, seed=1), kpu.generate_random_matrix(64, 64)
        sim.matmul(a, b)
        sim.run_numpy_matmul(a, b)
        for bank in range(2):
            assert sim.read_memory_bank(bank, 0, 4096) == data


@settings(max_examples=20)
@given(SIZES, SIZES, st.integers(1, 60))
def test_one_tile_takes_the_cycles_of_its_dataflow(m: int, n: int, k: int) -> None:
    """Output stationary on 16 x 16: ceil(m/16) ceil(n/16) (k + 30), with operands at hand."""
    a, b = kpu.generate_random_matrix(m, k, seed=m), kpu.generate_random_matrix(k, n, seed=n)
    with kpu.Simulator() as sim:
        sim.write_scratchpad_numpy(1, 0, a)
        sim.write_scratchpad_numpy(1, a.nbytes, b)
        done: list[int] = []
        where = (0, a.nbytes, a.nbytes + b.nbytes)
        sim.start_matmul(1, 1, m, n, k, *where, lambda: done.append(sim.get_current_cycle()))
        assert sim.is_compute_busy(1)
        assert not sim.is_compute_busy(0)
        sim.run_until_idle()
        assert done == [math.ceil(m / 16) * math.ceil(n / 16) * (k + 30)]
        c = sim.read_scratchpad_numpy(1, where[2], m * n).reshape(m, n)
        exact = a.astype(np.float64) @ b.astype(np.float64)
        assert (np.abs(c - exact) <= rounding(a, b)).all()


def test_without_arrays_a_tile_does_one_product_a_cycle() -> None:
    with kpu.Simulator(kpu.SimulatorConfig(use_systolic_array_mode=False)) as sim:
        assert not sim.is_using_systolic_arrays()
        assert (sim.get_systolic_array_rows(), sim.get_systolic_array_cols()) == (1, 1)
        sim.write_scratchpad(0, 0, [1, 2, 3, 4, 5, 6, 7, 8])
        sim.start_matmul(0, 0, 2, 2, 2, 0, 16, 32)
        sim.run_until_idle()
        assert sim.read_scratchpad(0, 32, 4) == [19, 22, 43, 50]
        assert sim.get_current_cycle() == 2 * 2 * 2


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((2, 0, 1, 1, 1, 0, 64, 128), "systolic array 2"),
        ((0, 2, 1, 1, 1, 0, 64, 128), "scratchpad 2"),
        ((0, 0, 1, 1, 1, 65_540, 64, 128), "scratchpad 0"),
        ((0, 0, 200, 200, 1, 0, 64, 128), "0x180100080"),
        ((0, 0, 2**33, 1, 1, 0, 64, 128), "m: expected at most"),
        ((0, 0, -1, 1, 1, 0, 64, 128), "m: expected 0"),
    ],
)
def test_matmuls_that_cannot_be(arguments: tuple[Any, ...], names: str) -> None:
    with kpu.Simulator() as sim:
        with pytest.raises((tw.AddressError, tw.ArgumentError), match=names):
            sim.start_matmul(*arguments)
        assert not sim.is_compute_busy(0)


def test_step_by_step_on_one_tile() -> None:
    a, b = kpu.generate_random_matrix(4, 6, seed=1), kpu.generate_random_matrix(6, 3, seed=2)
    with kpu.Simulator() as sim:
        c = sim.run_numpy_matmul(a, b, 1, 1, 1)
        np.testing.assert_allclose(c, a @ b, rtol=1e-5)
        inputs = math.ceil((4 * 6 + 6 * 3) * 4 / 64)
        outputs = math.ceil(4 * 3 * 4 / 64)
        assert sim.get_current_cycle() == 2 * 129 + inputs + outputs + (6 + 30)
        with pytest.raises(tw.OutOfMemoryError, match="scratchpad 0: 200 x 200"):
            sim.run_numpy_matmul(np.ones((200, 200)), np.ones((200, 200)))


def test_known_products() -> None:
    with kpu.Simulator() as sim:
        assert sim.run_matmul_test()
        assert sim.run_matmul_test(kpu.generate_simple_matmul_test(9, 8, 7), 1, 1, 1)
        sim.inject_fault("compute_tile", 0, offset=3, bit=5)  # in the exponent
        assert not sim.run_matmul_test()


def test_distribution_uses_all_tiles_at_once() -> None:
    cycles = {}
    for tiles in (1, 4):
        with kpu.KPUSimulator(kpu.generate_multi_bank_config(4, tiles)) as sim:
            assert sim.get_dma_engine_count() == 4 + tiles
            assert kpu.run_distributed_matmul_test(sim, 64)
            used = [
                name
                for name, engine in sim.statistics()["engines"].items()
                if engine["kind"] == "systolic" and engine["commands"]
            ]
            assert used == [f"systolic{i}" for i in range(tiles)]
            cycles[tiles] = sim.get_current_cycle()
    assert cycles[4] < cycles[1] / 2


def test_a_product_can_be_looked_at() -> None:
    with kpu.Simulator() as sim:
        sim.matmul(kpu.generate_random_matrix(96, 96), kpu.generate_random_matrix(96, 96))
        statistics = sim.statistics()
    report = kpu.analysis.PerformanceAnalyzer().analyze(statistics)
    assert report.macs == 96**3
    assert report.roofline is not None
    assert 0 < report.roofline.efficiency <= 1
    engines = {bar.engine for bar in kpu.visualization.gantt_data(statistics)}
    assert {"systolic0", "dma0"} <= engines
    kpu.visualization.plot_performance(statistics)
    kpu.visualization.plot_gantt(statistics)
    kpu.visualization.plot_memory_heatmap(statistics)


def test_attached_products_leave_buffers_alone() -> None:
    with tw.open("kpu") as device:
        kept = device.put(np.arange(10_000, dtype=np.float32))
        sim = kpu.KPUSimulator(device=device)
        a = kpu.generate_random_matrix(50, 50)
        np.testing.assert_allclose(sim.matmul(a, a), a @ a, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(kept.numpy(), np.arange(10_000))
