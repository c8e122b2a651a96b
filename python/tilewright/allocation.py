"""Making buffers: undefined, with contents, or over memory of the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer, as_bytes
from tilewright.errors import ArgumentError, OutOfMemoryError
from tilewright.open_device import OpenDevice
from tilewright.pinned import PinnedBuffer


def empty(
    device: OpenDevice,
    shape: int | Sequence[int],
    dtype: npt.DTypeLike = np.float32,
    placement: _core.Placement | None = None,
) -> Buffer:
    """A buffer with undefined contents, in DRAM pages that go round all banks by default."""
    element = np.dtype(dtype)
    if element.hasobject:
        raise ArgumentError(f"dtype: a buffer cannot hold Python objects, got {element}")
    if element.itemsize == 0:
        raise ArgumentError(f"a buffer needs elements with a size (dtype {element!r})")
    sizes = (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)
    if any(size < 0 for size in sizes):
        raise ArgumentError(f"shape: expected sizes of at least 0, got {sizes}")
    # An empty array still gets a byte, so that it has an address and can be an argument.
    nbytes = max(1, element.itemsize * int(np.prod(sizes, dtype=object)))
    if nbytes >= 1 << 63:
        raise OutOfMemoryError(f"there is no room for {nbytes} bytes ({sizes} of {element})")
    handle = device.handle.allocate(nbytes, placement or _core.Placement.interleaved())
    return Buffer(device, handle, sizes, element)


def zeros(
    device: OpenDevice,
    shape: int | Sequence[int],
    dtype: npt.DTypeLike = np.float32,
    placement: _core.Placement | None = None,
) -> Buffer:
    """A buffer filled with zeros."""
    buffer = empty(device, shape, dtype, placement)
    buffer.write(np.zeros(buffer.shape, buffer.dtype))
    return buffer


def empty_like(device: OpenDevice, other: Buffer | npt.NDArray[Any]) -> Buffer:
    """A buffer of the shape, dtype and, if it is a buffer, placement of another."""
    placement = other.placement if isinstance(other, Buffer) else None
    return empty(device, other.shape, other.dtype, placement)


def put(
    device: OpenDevice, array: npt.ArrayLike, placement: _core.Placement | None = None
) -> Buffer:
    """A new buffer with the contents of an array, of bytes, or of what exports DLPack."""
    if isinstance(array, (bytes, bytearray, memoryview)):
        source: npt.NDArray[Any] = np.frombuffer(array, np.uint8)
    elif hasattr(array, "__dlpack__") and not hasattr(array, "__array__"):
        source = np.from_dlpack(cast(Any, array))
    else:
        source = np.asarray(array)
    buffer = empty(device, source.shape, source.dtype, placement)
    buffer.write(source)
    return buffer


def pin(device: OpenDevice, array: npt.NDArray[Any]) -> PinnedBuffer:
    """Let kernels read and write an array of the host over the network, in place.

    The array must be contiguous and writable, and stays pinned as long as the buffer lives. Raises
    ArgumentError otherwise, UnsupportedError on a chip whose host is not on its network; a snapshot
    is refused while memory is pinned.
    """
    if not isinstance(array, np.ndarray):
        raise ArgumentError(f"pin: expected an array, got {type(array).__name__}")
    if not array.flags.c_contiguous or not array.flags.writeable:
        raise ArgumentError("pin: expected a contiguous array that can be written to")
    return PinnedBuffer(device, device.handle.pin(as_bytes(array)), array)


def live_buffers(device: OpenDevice) -> list[Buffer]:
    """All that is allocated, as bytes."""
    byte = np.dtype(np.uint8)
    return [Buffer(device, each, (each.nbytes,), byte) for each in device.handle.buffers()]
