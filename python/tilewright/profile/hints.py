"""What dominates a profile, where it has a known cause and a remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tilewright.profile.rows import Costs, LineProfile

#: A tenth of all cycles is worth a word.
WORTH = 0.1

#: The compiler's routines for what the cores have no instructions for (GCC's and LLVM's names).
_ROUTINES = [
    (
        re.compile(r"^__\w+[sd]f\d?(si|di|2|3)?$|^__(float|fix)\w+$"),
        "float arithmetic in software",
        "use a compute engine, a core with F, or integers",
    ),
    (
        re.compile(r"^__(u?div|u?mod|u?divmod|mul|ashl|ashr|lshr)di\d$"),
        "arithmetic on 64-bit integers in software",
        "use 32-bit integers where they suffice",
    ),
    (
        re.compile(r"^$"),
        "code without symbols, such as parts of the compiler's arithmetic routines",
        "see which of them the lines call",
    ),
    (
        re.compile(r"^(memcpy|memmove|memset)$"),
        "copies by loads and stores",
        "let the network move large pieces",
    ),
]

_REMEDIES = {
    "L1": "keep what is used often in registers or local memory, load it early",
    "direct memory": "copy what is used more than once to L1",
    "registers": "read device registers less often",
    "division": "divide by powers of two, or multiply by a reciprocal",
    "prediction": "make branches depend on less data, or use arithmetic in their place",
    "fetch": "make the loop fit the instruction cache",
    "multiplication": "put other work between a product and its use",
    "local memory": "put other work between a load and its use",
    "floats": "put other work between a float operation and its use",
    "atomics": "use plain loads and stores where nobody else writes",
}


def hints(profile: Costs) -> list[str]:
    """The greatest share first."""
    total = profile.cycles
    if total == 0:
        return []
    found = [*_routines(profile), *_lost(profile), *_waits(profile)]
    found = [(cycles, text) for cycles, text in found if cycles >= WORTH * total]
    return [f"{cycles / total:.0%} {text}" for cycles, text in sorted(found, reverse=True)]


def _routines(profile: Costs) -> Iterator[tuple[int, str]]:
    for pattern, what, remedy in _ROUTINES:
        mine = [f for f in profile.functions if pattern.match(f.function)]
        if mine:
            names = ", ".join(dict.fromkeys(f.function for f in mine[:3]))
            where = f"in {names}: {what}" if names else f"in {what}"
            yield sum(f.cycles for f in mine), f"{where}; {remedy}"


def _lost(profile: Costs) -> Iterator[tuple[int, str]]:
    for reason, cycles in _summed(profile, lambda line: line.lost).items():
        worst = max(profile.lines, key=lambda line: line.lost.get(reason, 0))
        yield cycles, f"lost to {reason}, most at {_where(worst)}: {_REMEDIES[reason]}"


def _waits(profile: Costs) -> Iterator[tuple[int, str]]:
    for what, cycles in _summed(profile, lambda line: line.waited).items():
        worst = max(profile.lines, key=lambda line: line.waited.get(what, 0))
        yield cycles, f"waiting for {what}, most at {_where(worst)}"


def _where(line: LineProfile) -> str:
    return line.place if line.line else f"{line.place} in {line.function or 'code without symbols'}"


def _summed(profile: Costs, part: Callable[[LineProfile], Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for kernel in profile.kernels:
        for name, spent in part(kernel).items():
            total[name] = total.get(name, 0) + spent
    return total
