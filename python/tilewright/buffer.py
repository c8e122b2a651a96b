"""A piece of the chip's memory with a dtype and a shape."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.errors import ArgumentError, UnsupportedError
from tilewright.indexing import Indices, cast, part_of
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here


def as_bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The bytes of a contiguous array, without a copy, whatever its dtype."""
    return array.reshape(-1).view(np.uint8)


#: `fill` writes pieces of this size.
_FILL_BYTES = 1 << 20


def _keeps_array(key: Indices) -> bool:
    """With ``...`` in it an index of one element gives an array without axes, as in NumPy."""
    return key is Ellipsis or (isinstance(key, tuple) and any(each is Ellipsis for each in key))


class Buffer(_core.Exporter):
    """Memory of the chip, read and written as a NumPy array; made by the methods of `Device`.

    ``buffer[2:4, ::2]`` reads a part and ``buffer[0] = 7`` writes one, outside simulated time, by
    NumPy's rules for integers, slices, ``...`` and None; masks and lists are refused. What is read
    is a copy, and only the bytes that it spans are looked at.

    A buffer in one memory (a DRAM bank, an L1) can also be seen in place: `view`, the buffer
    protocol (``memoryview(buffer)``) and DLPack (``torch.from_dlpack(buffer)``) make no copy. Of
    one that goes round several memories DLPack hands out a copy.

    Its memory is given back when the last reference goes, or by `free`. Every use after that, or
    after its device was closed, raises ClosedError.
    """

    def __init__(
        self, device: OpenDevice, handle: _core.Buffer, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        super().__init__()
        self._device = device
        #: The buffer of the runtime.
        self.handle = handle
        self._shape = shape
        self._dtype = dtype

    @property
    def device(self) -> OpenDevice:
        """The device whose memory this is."""
        return self._device

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array that `numpy` returns."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its elements."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self._shape)

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.size * self._dtype.itemsize

    @property
    def address(self) -> int:
        """Offset inside each DRAM bank, or address in the L1."""
        return self.handle.address

    @property
    def core_address(self) -> int:
        """Where cores reach it by loads and stores: in the direct-memory window, or in the L1 of
        its own tile. AddressError if it does not lie there in one piece."""
        return self.handle.core_address

    @property
    def global_address(self) -> int:
        """Where it begins in the unified map. AddressError if it lies in several memories."""
        return self.handle.global_address

    @property
    def placement(self) -> _core.Placement:
        """Where it lies."""
        return self.handle.placement

    @property
    def valid(self) -> bool:
        """Neither freed nor of a closed device."""
        return self.handle.valid

    def numpy(self) -> npt.NDArray[Any]:
        """A copy of its contents, outside simulated time."""
        result = np.empty(self._shape, self._dtype)
        self.handle.read_into(as_bytes(result))
        return result

    def view(self) -> npt.NDArray[Any]:
        """Its memory in place, as an array: what one side writes the other one sees, without
        simulated time. UnsupportedError if its pages go round several memories.

        The memory stays as long as the array does, also when the device is closed; until then
        `free` raises Error. A kernel that waits for a word is not woken by what is written here.
        """
        return self.handle.view()[: self.nbytes].view(self._dtype).reshape(self._shape)

    if TYPE_CHECKING:  # in Python 3.12 and later a method, before that a slot of the base class

        def __buffer__(self, flags: int, /) -> memoryview: ...

    def __dlpack__(self, *, copy: bool | None = None, **options: Any) -> Any:
        """DLPack's capsule, on the CPU: of `view`, or of a copy where the consumer wants one or
        there is no view. BufferError if there is none and `copy` is False."""
        if copy:
            return np.array(self).__dlpack__(**options)
        try:
            return self.view().__dlpack__(**options)
        except UnsupportedError as error:
            if copy is False:
                raise BufferError(str(error)) from None
            return np.array(self).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        """The CPU, in DLPack's numbers."""
        return 1, 0

    def write(self, array: npt.ArrayLike) -> None:
        """Replace its contents, outside simulated time. The shape must match; values are cast
        where no information is lost in kind (``same_kind``), whole numbers where they fit."""
        self.handle.write(as_bytes(self.convert(array)))

    def convert(self, array: npt.ArrayLike) -> npt.NDArray[Any]:
        """The array as `write` stores it: contiguous, in this buffer's dtype. ArgumentError if its
        shape or dtype does not fit."""
        source = np.asarray(array)
        if source.shape != self._shape:
            raise ArgumentError(f"write: expected shape {self._shape}, got {source.shape}")
        return np.ascontiguousarray(cast("write", source, self._dtype)).reshape(self._shape)

    def fill(self, value: npt.ArrayLike) -> None:
        """Set all elements to one value, outside simulated time. ArgumentError if it does not fit
        as in `write`."""
        one = cast("fill: value", value, self._dtype)
        if one.ndim:
            raise ArgumentError(f"fill: value: expected a single one, got the shape {one.shape}")
        count = min(self.size, max(1, _FILL_BYTES // self._dtype.itemsize))
        piece = as_bytes(np.full(count, one, self._dtype))
        for offset in range(0, self.nbytes, max(1, piece.nbytes)):
            self.handle.write(piece[: self.nbytes - offset], offset)

    def reshape(self, *shape: SupportsIndex | Sequence[SupportsIndex]) -> Buffer:
        """The same memory with another shape of as many elements; one size may be -1. Nothing is
        copied, and the memory is given back when the last of these buffers goes. ArgumentError if
        the number of elements differs."""
        return Buffer(self._device, self.handle, self._sizes(shape), self._dtype)

    def _sizes(self, shape: tuple[Any, ...]) -> tuple[int, ...]:
        parts = shape[0] if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
        sizes = [operator.index(each) for each in parts]
        known = math.prod(size for size in sizes if size != -1)
        if sizes.count(-1) == 1 and known and self.size % known == 0:
            sizes[sizes.index(-1)] = self.size // known
        if any(size < 0 for size in sizes) or math.prod(sizes) != self.size:
            raise ArgumentError(
                f"reshape: shape: expected one of {self.size} elements, as {self._shape} has, "
                f"got {tuple(sizes)}"
            )
        return tuple(sizes)

    def __getitem__(self, key: Indices) -> Any:
        part = part_of(self._shape, self._dtype, key)
        span = np.empty(part.last - part.first, np.uint8)
        self.handle.read_into(span, part.first)
        found = part.of(span, self._dtype)
        if not found.ndim and not _keeps_array(key):
            return found[()]
        return found if part.whole else found.copy()

    def __setitem__(self, key: Indices, value: npt.ArrayLike) -> None:
        # What lies between the elements of a part is read and written back: it counts as written
        # for the checks of kernels.
        part = part_of(self._shape, self._dtype, key)
        source = cast("buffer[...] = value", value, self._dtype)
        span = np.empty(part.last - part.first, np.uint8)
        if not part.whole:
            self.handle.read_into(span, part.first)
        try:
            part.of(span, self._dtype)[...] = source
        except ValueError as error:
            raise ArgumentError(f"buffer[...] = value: {error}") from None
        self.handle.write(span, part.first)

    def __iter__(self) -> NoReturn:
        raise ArgumentError(
            "a Buffer cannot be iterated over: each element would be a read of its own; take "
            "buffer.numpy(), which is one"
        )

    def free(self) -> None:
        """Give the memory back now; harmless when done twice."""
        self.handle.free()

    __reduce_ex__ = stays_here("take numpy(), which travels")

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("a buffer of one scalar has no length")
        return self._shape[0]

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        if copy is False:
            try:
                return self.view() if dtype is None else np.asarray(self.view(), dtype, copy=False)
            except UnsupportedError as error:
                raise ValueError(str(error)) from None
        result = self.numpy()
        return result if dtype is None else result.astype(dtype, copy=False)

    def __repr__(self) -> str:
        if not self.handle.valid:
            return f"<Buffer {self._shape} {self._dtype}, freed>"
        return f"<Buffer {self._shape} {self._dtype} at {self.address:#x}, {self.placement!r}>"
