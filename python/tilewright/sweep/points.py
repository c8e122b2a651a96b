"""Layers on chips: each a point, simulated by itself, one after another or in any executor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.config import preset
from tilewright.device import Device
from tilewright.matmul import DTYPES, to_bfloat16
from tilewright.sweep.layers import Conv, Gemm, Layer

Row: TypeAlias = dict[str, str | int | float]


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


def points(
    layers: Iterable[Layer],
    chip: str = "kpu",
    fields: Mapping[str, Sequence[int | float]] | None = None,
    dataflows: Sequence[str] = ("auto",),
    dtype: str = "float32",
) -> list[Point]:
    """Every layer on every chip that the values of the fields make, with every dataflow.

    ConfigError for a chip that cannot be, ArgumentError for a dataflow that there is not.
    """
    names = list(fields or {})
    choices = list(itertools.product(*(fields or {}).values()))
    for values in choices:
        preset(chip, **dict(zip(names, values, strict=True)))
    for dataflow in dataflows:
        if dataflow != "auto":
            _core.array_cycles(1, 1, (1, 1, 1), dataflow)  # which knows their names
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


def _image_of(layer: Conv, dtype: str, rng: np.random.Generator) -> npt.NDArray[Any]:
    image = _random((1, layer.height, layer.width, layer.channels), dtype, rng)
    if layer.padding is not None:
        return image
    # What filters beyond the edge stand on.
    rows, columns = layer.places
    below = (rows - 1) * layer.stride + layer.kernel_height - layer.height
    right = (columns - 1) * layer.stride + layer.kernel_width - layer.width
    return np.pad(image, ((0, 0), (0, below), (0, right), (0, 0)))


def run_point(point: Point) -> Row:
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
            image = _image_of(layer, point.dtype, rng)
            filters = (layer.kernel_height, layer.kernel_width, layer.channels, layer.filters)
            device.conv2d(
                device.put(image, here),
                device.put(_random(filters, point.dtype, rng), there),
                stride=layer.stride,
                padding=layer.padding or 0,
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


def name_of(point: Point) -> Row:
    """What tells a point from the others of its sweep, by column."""
    return {
        "layer": point.layer.name,
        "preset": point.preset,
        **dict(point.overrides),
        "dataflow": point.dataflow,
        "dtype": point.dtype,
    }


def run(todo: Sequence[Point], executor: Executor | None = None) -> Iterator[Row]:
    """The results of all points as they are done: here, one after another, or by any executor of
    `concurrent.futures`, such as a pool of processes or that of a Dask cluster
    (`client.get_executor()`). When the iteration ends early, points that have not begun are
    cancelled.
    """
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
