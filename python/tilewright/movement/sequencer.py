"""Hands the instructions of a program to the engines of a chip, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tilewright.device import Device
from tilewright.engines import EngineName
from tilewright.errors import DeadlockError
from tilewright.flag import Flag
from tilewright.movement.instructions import Instruction, Loop, Operand, Program, Step


@dataclass(frozen=True)
class MovementRun:
    """What a program did."""

    start: int  #: cycle
    end: int  #: cycle in which the last of its commands had ended
    commands: int  #: handed to engines

    @property
    def cycles(self) -> int:
        """From start to end."""
        return self.end - self.start


class _Reached(Exception):
    """The flag that the sequencer waits for has the value that it waits for."""


class Sequencer:
    """Runs programs on a device, one after another.

    Handing over costs no time; each engine works through its queue. Flags of programs are flags of
    the chip, which the sequencer takes when a program first uses them, and keeps.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._flags: dict[int, Flag] = {}
        self._awaited: tuple[int, int] | None = None
        self._used: dict[tuple[EngineName, int], None] = {}
        self._commands = 0

    def run(self, program: Program) -> MovementRun:
        """All of a program, until its last command has ended.

        AddressError when the turn comes to an instruction that names what is not there; what went
        before has happened or is under way. DeadlockError if it waits for what nothing brings.
        """
        device = self._device
        for flag in self._flags.values():
            flag.value = 0
        self._used.clear()
        self._commands = 0
        start = device.cycle
        for instruction, variables in _unrolled(program.steps, ()):
            self._do(instruction, variables)
        self._barrier()
        return MovementRun(start, device.cycle, self._commands)

    def __repr__(self) -> str:
        return f"<Sequencer on {self._device!r}, {len(self._flags)} flags>"

    def _do(self, instruction: Instruction, variables: tuple[int, ...]) -> None:
        numbers = [self._number(operand, variables) for operand in instruction.operands]
        match instruction.name:
            case "barrier":
                self._barrier()
            case "wait":
                self._wait(*numbers)
            case "signal":
                self._flag(numbers[0]).add(numbers[1])
            case "dma":
                engine, *rest = numbers
                self._submit(self._device.dma, "dma", engine, rest, instruction, variables)
            case "move":
                engine, *rest = numbers
                move = self._device.move_block
                self._submit(move, "block_mover", engine, rest, instruction, variables)
            case "stream":
                engine, *rest = numbers
                stream = self._device.stream
                self._submit(stream, "streamer", engine, rest, instruction, variables)

    def _submit(
        self,
        method: Callable[..., None],
        kind: EngineName,
        engine: int,
        numbers: Sequence[int],
        instruction: Instruction,
        variables: tuple[int, ...],
    ) -> None:
        guards: dict[str, Any] = {}
        if instruction.wait:
            flag, value = (self._number(operand, variables) for operand in instruction.wait)
            guards["wait"] = (self._flag(flag), value)
        if instruction.signal:
            flag, increment = (self._number(operand, variables) for operand in instruction.signal)
            guards["signal"] = (self._flag(flag), increment)
            guards["on_done"] = self._look
        method(*numbers, *instruction.words, engine=engine, **guards)
        self._used[kind, engine] = None
        self._commands += 1

    def _number(self, operand: Operand, variables: tuple[int, ...]) -> int:
        base = 0
        if operand.memory:
            base = self._device.memory(operand.memory, operand.index).address  # type: ignore[arg-type]
        return operand.value(variables, base)

    def _flag(self, number: int) -> Flag:
        if number not in self._flags:
            self._flags[number] = self._device.flag()
        return self._flags[number]

    def _barrier(self) -> None:
        for kind, engine in self._used:
            self._device.wait_for(kind, engine)

    def _wait(self, flag: int, value: int) -> None:
        self._awaited = (flag, value)
        try:
            self._look()
            self._device.run_until_idle()
        except _Reached:
            return
        finally:
            self._awaited = None
        raise DeadlockError(
            f"wait {flag}, {value}: the flag is {self._flag(flag).value} and nothing that is under"
            " way adds to it"
        )

    def _look(self) -> None:
        """Called when a command that signals has ended: stops time where `wait` wants it."""
        if self._awaited and self._flag(self._awaited[0]).value >= self._awaited[1]:
            raise _Reached


def _unrolled(
    steps: Sequence[Step], variables: tuple[int, ...]
) -> Iterator[tuple[Instruction, tuple[int, ...]]]:
    for step in steps:
        if isinstance(step, Loop):
            for index in range(step.count):
                yield from _unrolled(step.body, (*variables, index))
        else:
            yield step, variables
