"""Sweeps over layers and chips: files in, tables out, and what an interrupted one keeps."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import tilewright as tw
from tilewright import sweep
from tilewright.cli import main

GEMMS = "name,M,N,K\nfirst,20,30,40\nsecond, 1, 7, 9\n"
CONVS = """Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, \
Num Filter, Strides,
Conv1, 12, 12, 3, 3, 3, 8, 2,
FC, 1, 1, 1, 1, 16, 10, 1,
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "layers.csv"
    file.write_text(text)
    return file


def test_layers_are_read(tmp_path: Path) -> None:
    assert sweep.read_layers(write(tmp_path, GEMMS)) == [
        sweep.Gemm("first", 20, 30, 40),
        sweep.Gemm("second", 1, 7, 9),
    ]
    first, last = sweep.read_layers(write(tmp_path, CONVS))
    assert first == sweep.Conv("Conv1", 12, 12, 3, 3, 3, 8, 2)
    assert first.shape == (25, 8, 27)
    assert last.shape == (1, 10, 16)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no layers"),
        ("a,b\n1,2\n", "line 1: expected the columns"),
        (GEMMS + "third,1,2,x\n", "line 4: expected whole numbers"),
        (GEMMS + "third,1,2\n", "line 4: expected a name and 3 numbers"),
        (GEMMS + "third,0,2,3\n", "at least 1"),
        (CONVS + "big,2,2,3,3,1,1,1\n", "line 4: the filter is larger"),
    ],
)
def test_what_is_no_layer_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(tw.ArgumentError, match=message):
        sweep.read_layers(write(tmp_path, text))


def test_points_are_layers_times_chips_times_dataflows() -> None:
    layers = [sweep.Gemm("a", 8, 8, 8), sweep.Gemm("b", 9, 9, 9)]
    fields = {"systolic_rows": [4, 8], "systolic_columns": [4]}
    todo = sweep.points(layers, "kpu", fields, ("os", "ws"))
    assert len(todo) == 8
    one_by_one = list(sweep.run(todo))
    with ThreadPoolExecutor(2) as pool:
        together = list(sweep.run(todo, pool))
    assert sorted(map(str, together)) == sorted(map(str, one_by_one))
    row = one_by_one[0]
    assert (row["layer"], row["systolic_rows"], row["chosen_dataflow"]) == (
        "a",
        4,
        "output_stationary",
    )
    # ceil(8/4) * ceil(8/4) passes of 8 + 4 + 4 - 2 cycles.
    assert row["array_cycles"] == 56
    assert int(row["cycles"]) >= int(row["compute_cycles"])
    assert int(row["dram_bytes"]) >= int(row["compulsory_bytes"]) == 3 * 8 * 8 * 4


def test_the_command_prints_a_table_and_writes_csv(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers, output = write(tmp_path, CONVS), tmp_path / "out.csv"
    command = ["sweep", str(layers), "--set", "systolic_rows=4,8", "--output", str(output)]
    assert main(command) == 0
    assert "Conv1" in capsys.readouterr().out
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["layer"] for row in rows] == ["Conv1", "FC"] * 2
    assert [row["systolic_rows"] for row in rows] == ["4", "4", "8", "8"]


def test_an_interrupted_sweep_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layers, output = write(tmp_path, GEMMS), tmp_path / "out.csv"
    command = ["sweep", str(layers), "--output", str(output)]
    run_point = sweep.run_point
    seen: list[str] = []

    def interrupted(point: sweep.Point) -> dict[str, str | int | float]:
        if seen:
            raise KeyboardInterrupt
        seen.append(point.layer.name)
        return run_point(point)

    monkeypatch.setattr(sweep, "run_point", interrupted)
    assert main(command) == 130
    with output.open("a") as file:
        file.write("second,kp")  # as if killed in mid-line

    def remembered(point: sweep.Point) -> dict[str, str | int | float]:
        seen.append(point.layer.name)
        return run_point(point)

    monkeypatch.setattr(sweep, "run_point", remembered)
    assert main(command) == 0
    assert seen == ["first", "second"]
    assert "2 points" in capsys.readouterr().out
    assert main([*command, "--set", "systolic_rows=8"]) == 1
    assert "not the results of this sweep" in capsys.readouterr().err


def test_wrong_settings_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = str(write(tmp_path, GEMMS))
    assert main(["sweep", layers, "--set", "systolic_rows=x"]) == 1
    assert "--set systolic_rows=x" in capsys.readouterr().err
    assert main(["sweep", layers, "--set", "no_such_field=1"]) == 1
    assert "no_such_field" in capsys.readouterr().err
    assert main(["sweep", layers, "--dataflow", "row"]) == 1
    assert "'row'" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "missing.csv")]) == 1
    assert "missing.csv" in capsys.readouterr().err
