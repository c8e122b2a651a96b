"""What tasks truly accessed, where a run looked: races, and accesses that were not declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Race:
    """Two tasks that accessed the same bytes, one of them writing, with no order between them."""

    first: int
    second: int
    first_iteration: int
    """Which execution of the first task, from 0."""
    second_iteration: int
    """Which execution of the second task, from 0."""
    begin: int
    """First byte, as a global address of the chip (`Buffer.global_address`)."""
    end: int
    first_writes: bool
    second_writes: bool
    text: str
    """Both tasks and their functions by name, and where in which buffer."""

    @property
    def first_round(self) -> int:
        """The old name of `first_iteration`."""
        return self.first_iteration

    @property
    def second_round(self) -> int:
        """The old name of `second_iteration`."""
        return self.second_iteration

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Undeclared:
    """Bytes that a task accessed and that are not among those it declared."""

    task: int
    iteration: int
    """Which execution of the task, from 0."""
    begin: int
    """First byte, as a global address of the chip."""
    end: int
    writes: bool
    text: str

    @property
    def round(self) -> int:
        """The old name of `iteration`."""
        return self.iteration

    def __str__(self) -> str:
        return self.text
