"""Building a graph of tasks, checking it, and running it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from tilewright import _core
from tilewright.buffer import Buffer
from tilewright.errors import AddressError, ArgumentError, BusyError, Error, GraphError
from tilewright.graph.prepared import PreparedGraph
from tilewright.graph.run import GraphRun
from tilewright.graph.tasks import TaskGraph
from tilewright.graph.values import (
    Argument,
    Parameter,
    Range,
    Words,
    address_range,
    as_arguments,
    as_ranges,
    as_tasks,
    buffer_of,
    kernel_words,
    kind_number,
    task_words,
    word,
)
from tilewright.kernel import Kernel
from tilewright.launch import Core, core_tuple
from tilewright.open_device import OpenDevice
from tilewright.tile_program import TileKernel, TileProgram, program_words

Values = TypeVar("Values")


class Graph(TaskGraph):
    """Tasks, each a call of a function of the worker program, and which must end before which.

    The order comes from `after` and `add_edges` and, unless ``infer=False``, from what the tasks
    say that they read and write: whoever reads comes after the last who wrote, whoever writes after
    the last who wrote and all who have read since, in the order in which the tasks were added. With
    ``infer=False`` the accesses are only checked: `check` refuses unordered ones.

    Tasks are numbered 0, 1, 2, ...; methods raise ArgumentError, and change nothing, for numbers
    that are not there.
    """

    def __init__(
        self,
        device: OpenDevice | None = None,
        *,
        functions: Kernel | None = None,
        infer: bool = True,
    ) -> None:
        """`device` is where `run` runs it. `functions` is the worker program; by default the one
        that ships: 0 add (a, b, out, n), 1 add_scalar (a, s, out, n), 2 mul (a, b, out, n), of n
        float32."""
        super().__init__(_core.Graph(infer), functions)
        self.device = device
        self._buffers: dict[Buffer, None] = {}  # each once, in their order
        self._parameters = 0
        self._running = False

    # --- Building ---------------------------------------------------------------------------

    def add(
        self,
        function: int | str | Kernel | TileProgram,
        args: Sequence[Argument] | Mapping[TileKernel, Sequence[int | Buffer]] = (),
        *,
        reads: Iterable[Range] | Range = (),
        writes: Iterable[Range] | Range = (),
        after: Iterable[int] | int = (),
        kind: str | None = None,
        cores: int = 1,
        priority: int = 0,
        name: str | None = None,
    ) -> int:
        """A task that calls a function of the worker program, by number or name, or runs a kernel
        or a program of kernels on all cores of a tile; its number.

        `args` are integers, floats (which arrive as a float32 in the low half of a 64-bit word),
        buffers in one DRAM bank (as pointers) and parameters. `reads` and `writes` are buffers,
        ``(buffer, slice of rows)`` or ``(first address, address after the last)``; a single one,
        or a single task as `after`, needs no list. `kind` is the
        kind of core that runs it; by default the one the function belongs to. With `cores`, 1 to
        64, it runs on so many of them at once: it starts when they are all idle, all call the
        function with the same arguments and ask which of them they are (``task_rank()``,
        ``task_cores()``), and it ends when all have. Of ready tasks those of a higher `priority`, 0
        to 7, go to workers first; of those of one, that which became ready first. The graph keeps
        the buffers that are named here; what an integer points to is the caller's to keep.

        Of a `metalium.TileProgram`, `args` has for each kernel what it finds by get_arg_val: words
        of 32 bits, or buffers for their addresses. It has neither `kind` nor `cores`.
        """
        self._change()
        task = len(self)
        before = [self.task_number(n, "after") for n in self._named(task, "after", as_tasks, after)]
        number = self._function(function, task)
        kind_code = kind_number(kind)
        if not isinstance(cores, (int, np.integer)) or not 1 <= cores <= _core.max_task_cores:
            raise ArgumentError(
                f"task {task}: expected 1 to {_core.max_task_cores} cores, got {cores!r}"
            )
        (level,) = _priorities(f"task {task}: priority", priority, 1)
        if isinstance(function, TileProgram):
            if kind is not None or cores != 1:
                raise ArgumentError(
                    f"task {task}: a program runs on a tile; expected neither kind nor cores"
                )
            arguments = self._program_arguments(task, function, args)
        else:
            given = self._named(task, "args", as_arguments, args)
            arguments = self._arguments(task, function, given)
        read = self._named(task, "reads", as_ranges, reads)
        written = self._named(task, "writes", as_ranges, writes)
        declared = [(part, False) for part in read] + [(part, True) for part in written]
        accesses = [(*self._range(task, part), write) for part, write in declared]
        if isinstance(function, Kernel) and function not in self.kernels:
            self.kernels.append(function)
        if isinstance(function, TileProgram):
            self._keep(function.memory)
            if function not in self.programs:
                self.programs.append(function)
        self.handle.add(number, arguments.words, kind_code)
        for index in arguments.pointers:
            self.handle.mark_pointer(task, index)
        for index, parameter in arguments.open_places:
            self.handle.bind_argument(task, index, parameter)
        self._keep(arguments.buffers)
        self._keep(b for part, _ in declared if (b := buffer_of(part)) is not None)
        for parameter_of, begin, end, write in accesses:
            self._declare(task, parameter_of, begin, end, write)
        for number in before:
            self.handle.add_edge(number, task)
        if cores != 1:
            self.handle.set_cores(task, int(cores))
        self.handle.set_priority(task, int(level))
        if name is not None:
            self.handle.set_name(task, name)
        return task

    def add_tasks(
        self,
        functions: npt.ArrayLike,
        args: npt.ArrayLike,
        *,
        kind: str | None = None,
        pointers: Iterable[int] = (),
        priorities: npt.ArrayLike = 0,
    ) -> range:
        """Many tasks at once: an array of functions, or one for all, and a row of 64-bit words for
        each task, of which the columns `pointers` are pointers; an array of priorities (see `add`),
        or one for all. Their numbers."""
        words = np.asarray(args)
        if words.ndim != 2 or words.dtype.kind not in "iu":
            raise ArgumentError(
                f"add_tasks: args: expected a row of integers for each task, got {words.dtype} of "
                f"shape {words.shape}"
            )
        count = len(words)
        columns = np.array([*pointers], np.int64)
        if np.any((columns < 0) | (columns >= words.shape[1])):
            raise ArgumentError(
                f"add_tasks: pointers {columns.tolist()} of {words.shape[1]} arguments"
            )
        ids = _one_for_each("functions", _numbers("functions", functions), count)
        levels = _priorities("add_tasks: priorities", priorities, count)
        self._change()
        first = self.handle.add_tasks(
            np.ascontiguousarray(ids),
            np.ascontiguousarray(words.astype(np.uint64, copy=False)).reshape(-1),
            np.full(count, kind_number(kind), np.uint8),
            columns.astype(np.uint32),
        )
        if levels.any():
            self.handle.set_priorities(first, np.ascontiguousarray(levels))
        return range(first, first + count)

    def add_edge(self, before: int, after: int) -> None:
        """The first must end before the second starts."""
        self._change()
        first, then = self.task_number(before, "before"), self.task_number(after, "after")
        self.handle.add_edge(first, then)

    def add_edges(self, before: npt.ArrayLike, after: npt.ArrayLike) -> None:
        """Many edges at once, from two arrays of task numbers."""
        self._change()
        numbers = [self._tasks("before", before), self._tasks("after", after)]
        if len(numbers[0]) != len(numbers[1]):
            raise ArgumentError(
                f"add_edges: after: expected {len(numbers[0])} tasks, as many as before, got "
                f"{len(numbers[1])}"
            )
        self.handle.add_edges(*numbers)

    def _tasks(self, what: str, values: npt.ArrayLike) -> npt.NDArray[np.uint32]:
        """Numbers of tasks that are there, in a row."""
        numbers = np.atleast_1d(_numbers(what, values))
        if numbers.size:
            self.task_number(int(numbers.max()), what)
        return numbers

    def add_accesses(
        self,
        tasks: npt.ArrayLike,
        begins: npt.ArrayLike,
        ends: npt.ArrayLike,
        writes: npt.ArrayLike,
    ) -> None:
        """Many accesses at once: arrays of tasks, first addresses, addresses after the last, and
        whether they write (or one value for all)."""
        numbers = self._tasks("tasks", tasks)
        firsts = _addresses("begins", begins, len(numbers))
        lasts = _addresses("ends", ends, len(numbers))
        marks = _one_for_each("writes", np.asarray(writes, bool), len(numbers))
        self._change()
        self.handle.add_accesses(numbers, firsts, lasts, np.ascontiguousarray(marks))

    def repeat(self, first: int, last: int, times: int) -> None:
        """The device runs all from `first` to `last` this many times, at least once.

        What is repeated is what lies on paths from `first` to `last`. It must be entered through
        `first` and left through `last` alone; `check` and `run` raise GraphError naming the task
        that does otherwise, also one whose own `repeat` or `skip_unless` leads out. What has to
        come before (after) a part of it by what it reads and writes comes before (after) all of it;
        edges that a path through `first` or `last` implies are left out. A task decides one thing
        at its end: it can be `last` here or in `repeat_while`, or `before` in `skip_unless`, once.
        """
        self._change()
        if not isinstance(times, (int, np.integer)) or not 1 <= times < 1 << 32:
            raise ArgumentError(f"repeat: times: expected 1 to 2^32 - 1, got {times!r}")
        ends = self.task_number(first, "first"), self.task_number(last, "last")
        self.handle.repeat(*ends, int(times))

    def repeat_while(self, first: int, last: int, word: Buffer | int) -> None:
        """As `repeat`, again as long as a word of 32 bits in direct memory (the first of a buffer,
        or an address) is not zero when `last` has ended. It runs at least once."""
        self._change()
        ends = self.task_number(first, "first"), self.task_number(last, "last")
        self.handle.repeat_while(*ends, self._word_at(word))

    def skip_unless(self, before: int, after: int, word: Buffer | int) -> None:
        """What lies between the two tasks is left out if the word is zero when `before` has ended:
        `after` comes next. The same holds of what lies between as for `repeat`."""
        self._change()
        ends = self.task_number(before, "before"), self.task_number(after, "after")
        self.handle.skip_unless(*ends, self._word_at(word))

    def reserve(self, tasks: int, edges: int | None = None, arguments: int = 8) -> None:
        """Let tasks add so many tasks while the graph runs (``add_task()`` in a kernel), with up to
        `arguments` words each and `edges` edges to them altogether, by default two for each. They
        are part of the run, not of the graph: each run begins without them."""
        self._change()
        wanted = (tasks, 2 * tasks if edges is None else edges, arguments)
        for what, value in zip(("tasks", "edges", "arguments"), wanted, strict=True):
            if not isinstance(value, (int, np.integer)) or not 0 <= value < 1 << 25:
                raise ArgumentError(f"reserve: expected 0 to 2^25 - 1 {what}, got {value!r}")
        self.handle.reserve(*(int(value) for value in wanted))

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
        shared = min(len(self.kernels), len(part.kernels))
        if self.kernels[:shared] != part.kernels[:shared]:
            raise ArgumentError("append: the two graphs number their kernels differently")
        programs = min(len(self.programs), len(part.programs))
        if self.programs[:programs] != part.programs[:programs]:
            raise ArgumentError("append: the two graphs number their programs differently")
        self._change()
        first = self.handle.append(part.handle, [word(value) for value in values])
        self.kernels += part.kernels[shared:]
        self.programs += part.programs[programs:]
        self._keep(part._buffers)
        self._keep(value for value in values if isinstance(value, Buffer))
        return range(first, len(self))

    def use_functions(self, functions: Kernel | None) -> None:
        """Another worker program from the next run on; None for the one that ships."""
        self._check_idle()
        self.worker_program = functions
        self.__dict__.pop("function_names", None)

    # --- Running ----------------------------------------------------------------------------

    def run(
        self,
        device: OpenDevice | None = None,
        *,
        schedulers: int = 1,
        workers: Iterable[Core] | None = None,
        tasks_ahead: int = 2,
        scheduler: Kernel | None = None,
        cycle_limit: int | None = None,
        progress: Callable[[int], object] | None = None,
        check_races: bool = False,
        observe_accesses: bool = False,
    ) -> GraphRun:
        """Check the graph, run it on the chip, and tell what happened. Again as often as you like.

        `schedulers` control cores, 1 to 4, share the work; `workers` are cores ``(x, y)`` or
        ``(x, y, processor)``, by default all of the worker tiles; each holds up to `tasks_ahead`
        tasks (1 or 2), so that with 2 the next one waits for it. In a graph with programs workers
        are by default the first cores of the worker tiles; one on the first core of a tile leads
        the others of it, which can be no workers then. `scheduler` replaces the scheduler
        that ships. `progress` is called with the number of tasks that have ended, up to ten times a
        second; what it raises stops the run.

        `check_races` looks at every byte that the tasks read and write while they run, and raises
        GraphError when the run has ended if two with no order between them accessed the same one,
        or if a task accessed what it has not declared. `observe_accesses` does the same and lets
        `GraphRun.races` and `GraphRun.undeclared` tell. Both cost host time and no cycles.

        GraphError for a cycle, a race, a function or a kind of worker that is not there;
        AddressError for a pointer into no live allocation; ConfigError if the chip has no control
        cores or no direct memory. KernelFault, DeadlockError and CycleLimitError as `Device.run`,
        with the tasks that were executing.
        """
        prepared = self.prepare(
            device,
            schedulers=schedulers,
            workers=workers,
            tasks_ahead=tasks_ahead,
            scheduler=scheduler,
            observe_accesses=observe_accesses or check_races,
        )
        with prepared:
            return prepared.run(cycle_limit=cycle_limit, progress=progress, check_races=check_races)

    def prepare(
        self,
        device: OpenDevice | None = None,
        *,
        schedulers: int = 1,
        workers: Iterable[Core] | None = None,
        tasks_ahead: int = 2,
        scheduler: Kernel | None = None,
        observe_accesses: bool = False,
    ) -> PreparedGraph:
        """Check the graph and write it to the chip, where it runs again and again without being
        built anew, until it is closed or the graph is changed.

        Parameters and errors as `run`."""
        target = device if device is not None else self.device
        if target is None:
            raise ArgumentError("graph: give a device, here or to Graph(device)")
        places = [] if workers is None else [core_tuple(target.config, core) for core in workers]
        with self._in_use(target):
            handle = _core.PreparedGraph(
                target.handle,
                self.handle,
                places,
                schedulers,
                tasks_ahead,
                [kernel.handle for kernel in self.kernels],
                [program.handle for program in self.programs],
                None if scheduler is None else scheduler.handle,
                None if self.worker_program is None else self.worker_program.handle,
                observe_accesses,
            )
        return PreparedGraph(
            self, target, handle, partial(self._in_use, target), self._extended, observe_accesses
        )

    @contextmanager
    def _in_use(self, device: OpenDevice) -> Iterator[None]:
        """Nobody may change the graph meanwhile. Its buffers must be there."""
        self._check_idle()
        for buffer in self._buffers:
            if not buffer.valid:
                raise AddressError(f"graph: a task uses {buffer!r}")
            if buffer.device.handle is not device.handle:
                raise ArgumentError(
                    f"graph: a task uses {buffer!r}, which belongs to another device"
                )
        self._running = True
        try:
            yield
        finally:
            self._running = False

    def _extended(self, handle: _core.Graph) -> Graph:
        """This graph with the tasks that a run added: to look at."""
        result = Graph(self.device, functions=self.worker_program)
        result.handle = handle
        result.kernels = [*self.kernels]
        result.programs = [*self.programs]
        result._parameters = self._parameters
        return result

    # --- Inside -----------------------------------------------------------------------------

    def _keep(self, buffers: Iterable[Buffer]) -> None:
        self._buffers.update(dict.fromkeys(buffers))

    def _change(self) -> None:
        self._check_idle()
        self.version += 1

    def _check_idle(self) -> None:
        if self._running:
            raise BusyError(
                "graph: it runs in another thread, and must not be touched until that ends"
            )

    def _word_at(self, word: Buffer | int) -> int:
        if isinstance(word, Buffer):
            self._keep([word])
            return word.core_address
        if not isinstance(word, (int, np.integer)) or not 0 <= word < 1 << 64:
            raise ArgumentError(f"graph: expected a buffer or the address of a word, got {word!r}")
        return int(word)

    def _function(self, function: Any, task: int) -> int:
        if isinstance(function, Kernel):
            known = function in self.kernels
            index = self.kernels.index(function) if known else len(self.kernels)
            return _core.first_kernel_function + index
        if isinstance(function, TileProgram):
            known = function in self.programs
            number = self.programs.index(function) if known else len(self.programs)
            return _core.first_program_function + number
        if isinstance(function, (int, np.integer)) and not isinstance(function, bool):
            if 0 <= function < _core.first_kernel_function:
                return int(function)
        elif not isinstance(function, str):
            raise ArgumentError(
                f"task {task}: expected a function by number or name, a Kernel or a TileProgram, "
                f"got {type(function).__name__}"
            )
        names = self.function_names
        if function in names:
            return names.index(function)
        listed = ", ".join(f"{number} {name}" for number, name in enumerate(names))
        raise GraphError(f"task {task}: no function {function!r}; the worker program has {listed}")

    def _arguments(self, task: int, function: Any, args: Sequence[Argument]) -> Words:
        try:
            if isinstance(function, Kernel):
                return kernel_words(function, args)
            return task_words(args, self._parameters)
        except Error as error:
            raise type(error)(f"task {task}{error}") from None

    def _program_arguments(self, task: int, program: TileProgram, args: Any) -> Words:
        program.handle  # noqa: B018 - it is complete from now on, and its errors come here
        try:
            words, buffers = program_words(program, args)
        except Error as error:
            raise type(error)(f"task {task}, args{error}") from None
        return Words(words, buffers, [], [])

    def _named(self, task: int, name: str, take: Callable[[Any], Values], value: Any) -> Values:
        try:
            return take(value)
        except ArgumentError as error:
            raise ArgumentError(f"task {task}, {name}{error}") from None

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

    def _declare(
        self, task: int, parameter: Parameter | None, begin: int, end: int, write: bool
    ) -> None:
        if parameter is None:
            (self.handle.writes if write else self.handle.reads)(task, begin, end)
        elif write:
            self.handle.writes_to(task, parameter.number, begin, end)
        else:
            self.handle.reads_from(task, parameter.number, begin, end)


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


def _priorities(what: str, values: npt.ArrayLike, count: int) -> npt.NDArray[np.uint32]:
    """A priority for each task. ArgumentError if they are none."""
    numbers = _one_for_each(what, _numbers(what, values), count)
    if count and numbers.max() > _core.max_task_priority:
        raise ArgumentError(f"{what}: expected 0 to {_core.max_task_priority}, got {numbers.max()}")
    return numbers


def _addresses(what: str, values: npt.ArrayLike, count: int) -> npt.NDArray[np.uint64]:
    """An address for each of so many tasks. ArgumentError if they are not."""
    array = np.atleast_1d(np.asarray(values))
    if array.size and array.dtype.kind not in "iu":
        raise ArgumentError(f"{what}: expected addresses in one row, got {array.dtype}")
    if array.dtype.kind == "i" and array.size and array.min() < 0:
        raise ArgumentError(f"{what}: expected addresses from 0 to 2^64 - 1")
    if array.shape != (count,):
        raise ArgumentError(
            f"{what}: expected {count} addresses, one for each task, got an array of shape "
            f"{array.shape}"
        )
    return np.ascontiguousarray(array, np.uint64)


def _one_for_each(what: str, values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """As many as there are tasks, from as many or from one for all."""
    if values.shape not in ((), (1,), (count,)):
        raise ArgumentError(
            f"{what}: expected {count}, one for each task, or one for all; got an array of shape "
            f"{values.shape}"
        )
    return np.broadcast_to(values, count)
