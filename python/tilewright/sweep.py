"""Layers of networks on chips: a file of layers in, what each takes on each chip out.

A file is CSV with a header. Products have the columns name, M, N, K. Convolutions have those of
SCALE-Sim's topology files: layer name, height and width of the input, height and width of the
filter, channels, number of filters, stride; they have no padding.
"""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.config import preset
from tilewright.device import Device
from tilewright.errors import ArgumentError
from tilewright.matmul import DTYPES, to_bfloat16

Overrides: TypeAlias = Mapping[str, int | float]


@dataclass(frozen=True)
class Gemm:
    """An m x k matrix times a k x n matrix."""

    name: str
    m: int
    n: int
    k: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """m, n and k."""
        return self.m, self.n, self.k


@dataclass(frozen=True)
class Conv:
    """One image through a layer of filters, without padding."""

    name: str
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    channels: int
    filters: int
    stride: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """m, n and k of the product that it is."""
        rows = (self.height - self.kernel_height) // self.stride + 1
        columns = (self.width - self.kernel_width) // self.stride + 1
        return rows * columns, self.filters, self.kernel_height * self.kernel_width * self.channels


Layer: TypeAlias = Gemm | Conv


@dataclass(frozen=True)
class Point:
    """A layer on a chip: a preset with some fields changed."""

    layer: Layer
    preset: str
    overrides: tuple[tuple[str, int | float], ...] = ()
    dataflow: str = "auto"
    dtype: str = "float32"


#: The columns of a result behind those that name the point.
RESULTS = (
    "m",
    "n",
    "k",
    "chosen_dataflow",
    "array_cycles",
    "cycles",
    "compute_cycles",
    "memory_cycles",
    "utilisation",
    "dram_bytes",
    "compulsory_bytes",
    "arithmetic_intensity",
    "energy_pj",
)


def read_layers(path: str | os.PathLike[str]) -> list[Layer]:
    """The layers of a file. ArgumentError names the line that is not one."""
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    lines = [(number, row) for number, row in enumerate(rows, 1) if any(row)]
    if not lines:
        raise ArgumentError(f"{path}: no layers")
    # SCALE-Sim ends its lines with a comma.
    header = [cell.lower() for cell in lines[0][1] if cell]
    if header[1:] == ["m", "n", "k"]:
        kind: type[Gemm] | type[Conv] = Gemm
        size = 4
    elif len(header) == 8 and "filter" in header[3]:
        kind, size = Conv, 8
    else:
        raise ArgumentError(
            f"{path}, line {lines[0][0]}: expected the columns name, M, N, K, or layer name, IFMAP "
            f"height, IFMAP width, filter height, filter width, channels, num filter, strides"
        )
    return [_layer(kind, row, size, f"{path}, line {number}") for number, row in lines[1:]]


def _layer(kind: type[Gemm] | type[Conv], row: Sequence[str], size: int, where: str) -> Layer:
    try:
        numbers = [int(cell) for cell in row[1:size]]
    except ValueError as error:
        raise ArgumentError(f"{where}: expected whole numbers, got {', '.join(row)}") from error
    if len(numbers) != size - 1 or min(numbers) < 1 or any(row[size:]):
        raise ArgumentError(f"{where}: expected a name and {size - 1} numbers of at least 1")
    layer = kind(row[0], *numbers)
    if isinstance(layer, Conv) and (
        layer.kernel_height > layer.height or layer.kernel_width > layer.width
    ):
        raise ArgumentError(f"{where}: the filter is larger than the image")
    return layer


def points(
    layers: Iterable[Layer],
    chip: str = "kpu",
    fields: Mapping[str, Sequence[int | float]] | None = None,
    dataflows: Sequence[str] = ("auto",),
    dtype: str = "float32",
) -> list[Point]:
    """Every layer on every chip that the values of the fields make, with every dataflow."""
    names = list(fields or {})
    choices = list(itertools.product(*(fields or {}).values()))
    return [
        Point(layer, chip, tuple(zip(names, values, strict=True)), dataflow, dtype)
        for values in choices
        for dataflow in dataflows
        for layer in layers
    ]


def _random(shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> npt.NDArray[Any]:
    if dtype == "int8":
        return rng.integers(-128, 128, shape, np.int8)
    values = rng.standard_normal(shape, dtype=np.float32)
    return to_bfloat16(values) if dtype == "bfloat16" else values.astype(DTYPES[dtype])


def run_point(point: Point) -> dict[str, str | int | float]:
    """Simulate one point, on random data: its name and results by column."""
    layer = point.layer
    rng = np.random.default_rng(0)
    with Device(preset(point.preset, **dict(point.overrides))) as device:
        # In one bank each, where rows follow each other.
        here = _core.Placement.bank(0)
        there = _core.Placement.bank(1 % device.config.dram_bank_count)
        if isinstance(layer, Gemm):
            a = device.put(_random((layer.m, layer.k), point.dtype, rng), here)
            b = device.put(_random((layer.k, layer.n), point.dtype, rng), there)
            device.matmul(a, b, dtype=point.dtype, dataflow=point.dataflow)
        else:
            image = (1, layer.height, layer.width, layer.channels)
            filters = (layer.kernel_height, layer.kernel_width, layer.channels, layer.filters)
            device.conv2d(
                device.put(_random(image, point.dtype, rng), here),
                device.put(_random(filters, point.dtype, rng), there),
                stride=layer.stride,
                dtype=point.dtype,
                dataflow=point.dataflow,
            )
        report = device.last_product
        assert report is not None
        config = device.config.fields()
        array = int(config["systolic_rows"]), int(config["systolic_columns"])
    return {
        **name_of(point),
        **dict(zip("mnk", layer.shape, strict=True)),
        "chosen_dataflow": report.plan.dataflow,
        "array_cycles": _core.array_cycles(*array, layer.shape, report.plan.dataflow),
        "cycles": report.cycles,
        "compute_cycles": report.compute_cycles,
        "memory_cycles": report.memory_cycles,
        "utilisation": round(report.utilisation, 4),
        "dram_bytes": report.dram_bytes_read + report.dram_bytes_written,
        "compulsory_bytes": report.compulsory_bytes,
        "arithmetic_intensity": round(report.arithmetic_intensity, 3),
        "energy_pj": round(report.energy_pj),
    }


def name_of(point: Point) -> dict[str, str | int | float]:
    """What tells a point from the others of its sweep, by column."""
    return {
        "layer": point.layer.name,
        "preset": point.preset,
        **dict(point.overrides),
        "dataflow": point.dataflow,
        "dtype": point.dtype,
    }


def run(
    todo: Sequence[Point], executor: Executor | None = None
) -> Iterator[dict[str, str | int | float]]:
    """The results of all points as they are done: here, one after another, or by any executor of
    `concurrent.futures`, such as a pool of processes or a cluster's."""
    if executor is None:
        yield from map(run_point, todo)
        return
    futures = [executor.submit(run_point, point) for point in todo]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
