"""One program on chips whose latencies differ: values that depend on them are nobody's promise."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AnySet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from tilewright._core import ChipConfig
from tilewright.buffer import Buffer
from tilewright.config import replace
from tilewright.config_file import load_config
from tilewright.device import Device
from tilewright.errors import ArgumentError, Error, KernelFault

if TYPE_CHECKING:
    from random import Random

#: What is varied, and from which part of its value to which multiple. The times of a core's own
#: loads and atomics shift when its instructions begin, the quantum which plain loads see what.
VARIED = {
    "noc_inject_cycles": (1, 4),
    "noc_hop_cycles": (1, 60),
    "noc_eject_cycles": (1, 4),
    "dram_row_hit_cycles": (0.25, 4),
    "dram_row_miss_cycles": (0.25, 4),
    "core_timing.load_far": (0.5, 4),
    "core_timing.load_device": (0.5, 4),
    "core_timing.atomic": (0.5, 4),
    "quantum_cycles": (0.05, 4),
}


@dataclass(frozen=True)
class Difference:
    """The first value that a run had otherwise than the chip as it is configured."""

    run: int  #: from 1 on
    config: dict[str, int]  #: what was varied in it
    place: str  #: of the value in what the program returned: "['sums'][3]"
    expected: object  #: on the chip as it is configured
    found: object
    #: The report of the check `races` on that chip, which names the accesses that nothing orders;
    #: empty if it found none.
    race: str

    def __str__(self) -> str:
        varied = ", ".join(f"{name} {value}" for name, value in self.config.items())
        text = f"run {self.run} ({varied}): value{self.place} is {self.found}, not {self.expected}"
        return f"{text}\n{self.race}" if self.race else text


@dataclass(frozen=True)
class Exploration:
    """What `explore` found; true if every run had the same values."""

    runs: int  #: that were made
    difference: Difference | None

    def __bool__(self) -> bool:
        return self.difference is None

    def __str__(self) -> str:
        if self.difference is None:
            return f"the values of {self.runs} runs are equal"
        return str(self.difference)


def explore(
    program: Callable[[Device], object],
    runs: int = 20,
    chip: object = "tiny",
    *,
    seed: int = 1,
    **overrides: Any,
) -> Exploration:
    """Call `program` with a fresh open device `runs` times, the latencies of the network, of the
    DRAM and of loads and atomics varied at random, and compare what it returns: numbers, text,
    bytes, arrays, buffers, and lists, tuples, sets, mappings and dataclasses of those, or of
    whatever else says by ``==`` what is equal. What does not, such as a device or a function, is
    refused with an ArgumentError that says where in the result it stands.

    `chip` and `overrides` are those of `tilewright.open`. The first run is on that chip as it is,
    the others differ from it by what `seed` says. It stops at the first value that differs, and
    asks the check `races` where that may have come from. An error counts as a value.
    """
    if runs < 2:
        raise ArgumentError(f"runs: expected at least 2, got {runs}")
    import random

    config = replace(load_config(chip), **overrides)
    choice = random.Random(seed)
    expected = _values(program, config)
    for run in range(1, runs):
        varied = _vary(config, choice)
        found = _values(program, replace(config, **varied))
        difference = _first_difference(expected, found)
        if difference is not None:
            race = _race(program, replace(config, **varied)) or _race(program, config)
            return Exploration(run + 1, Difference(run, varied, *difference, race))
    return Exploration(runs, None)


def _vary(config: ChipConfig, choice: Random) -> dict[str, int]:
    fields = config.fields()
    varied = {}
    for name, (least, most) in VARIED.items():
        factor = least * (most / least) ** choice.random()
        if fields[name] != 0:
            varied[name] = max(1, round(fields[name] * factor))
    # A row that is closed is never the faster one.
    closed, opened = "dram_row_miss_cycles", "dram_row_hit_cycles"
    if closed in varied:
        varied[closed] = max(varied[closed], varied.get(opened, 0))
    return varied


class _NothingToCompareError(Exception):
    """A value in the result that cannot be compared: where it stands, and why."""


def _values(program: Callable[[Device], object], config: ChipConfig) -> list[tuple[str, object]]:
    with Device(config) as device:
        try:
            return list(_flat("", program(device)))
        except Error as error:
            return [("", f"{type(error).__name__}: {error}")]
        except _NothingToCompareError as error:
            raise ArgumentError(f"program: {error}") from None


def _flat(place: str, value: object) -> Iterator[tuple[str, object]]:
    """The plain values in a result, each with its place."""
    if isinstance(value, Buffer):
        value = value.numpy()
    if isinstance(value, Mapping):
        for key, item in value.items():
            _check_equals(f"{place}[a key]", key)
            yield from _flat(f"{place}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        yield f"{place} of length", len(value)
        for index, item in enumerate(value):
            yield from _flat(f"{place}[{index}]", item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield f"{place} of type", type(value).__name__
        for field in dataclasses.fields(value):
            yield from _flat(f"{place}.{field.name}", getattr(value, field.name))
    elif isinstance(value, np.ndarray):
        yield from _flat_array(place, value)
    elif hasattr(value, "__array__") and not isinstance(value, np.generic):
        yield from _flat_array(place, np.asarray(value))
    else:
        for element in value if isinstance(value, AnySet) else ():
            _check_equals(f"{place}, a set with", element)
        _check_equals(place, value)
        yield place, value


def _flat_array(place: str, array: np.ndarray[Any, Any]) -> Iterator[tuple[str, object]]:
    yield f"{place}.shape", array.shape
    if isinstance(array, np.ma.MaskedArray):
        yield from _flat_array(f"{place}.mask", np.ma.getmaskarray(array))
        array = array.filled(0)
    for at, element in np.ndenumerate(array):
        where = f"{place}[{', '.join(str(i) for i in at)}]"
        if array.dtype.hasobject or array.dtype.names:
            yield from _flat(where, element.item() if isinstance(element, np.void) else element)
        else:
            yield where, element


def _check_equals(place: str, value: object) -> None:
    """It is refused unless its type says what is equal, and not only what is the same object."""
    single = value is None or value is Ellipsis or isinstance(value, type | enum.Enum)
    if type(value).__eq__ is object.__eq__ and not single:
        _refuse(place, value, "whose == only tells whether it is the same object")


def _refuse(place: str, value: object, why: str) -> NoReturn:
    raise _NothingToCompareError(
        "expected numbers, text, bytes, arrays, buffers, and lists, tuples and mappings of those "
        f"to be returned; value{place} is a {type(value).__name__}, {why}"
    )


def _first_difference(
    expected: list[tuple[str, object]], found: list[tuple[str, object]]
) -> tuple[str, object, object] | None:
    for (place, before), (other_place, now) in zip(expected, found, strict=False):
        if place != other_place:
            return place, before, f"nothing there, but {other_place}"
        if not (_equal(place, before, now) or (_is_nan(before) and _is_nan(now))):
            return place, before, now
    if len(expected) != len(found):
        return " in number", len(expected), len(found)
    return None


def _equal(place: str, before: Any, now: Any) -> bool:
    same = before == now
    if not isinstance(same, bool | np.bool_):
        raise ArgumentError(
            f"program: value{place} is a {type(before).__name__}, whose == gives no True or False, "
            f"but a {type(same).__name__}: return numbers or arrays of it"
        )
    return bool(same)


def _is_nan(value: Any) -> bool:
    """NaN is as good as NaN."""
    return isinstance(value, float | complex | np.inexact) and bool(value != value)


def _race(program: Callable[[Device], object], config: ChipConfig) -> str:
    with Device(config) as device:
        device.checks = ["races"]
        try:
            program(device)
        except KernelFault as fault:
            return str(fault)
        except Error:
            pass
    return ""
