"""The comparison with a measured board: protocol, data, sums, and bounds on the model."""

import shutil
from dataclasses import replace
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from benchmarks.silicon import report
from benchmarks.silicon.__main__ import measure, of_dataset
from benchmarks.silicon.data import DataError, Point, open_package, read_points
from benchmarks.silicon.score import score
from benchmarks.silicon.split import HELD_OUT, SPLIT, TRAIN, Split, read_split

# Kernels are compiled first.
pytestmark = pytest.mark.timeout(300)

SETS = ("riscvbench", "nocbench", "nocreadbench", "dramratebench", "tensixbench")


@pytest.fixture
def split() -> Split:
    return read_split()


@pytest.fixture
def package(split: Split) -> Distribution:
    """The measurements, or the reason why they are not here."""
    try:
        return open_package(split)
    except DataError as error:
        pytest.skip(str(error))


# --- The protocol --------------------------------------------------------------------------------


def test_every_experiment_of_the_package_is_in_one_part(
    split: Split, package: Distribution
) -> None:
    assert set(split.parts) == set(SETS)
    for dataset in SETS:
        found = {point.experiment for point in read_points(package, split, dataset)}
        assert found == set(split.parts[dataset])


def test_what_the_data_set_takes_for_noise_does_not_count(
    split: Split, package: Distribution
) -> None:
    bursts = [p.key for p in read_points(package, split, "riscvbench") if p.experiment == "Q.t1"]
    in_a_row = {"q_nop", "q_setdmareg", "q_adddmareg", "q_adddmareg_sync"}
    assert {name for name, *_ in bursts} == in_a_row | {
        "loop_overhead",
        "q_loop_addi",
        "q_loop_adddmareg",
        "q_loop_adddmareg_sync",
    }
    assert {n for name, _, _, n in bursts if name in in_a_row} == {16, 32, 64, 128}


def test_an_experiment_in_both_parts_is_refused(tmp_path: Path) -> None:
    text = SPLIT.read_text().replace(
        'held-out = ["contention",', 'held-out = ["hops", "contention",'
    )
    path = tmp_path / "split.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"split\.toml: nocbench: hops more than once"):
        read_split(path)


def test_what_is_held_out_is_not_looked_at(split: Split, package: Distribution) -> None:
    lines, points, ours = of_dataset(package, split, "nocreadbench", held_out=False)
    assert {line.part for line in lines if line.score is not None} == {TRAIN}
    assert {line.why for line in lines if line.part == HELD_OUT} == {"not looked at"}
    assert set(ours) == {point.name for point in points}
    assert not {p.experiment for p in points} & {"srcfan", "dstspread", "srcspread"}


def test_the_extra_installs_what_the_protocol_was_made_for(split: Split) -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'"{split.requirement}"' in project


def test_what_is_scored_of_the_held_out_is_written_down(tmp_path: Path) -> None:
    log = tmp_path / "log"
    report.log_held_out(["a: median 1.0 %"], log)
    report.log_held_out(["b: median 2.0 %"], log)
    assert [line.split(" ", 1)[1] for line in log.read_text().splitlines()] == [
        "a: median 1.0 %",
        "b: median 2.0 %",
    ]


# --- Bad input -----------------------------------------------------------------------------------


def test_a_package_that_is_missing_or_another_version_is_named(split: Split) -> None:
    with pytest.raises(DataError, match=r"no-such-thing 2\.2 is not installed: pip install no-"):
        open_package(replace(split, package="no-such-thing"))
    with pytest.raises(DataError, match=r"numpy [0-9.]+ is installed; expected numpy 0\.1"):
        open_package(replace(split, package="numpy", version="0.1"))


def test_a_damaged_file_is_named(split: Split, package: Distribution, tmp_path: Path) -> None:
    files = [f for f in package.files or [] if "dramratebench" in f.name or "dist-info" in str(f)]
    for file in files:
        to = tmp_path / str(file)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(str(file.locate()), to)
    copy = Distribution.at(tmp_path / f"{split.package}-{split.version}.dist-info")
    assert len(read_points(copy, split, "dramratebench")) == 20
    [data] = tmp_path.glob("framework/**/dramratebench-*.csv")
    data.write_text(data.read_text().replace("onechan,0", "onechan,1", 1))
    with pytest.raises(DataError, match=f"{data.name} is damaged"):
        read_points(copy, split, "dramratebench")
    data.unlink()
    with pytest.raises(DataError, match=f"{data.name} cannot be read: No such file"):
        read_points(copy, split, "dramratebench")


def test_another_package_has_no_such_files(split: Split) -> None:
    with pytest.raises(DataError, match="has no files of nocbench"):
        read_points(distribution("numpy"), split, "nocbench")


# --- The sums ------------------------------------------------------------------------------------


def line_of(slope: float, level: float) -> list[Point]:
    return [
        Point("set", "experiment", "series", float(x), (x,), [level + slope * x] * 3)
        for x in range(1, 5)
    ]


def test_slope_and_intercept_are_told_apart() -> None:
    points = line_of(100, 50)
    found = score(points, {p.name: 110 * p.x + 45 for p in points})
    assert found.slope == pytest.approx(0.1)
    assert found.intercept == pytest.approx(10 - 5)
    assert found.points == 4
    assert found.spread == 0
    assert found.worst == "experiment 4"
    assert found.worst_error == pytest.approx(485 / 450 - 1)
    assert not found.wrong_signs


def test_a_trend_of_the_wrong_sign_is_named() -> None:
    points = line_of(100, 50)
    assert score(points, {p.name: 600 - 100 * p.x for p in points}).wrong_signs == ("series",)


def test_a_flat_series_has_no_slope_to_miss() -> None:
    points = line_of(0, 1000)
    found = score(points, {p.name: 1100 + p.x for p in points})
    assert found.slope is None
    assert not found.wrong_signs
    assert found.median == pytest.approx(0.1025)


# --- The model -----------------------------------------------------------------------------------

#: Experiments that take little to run, and what their median and 90th percentile must keep to.
BOUNDS = {
    ("riscvbench", "C.t1"): (0.015, 0.06),
    ("riscvbench", "G.1280"): (0.01, 0.02),
    ("nocreadbench", "dist"): (0.065, 0.07),
    ("nocreadbench", "size"): (0.065, 0.07),
    ("nocbench", "hops"): (0.02, 0.03),
    ("nocbench", "size"): (0.03, 0.04),
    ("riscvbench", "T.t1"): (0.01, 0.04),
    ("tensixbench", "B.HiFi2"): (0.03, 0.13),
    ("tensixbench", "B.HiFi4"): (0.03, 0.13),
    ("dramratebench", "onechan"): (0.02, 0.03),
    ("dramratebench", "fanchan"): (0.08, 0.16),
}


@pytest.mark.parametrize(("dataset", "experiment"), BOUNDS)
def test_the_model_keeps_to_the_board(
    split: Split, package: Distribution, dataset: str, experiment: str
) -> None:
    points = [p for p in read_points(package, split, dataset) if p.experiment == experiment]
    found = score(points, measure(dataset, points))
    median, p90 = BOUNDS[dataset, experiment]
    assert found.median <= median
    assert found.p90 <= p90
    assert not found.wrong_signs
