"""The measurements of the board: CSV files of the PyPI package, read where it is installed."""

import csv
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from benchmarks.silicon.split import Split

Row = dict[str, str]

#: A series is fitted with a line, and one that is worse than this is none (the package's own gate).
LEAST_R2 = 0.99


#: Bursts of phase Q that are shorter than this, if they are no loops, are noise; so is `q_ctrl`,
#: the empty burst (the package's own rule, and why its headers refuse the phase).
LEAST_BURST = 16


class DataError(Exception):
    """The package is not there, is another version, or a file of it is damaged: in one line."""


@dataclass(frozen=True)
class Point:
    """One place of an experiment, and the cycles that the board took there, run after run."""

    dataset: str
    experiment: str
    series: str  #: points of one series lie on a line against `x`, or are thought to
    x: float
    key: tuple[str | int, ...]  #: what the benchmark has to run
    card: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Unique in the data set."""
        return " ".join(str(part) for part in (self.experiment, *self.key))

    @property
    def median(self) -> float:
        return float(np.median(self.card))

    @property
    def spread(self) -> float:
        """How far repeats lie apart, as a part of their median."""
        return (max(self.card) - min(self.card)) / self.median


def grouped(points: Iterable[Point], key: Callable[[Point], object]) -> Iterator[list[Point]]:
    """Points that one run measures."""
    groups: dict[object, list[Point]] = {}
    for point in points:
        groups.setdefault(key(point), []).append(point)
    yield from groups.values()


def open_package(split: Split) -> Distribution:
    """The package that the split was made for; DataError says what is wrong."""
    wanted = f"{split.package} {split.version}"
    try:
        package = distribution(split.package)
    except PackageNotFoundError:
        raise DataError(f"{wanted} is not installed: pip install {split.requirement}") from None
    if package.version != split.version:
        raise DataError(f"{split.package} {package.version} is installed; expected {wanted}")
    return package


def read_rows(package: Distribution, split: Split, dataset: str) -> Iterable[tuple[str, list[Row]]]:
    """The rows that count of each file of a data set, by file name."""
    files = [
        file
        for file in package.files or []
        if file.name.startswith(f"{dataset}-") and file.suffix == ".csv"
    ]
    if not files:
        raise DataError(f"{split.package} {split.version} has no files of {dataset}")
    for file in sorted(files, key=lambda f: f.name):
        left_out = split.left_out(file.name)
        if left_out is not None and not left_out.probes:
            continue
        path = Path(str(file.locate()))
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DataError(f"{file.name} cannot be read: {error.strerror}") from None
        if file.hash is not None:
            digest = urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest())
            if digest.rstrip(b"=").decode() != file.hash.value:
                raise DataError(f"{file.name} is damaged: not what {split.package} installed")
        lines = [line for line in content.decode().splitlines() if line and line[0] != "#"]
        rows = list(csv.DictReader(lines))
        if left_out is not None:
            rows = [row for row in rows if row["probe"] not in left_out.probes]
        yield file.name, rows


def _straight(rows: list[Row]) -> bool:
    x = np.array([float(row["n"]) for row in rows])
    y = np.array([float(row["cycles"]) for row in rows])
    if len(x) < 3 or np.ptp(y) == 0:
        return True
    return float(np.corrcoef(x, y)[0, 1]) ** 2 >= LEAST_R2


def _is_noise(phase: str, probe: str, count: int) -> bool:
    cascade = phase == "q" and probe.startswith("q_") and not probe.startswith("q_loop_")
    return cascade and (probe == "q_ctrl" or count < LEAST_BURST)


def _riscv(rows: list[Row], file: str) -> Iterable[tuple[Point, float]]:
    """Series of block counts; those that are no lines are left out."""
    series: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        name = tuple(row[column] for column in ("phase", "variant", "thread", "probe"))
        series.setdefault(name, []).append(row)
    for (phase, variant, thread, probe), members in series.items():
        if phase in "rtcfg" and not _straight(members):
            continue
        experiment = f"{phase.upper()}.{variant}"
        if experiment == "G.t1":
            experiment = f"G.{probe[2:] if probe.startswith('g_') else '1024'}"
        what = f"{probe} core {thread} of {variant}"
        for row in members:
            if _is_noise(phase, probe, int(row["n"])):
                continue
            key = (probe, int(row["active_threads"]), int(row["thread"]), int(row["n"]))
            point = Point("riscvbench", experiment, what, float(row["n"]), key)
            yield point, float(row["cycles"])


_TENSIX_FORMATS = ("bf16", "fp16", "fp32", "tf32")


def _tensix(rows: list[Row], file: str) -> Iterable[tuple[Point, float]]:
    formats = [f for f in _TENSIX_FORMATS if f in file]
    for row in rows:
        part = formats[0] if formats else row["variant"]
        key = (row["probe"], int(row["active_threads"]), int(row["thread"]), int(row["n"]))
        series = f"{row['probe']} thread {row['thread']}"
        point = Point("tensixbench", f"{row['phase']}.{part}", series, float(row["n"]), key)
        yield point, float(row["cycles"])


#: What each experiment of nocbench sweeps.
_SWEPT = {
    "hops": "fwd_hops",
    "size": "tx_bytes",
    "shared": "shared_payload_links",
    "contention": "n_flows",
    "readport": "n_flows",
    "vc": "vc",
}


def _network(rows: list[Row], file: str) -> Iterable[tuple[Point, float]]:
    runs: dict[str, list[Row]] = {}
    for row in rows:
        runs.setdefault(row["run"], []).append(row)
    for flows in runs.values():
        every = ":".join(
            "-".join(row[c] for c in ("mst_lx", "mst_ly", "sub_lx", "sub_ly")) for row in flows
        )
        for row in flows:
            experiment, point = row["exp"], row["point"]
            series = {
                "hops": point.split("+")[0],
                "shared": f"{row['tx_bytes']} bytes, flow {row['flow']}",
            }.get(experiment, f"flow {row['flow']}")
            count = [int(row[c]) for c in ("flow", "num_tx", "tx_bytes", "noc", "direction")]
            # The channel of the experiment is that of its second flow.
            x = float(flows[-1]["vc"] if experiment == "vc" else row[_SWEPT[experiment]])
            key: tuple[str | int, ...] = (point, *count, every)
            yield Point("nocbench", experiment, series, x, key), float(row["cycles"])


def _reads(rows: list[Row], file: str) -> Iterable[tuple[Point, float]]:
    swept = {
        "size": "tx_bytes",
        "dist": "hops",
        "burst": "num_tx",
        "srcfan": "num_src",
        "dstspread": "dst_stride",
        "srcspread": "src_stride",
    }
    columns = (
        "mst_x", "mst_y", "num_src", "src0_x", "src0_y",
        "num_tx", "tx_bytes", "dst_stride", "src_stride",
    )  # fmt: skip
    for row in rows:
        experiment = row["experiment"]
        series = experiment
        if experiment == "dist":
            series = "along the row" if row["src0_y"] == row["mst_node_y"] else "along the column"
        key: tuple[str | int, ...] = tuple([int(row[column]) for column in columns])
        x = float(row[swept[experiment]])
        yield Point("nocreadbench", experiment, series, x, key), float(row["cycles"])


def _dram(rows: list[Row], file: str) -> Iterable[tuple[Point, float]]:
    for row in rows:
        key = (int(row["num_readers"]), int(row["num_tx"]), int(row["tx_bytes"]))
        point = Point("dramratebench", row["arm"], row["arm"], float(row["num_readers"]), key)
        yield point, float(row["max_cycles"])


_READERS = {
    "riscvbench": _riscv,
    "nocbench": _network,
    "nocreadbench": _reads,
    "dramratebench": _dram,
    "tensixbench": _tensix,
}


def read_points(package: Distribution, split: Split, dataset: str) -> list[Point]:
    """All distinct points of a data set with their repeats, in the order of the files."""
    points: dict[tuple[object, ...], Point] = {}
    try:
        for file, rows in read_rows(package, split, dataset):
            for point, cycles in _READERS[dataset](rows, file):
                points.setdefault((point.experiment, point.key), point).card.append(cycles)
    except (KeyError, ValueError) as error:
        raise DataError(f"{dataset}: a row is not as expected: {error!r}") from None
    return list(points.values())
