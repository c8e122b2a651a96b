"""What a chip has counted up to a cycle: one mapping by dotted name, and the same as a tree.

``counters["noc0.packets"]`` and ``counters.noc0.packets`` are one number; ``after - before`` is
what lies between two points. docs/architecture.md names every counter with its unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tilewright.errors import AddressError, ArgumentError

Numbers = Mapping[str, int]


class CounterGroup(Mapping[str, int]):
    """Counters by name; those whose names share a beginning are a group of their own."""

    def __init__(self, numbers: Numbers, name: str = "") -> None:
        self._numbers = dict(numbers)
        self._name = name

    def __getitem__(self, name: str) -> int:
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getattr__(self, name: str) -> int | CounterGroup:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._numbers:
            return self._numbers[name]
        inner = {k[len(name) + 1 :]: n for k, n in self.items() if k.startswith(f"{name}.")}
        if not inner:
            known = ", ".join(dict.fromkeys(key.split(".")[0] for key in self))
            raise AttributeError(f"no counter {self._path(name)!r}; there are {known}")
        return CounterGroup(inner, self._path(name))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *dict.fromkeys(key.split(".")[0] for key in self)]

    def _path(self, name: str) -> str:
        return f"{self._name}.{name}" if self._name else name

    def __repr__(self) -> str:
        """A table of what is not zero."""
        shown = {self._path(key): number for key, number in self.items() if number != 0}
        if not shown:
            return f"<{self._name or 'counters'}: all {len(self)} are 0>"
        names = max(map(len, shown))
        digits = max(len(f"{number:,}") for number in shown.values())
        return "\n".join(f"{key:<{names}}  {number:>{digits},}" for key, number in shown.items())


class Counters(CounterGroup):
    """Of a whole device, at one cycle or between two."""

    def __sub__(self, before: Counters) -> Counters:
        """What was counted from `before` to here."""
        if not isinstance(before, Counters):
            return NotImplemented
        new = self.keys() - before.keys()
        # A compute engine counts from when it is first used.
        engines = all(name.startswith("compute_engine.") for name in new)
        if not engines or before.keys() - self.keys():
            raise ArgumentError("the counters are of chips that differ")
        return Counters({key: number - before.get(key, 0) for key, number in self.items()})

    def core(self, x: int, y: int, processor: int = 0) -> CounterGroup:
        """Those of one core: its `instructions`, `cycles` and `waiting_cycles`."""
        name = f"core.{x}.{y}.{processor}"
        inner = {k[len(name) + 1 :]: n for k, n in self.items() if k.startswith(f"{name}.")}
        if not inner:
            raise AddressError(f"there is no core ({x}, {y}, {processor})")
        return CounterGroup(inner, name)
