"""A matrix in the chip's memory as tiles of 32 x 32, as compute engines read and write it."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import ArgumentError, OutOfMemoryError, UnsupportedError
from tilewright.open_device import OpenDevice
from tilewright.tiles import TILE, data_format_of, number_type, tile_bytes, tilize, untilize


def _padded(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The last two sizes as multiples of a tile's."""
    return (*shape[:-2], *(-(-size // TILE) * TILE for size in shape[-2:]))


class TiledBuffer(Buffer):
    """A matrix that lies in memory as tiles; made by `Device.put_tiles` and `Device.matmul`.

    `numpy`, `write` and ``buffer[...]`` are those of the matrix: what fills up the last tiles is
    written as zeros and never seen. Kernels get pages of one tile each. Its memory is given back as
    that of other buffers.
    """

    def __init__(
        self, device: OpenDevice, handle: _core.Buffer, shape: tuple[int, ...], data_format: str
    ) -> None:
        super().__init__(device, handle, shape, number_type(data_format))
        self._format = data_format

    @property
    def data_format(self) -> str:
        """The format of its numbers, as circular buffers name it."""
        return self._format

    @property
    def nbytes(self) -> int:
        """Size of the tiles in bytes."""
        return self.handle.nbytes

    def numpy(self) -> npt.NDArray[Any]:
        """A copy of the matrix, outside simulated time; float16_b and block formats as float32."""
        data = np.empty(self.nbytes, np.uint8)
        self.handle.read_into(data)
        matrix = untilize(data, _padded(self.shape), self._format)
        return np.ascontiguousarray(matrix[..., : self.shape[-2], : self.shape[-1]])

    def write(self, array: npt.ArrayLike) -> None:
        """Replace the matrix, outside simulated time. ArgumentError for another shape, and for
        numbers that the format does not have."""
        source = np.asarray(array)
        if source.shape != self.shape:
            raise ArgumentError(f"write: expected shape {self.shape}, got {source.shape}")
        more = [(0, to - size) for size, to in zip(self.shape, _padded(self.shape), strict=True)]
        self.handle.write(tilize(np.pad(source, more), self._format).reshape(-1))

    def fill(self, value: npt.ArrayLike) -> None:
        """Set all elements to one value, outside simulated time."""
        self.write(np.full(self.shape, value))

    def view(self) -> NoReturn:
        """There is none: UnsupportedError."""
        raise UnsupportedError("a matrix as tiles has no view; take numpy(), which is a copy")

    def reshape(self, *shape: Any) -> NoReturn:
        """There is no other shape of the same tiles: UnsupportedError."""
        raise UnsupportedError("a matrix as tiles keeps its shape; reshape numpy(), a copy")

    def __getitem__(self, key: Any) -> Any:
        return self.numpy()[key]

    def __setitem__(self, key: Any, value: npt.ArrayLike) -> None:
        matrix = self.numpy()
        matrix[key] = value
        self.write(matrix)

    def __repr__(self) -> str:
        if not self.handle.valid:
            return f"<TiledBuffer {self.shape} {self._format}, freed>"
        return f"<TiledBuffer {self.shape} {self._format} at {self.address:#x}, {self.placement!r}>"


def empty_tiles(
    device: OpenDevice,
    shape: tuple[int, ...],
    data_format: str = "float32",
    placement: _core.Placement | None = None,
) -> TiledBuffer:
    """A matrix as tiles with undefined contents, a page for each tile, round all banks of DRAM; or
    where `placement` says, such as the L1 of a tile."""
    sizes = tuple(int(size) for size in shape)
    if len(sizes) < 2 or min(sizes) < 1:
        raise ArgumentError(f"shape: expected a matrix, no size of it 0, got {sizes}")
    page = tile_bytes(data_format)
    tiles = int(np.prod(_padded(sizes), dtype=object)) // TILE**2
    if tiles * page >= 1 << 63:
        raise OutOfMemoryError(f"there is no room for {tiles} tiles of {page} bytes")
    where = _core.Placement.interleaved(page) if placement is None else placement
    handle = device.handle.allocate(tiles * page, where)
    return TiledBuffer(device, handle, sizes, data_format)


def put_tiles(
    device: OpenDevice,
    matrix: npt.ArrayLike,
    data_format: str | None = None,
    placement: _core.Placement | None = None,
) -> TiledBuffer:
    """A matrix of the host as tiles on the device, filled up with zeros to whole tiles.

    `data_format` as for `tilewright.tilize`, by default that of the array. Kernels for compute
    engines read it as pages of a tile; `Device.matmul` takes it on chips that have such engines.
    """
    source = np.asarray(matrix)
    kind = data_format or data_format_of(source.dtype)
    buffer = empty_tiles(device, source.shape, kind, placement)
    buffer.write(source)
    return buffer
