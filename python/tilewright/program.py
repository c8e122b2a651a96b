"""Several kernels, each on its own cores, that run together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from tilewright.errors import ArgumentError
from tilewright.kernel import Kernel
from tilewright.launch import Arguments, Core, CoreLaunch, make_launches
from tilewright.open_device import OpenDevice


class Program:
    """Kernels on cores, with their arguments; it can be run again, on any device that has the
    cores and whose buffers it names.

    Example::

        program = tw.Program()
        program.add(reader, [(0, 0, 0)], [x, ready])
        program.add(writer, [(0, 0, 4)], [y, ready])
        device.run(program)
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Kernel, list[Core], Arguments]] = []

    def add(self, kernel: Kernel, cores: Iterable[Core], args: Arguments = ()) -> Self:
        """One more kernel; cores and args as for `Device.run`. Returns the program."""
        self._parts.append((kernel, list(cores), args))
        return self

    def launches(self, device: OpenDevice) -> list[CoreLaunch]:
        """What the runtime launches; errors as `Device.run`."""
        return [
            launch
            for kernel, cores, args in self._parts
            for launch in make_launches(device.config, kernel, cores, args)
        ]

    def __repr__(self) -> str:
        parts = ", ".join(f"{kernel.name} on {len(cores)}" for kernel, cores, _ in self._parts)
        return f"<Program: {parts or 'empty'}>"


def launches_of(
    device: OpenDevice,
    kernel: Kernel | Program,
    cores: Iterable[Core] | None,
    args: Arguments,
) -> list[CoreLaunch]:
    """What the runtime launches for a kernel on some cores, or for a program."""
    if not isinstance(kernel, Program):
        return make_launches(device.config, kernel, () if cores is None else cores, args)
    if cores is not None or args != ():
        raise ArgumentError("a program names its cores and arguments itself")
    return kernel.launches(device)
