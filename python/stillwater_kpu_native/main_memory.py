"""External bank 0 as an array of bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tilewright._core import KPUSimulator
from tilewright.errors import ArgumentError


class MainMemory:
    """The first external bank of a simulator, read and written outside simulated time."""

    def __init__(self, simulator: KPUSimulator) -> None:
        self._simulator = simulator

    @property
    def size(self) -> int:
        """In bytes."""
        return self._simulator.get_memory_bank_capacity(0)

    def read(self, addr: int, size: int) -> npt.NDArray[np.uint8]:
        """`size` bytes from the offset `addr`. AddressError unless they lie in the memory."""
        return self._simulator.read_memory_bank_numpy(0, addr, size, np.uint8)

    def write(self, addr: int, data: bytes | bytearray | memoryview | npt.ArrayLike) -> None:
        """Bytes, or the bytes of an array, to the offset `addr`. AddressError, and nothing
        written, unless they fit."""
        if isinstance(data, (bytes, bytearray, memoryview)):
            data = np.frombuffer(data, np.uint8)
        data = np.asarray(data)
        if data.dtype.hasobject:
            raise ArgumentError(f"data: a memory cannot hold Python objects ({data.dtype})")
        self._simulator.write_memory_bank_numpy(0, addr, data)

    def __repr__(self) -> str:
        return f"<MainMemory of {self._simulator!r}>"
