"""From what a user writes as cores and arguments to what the runtime launches."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, SupportsIndex, TypeAlias

import numpy as np

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import AddressError, ArgumentError
from tilewright.flag import Flag
from tilewright.kernel import Kernel

Core: TypeAlias = tuple[int, int] | tuple[int, int, int]
Argument: TypeAlias = SupportsIndex | float | np.floating[Any] | Buffer | _core.Semaphore
ArgumentList: TypeAlias = Sequence[Argument]
Arguments: TypeAlias = ArgumentList | Mapping[Core, ArgumentList] | Callable[[Core], ArgumentList]
CoreTuple: TypeAlias = tuple[int, int, int]
CoreArgument: TypeAlias = int | float | _core.Buffer | _core.Semaphore
Setup: TypeAlias = list[tuple[int, list[int]]]
CoreLaunch: TypeAlias = tuple[_core.Kernel, list[CoreTuple], list[CoreArgument], Setup]


def make_launches(
    config: _core.ChipConfig, kernel: Kernel, cores: Iterable[Core], args: Arguments
) -> list[CoreLaunch]:
    """One launch for all cores if they share their arguments, or one for each."""
    if not isinstance(kernel, Kernel):
        raise ArgumentError(f"kernel: expected a tilewright.Kernel, got {type(kernel).__name__}")
    keys = list(cores)
    places = [core_tuple(config, core) for core in keys]
    if not places:
        raise ArgumentError(f"kernel '{kernel.name}': no cores to run on")
    if isinstance(args, Mapping):
        if missing := [core for core in keys if core not in args]:
            raise ArgumentError(f"kernel '{kernel.name}': no arguments for core {missing[0]}")
        if unknown := [core for core in args if core not in keys]:
            raise ArgumentError(
                f"kernel '{kernel.name}': arguments for core {unknown[0]}, which does not run"
            )
        lists: Iterable[ArgumentList] = [args[core] for core in keys]
    elif callable(args):
        lists = [args(core) for core in keys]
    else:
        return [(kernel.handle, places, argument_list(kernel, args), [])]
    return [
        (kernel.handle, [place], argument_list(kernel, values), [])
        for place, values in zip(places, lists, strict=True)
    ]


def core_tuple(config: _core.ChipConfig, core: Any) -> CoreTuple:
    """(x, y, processor) of a core that exists."""
    try:
        x, y, processor = (operator.index(n) for n in (*core, 0)[:3])
    except (TypeError, ValueError):
        raise ArgumentError(
            f"core {core!r}: expected (x, y) or (x, y, processor) of integers"
        ) from None
    if len(core) > 3:
        raise ArgumentError(f"core {core!r}: expected (x, y) or (x, y, processor) of integers")
    columns, rows, processors = config.tile_columns, config.tile_rows, config.processors
    if not (0 <= x < columns and 0 <= y < rows and 0 <= processor < processors):
        raise AddressError(
            f"core {tuple(core)}: {config.name} has {columns} x {rows} tiles, x from 0 to "
            f"{columns - 1}, y from 0 to {rows - 1}, processor from 0 to {processors - 1}"
        )
    return x, y, processor


def argument_list(kernel: Kernel, values: Any) -> list[CoreArgument]:
    """The arguments of one core. ArgumentError if they are none that a kernel can take."""
    if isinstance(values, (str, bytes)) or not isinstance(values, Sequence):
        raise ArgumentError(
            f"kernel '{kernel.name}': expected a list of arguments, got {type(values).__name__}"
        )
    return [_argument(kernel, index, value) for index, value in enumerate(values)]


def _argument(kernel: Kernel, index: int, value: Any) -> CoreArgument:
    where = f"kernel '{kernel.name}', argument {index}"
    if isinstance(value, Buffer):
        return value.handle
    if isinstance(value, (_core.Semaphore, float)):
        return value
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, (int, np.integer, np.bool_, Flag)):
        number = int(value)
        if -(1 << 63) <= number < 1 << 64:
            return number
        raise ArgumentError(f"{where}: {number} does not fit into 64 bits")
    hint = "; put it on the device first" if isinstance(value, np.ndarray) else ""
    raise ArgumentError(
        f"{where}: expected an integer, a float, a Buffer or a Semaphore, "
        f"got {type(value).__name__}{hint}"
    )
