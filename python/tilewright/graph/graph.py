"""Building a graph of tasks, checking it, and running it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import ArgumentError, Error
from tilewright.graph.values import Argument, Parameter, Range, address_range, kind_number, word

if TYPE_CHECKING:
    from tilewright.device import Device


class Graph:
    """Tasks, each a call of a function of the worker program, and which must end before which.

    The order comes from `after` and `add_edges` and, unless ``infer=False``, from what the tasks
    say that they read and write: whoever reads comes after the last who wrote, whoever writes after
    the last who wrote and all who have read since, in the order in which the tasks were added. With
    ``infer=False`` the accesses are only checked: `check` refuses unordered ones.

    Tasks are numbered 0, 1, 2, ...; methods raise ArgumentError, and change nothing, for numbers
    that are not there.
    """

    def __init__(self, device: Device | None = None, *, infer: bool = True) -> None:
        self.device = device
        self._core = _core.Graph(infer)
        self._parameters = 0
        self._running = False

    # --- Building ---------------------------------------------------------------------------

    def add(
        self,
        function: int,
        args: Sequence[Argument] = (),
        *,
        reads: Iterable[Range] = (),
        writes: Iterable[Range] = (),
        after: Iterable[int] = (),
        kind: str | None = None,
        name: str | None = None,
    ) -> int:
        """A task that calls a function of the worker program; its number.

        `args` are integers, floats (which arrive as a float32 in the low half of a 64-bit word),
        buffers in one DRAM bank (as pointers) and parameters. `reads` and `writes` are buffers,
        ``(buffer, slice of rows)`` or ``(first address, address after the last)``. `kind` is the
        kind of core that runs it; by default the one the function belongs to.
        """
        with self._changing():
            task = len(self)
            before = [self._task(number) for number in after]
            number = self._function(function, f"task {task}")
            kind_code = kind_number(kind)
            words: list[int] = []
            pointers: list[int] = []
            open_places: list[tuple[int, int]] = []
            for index, value in enumerate(args):
                if isinstance(value, Parameter):
                    open_places.append((index, self._parameter(value)))
                    words.append(0)
                    continue
                if isinstance(value, Buffer):
                    pointers.append(index)
                try:
                    words.append(word(value))
                except Error as error:
                    raise type(error)(f"task {task}, argument {index}: {error}") from None
            accesses = [
                (*self._range(task, part), write)
                for parts, write in ((reads, False), (writes, True))
                for part in parts
            ]
            self._core.add(number, words, kind_code)
            for index in pointers:
                self._core.mark_pointer(task, index)
            for index, parameter in open_places:
                self._core.bind_argument(task, index, parameter)
            for parameter_of, begin, end, write in accesses:
                self._touch(task, parameter_of, begin, end, write)
            for number in before:
                self._core.add_edge(number, task)
            if name is not None:
                self._core.set_name(task, name)
            return task

    def add_tasks(
        self,
        functions: npt.ArrayLike,
        args: npt.ArrayLike,
        *,
        kind: str | None = None,
        pointers: Iterable[int] = (),
    ) -> range:
        """Many tasks at once: an array of functions, or one for all, and a row of 64-bit words for
        each task, of which the columns `pointers` are pointers. Their numbers."""
        words = np.asarray(args)
        if words.ndim != 2 or words.dtype.kind not in "iu":
            raise ArgumentError(
                f"add_tasks: expected a row of integers for each task, got {words.dtype} of shape "
                f"{words.shape}"
            )
        count = len(words)
        columns = np.array([*pointers], np.int64)
        if np.any((columns < 0) | (columns >= words.shape[1])):
            raise ArgumentError(
                f"add_tasks: pointers {columns.tolist()} of {words.shape[1]} arguments"
            )
        ids = np.broadcast_to(_numbers("functions", functions), count)
        with self._changing():
            first = self._core.add_tasks(
                np.ascontiguousarray(ids),
                np.ascontiguousarray(words.astype(np.uint64, copy=False)).reshape(-1),
                np.full(count, kind_number(kind), np.uint8),
                columns.astype(np.uint32),
            )
        return range(first, first + count)

    def add_edge(self, before: int, after: int) -> None:
        """The first must end before the second starts."""
        with self._changing():
            self._core.add_edge(self._task(before), self._task(after))

    def add_edges(self, before: npt.ArrayLike, after: npt.ArrayLike) -> None:
        """Many edges at once, from two arrays of task numbers."""
        with self._changing():
            self._core.add_edges(_numbers("before", before), _numbers("after", after))

    def add_accesses(
        self,
        tasks: npt.ArrayLike,
        begins: npt.ArrayLike,
        ends: npt.ArrayLike,
        writes: npt.ArrayLike,
    ) -> None:
        """Many accesses at once: arrays of tasks, first addresses, addresses after the last, and
        whether they write (or one value for all)."""
        numbers = _numbers("tasks", tasks)
        with self._changing():
            self._core.add_accesses(
                numbers,
                np.ascontiguousarray(begins, np.uint64),
                np.ascontiguousarray(ends, np.uint64),
                np.ascontiguousarray(np.broadcast_to(np.asarray(writes, bool), numbers.shape)),
            )

    def parameter(self) -> Parameter:
        """A value that this graph, as a subgraph, leaves open: for `args`, and in `reads` and
        `writes` as ``(parameter, first offset, offset after the last)``."""
        self._parameters += 1
        return Parameter(self._parameters - 1)

    def append(self, part: Graph, values: Sequence[Argument] = ()) -> range:
        """A copy of another graph's tasks, with these values for its parameters in the order in
        which they were made; their numbers here. What orders the tasks of the two is what they
        read and write, and edges that are added then."""
        if not isinstance(part, Graph):
            raise ArgumentError(f"append: expected a Graph, got {type(part).__name__}")
        if len(values) != part._parameters:
            raise ArgumentError(
                f"append: the subgraph has {part._parameters} parameters, got {len(values)} values"
            )
        with self._changing():
            first = self._core.append(part._core, [word(value) for value in values])
        return range(first, len(self))

    # --- What it is -------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._core)

    def name(self, task: int) -> str:
        """What messages, tables and pictures call it."""
        return self._core.name(self._task(task))

    @property
    def functions(self) -> npt.NDArray[np.uint32]:
        """The function of each task."""
        return self._core.functions()

    def arguments(self, task: int) -> npt.NDArray[np.uint64]:
        """The words that a task is called with."""
        return self._core.arguments(self._task(task))

    @property
    def edges(self) -> npt.NDArray[np.uint32]:
        """All pairs (before, after), said and inferred, each once."""
        return np.stack(self._core.edges(), axis=1)

    def check(self) -> None:
        """GraphError for a cycle, with the names of its tasks, and for two tasks that touch the
        same bytes, one of them writing, with no order between them."""
        self._core.check_order()
        self._core.check_races()

    def to_graphviz(self) -> str:
        """The graph in Graphviz's language, for ``dot -Tsvg``."""
        return self._core.graphviz(None)

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} tasks>"

    # --- Inside -----------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        if self._running:
            raise Error("graph: it runs in another thread, and cannot change until that returns")
        yield

    def _task(self, number: int) -> int:
        if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
            raise ArgumentError(f"graph: expected the number of a task, got {number!r}")
        if not 0 <= number < len(self):
            known = f"it has 0 to {len(self) - 1}" if len(self) else "it has none"
            raise ArgumentError(f"graph: no task {number}; {known}")
        return int(number)

    def _function(self, function: Any, where: str) -> int:
        if not isinstance(function, (int, np.integer)) or isinstance(function, bool):
            raise ArgumentError(f"{where}: expected the number of a function, got {function!r}")
        if not 0 <= function < 1 << 32:
            raise ArgumentError(f"{where}: no function {function}")
        return int(function)

    def _parameter(self, value: Parameter) -> int:
        if value.number >= self._parameters:
            raise ArgumentError(f"graph: {value} was not made by this graph")
        return value.number

    def _range(self, task: int, part: Range) -> tuple[Parameter | None, int, int]:
        try:
            parameter, begin, end = address_range(part)
        except Error as error:
            raise type(error)(f"task {task}: {error}") from None
        if not 0 <= begin < end < 1 << 64:
            raise ArgumentError(
                f"task {task}: touches addresses {begin:#x} to {end:#x}; expected at least one byte"
            )
        if parameter is not None:
            self._parameter(parameter)
        return parameter, begin, end

    def _touch(
        self, task: int, parameter: Parameter | None, begin: int, end: int, write: bool
    ) -> None:
        if parameter is None:
            (self._core.writes if write else self._core.reads)(task, begin, end)
        elif write:
            self._core.writes_to(task, parameter.number, begin, end)
        else:
            self._core.reads_from(task, parameter.number, begin, end)


def _numbers(what: str, values: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Numbers of tasks or functions as the runtime takes them. ArgumentError if they are not."""
    array = np.asarray(values)
    if array.size == 0:
        return np.zeros(array.shape, np.uint32)
    if array.dtype.kind not in "iu" or array.ndim > 1:
        raise ArgumentError(
            f"{what}: expected integers in one row, got {array.dtype} of shape {array.shape}"
        )
    if array.dtype != np.uint32 and (array.min() < 0 or array.max() >= 1 << 32):
        raise ArgumentError(f"{what}: expected numbers from 0 to 2^32 - 1")
    return np.ascontiguousarray(array, np.uint32)
