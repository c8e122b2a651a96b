"""What tasks truly touched, where a run looked: races, and accesses that were not declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Race:
    """Two tasks that touched the same bytes, one of them writing, with no order between them."""

    first: int
    second: int
    first_round: int
    """Which execution of the task, from 0."""
    second_round: int
    begin: int
    """First byte, as a global address of the chip (`Buffer.global_address`)."""
    end: int
    first_writes: bool
    second_writes: bool
    text: str
    """Both tasks and their functions by name, and where in which buffer."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Undeclared:
    """Bytes that a task touched and that are not among those it declared."""

    task: int
    round: int
    begin: int
    """First byte, as a global address of the chip."""
    end: int
    writes: bool
    text: str

    def __str__(self) -> str:
        return self.text
