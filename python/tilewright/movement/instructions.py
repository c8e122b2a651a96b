"""The instructions that move data, as plain values, and the table that the assembler, the
disassembler and the binary format are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tilewright.errors import ProgramError

#: Loops in loops; also the names that the disassembler gives their variables.
LOOP_NAMES = "ijklmnop"
MOST_NESTED = len(LOOP_NAMES)
#: Numbers are of 64 bits; where they are used they must not be negative.
LARGEST = 2**63 - 1

#: Memories by the names that programs use; the order is part of the binary format.
MEMORIES = ("host", "dram", "l3", "l2", "scratchpad", "l1_buffer", "page_buffer", "tile_l1")


@dataclass(frozen=True)
class Shape:
    """What an instruction takes, in order: numbers or places, then words out of lists."""

    code: int  #: in the binary format
    operands: tuple[str, ...]
    words: tuple[tuple[str, ...], ...] = ()
    guarded: bool = False  #: may wait for a flag and signal one


SHAPES = {
    "dma": Shape(1, ("engine", "source", "destination", "bytes"), guarded=True),
    "move": Shape(
        2,
        ("mover", "source", "destination", "height", "width", "element_bytes"),
        (("identity", "transpose", "reshape", "shuffle"),),
        guarded=True,
    ),
    "stream": Shape(
        3,
        ("streamer", "l2", "l1", "height", "width", "element_bytes"),
        (("rows", "columns"), ("l2_to_l1", "l1_to_l2")),
        guarded=True,
    ),
    "wait": Shape(4, ("flag", "value")),
    "signal": Shape(5, ("flag", "increment")),
    "barrier": Shape(6, ()),
}


@dataclass(frozen=True)
class Operand:
    """A number that may grow with the loops around it: the base of a memory, plus `constant`, plus
    for each loop, from the outermost, its variable times its step."""

    constant: int = 0
    steps: tuple[int, ...] = ()
    memory: str = ""
    index: int = 0  #: of the memory among those of its kind

    def __post_init__(self) -> None:
        steps = list(self.steps)
        while steps and steps[-1] == 0:
            steps.pop()
        object.__setattr__(self, "steps", tuple(steps))
        if len(steps) > MOST_NESTED:
            raise ProgramError(f"operand: at most {MOST_NESTED} loops can be nested")
        for number in (self.constant, *steps, self.index):
            if not -LARGEST <= number <= LARGEST:
                raise ProgramError(f"operand: {number} does not fit into 64 bits")
        if self.memory and (self.memory not in MEMORIES or self.index < 0):
            raise ProgramError(f"operand: there is no memory {self.memory}[{self.index}]")

    def value(self, variables: Sequence[int], base: int = 0) -> int:
        """At these values of the loops' variables, in a memory that begins at `base`."""
        steps = zip(self.steps, variables, strict=False)
        return base + self.constant + sum(step * variable for step, variable in steps)


@dataclass(frozen=True)
class Instruction:
    """One instruction. `wait` and `signal` are (flag, value) and (flag, increment)."""

    name: str
    operands: tuple[Operand, ...] = ()
    words: tuple[str, ...] = ()
    wait: tuple[Operand, Operand] | None = None
    signal: tuple[Operand, Operand] | None = None

    def __post_init__(self) -> None:
        shape = SHAPES.get(self.name)
        if shape is None:
            raise ProgramError(
                f"there is no instruction {self.name!r}; there are {', '.join(SHAPES)}, loop"
            )
        if len(self.operands) != len(shape.operands):
            expected = ", ".join(shape.operands) or "nothing"
            raise ProgramError(
                f"{self.name}: expected {expected}; got {len(self.operands)} operands"
            )
        if len(self.words) != len(shape.words):
            choices = "; ".join(" or ".join(words) for words in shape.words) or "no words"
            raise ProgramError(
                f"{self.name}: expected {choices}; got {', '.join(self.words) or 'none'}"
            )
        for word, words in zip(self.words, shape.words, strict=True):
            if word not in words:
                raise ProgramError(f"{self.name}: expected one of {', '.join(words)}, got {word!r}")
        if (self.wait or self.signal) and not shape.guarded:
            raise ProgramError(f"{self.name}: it takes no wait() and no signal()")

    @property
    def numbers(self) -> tuple[Operand, ...]:
        """All its operands, those of `wait` and `signal` included."""
        return (*self.operands, *(self.wait or ()), *(self.signal or ()))


@dataclass(frozen=True)
class Loop:
    """A body, `count` times."""

    count: int
    body: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.count <= LARGEST:
            raise ProgramError(f"loop: expected 0 to 2**63 - 1 times, got {self.count}")


Step = Instruction | Loop


@dataclass(frozen=True)
class Program:
    """Instructions in order. ProgramError if loops are nested too deeply, or an operand uses the
    variable of a loop that is not around it."""

    steps: tuple[Step, ...] = field(default=())

    def __post_init__(self) -> None:
        _check(self.steps, 0)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


def _check(steps: Sequence[Step], depth: int) -> None:
    if depth > MOST_NESTED:
        raise ProgramError(f"loop: at most {MOST_NESTED} loops can be nested")
    for step in steps:
        if isinstance(step, Loop):
            _check(step.body, depth + 1)
        else:
            for operand in step.numbers:
                if len(operand.steps) > depth:
                    raise ProgramError(f"{step.name}: an operand uses a loop that is not around it")
