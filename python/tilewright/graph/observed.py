"""What tasks truly accessed, where a run looked: races, and accesses that were not declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Race:
    """Two tasks that accessed the same bytes, one of them writing, with no order between them."""

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

    @property
    def first_iteration(self) -> int:
        """Which execution of the first task, from 0; `first_round` is its old name."""
        return self.first_round

    @property
    def second_iteration(self) -> int:
        """Which execution of the second task, from 0; `second_round` is its old name."""
        return self.second_round

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Undeclared:
    """Bytes that a task accessed and that are not among those it declared."""

    task: int
    round: int
    begin: int
    """First byte, as a global address of the chip."""
    end: int
    writes: bool
    text: str

    @property
    def iteration(self) -> int:
        """Which execution of the task, from 0; `round` is its old name."""
        return self.round

    def __str__(self) -> str:
        return self.text
