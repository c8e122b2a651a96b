"""Names that scripts for KPU simulators import: the host, its clock, benchmarks, and the thin
layer's methods."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stillwater_kpu as kpu
import stillwater_kpu_native as native
import tilewright as tw
from stillwater_kpu.visualization.series_plot import series_of


@pytest.fixture
def thin() -> Iterator[native.KPUSimulator]:
    with native.KPUSimulator(1 << 20, 1 << 16) as sim:
        yield sim


def test_all_names_are_in_core_and_at_the_top() -> None:
    for name in kpu.core.__all__:
        assert getattr(kpu, name) is getattr(kpu.core, name)
    assert set(kpu.core.__all__) <= set(kpu.__all__)
    assert kpu.core.get_native_module() is native
    assert kpu.core.is_native_available()


def test_the_host_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    info = kpu.core.get_system_info()
    assert info["numpy_version"] == np.__version__
    assert info["memory_total_gb"] >= info["memory_available_gb"]
    assert info["cpu_count_logical"] >= 1
    kpu.core.print_system_info()
    printed = capsys.readouterr().out
    assert info["python_version"] in printed
    assert "cuda: no" in printed or "cuda: yes" in printed
    kpu.core.show_np_config()
    assert "NumPy Configuration:" in capsys.readouterr().out


def test_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.25, 12.0, 13.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    with kpu.core.Timer() as timer:
        pass
    assert (timer.elapsed, timer.elapsed_ms, timer.elapsed_us) == (0.25, 250, 250_000)
    assert repr(timer) == "<Timer: 250.000 ms>"
    timer.start()
    assert timer.elapsed == 1, "it goes on until it is stopped"
    for wrong in (lambda: kpu.core.Timer().elapsed, kpu.core.Timer().stop):
        with pytest.raises(tw.StateError, match="not been started"):
            wrong()


def test_benchmark_function() -> None:
    calls: list[tuple[int, int]] = []

    def work(a: int, b: int = 0) -> None:
        calls.append((a, b))

    times = kpu.core.benchmark_function(work, 1, iterations=4, warmup=2, b=5)
    assert calls == [(1, 5)] * 6
    assert times["min_ms"] <= times["median_ms"] <= times["max_ms"]
    assert times["total_time_s"] == pytest.approx(times["mean_ms"] * 4 / 1e3)
    with pytest.raises(tw.ArgumentError, match="iterations"):
        kpu.core.benchmark_function(work, 1, iterations=0)
    with pytest.raises(ZeroDivisionError):
        kpu.core.benchmark_function(lambda: 1 / 0)


def test_numbers_of_matrices() -> None:
    assert kpu.core.calculate_gflops(100, 200, 300, 0.5) == pytest.approx(0.024)
    assert [kpu.core.format_bytes(n) for n in (0, 1023, 1536, 3 << 30)] == [
        "0.0 B", "1023.0 B", "1.5 KB", "3.0 GB",
    ]  # fmt: skip
    assert kpu.core.estimate_memory_usage([(10, 10), (4,)], np.float64)["bytes"] == 832
    assert kpu.core.validate_matrix_shapes((2, 3), (3, 5)) == (2, 3, 5)
    with pytest.raises(ValueError, match=r"B_shape: expected 3 rows"):
        kpu.core.validate_matrix_shapes((2, 3), (4, 5))
    size = kpu.core.get_optimal_tile_size(1 << 16)
    assert size % 8 == 0
    assert 3 * 4 * size**2 <= 0.8 * (1 << 16) < 3 * 4 * (size + 8) ** 2
    fits = kpu.core.validate_scratchpad_capacity([(64, 64)] * 3, 1 << 16)
    assert fits["fits"]
    assert fits["utilization_percent"] == 75


def test_test_matrices_are_reproducible() -> None:
    a, b = kpu.core.generate_test_matrices(3, 4, 5, seed=1)
    again = kpu.core.generate_test_matrices(3, 4, 5, seed=1)
    assert (a.shape, b.shape) == ((3, 4), (4, 5))
    assert a.dtype == np.float32
    assert np.array_equal(a, again[0])
    assert np.array_equal(b, again[1])
    assert kpu.core.generate_test_matrices(2, 2, 2, np.int32)[0].dtype == np.int32
    same = kpu.core.compare_matrices(a, a)
    assert same["matrices_close"]
    assert same["max_absolute_error"] == 0
    other = kpu.core.compare_matrices(a, a + np.float32(0.5))
    assert not other["matrices_close"]
    assert other["max_absolute_error"] == pytest.approx(0.5)
    assert not kpu.core.compare_matrices(a, b)["shapes_match"]


def test_benchmark_of_matmul_and_its_plot(tmp_path: Path) -> None:
    with kpu.create_simulator(main_memory_size=1 << 20, scratchpad_size=1 << 16) as sim:
        results = [sim.benchmark_matmul(size, size, size, iterations=2) for size in (8, 16)]
        again = sim.benchmark_matmul(8, 8, 8, iterations=1)
    for result in results:
        assert result["kpu_gflops"] * result["kpu_time_ms"] == pytest.approx(
            result["operations"] / 1e6
        )
        assert result["simulated_ms"] == pytest.approx(result["simulated_cycles"] / 1e6)
        assert result["using_mock"] is False
    assert results[1]["matrix_size"] == "16x16 @ 16x16"
    assert again["simulated_cycles"] == results[0]["simulated_cycles"], "simulated time is exact"
    given: list[Any] = [results[0], results, {"size": [1, 2], "gflops": [3.0, 4.0]}]
    for index, data in enumerate(given):
        picture = tmp_path / f"{index}.png"
        figure = kpu.visualization.plot_performance(data, save=picture)
        assert picture.stat().st_size > 1000
        drawn = [line for axes in figure.axes for line in axes.lines]
        assert bool(drawn) == (index > 0)
    assert np.array_equal(drawn[0].get_ydata(), [3.0, 4.0])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1", "2"]


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({"gflops": [1.0, 2.0], "time_ms": [1.0]}, "one length; gflops has 2, time_ms has 1"),
        ({"text": "only"}, "'cycles' is missing"),
    ],
)
def test_what_cannot_be_plotted_is_named(results: Any, message: str) -> None:
    with pytest.raises(tw.ArgumentError, match=message):
        kpu.visualization.plot_performance(results)


def test_series_of_several_dicts_are_lists() -> None:
    series, labels = series_of([{"name": "a", "gflops": 1}, {"name": "b", "gflops": 2}])
    assert (series, labels) == ({"gflops": [1.0, 2.0]}, ["a", "b"])


# --- The thin layer ------------------------------------------------------------------------------


def test_memories_of_the_thin_layer(thin: native.KPUSimulator) -> None:
    data = np.arange(12, dtype=np.int16).reshape(3, 4)
    thin.main_memory_write(64, data)
    thin.dma_transfer_sync(64, 128, data.nbytes, True, False)
    assert np.array_equal(thin.scratchpad_read(128, np.int16, (3, 4)), data)
    assert thin.get_current_cycle() == 129 + 1
    thin.scratchpad_write(0, data.T)
    thin.dma_transfer_sync(0, 0, data.nbytes, False, True)
    assert np.array_equal(thin.main_memory_read(0, np.int16, (4, 3)), data.T)
    thin.dma_transfer_sync(0, 256, data.nbytes, False, False)
    assert np.array_equal(thin.scratchpad_read(256, np.int16, (4, 3)), data.T)
    with pytest.raises(tw.AddressError, match="dst_addr: 24 bytes at 65530"):
        thin.dma_transfer_sync(0, 65530, 24, True, False)


def test_matmul_of_the_thin_layer(thin: native.KPUSimulator) -> None:
    random = np.random.default_rng(0)
    a, b = (random.integers(-5, 5, shape).astype(np.float32) for shape in ((6, 7), (7, 5)))
    thin.scratchpad_write(0, a)
    thin.scratchpad_write(1024, b)
    thin.matmul_f32(0, 1024, 2048, a.shape, b.shape)
    assert np.array_equal(thin.scratchpad_read(2048, np.float32, (6, 5)), a @ b)
    thin.matmul_f32(0, 1024, 2048, a.shape, b.shape, accumulate=True)
    assert np.array_equal(thin.scratchpad_read(2048, np.float32, (6, 5)), 2 * (a @ b))
    with pytest.raises(tw.AddressError, match="addr_C"):
        thin.matmul_f32(0, 1024, 65500, a.shape, b.shape)
    with pytest.raises(tw.ArgumentError, match="shape_B: expected a matrix of 7 rows"):
        thin.matmul_f32(0, 1024, 2048, a.shape, (6, 5))
