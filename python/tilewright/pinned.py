"""Memory of the host that kernels reach over the network: an array with an address on the chip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, SupportsIndex

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.open_device import OpenDevice


class PinnedBuffer(Buffer):
    """An array of the host, in place: what a kernel writes is in the array, without a copy.

    Made by `Device.pin`; an argument of kernels like any buffer. `address` is the one at the host's
    node of the network.
    """

    def __init__(self, device: OpenDevice, handle: _core.Buffer, array: npt.NDArray[Any]) -> None:
        super().__init__(device, handle, array.shape, array.dtype)
        self._array = array

    def reshape(self, *shape: SupportsIndex | Sequence[SupportsIndex]) -> PinnedBuffer:
        """The same array with another shape."""
        array = self._array.reshape(self._sizes(shape))
        return PinnedBuffer(self._device, self.handle, array)

    def numpy(self) -> npt.NDArray[Any]:
        """The array itself."""
        return self._array

    def view(self) -> npt.NDArray[Any]:
        """The array itself."""
        return self._array

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        return np.array(self._array, dtype=dtype, copy=copy)
