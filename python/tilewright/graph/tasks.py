"""A graph of tasks to look at: names, functions, arguments, edges, checks and pictures."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.errors import ArgumentError
from tilewright.kernel import Kernel
from tilewright.stays_here import stays_here
from tilewright.tile_program import TileProgram


class TaskGraph:
    """What there is to know of a `Graph` without changing or running it."""

    def __init__(self, handle: _core.Graph, functions: Kernel | None) -> None:
        #: The graph of the runtime, for packages that build on this one.
        self.handle = handle
        #: The worker program; None for the one that ships.
        self.worker_program = functions
        #: The kernels that tasks run, in the order of their numbers.
        self.kernels: list[Kernel] = []
        #: The programs that tasks run, likewise.
        self.programs: list[TileProgram] = []
        #: How often it has been changed.
        self.version = 0

    def __len__(self) -> int:
        return len(self.handle)

    def name(self, task: int) -> str:
        """What messages, tables and pictures call it."""
        return self.handle.name(self.task_number(task))

    def cores(self, task: int) -> int:
        """On how many cores a task runs at once."""
        return self.handle.cores(self.task_number(task))

    def priority(self, task: int) -> int:
        """Those of a higher one go to workers first."""
        return self.handle.priority(self.task_number(task))

    @cached_property
    def function_names(self) -> list[str]:
        """The functions of the worker program, by number. ElfError if it has no table of them."""
        program = self.worker_program
        handle = program.handle if program is not None else _core.builtin_worker_program()
        return [name for name, _ in _core.task_functions(handle)]

    @property
    def functions(self) -> npt.NDArray[np.uint32]:
        """The function of each task."""
        return self.handle.functions()

    def function_name(self, task: int) -> str:
        """The name of a task's function, kernel or program."""
        function = int(self.functions[self.task_number(task)])
        if function >= _core.first_program_function:
            return self.programs[function - _core.first_program_function].name
        if function >= _core.first_kernel_function:
            return self.kernels[function - _core.first_kernel_function].name
        names = self.function_names
        return names[function] if function < len(names) else f"function {function}"

    def arguments(self, task: int) -> npt.NDArray[np.uint64]:
        """The words that a task is called with."""
        return self.handle.arguments(self.task_number(task))

    @property
    def edges(self) -> npt.NDArray[np.uint32]:
        """All pairs (before, after), said and inferred, each once."""
        return np.stack(self.handle.edges(), axis=1)

    def check(self) -> None:
        """GraphError for a cycle, with the names of its tasks, for a part that cannot be
        repeated or left out, and for two tasks that access the same bytes, one of them writing,
        with no order between them."""
        self.handle.check_order()
        self.handle.check_control_flow()
        self.handle.check_races()

    def to_graphviz(self) -> str:
        """The graph in Graphviz's language, for ``dot -Tsvg``."""
        return self.handle.graphviz(None)

    def task_number(self, number: int, argument: str = "number") -> int:
        """The number of a task, checked to be there. ArgumentError, naming the argument that it
        was, if it is not."""
        if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
            raise ArgumentError(f"{argument}: expected the number of a task, got {number!r}")
        if not 0 <= number < len(self):
            known = f"it has 0 to {len(self) - 1}" if len(self) else "it has none"
            raise ArgumentError(f"{argument}: the graph has no task {number}; {known}")
        return int(number)

    __reduce_ex__ = stays_here("build it there, or append it to another graph")

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} tasks>"
