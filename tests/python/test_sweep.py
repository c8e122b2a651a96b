"""Sweeps over layers and chips: files in, tables out, and what an interrupted one keeps."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

import tilewright as tw
from tilewright import sweep
from tilewright._core import array_cycles
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
    assert first.shape == (36, 8, 27)  # the last windows reach beyond the edge, as SCALE-Sim counts
    assert last.shape == (1, 10, 16)
    padded = CONVS.replace("Strides", "Strides, Padding").replace(" 2,", " 2, 1,")
    first, last = sweep.read_layers(write(tmp_path, padded.replace("10, 1", "10, 1, 0")))
    assert first.shape == (36, 8, 27)
    assert last.shape == (1, 10, 16)


def resnet18(padded: bool) -> str:
    """The 21 layers for one image of 224 x 224, in the form of a topology file."""
    lines = [
        "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
        "Num Filter, Strides," + (" Padding," if padded else "")
    ]

    def add(name: str, size: int, kernel: int, channels: int, filters: int, stride: int) -> None:
        numbers = [size, size, kernel, kernel, channels, filters, stride]
        cells = [name, *map(str, numbers), *([str(kernel // 2)] if padded else [])]
        lines.append(", ".join(cells) + ",")

    add("stem", 224, 7, 3, 64, 2)
    size, channels = 56, 64
    for stage, filters in enumerate((64, 128, 256, 512)):
        stride = 1 if stage == 0 else 2
        add(f"stage{stage}.0.a", size, 3, channels, filters, stride)
        if stride == 2:
            add(f"stage{stage}.0.shortcut", size, 1, channels, filters, stride)
        size //= stride
        for name in ("0.b", "1.a", "1.b"):
            add(f"stage{stage}.{name}", size, 3, filters, filters, 1)
        channels = filters
    add("classes", 1, 1, 512, 1000, 1)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("padded", "cycles"), [(True, 441_602), (False, 417_649)])
def test_resnet18_on_a_weight_stationary_array(tmp_path: Path, padded: bool, cycles: int) -> None:
    """SCALE-Sim's own file has no padding, and it prints one cycle less for each layer."""
    layers = sweep.read_layers(write(tmp_path, resnet18(padded)))
    assert len(layers) == 21
    assert cycles == sum(array_cycles(128, 128, layer.shape, "ws") for layer in layers)
    if not padded:
        assert cycles - len(layers) == 417_628


@pytest.mark.parametrize("padding", [None, 0, 1])
def test_a_convolution_runs_as_its_shape_says(padding: int | None) -> None:
    layer = sweep.Conv("c", 9, 12, 3, 2, 4, 5, 2, padding)
    (row,) = sweep.run(sweep.points([layer]))
    rows, columns = {None: (4, 6), 0: (4, 6), 1: (5, 7)}[padding]
    assert (row["m"], row["n"], row["k"]) == (rows * columns, 5, 24)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no layers"),
        ("a,b\n1,2\n", "line 1: expected the columns"),
        (GEMMS + "third,1,2,x\n", "line 4: expected whole numbers"),
        (GEMMS + "third,1,2\n", "line 4: expected a name and 3 numbers"),
        (GEMMS + "third,0,2,3\n", "at least 1"),
        (GEMMS + "third,1,2,3,4\n", r"line 4: \['4'\] stands behind the last column"),
        (GEMMS + "third,1,2,99999999999\n", "line 4: expected numbers below"),
        (GEMMS + "first,1,2,3\n", "line 4: another layer has the name 'first'"),
        (CONVS.replace("Strides,", "Strides,Padding"), "line 2: expected whole numbers"),
        (CONVS.replace("Strides,", "Strides,Padding").replace(" 2,\n", "2,3\n"), "smaller than"),
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
    command = [
        "sweep",
        str(layers),
        "--set",
        "systolic_rows=4,8",
        "--output",
        str(output),
        "--jobs",
        "2",
    ]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "Conv1" in printed
    assert "4 points" in printed
    cycles = [
        array_cycles(rows, 16, layer.shape, "output_stationary")
        for rows in (4, 8)
        for layer in sweep.read_layers(layers)
    ]
    assert f"{sum(cycles)} of one array by itself" in printed
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    seen = sorted((row["systolic_rows"], row["layer"]) for row in rows)
    assert seen == [("4", "Conv1"), ("4", "FC"), ("8", "Conv1"), ("8", "FC")]


# --- Elsewhere ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, each a process of its own."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as opened:
        yield opened


@pytest.mark.timeout(60)
def test_points_run_on_a_cluster(cluster: LocalCluster, tmp_path: Path) -> None:
    todo = sweep.points(
        [sweep.Gemm(f"g{n}", n, 9, 5) for n in range(1, 7)], fields={"systolic_rows": [4, 8]}
    )
    here = {str(row) for row in sweep.run(todo)}
    with Client(cluster) as client:
        results = sweep.ResultsFile(tmp_path / "out.csv", todo)
        assert {str(row) for row in results.run(client.get_executor())} == here
        workers = set(client.run(os.getpid).values())
        assert len(workers - {os.getpid()}) == 2


@pytest.mark.timeout(60)
def test_the_command_runs_on_a_cluster(
    cluster: LocalCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = str(write(tmp_path, GEMMS))
    assert main(["sweep", layers, "--dask", cluster.scheduler_address]) == 0
    assert "2 points" in capsys.readouterr().out
    assert main(["sweep", layers, "--dask", "nowhere"]) == 1
    assert "--dask nowhere: no scheduler" in capsys.readouterr().err


# --- Interrupted --------------------------------------------------------------------------------


def lines_of(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_sweep_goes_on_where_it_was(
    tmp_path: Path, jobs: str, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command in a process of its own, stopped by a signal when some points are done."""
    many = GEMMS + "".join(f"long{n},512,512,{512 + n}\n" for n in range(200))
    layers, output = write(tmp_path, many), tmp_path / "out.csv"
    command = ["sweep", str(layers), "--jobs", jobs, "--output", str(output)]
    with subprocess.Popen(
        [sys.executable, "-m", "tilewright", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # The small points among them: which of two processes is ready first is left to chance.
        while process.poll() is None:
            names = [line.partition(",")[0] for line in lines_of(output)]
            if len(names) >= 5 and {"first", "second"} <= set(names):
                break
            time.sleep(0.01)
        process.send_signal(number)
        errors = process.communicate(timeout=20)[1]
    if number == signal.SIGINT:
        assert (process.returncode, errors) == (130, "tilewright: interrupted\n")
    kept = lines_of(output)
    assert 5 <= len(kept) < 203
    with output.open("a") as file:
        file.write("long199,kp")  # as if killed in mid-line

    todo = sweep.points(sweep.read_layers(layers))
    results = sweep.ResultsFile(output, todo)
    assert len(results.done()) == len(kept) - 1
    assert len(results.todo()) == len(todo) - len(kept) + 1
    layers.write_text(GEMMS)  # what is left of them takes no time
    assert main(command) == 0
    assert "2 points" in capsys.readouterr().out
    assert lines_of(output) == kept
    assert main([*command, "--set", "systolic_rows=8"]) == 1
    assert "not the results of this sweep" in capsys.readouterr().err


def test_a_layer_that_has_changed_runs_again(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    for size in (3, 4, 4):
        results = sweep.ResultsFile(output, sweep.points([sweep.Gemm("a", size, 5, 6)]))
        left = [point.layer.shape[0] for point in results.todo()]
        assert [row["m"] for row in results.run()] == left
        assert [int(row["m"]) for row in results.done()] == [size]
    assert len(lines_of(output)) == 3


# --- What cannot be simulated, and two at a time --------------------------------------------------

HUGE = "cube,1000000,1000000,1000000\nlimit,2147483647,2147483647,2147483647\nbig,40000,1,40000\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_layer_that_does_not_fit_is_named_and_the_others_go_on(
    tmp_path: Path, jobs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    layers, output = write(tmp_path, GEMMS + HUGE + "last,3,4,5\n"), tmp_path / "out.csv"
    command = ["sweep", str(layers), "--jobs", jobs, "--output", str(output)]
    for _ in range(2):
        assert main(command) == 1
        told = capsys.readouterr()
        assert "3 points" in told.out
        assert {line.split(",")[0] for line in lines_of(output)} == {
            "layer",
            "first",
            "second",
            "last",
        }
        lines = sorted(told.err.splitlines())
        for line, name in zip(lines, ("big", "cube", "limit"), strict=True):
            assert line.startswith(f"tilewright: layer '{name}' on kpu: ")
            assert " bytes" in line


def test_what_cannot_be_simulated_is_named_in_python() -> None:
    layers: list[sweep.Layer] = [
        sweep.Gemm("cube", 10**6, 10**6, 10**6),
        sweep.Conv("c", 50000, 50000, 1, 1, 9, 1, 1),
    ]
    todo = sweep.points([*layers, sweep.Gemm("good", 3, 4, 5)], fields={"dram_bank_count": [1, 0]})
    failures: list[sweep.Failure] = []
    (row,) = sweep.run(todo, failures=failures)
    assert (row["layer"], row["dram_bank_count"]) == ("good", 1)
    assert [failure.point for failure in failures] == [*todo[:2], *todo[3:]]
    assert "layer 'good' on kpu, dram_bank_count=0: " in str(failures[-1])
    rows = sweep.run(todo)
    assert next(rows)["layer"] == "good"
    with pytest.raises(tw.ArgumentError, match=r"'cube' on kpu.*'c' on kpu.*'good'"):
        next(rows)


def test_a_killed_process_of_the_pool_is_no_traceback(tmp_path: Path) -> None:
    todo = sweep.points([sweep.Gemm("a", 3, 4, 5)])
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(os._exit, 9)
        with pytest.raises(tw.StateError, match="killed"):
            list(sweep.run(todo, pool))


def test_one_sweep_at_a_time_writes_to_a_file(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    todo = sweep.points([sweep.Gemm(f"g{n}", n, 5, 6) for n in range(1, 5)])
    one, two = sweep.ResultsFile(output, todo), sweep.ResultsFile(output, todo)
    running = one.run()
    next(running)
    with pytest.raises(tw.BusyError, match=r"out\.csv: somebody else is writing to it"):
        next(two.run())
    assert len(list(running)) == 3
    assert list(two.run()) == []  # the other one has done all of it
    assert [row["layer"] for row in two.done()] == ["g1", "g2", "g3", "g4"]
    assert len(lines_of(output)) == 5
    assert os.listdir(tmp_path) == ["out.csv"]


def test_two_commands_on_one_output(tmp_path: Path) -> None:
    layers, output = write(tmp_path, "name,M,N,K\nlong,512,512,512\n"), tmp_path / "out.csv"
    command = [sys.executable, "-m", "tilewright", "sweep", str(layers), "--jobs", "1"]
    command += ["--output", str(output)]
    both = [
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=30)[1] for process in both]
    for process, error in zip(both, errors, strict=True):
        # One may come when the other has ended.
        assert (process.returncode, error) in (
            (0, ""),
            (1, f"tilewright: {output}: somebody else is writing to it\n"),
        )
    assert 0 in [process.returncode for process in both]
    assert len(lines_of(output)) == 2


@pytest.mark.parametrize("place", ["absent/out.csv", "."])
def test_a_file_that_cannot_be_written_is_named(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / place)
    assert main(["sweep", str(write(tmp_path, GEMMS)), "--jobs", "1", "--output", output]) == 1
    assert output in capsys.readouterr().err


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
