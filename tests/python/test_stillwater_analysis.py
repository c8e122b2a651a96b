"""The analysis and the plots of `stillwater_kpu`: their numbers against sums done by hand, their
figures against the numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stillwater_kpu as kpu
import tilewright as tw

BANK = 0x1_0000_0000
SCRATCHPAD = 0x1_8010_0000


def engine(kind: str, **numbers: float) -> dict[str, Any]:
    empty = dict.fromkeys(
        ("commands", "busy_cycles", "stall_cycles", "bytes", "macs", "bytes_per_cycle"), 0
    )
    return {"kind": kind, **empty, "macs_per_cycle": 0, **numbers}


def memory(kind: str, base: int, **numbers: float) -> dict[str, Any]:
    empty = {"capacity": 1 << 20, "bytes_read": 0, "bytes_written": 0, "bytes_per_cycle": 0.0}
    return {"kind": kind, "base": base, **empty, **numbers}


def record(name: str, start: int, end: int, nbytes: int, **where: int) -> dict[str, Any]:
    places = {"source": BANK, "destination": SCRATCHPAD, **where}
    return {
        "engine": name,
        "operation": "copy",
        "start": start,
        "end": end,
        "bytes": nbytes,
        **places,
    }


def matmul_run(**changes: Any) -> dict[str, Any]:
    """1000 cycles; a 16x16 array at half its peak, on 4096 bytes from a bank of 100 bytes/cycle."""
    return {
        "cycles": 1000,
        "clock_mhz": 1000.0,
        "elapsed_ms": 0.001,
        "host_ms": 1.0,
        "engines": {
            "dma0": engine("dma", busy_cycles=300, bytes=4096, bytes_per_cycle=64, commands=2),
            "systolic0": engine(
                "systolic", busy_cycles=800, macs=128_000, macs_per_cycle=256, commands=1
            ),
        },
        "memories": {
            "external0": memory("external", BANK, bytes_read=4096, bytes_per_cycle=100.0),
            "scratchpad0": memory("scratchpad", SCRATCHPAD, bytes_written=4096),
        },
        "commands": [
            record("dma0", 0, 100, 2048),
            record("systolic0", 200, 1000, 0),
            record("dma0", 100, 300, 2048, source=BANK + 8192),
        ],
        "commands_left_out": 0,
        **changes,
    }


def test_report_of_one_run() -> None:
    report = kpu.analysis.PerformanceAnalyzer().analyze(matmul_run())
    assert report.cycles == 1000
    assert report.utilisation == {"dma0": 0.3, "systolic0": 0.8}
    assert report.use("external0").utilisation == pytest.approx(4096 / 100 / 1000)
    with pytest.raises(tw.ArgumentError, match="use: name: there is no 'dram'"):
        report.use("dram")
    assert report.bottleneck == "systolic0"
    assert report.macs == 128_000
    assert "systolic0, in use 80.0%" in str(report)
    assert "<td>systolic0</td>" in report._repr_html_()
    assert report.to_dict()["roofline"]["bound"] == "compute"


def test_roofline_is_the_published_formula() -> None:
    roof = kpu.analysis.PerformanceAnalyzer().analyze(matmul_run()).roofline
    assert roof is not None
    assert roof.intensity == 2 * 128_000 / 4096
    assert roof.peak == 512
    assert roof.bandwidth == 100
    assert roof.ridge == 5.12
    assert (roof.attainable, roof.attained, roof.bound) == (512, 256, "compute")
    assert roof.efficiency == 0.5


def test_memory_bound_run() -> None:
    run = matmul_run()
    run["memories"]["external0"]["bytes_read"] = 90_000
    report = kpu.analysis.PerformanceAnalyzer().analyze(run)
    assert report.bottleneck == "external0"
    assert report.roofline is not None
    assert report.roofline.bound == "memory"
    assert report.roofline.attainable == pytest.approx(256_000 / 90_000 * 100)


def test_run_without_arithmetic_has_no_roofline() -> None:
    run = matmul_run()
    run["engines"].pop("systolic0")
    report = kpu.analysis.PerformanceAnalyzer().analyze(run)
    assert report.roofline is None
    assert report.bottleneck == "dma0"
    with pytest.raises(tw.ArgumentError, match="did arithmetic"):
        kpu.visualization.plot_roofline(run)


def test_nothing_ran() -> None:
    report = kpu.analysis.PerformanceAnalyzer().analyze({"cycles": 0})
    assert (report.cycles, report.bottleneck, report.roofline) == (0, "", None)
    assert "nothing was used" in str(report)
    kpu.visualization.plot_performance({"cycles": 0})


def test_several_runs_are_compared() -> None:
    runs = [matmul_run(name="slow"), matmul_run(cycles=900)]
    comparison = kpu.analysis.PerformanceAnalyzer().analyze(runs)
    assert [report.name for report in comparison] == ["slow", "run 1"]
    assert comparison.fastest.name == "run 1"
    assert comparison[0].cycles == 1000
    assert "slow" in str(comparison)
    assert "slow" in comparison._repr_html_()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "'cycles' is missing"),
        (
            {"cycles": 1, "engines": {"dma0": {"kind": "dma"}}},
            r"engines\['dma0'\]: missing",
        ),
        ({"cycles": 1, "memories": [1]}, "memories: expected a dict"),
        ({"cycles": 1, "commands": [{"start": 1}]}, r"commands\[0\]: missing"),
        ("statistics", "results: expected"),
        ([1], "expected a dict"),
    ],
)
def test_what_is_no_statistics_is_refused_by_name(data: Any, message: str) -> None:
    with pytest.raises(tw.ArgumentError, match=message):
        kpu.analysis.PerformanceAnalyzer().analyze(data)


def test_heatmap_holds_every_byte_where_and_when_it_moved() -> None:
    heatmap = kpu.visualization.memory_heatmap_data(matmul_run(), "external0", 5, 10)
    assert heatmap.addresses[0] == 0
    assert heatmap.addresses[-1] == 8192 + 2048
    assert heatmap.bytes.sum() == pytest.approx(4096)
    assert heatmap.bytes[0, 0] == pytest.approx(2048)  # all of the first command
    assert heatmap.bytes[4, 1:3].tolist() == pytest.approx([1024, 1024])  # half of the second each
    assert not heatmap.bytes[1:4].any()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4000), st.integers(1, 5000), st.integers(0, 900), st.integers(1, 100)
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_heatmap_conserves_bytes(
    moves: list[tuple[int, int, int, int]], address_bins: int, time_bins: int
) -> None:
    commands = [
        record("dma0", start, start + length, nbytes, source=BANK + offset)
        for offset, nbytes, start, length in moves
    ]
    run = matmul_run(commands=commands)
    heatmap = kpu.visualization.memory_heatmap_data(run, "external0", address_bins, time_bins)
    assert heatmap.bytes.shape == (address_bins, time_bins)
    assert heatmap.bytes.sum() == pytest.approx(sum(move[1] for move in moves))
    assert (heatmap.bytes >= 0).all()


def test_heatmap_of_what_is_not_there() -> None:
    with pytest.raises(tw.ArgumentError, match="no 'l2_7'; there are external0"):
        kpu.visualization.plot_memory_heatmap(matmul_run(), "l2_7")
    with pytest.raises(tw.ArgumentError, match="no recorded command touched"):
        kpu.visualization.memory_heatmap_data(matmul_run(commands=[]))
    with pytest.raises(tw.ArgumentError, match="at least one bin"):
        kpu.visualization.memory_heatmap_data(matmul_run(), None, 0)


def test_gantt_has_a_bar_for_each_command() -> None:
    bars = kpu.visualization.gantt_data(matmul_run())
    assert [(bar.engine, bar.start, bar.end) for bar in bars] == [
        ("dma0", 0, 100),
        ("dma0", 100, 300),
        ("systolic0", 200, 1000),
    ]


def test_figures_show_the_numbers_and_are_saved(tmp_path: Path) -> None:
    plots = kpu.visualization
    bars = plots.plot_performance(matmul_run(), save=tmp_path / "performance.png")
    left, right = bars.axes
    assert [bar.get_width() for bar in left.patches] == pytest.approx([30, 80, 4.096])  # type: ignore[attr-defined]
    assert right.get_xscale() == "log"
    plots.plot_performance([matmul_run(), matmul_run(name="b")], save=tmp_path / "compare.svg")
    plots.plot_utilisation([matmul_run(), matmul_run()], save=tmp_path / "utilisation.png")
    plots.plot_roofline(matmul_run(), save=tmp_path / "roofline.png")
    gantt = plots.plot_gantt(matmul_run(), save=tmp_path / "gantt.pdf")
    assert [label.get_text() for label in gantt.axes[0].get_yticklabels()] == ["dma0", "systolic0"]
    heat = plots.plot_memory_heatmap(matmul_run(), save=tmp_path / "heat.png")
    assert heat._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert {file.name for file in tmp_path.iterdir() if file.stat().st_size > 1000} == {
        "performance.png",
        "compare.svg",
        "utilisation.png",
        "roofline.png",
        "gantt.pdf",
        "heat.png",
    }


def test_utilisation_as_numbers() -> None:
    assert kpu.visualization.utilisation_data(matmul_run())["run"]["dma0"] == 0.3


def test_test_cases_are_right_and_checks_can_fail() -> None:
    test = kpu.generate_simple_matmul_test(3, 5, 7)
    a = np.array(test.matrix_a).reshape(3, 7)
    b = np.array(test.matrix_b).reshape(7, 5)
    np.testing.assert_array_equal(np.array(test.expected_c).reshape(3, 5), a @ b)
    arguments = (test.matrix_a, test.matrix_b)
    assert kpu.verify_matmul_result(*arguments, test.expected_c, 3, 5, 7)
    wrong = [test.expected_c[0] + 0.01, *test.expected_c[1:]]
    assert not kpu.verify_matmul_result(*arguments, wrong, 3, 5, 7)
    assert not kpu.verify_matmul_result(*arguments, [float("nan")] * 15, 3, 5, 7)
    with pytest.raises(tw.ArgumentError, match="c: expected 3 x 5 elements, got 1"):
        kpu.verify_matmul_result(*arguments, [0.0], 3, 5, 7)


def test_random_matrices() -> None:
    matrix = kpu.generate_random_matrix(20, 30, 2, 5, seed=1)
    assert matrix.shape == (20, 30)
    assert matrix.dtype == np.float32
    assert matrix.min() >= 2
    assert matrix.max() <= 5
    np.testing.assert_array_equal(matrix, kpu.generate_random_matrix(20, 30, 2, 5, seed=1))
    assert not np.array_equal(kpu.generate_random_matrix(9, 9), kpu.generate_random_matrix(9, 9))
    with pytest.raises(tw.ArgumentError, match="rows: expected a size"):
        kpu.generate_random_matrix(-1, 2)
    with pytest.raises(tw.ArgumentError, match="min_val"):
        kpu.generate_random_matrix(1, 2, 3, 2)
