"""Parts of a buffer by index: from what stands in ``buffer[...]`` to the bytes that are meant.

NumPy itself works out what an index means: it indexes an array of the buffer's shape that has no
memory, and what it answers says where the part lies.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from types import EllipsisType
from typing import Any, SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from tilewright.errors import AddressError, ArgumentError

Index: TypeAlias = SupportsIndex | slice | EllipsisType | None
Indices: TypeAlias = Index | tuple[Index, ...]


@dataclass(frozen=True)
class Part:
    """Where the elements of a part lie: bytes `first` to `last` of the buffer hold all of them."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    begin: int  #: the first element of the part, in bytes from `first`
    first: int
    last: int
    whole: bool  #: there is nothing between `first` and `last` that is not of the part

    def of(self, span: npt.NDArray[np.uint8], dtype: np.dtype[Any]) -> npt.NDArray[Any]:
        """The part as a view of the bytes from `first` to `last`."""
        return np.ndarray(self.shape, dtype, span.data, self.begin, self.strides)


def part_of(shape: tuple[int, ...], dtype: np.dtype[Any], key: Any) -> Part:
    """What an index of integers, slices, ``...`` and None means. ArgumentError for anything else,
    AddressError if there is no such element."""
    keys = tuple(_checked(each) for each in (key if isinstance(key, tuple) else (key,)))
    strides = np.cumprod((dtype.itemsize, *shape[:0:-1]), dtype=np.int64)[::-1].tolist()
    outline = as_strided(np.zeros(1, dtype), shape, strides if shape else ())
    try:
        found = outline[keys if Ellipsis in keys else (*keys, ...)]
    except IndexError as error:
        raise AddressError(f"buffer[...]: {error} (its shape is {shape})") from None
    reach = [(size - 1) * stride for size, stride in zip(found.shape, found.strides, strict=True)]
    if not found.size:
        return Part(found.shape, found.strides, 0, 0, 0, True)
    begin = found.ctypes.data - outline.ctypes.data
    first = begin + sum(step for step in reach if step < 0)
    last = begin + sum(step for step in reach if step > 0) + dtype.itemsize
    whole = last - first == found.size * dtype.itemsize
    return Part(found.shape, found.strides, begin - first, first, last, whole)


def _checked(key: Any) -> Index:
    if key is None or key is Ellipsis:
        return key
    if isinstance(key, slice):
        for name in ("start", "stop", "step"):
            value = getattr(key, name)
            if value is not None and not hasattr(value, "__index__"):
                raise ArgumentError(
                    f"buffer[...]: {name} of a slice: expected an integer, got {value!r}"
                )
        if key.step is not None and operator.index(key.step) == 0:
            raise ArgumentError("buffer[...]: step of a slice: expected one that is not 0")
        return key
    if hasattr(key, "__index__") and not isinstance(key, (bool, np.bool_, np.ndarray)):
        return operator.index(key)
    what = "fields by name" if isinstance(key, str) else "masks, lists and arrays as indices"
    raise ArgumentError(
        "buffer[...]: expected integers, slices, ... and None, got "
        f"{type(key).__name__} {key!r:.40}; {what} are for arrays: buffer.numpy()[...]"
    )


def cast(name: str, value: npt.ArrayLike, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """The value as an array of this dtype. ArgumentError where its kind would be lost, and for
    whole numbers that do not fit."""
    source = np.asarray(value)
    if source.dtype == dtype:
        return source
    if source.dtype.kind in "iu" and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if source.size and not limits.min <= int(source.min()) <= int(source.max()) <= limits.max:
            raise ArgumentError(f"{name}: expected {dtype} from {limits.min} to {limits.max}")
    elif not np.can_cast(source.dtype, dtype, "same_kind"):
        raise ArgumentError(f"{name}: {source.dtype} does not convert to {dtype}")
    return source.astype(dtype)
