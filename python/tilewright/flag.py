"""Flags: counters that commands of engines wait for and add to."""

from __future__ import annotations

from typing import SupportsIndex, TypeAlias

from tilewright import _core
from tilewright.errors import ArgumentError
from tilewright.open_device import OpenDevice
from tilewright.stays_here import stays_here
from tilewright.unsigned import unsigned32

Wait: TypeAlias = tuple[SupportsIndex, int]  # flag, value
Signal: TypeAlias = SupportsIndex | tuple[SupportsIndex, int]  # flag, increment


class Flag:
    """A 32-bit counter of the chip that commands wait for and add to; made by `Device.flag`."""

    def __init__(self, device: _core.Device, number: int) -> None:
        self._device = device
        self._number = number

    @property
    def value(self) -> int:
        """What it has counted up to."""
        return self._device.flag_value(self._number)

    @value.setter
    def value(self, value: int) -> None:
        self._device.set_flag(self._number, unsigned32("value", value))

    def add(self, increment: int = 1) -> None:
        """Add to it now; whoever waits for the value it then has goes on."""
        self._device.add_to_flag(self._number, unsigned32("increment", increment))

    def __index__(self) -> int:
        """Its number, which is what a kernel knows it by."""
        return self._number

    __int__ = __index__

    __reduce_ex__ = stays_here("make one on the other device")

    def __repr__(self) -> str:
        return f"<Flag {self._number} at {self.value}>"


def flag(device: OpenDevice, initial: int = 0, *, host: bool = False) -> Flag:
    """A flag for commands to wait for and to add to. With `host`, engines that wait for it wait
    for the host, which is no deadlock."""
    number = device.handle.flag(unsigned32("initial", initial), host)
    return Flag(device.handle, number)


def wait_words(device: OpenDevice, wait: Wait | None) -> tuple[int, int] | None:
    """The flag that a command waits for, and the value, as the runtime takes them."""
    if wait is None:
        return None
    if not isinstance(wait, tuple) or len(wait) != 2:
        raise ArgumentError(f"wait: expected (flag, value), got {wait!r}")
    return _number(device, "wait", wait[0]), unsigned32("wait", wait[1])


def signal_words(device: OpenDevice, signal: Signal | None) -> tuple[int, int] | None:
    """The flag that a command adds to, and the increment, as the runtime takes them."""
    if signal is None:
        return None
    flag, increment = signal if isinstance(signal, tuple) else (signal, 1)
    return _number(device, "signal", flag), unsigned32("signal", increment)


def _number(device: OpenDevice, name: str, flag: SupportsIndex) -> int:
    if isinstance(flag, Flag) and flag._device is not device.handle:
        raise ArgumentError(f"{name}: flag {int(flag)} belongs to another device")
    return unsigned32(name, flag)
