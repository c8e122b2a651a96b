"""The optional checks of kernels, by name."""

from __future__ import annotations

from collections.abc import Iterable

from tilewright.errors import ConfigError

#: In the order in which the runtime takes them.
CHECKS = (
    "stack",
    "unwritten_reads",
    "unflushed_writes",
    "missing_barriers",
    "circular_buffers",
    "races",
    "buffers",
)


def check_names(checks: bool | Iterable[str]) -> frozenset[str]:
    """The names that are meant; True means all. ConfigError for a name that there is not."""
    if isinstance(checks, bool):
        return frozenset(CHECKS if checks else ())
    names = frozenset([checks] if isinstance(checks, str) else checks)
    unknown = names.difference(CHECKS)
    if unknown:
        raise ConfigError(
            f"checks: there is no check {sorted(map(str, unknown))[0]!r}; "
            f"expected some of {', '.join(CHECKS)}, or True for all"
        )
    return names
