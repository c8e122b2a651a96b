"""Objects that stand for something of this process: they can be neither pickled nor copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, SupportsIndex

from tilewright.errors import ArgumentError


def stays_here(instead: str) -> Callable[..., NoReturn]:
    """What such a class has as its ``__reduce_ex__``: an ArgumentError, which is also the TypeError
    that pickle and copy raise, with the name of the class and what to do instead."""

    def refuse(self: object, _: SupportsIndex = 0, /) -> NoReturn:
        raise ArgumentError(
            f"{type(self).__name__}: belongs to this process, and cannot be pickled or copied; "
            f"{instead}"
        )

    return refuse
