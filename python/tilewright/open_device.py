"""What the pieces that live on a device need of it, so that none of them has to know `Device`."""

from __future__ import annotations

from typing import Protocol

from tilewright import _core


class OpenDevice(Protocol):
    """A `Device` as its buffers, queues, graphs and engines see it."""

    #: How often the host has written by address, or gone to a snapshot: between two such and
    #: without time passing, what was read of memories that nobody else has stays as it was.
    host_writes: int

    @property
    def handle(self) -> _core.Device:
        """The device of the runtime."""

    @property
    def config(self) -> _core.ChipConfig:
        """What the chip is made of."""

    @property
    def cycle(self) -> int:
        """Simulated time."""

    @property
    def is_open(self) -> bool:
        """Not closed yet."""

    def close(self) -> None:
        """Give everything back; harmless when done twice."""
