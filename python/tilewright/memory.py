"""The memories of a chip as bytes, by global address or by offset, outside simulated time."""

from __future__ import annotations

from typing import Any, Literal, SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt

from tilewright.buffer import as_bytes
from tilewright.errors import AddressError, ArgumentError
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here
from tilewright.unsigned import unsigned

MemoryName: TypeAlias = Literal[
    "host", "dram", "l3", "l2", "scratchpad", "l1_buffer", "page_buffer", "tile_l1"
]


class Memory:
    """One memory of the chip, by byte offsets inside it, outside simulated time."""

    def __init__(self, device: OpenDevice, kind: MemoryName, index: int) -> None:
        if index < 0:
            raise ArgumentError(f"{kind}: expected an index of at least 0, got {index}")
        self._device = device
        self.kind = kind
        self.index = index
        #: Global address of its first byte.
        self.address = device.handle.memory_address(kind, index, 0)
        #: Its size.
        self.nbytes = device.handle.window(kind)[2]

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` on. AddressError unless they lie in it."""
        return read(self._device, self._at(offset, count), count)

    def write(self, offset: int, data: bytes | npt.NDArray[Any]) -> None:
        """Write the bytes of `data`. AddressError, and nothing written, unless they fit."""
        source = _contiguous(data)
        write(self._device, self._at(offset, source.nbytes), source)

    def numpy(self, offset: int, count: int, dtype: npt.DTypeLike = np.float32) -> npt.NDArray[Any]:
        """`count` elements from `offset` on, as an array."""
        kind = np.dtype(dtype)
        if kind.hasobject:
            raise ArgumentError(f"dtype: a memory cannot hold Python objects ({kind})")
        address = self._at(offset, count * kind.itemsize)  # before memory is set aside
        result = np.empty(count, kind)
        self._device.handle.read_global_into(address, as_bytes(result))
        return result

    def _at(self, offset: int, count: int) -> int:
        if offset < 0 or count < 0 or offset + count > self.nbytes:
            raise AddressError(
                f"{self.kind} {self.index}: {count} bytes at {offset} do not fit into its "
                f"{self.nbytes} bytes"
            )
        return self.address + offset

    __reduce_ex__ = stays_here("take read() or numpy(), which travel")

    def __repr__(self) -> str:
        return f"<Memory {self.kind} {self.index}, {self.nbytes} bytes at {self.address:#x}>"


def memory(device: OpenDevice, kind: MemoryName, index: int = 0) -> Memory:
    """One memory of the chip, such as ``("l2", 3)``."""
    return Memory(device, kind, index)


def memories(device: OpenDevice, kind: MemoryName) -> list[Memory]:
    """All memories of a kind."""
    return [Memory(device, kind, index) for index in range(device.handle.window(kind)[1])]


def read(device: OpenDevice, address: SupportsIndex, count: int) -> bytes:
    """Bytes at a global address, outside simulated time. AddressError unless all of them lie in one
    memory."""
    if count < 0:
        raise ArgumentError(f"read: expected a count of at least 0, got {count}")
    place = unsigned("address", address)
    device.handle.resolve(place, count)  # before memory is set aside
    result = bytearray(count)
    device.handle.read_global_into(place, result)
    return bytes(result)


def write(device: OpenDevice, address: SupportsIndex, data: bytes | npt.NDArray[Any]) -> None:
    """Write bytes at a global address, outside simulated time. AddressError, and nothing written,
    unless all of them lie in one memory."""
    device.handle.write_global(unsigned("address", address), _contiguous(data))
    device.host_writes += 1


def read_l1(device: OpenDevice, tile: tuple[int, int], address: int, count: int) -> bytes:
    """Bytes of a tile's L1, outside simulated time."""
    return device.handle.read_l1(*tile, address, count)


def write_l1(
    device: OpenDevice, tile: tuple[int, int], address: int, data: bytes | npt.NDArray[Any]
) -> None:
    """Write to a tile's L1, outside simulated time."""
    if isinstance(data, np.ndarray):
        data = as_bytes(np.ascontiguousarray(data)).tobytes()
    device.handle.write_l1(*tile, address, data)
    device.host_writes += 1


def _contiguous(data: bytes | npt.NDArray[Any]) -> npt.NDArray[Any]:
    if isinstance(data, (bytes, bytearray, memoryview)):
        return np.frombuffer(data, np.uint8)
    array = np.asarray(data)
    if array.dtype.hasobject:
        raise ArgumentError(f"data: a memory cannot hold Python objects ({array.dtype})")
    # In the chip's own byte order.
    return as_bytes(np.ascontiguousarray(array, array.dtype.newbyteorder("=")))
