"""From text to a program.

What stands behind the name of an instruction has the syntax of Python's calls, so Python's own
parser reads it; nothing is evaluated but sums, differences and products of whole numbers.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from tilewright.errors import ProgramError
from tilewright.movement.instructions import (
    MEMORIES,
    MOST_NESTED,
    SHAPES,
    Instruction,
    Loop,
    Operand,
    Program,
    Step,
)

_LONGEST_LINE = 4096


def assemble(text: str) -> Program:
    """ProgramError names the line and what is wrong with it."""
    scopes = [_Scope("", 0)]
    constants: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        statement = line.split("#", 1)[0].strip()
        if not statement:
            continue
        try:
            _statement(statement, scopes, constants)
        except ProgramError as error:
            raise ProgramError(f"line {number}: {error}") from None
    if len(scopes) > 1:
        raise ProgramError(f"the loop over {scopes[-1].variable} has no end")
    return Program(tuple(scopes[0].steps))


@dataclass
class _Scope:
    """A loop under way, or the program itself."""

    variable: str
    count: int
    steps: list[Step] = field(default_factory=list)


def _statement(statement: str, scopes: list[_Scope], constants: dict[str, int]) -> None:
    if len(statement) > _LONGEST_LINE:
        raise ProgramError(f"expected at most {_LONGEST_LINE} characters, got {len(statement)}")
    name, _, rest = statement.partition(" ")
    reader = _Reader([scope.variable for scope in scopes[1:]], constants)
    if name == "let":
        constant, _, value = rest.partition("=")
        reader.check_new(constant.strip())
        constants[constant.strip()] = reader.constant(value)
    elif name == "loop":
        variable, comma, count = rest.partition(",")
        if not comma:
            raise ProgramError("loop: expected a variable and a count, as in: loop i, 8")
        reader.check_new(variable.strip())
        if len(scopes) > MOST_NESTED:
            raise ProgramError(f"loop: at most {MOST_NESTED} loops can be nested")
        scopes.append(_Scope(variable.strip(), reader.constant(count)))
    elif name == "end":
        if rest or len(scopes) == 1:
            raise ProgramError("end: expected the end of a loop, and nothing behind it")
        scope = scopes.pop()
        scopes[-1].steps.append(Loop(scope.count, tuple(scope.steps)))
    else:
        scopes[-1].steps.append(reader.instruction(name, rest))


class _Reader:
    """Reads what stands behind the name of an instruction."""

    def __init__(self, variables: list[str], constants: dict[str, int]) -> None:
        self._variables = variables
        self._constants = constants

    def check_new(self, name: str) -> None:
        if not name.isidentifier() or name in MEMORIES:
            raise ProgramError(f"expected a new name, got {name!r}")
        if name in self._variables or name in self._constants:
            raise ProgramError(f"{name} has a meaning already")

    def constant(self, text: str) -> int:
        operands = [self._operand(node) for node in _arguments(text)]
        if len(operands) != 1 or operands[0] != Operand(operands[0].constant):
            raise ProgramError(f"expected a constant number, got {text.strip()!r}")
        return operands[0].constant

    def instruction(self, name: str, rest: str) -> Instruction:
        shape = SHAPES.get(name)
        nodes = _arguments(rest)
        guards: dict[str, tuple[Operand, Operand]] = {}
        while nodes and isinstance(nodes[-1], ast.Call):
            guard = self._guard(nodes.pop())
            if guard[0] in guards:
                raise ProgramError(f"{name}: it has two {guard[0]}()")
            guards[guard[0]] = guard[1]
        words: list[str] = []
        while shape and len(words) < len(shape.words) and nodes:
            node = nodes[-1]
            if not isinstance(node, ast.Name):
                break
            words.insert(0, node.id)
            nodes.pop()
        operands = tuple(self._operand(node) for node in nodes)
        return Instruction(name, operands, tuple(words), guards.get("wait"), guards.get("signal"))

    def _guard(self, node: ast.expr) -> tuple[str, tuple[Operand, Operand]]:
        assert isinstance(node, ast.Call)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        values = [self._operand(argument) for argument in node.args]
        if name == "signal" and len(values) == 1:
            values.append(Operand(1))
        if name not in ("wait", "signal") or node.keywords or len(values) != 2:
            raise ProgramError(
                f"expected wait(flag, value) or signal(flag, increment), got {ast.unparse(node)}"
            )
        return name, (values[0], values[1])

    def _operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return Operand(value)
            case ast.Name(id=name) if name in self._variables:
                depth = len(self._variables) - 1 - self._variables[::-1].index(name)
                return Operand(0, (0,) * depth + (1,))
            case ast.Name(id=name) if name in self._constants:
                return Operand(self._constants[name])
            case ast.Subscript(value=ast.Name(id=memory), slice=index) if memory in MEMORIES:
                return Operand(0, (), memory, self.constant(ast.unparse(index)))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _scaled(self._operand(inner), -1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _sum(self._operand(left), self._operand(right))
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return _sum(self._operand(left), _scaled(self._operand(right), -1))
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return _product(self._operand(left), self._operand(right))
        raise ProgramError(
            f"expected a number, a place such as l3[0], or sums and products of them with the "
            f"variables of loops; got {ast.unparse(node)}"
        )


def _arguments(text: str) -> list[ast.expr]:
    try:
        call = ast.parse(f"f({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ProgramError(f"expected operands separated by commas, got {text.strip()!r}") from None
    if not isinstance(call, ast.Call) or call.keywords or not isinstance(call.func, ast.Name):
        raise ProgramError(f"expected operands separated by commas, got {text.strip()!r}")
    return call.args


def _sum(a: Operand, b: Operand) -> Operand:
    if a.memory and b.memory:
        raise ProgramError(f"expected one memory in an operand, got {a.memory} and {b.memory}")
    depth = max(len(a.steps), len(b.steps))
    steps = zip(_padded(a.steps, depth), _padded(b.steps, depth), strict=True)
    memory, index = (a.memory, a.index) if a.memory else (b.memory, b.index)
    return Operand(a.constant + b.constant, tuple(x + y for x, y in steps), memory, index)


def _scaled(a: Operand, factor: int) -> Operand:
    if a.memory:
        raise ProgramError(f"the place {a.memory}[{a.index}] can be added to, nothing else")
    return Operand(a.constant * factor, tuple(step * factor for step in a.steps))


def _product(a: Operand, b: Operand) -> Operand:
    if a.steps and b.steps:
        raise ProgramError("expected products with a number, got one of two variables")
    return _scaled(a, b.constant) if a.steps or a.memory else _scaled(b, a.constant)


def _padded(steps: tuple[int, ...], depth: int) -> tuple[int, ...]:
    return steps + (0,) * (depth - len(steps))
