"""Layers of networks, and the files in which they stand.

A file is CSV with a header. Matmuls have the columns name, M, N, K. Convolutions have those of
SCALE-Sim's topology files (layer name, height and width of the input, height and width of the
filter, channels, number of filters, stride), and may have one more, padding.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tilewright.errors import ArgumentError


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
    """One image through a layer of filters.

    With `padding` zeros on each side, filters stand where they fit, as frameworks count. Without
    the number it is as in SCALE-Sim's files: the image has none, and where a stride leaves a rest,
    one more filter stands beyond its lower and right edge, over zeros.
    """

    name: str
    height: int
    width: int
    kernel_height: int
    kernel_width: int
    channels: int
    filters: int
    stride: int
    padding: int | None = None

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of the output."""

        def along(image: int, kernel: int) -> int:
            if self.padding is None:
                return -(-(image - kernel) // self.stride) + 1
            return (image + 2 * self.padding - kernel) // self.stride + 1

        return along(self.height, self.kernel_height), along(self.width, self.kernel_width)

    @property
    def shape(self) -> tuple[int, int, int]:
        """m, n and k of the matmul that it is."""
        rows, columns = self.places
        return rows * columns, self.filters, self.kernel_height * self.kernel_width * self.channels


#: A layer of a network.
Layer: TypeAlias = Gemm | Conv


def read_layers(path: str | os.PathLike[str]) -> list[Layer]:
    """The layers of a file. ArgumentError names the line that is not one."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    except OSError as error:
        raise ArgumentError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArgumentError(f"{path}: expected CSV in UTF-8: {error}") from error
    lines = [(number, row) for number, row in enumerate(rows, 1) if any(row)]
    if not lines:
        raise ArgumentError(f"{path}: no layers")
    # SCALE-Sim ends its lines with a comma.
    header = [cell.lower() for cell in lines[0][1] if cell]
    if header[1:] == ["m", "n", "k"]:
        kind: type[Gemm] | type[Conv] = Gemm
    elif len(header) in (8, 9) and "filter" in header[3] and header[8:] in ([], ["padding"]):
        kind = Conv
    else:
        raise ArgumentError(
            f"{path}, line {lines[0][0]}: expected the columns name, M, N, K, or layer name, IFMAP "
            f"height, IFMAP width, filter height, filter width, channels, num filter, strides, and "
            f"padding if there is any"
        )
    layers: dict[str, Layer] = {}
    found: list[Layer] = []
    for number, row in lines[1:]:
        where = f"{path}, line {number}"
        layer = _layer(kind, row, len(header), where)
        if layers.setdefault(layer.name, layer) != layer:
            raise ArgumentError(f"{where}: another layer has the name {layer.name!r}")
        found.append(layer)
    return found


def _layer(kind: type[Gemm] | type[Conv], row: Sequence[str], size: int, where: str) -> Layer:
    try:
        numbers = [int(cell) for cell in row[1:size]]
    except ValueError as error:
        raise ArgumentError(f"{where}: expected whole numbers, got {', '.join(row)}") from error
    padding = numbers[7:]
    if len(numbers) != size - 1 or min(numbers[:7]) < 1 or min(padding, default=0) < 0:
        raise ArgumentError(f"{where}: expected a name and {size - 1} numbers of at least 1")
    if any(row[size:]):
        raise ArgumentError(f"{where}: {row[size:]} stands behind the last column")
    if max(numbers) >= 2**31:
        raise ArgumentError(f"{where}: expected numbers below 2**31")
    layer = kind(row[0], *numbers)
    if isinstance(layer, Conv):
        if min(layer.places) < 1:
            raise ArgumentError(f"{where}: the filter is larger than the image")
        if (layer.padding or 0) >= min(layer.kernel_height, layer.kernel_width):
            raise ArgumentError(f"{where}: expected a padding smaller than the filter")
    return layer
