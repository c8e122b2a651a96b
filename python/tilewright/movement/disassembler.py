"""Programs as text that assembles to the same program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tilewright.movement.instructions import LOOP_NAMES, Instruction, Loop, Operand, Program, Step


def disassemble(program: Program) -> str:
    """One instruction a line, loops indented, numbers above 4096 in hexadecimal."""
    return "\n".join([*_lines(program.steps, 0), ""]) if program.steps else ""


def _lines(steps: Sequence[Step], depth: int) -> Iterator[str]:
    indent = "    " * depth
    for step in steps:
        if isinstance(step, Loop):
            yield f"{indent}loop {LOOP_NAMES[depth]}, {step.count}"
            yield from _lines(step.body, depth + 1)
            yield f"{indent}end"
        else:
            yield indent + _instruction(step)


def _instruction(step: Instruction) -> str:
    parts = [*map(_operand, step.operands), *step.words]
    for name, guard in (("wait", step.wait), ("signal", step.signal)):
        if guard is not None:
            parts.append(f"{name}({', '.join(map(_operand, guard))})")
    return f"{step.name} {', '.join(parts)}".rstrip()


def _operand(operand: Operand) -> str:
    terms = [f"{operand.memory}[{operand.index}]"] if operand.memory else []
    terms += [
        f"{name} * {_number(step)}"
        for name, step in zip(LOOP_NAMES, operand.steps, strict=False)
        if step
    ]
    if operand.constant or not terms:
        terms.append(_number(operand.constant))
    return " + ".join(terms)


def _number(number: int) -> str:
    return hex(number) if abs(number) > 4096 else str(number)
