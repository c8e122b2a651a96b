"""What a step of the demonstration found out, as plain data."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """A line of the final table. Times in seconds; None where there is nothing to say."""

    what: str
    cycles: int | None = None
    simulated_seconds: float | None = None
    host_seconds: float | None = None
    instructions: int | None = None


@dataclass(frozen=True)
class Check:
    """A comparison, and whether it held."""

    what: str
    passed: bool


@dataclass
class StepResult:
    """Rows for the table, text for the reader, comparisons for the exit code."""

    rows: list[Row] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
