"""The graph as its users build it: tasks by function number, and successors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex, TypeAlias

import numpy as np

import tilewright as tw
from tilewright.graph.values import WINDOW, word

Argument: TypeAlias = SupportsIndex | float | np.floating | tw.Buffer

#: The kinds of cores by their names here.
CORE_TYPES = {"aic": "cube", "aiv": "vector", None: None}
#: Which arguments of the functions that ship are pointers, and how many they take.
BUILTIN_POINTERS = {0: (0, 1, 2), 1: (0, 2), 2: (0, 1, 2)}
BUILTIN_ARGUMENTS = 4


class Graph:
    """Tasks, and which must end before which. It can be run any number of times."""

    def __init__(self) -> None:
        #: The native graph, for what is not here: bulk calls, checks, pictures.
        self.native = tw.Graph(infer=False)
        # What is wrong only if the functions are those that ship: (task, what).
        self._builtin_mistakes: list[tuple[int, str]] = []

    def add_task(self, args: Sequence[Argument], func_id: int, core_type: str | None = None) -> int:
        """A task; its number. Integers arrive as uint64, floats as the bits of a float32 in the low
        half of one, buffers as pointers. `core_type` is "aic", "aiv" or None, where the function
        says that it belongs."""
        if core_type not in CORE_TYPES:
            raise tw.GraphError(f"core_type: expected 'aic', 'aiv' or None, got {core_type!r}")
        if isinstance(func_id, bool) or not isinstance(func_id, (int, np.integer)):
            raise tw.ArgumentError(f"func_id: expected a number, got {func_id!r}")
        task = self.native.add(func_id, args, kind=CORE_TYPES[core_type])
        integers = [not isinstance(value, (float, np.floating, tw.Buffer)) for value in args]
        words = [word(value) for value in args]
        # An integer in the window of direct memory is a pointer.
        for index, value in enumerate(words):
            if integers[index] and WINDOW <= value < 1 << 32:
                self.native.handle.mark_pointer(task, index)
        self._note_builtin_mistakes(task, int(func_id), words, integers)
        return task

    def add_successor(self, from_task: int, to_task: int) -> None:
        """`from_task` must end before `to_task` starts."""
        self.native.add_edge(from_task, to_task)

    def get_task_count(self) -> int:
        """How many tasks it has."""
        return len(self.native)

    def print_graph(self) -> None:
        """Print each task with its function, arguments and successors."""
        successors: dict[int, list[int]] = {}
        for before, after in self.native.edges:
            successors.setdefault(int(before), []).append(int(after))
        print(f"Task graph: {self.get_task_count()} tasks")
        for task, function in enumerate(self.native.functions):
            args = ", ".join(f"{int(value):#x}" for value in self.native.arguments(task))
            after = ", ".join(map(str, successors.get(task, []))) or "none"
            print(f"  task {task}: func_id {function}, args ({args}), successors: {after}")

    def check_builtin_arguments(self) -> None:
        """Raise for tasks that the functions that ship cannot do."""
        for task, mistake in self._builtin_mistakes:
            raise tw.AddressError(f"task {task}{mistake}")

    def _note_builtin_mistakes(
        self, task: int, func_id: int, words: list[int], integers: list[bool]
    ) -> None:
        for index in BUILTIN_POINTERS.get(func_id, ()):
            if index >= len(words):
                break
            if integers[index] and not WINDOW <= words[index] < 1 << 32:
                self._builtin_mistakes.append(
                    (task, f", argument {index}: {words[index]:#x} is no pointer of this device")
                )
        if func_id in BUILTIN_POINTERS and len(words) != BUILTIN_ARGUMENTS:
            self._builtin_mistakes.append(
                (
                    task,
                    f": function {func_id} takes {BUILTIN_ARGUMENTS} arguments, got {len(words)}",
                )
            )

    def __repr__(self) -> str:
        return f"<pto_runtime.Graph of {self.get_task_count()} tasks>"
