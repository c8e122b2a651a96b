"""Layers on chips: each a point, simulated by itself, one after another or in any executor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.config import preset
from tilewright.device import Device
from tilewright.errors import ArgumentError, Error, StateError
from tilewright.matmul import DTYPES, to_bfloat16
from tilewright.sweep.layers import Conv, Gemm, Layer

#: A result: the columns of its point, and those of `RESULTS`.
Row: TypeAlias = dict[str, str | int | float]


@dataclass(frozen=True)
class Point:
    """A layer on a chip: a preset with some fields changed."""

    layer: Layer
    preset: str
    overrides: tuple[tuple[str, int | float], ...] = ()
    dataflow: str = "auto"
    dtype: str = "float32"


@dataclass(frozen=True)
class Failure:
    """A point that cannot be simulated, and why."""

    point: Point
    reason: str

    def __str__(self) -> str:
        fields = "".join(f", {name}={value}" for name, value in self.point.overrides)
        return f"layer {self.point.layer.name!r} on {self.point.preset}{fields}: {self.reason}"


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


def _put(
    device: Device,
    shape: tuple[int, ...],
    dtype: str,
    place: _core.Placement,
    rng: np.random.Generator,
) -> Buffer:
    """Random elements on the device; room there before the host makes them."""
    buffer = device.empty(shape, DTYPES[dtype], place)
    buffer.write(_random(shape, dtype, rng))
    return buffer


def _put_image(
    device: Device, layer: Conv, dtype: str, place: _core.Placement, rng: np.random.Generator
) -> Buffer:
    shape = 1, layer.height, layer.width, layer.channels
    if layer.padding is not None:
        return _put(device, shape, dtype, place, rng)
    # What filters beyond the edge stand on.
    rows, columns = layer.places
    below = (rows - 1) * layer.stride + layer.kernel_height - layer.height
    right = (columns - 1) * layer.stride + layer.kernel_width - layer.width
    padded = 1, layer.height + below, layer.width + right, layer.channels
    buffer = device.empty(padded, DTYPES[dtype], place)
    buffer.write(np.pad(_random(shape, dtype, rng), ((0, 0), (0, below), (0, right), (0, 0))))
    return buffer


def run_point(point: Point) -> Row:
    """Simulate one point, on random data: its name and results by column."""
    layer = point.layer
    rng = np.random.default_rng(0)
    with Device(preset(point.preset, **dict(point.overrides))) as device:
        # In one bank each, where rows follow each other.
        here = _core.Placement.bank(0)
        there = _core.Placement.bank(1 % max(1, device.config.dram_bank_count))
        if isinstance(layer, Gemm):
            a = _put(device, (layer.m, layer.k), point.dtype, here, rng)
            b = _put(device, (layer.k, layer.n), point.dtype, there, rng)
            device.matmul(a, b, dtype=point.dtype, dataflow=point.dataflow)
        else:
            images = _put_image(device, layer, point.dtype, here, rng)
            filters = (layer.kernel_height, layer.kernel_width, layer.channels, layer.filters)
            device.conv2d(
                images,
                _put(device, filters, point.dtype, there, rng),
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


def attempt(point: Point) -> Row | Failure:
    """As `run_point`, with what the chip or the host has no room for as a value."""
    try:
        return run_point(point)
    except (Error, MemoryError) as error:
        return Failure(point, str(error))


def run(
    todo: Sequence[Point],
    executor: Executor | None = None,
    failures: list[Failure] | None = None,
) -> Iterator[Row]:
    """The results of all points as they are done: here, one after another, or by any executor of
    `concurrent.futures`, such as a pool of processes or that of a Dask cluster
    (`client.get_executor()`). When the iteration ends early, points that have not begun are
    cancelled.

    Points that cannot be simulated are appended to `failures`, and the others go on; without that
    list ArgumentError names them when all others are done. StateError if a process that simulated
    was killed.
    """
    failed: list[Failure] = [] if failures is None else failures
    for result in _attempts(todo, executor):
        if isinstance(result, Failure):
            failed.append(result)
        else:
            yield result
    if failures is None and failed:
        raise ArgumentError("sweep: " + "; ".join(map(str, failed)))


def _attempts(todo: Sequence[Point], executor: Executor | None) -> Iterator[Row | Failure]:
    if executor is None:
        yield from map(attempt, todo)
        return
    futures = [executor.submit(attempt, point) for point in todo]
    try:
        for future in as_completed(futures):
            yield future.result()
    except BrokenExecutor as error:
        raise StateError(
            "sweep: a process that simulated points was killed, perhaps for want of memory; "
            "with fewer jobs each has more"
        ) from error
    finally:
        for future in futures:
            future.cancel()
