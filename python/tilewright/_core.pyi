"""The C++ runtime of Tilewright; use the package `tilewright` instead."""

from collections.abc import Callable, Mapping, Sequence, Set
import os
import pathlib
from typing import Annotated, Any

import numpy
import numpy.typing
from numpy.typing import NDArray


version: str = '0.1.0'

error_classes: tuple = ...

class ChipConfig:
    """What a chip is made of."""

    def __init__(self) -> None:
        """A chip of nothing: every part is to be given."""

    @property
    def name(self) -> str: ...

    @property
    def architecture(self) -> str:
        """
        Which hardware programs may take it for: generic, blackhole or wormhole.
        """

    @property
    def tile_columns(self) -> int: ...

    @property
    def tile_rows(self) -> int: ...

    @property
    def processors(self) -> int: ...

    @property
    def core_count(self) -> int: ...

    @property
    def kinds(self) -> list[str]: ...

    @property
    def control_cores(self) -> list[int]: ...

    @property
    def dram_bank_count(self) -> int: ...

    @property
    def isas(self) -> list[str]: ...

    def field_table(self) -> list[tuple[str, float, float, str, str]]:
        """
        Of each of those its name, least and greatest value, unit, and what it is.
        """

    def fields(self) -> dict[str, int | float]:
        """The fields that hold a single number, by name."""

    def replace(self, name: str, value: int | float) -> ChipConfig:
        """A copy with one field changed."""

    @property
    def tile_router_x(self) -> list[int]: ...

    @property
    def tile_router_y(self) -> list[int]: ...

    @property
    def harvested_columns(self) -> list[int]: ...

    @property
    def harvested_rows(self) -> list[int]: ...

    @property
    def cores(self) -> list[tuple[str, int, str]]: ...

    @property
    def control_tiles(self) -> list[tuple[tuple[int, int], list[tuple[str, int, str]]]]: ...

    @property
    def dram(self) -> list[tuple[tuple[int, int], tuple[int, int]]]: ...

    @property
    def host_router(self) -> tuple[int, int] | None: ...

    def with_name(self, value: str) -> ChipConfig: ...

    def with_tile_router_x(self, value: Sequence[int]) -> ChipConfig: ...

    def with_tile_router_y(self, value: Sequence[int]) -> ChipConfig: ...

    def with_architecture(self, value: str) -> ChipConfig: ...

    def with_harvested_columns(self, value: Sequence[int]) -> ChipConfig: ...

    def with_harvested_rows(self, value: Sequence[int]) -> ChipConfig: ...

    def with_cores(self, value: Sequence[tuple[str, int, str]]) -> ChipConfig: ...

    def with_control_tiles(self, value: Sequence[tuple[tuple[int, int], Sequence[tuple[str, int, str]]]]) -> ChipConfig: ...

    def with_dram(self, value: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> ChipConfig: ...

    def with_host_router(self, value: tuple[int, int]) -> ChipConfig: ...

    def check(self) -> None:
        """Raise ConfigError if such a chip cannot be."""

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

def preset(name: str) -> ChipConfig:
    """A preset by name."""

def preset_names() -> list[str]:
    """The names that `preset` knows."""

class Placement:
    """Where a buffer lies."""

    @staticmethod
    def interleaved(page_bytes: int = 4096) -> Placement:
        """Pages go round all DRAM banks."""

    @staticmethod
    def bank(bank: int) -> Placement:
        """All of it in one DRAM bank."""

    @staticmethod
    def l1(x: int, y: int) -> Placement:
        """All of it in the L1 of one tile."""

    @staticmethod
    def memory(kind: str, index: int) -> Placement:
        """
        All of it in one memory of the hierarchy, by the names of `Device.memory`.
        """

    @staticmethod
    def all_l1(page_bytes: int = 4096) -> Placement:
        """Pages go round the L1s of all tiles, row by row."""

    def __repr__(self) -> str: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Semaphore:
    """A word at the same address in every tile, to wait on and to add to."""

    @property
    def address(self) -> int: ...

    def __repr__(self) -> str: ...

class Exporter:
    """Base of what has a method `view`: gives it the buffer protocol."""

    def __init__(self) -> None: ...

class Buffer:
    """A piece of the chip's memory, as bytes."""

    @property
    def nbytes(self) -> int: ...

    @property
    def address(self) -> int: ...

    @property
    def global_address(self) -> int: ...

    @property
    def core_address(self) -> int: ...

    @property
    def placement(self) -> Placement: ...

    @property
    def valid(self) -> bool: ...

    def write(self, data: object, offset: int = 0) -> None: ...

    def read_into(self, target: object, offset: int = 0) -> None: ...

    def view(self) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,))]: ...

    def free(self) -> None: ...

    def describe(self) -> str: ...

class CompileOptions:
    """How a kernel is compiled."""

    def __init__(self, defines: Sequence[str], include_paths: Sequence[str | os.PathLike], optimisation: str, compiler: str | os.PathLike, isa: str | None = None) -> None: ...

class Kernel:
    """An executable for the cores of any device."""

    @staticmethod
    def from_elf(elf: object, name: str) -> Kernel: ...

    @staticmethod
    def from_elf_file(path: str | os.PathLike) -> Kernel: ...

    @staticmethod
    def builtin(name: str) -> Kernel: ...

    @staticmethod
    def builtin_names() -> list[str]: ...

    @staticmethod
    def from_file(path: str | os.PathLike, options: CompileOptions) -> Kernel: ...

    @staticmethod
    def from_source(text: str, name: str, options: CompileOptions) -> Kernel: ...

    @property
    def name(self) -> str: ...

    @property
    def signature(self) -> str | None: ...

    @property
    def elf(self) -> bytes: ...

def device_directory() -> pathlib.Path:
    """Where kernel headers, start-up code and shipped kernels lie."""

def compiler_description(compiler: str | os.PathLike) -> str:
    """The compiler that would be used; CompileError if there is none."""

def cache_folder() -> pathlib.Path:
    """Where compiled kernels are kept."""

def metalium_kernel(source: str, name: str, chip: ChipConfig, processor: int, noc: int, compile_args: Sequence[int], named_compile_args: Mapping[str, int], defines: Mapping[str, str], include_paths: Sequence[str | os.PathLike], formats: Mapping[int, tuple[int, int, int, int]], compute: tuple[int, bool, bool, bool, Set[int]], compiler: str | os.PathLike) -> Kernel:
    """
    Compile a kernel from the file `source`, or from the text if it has a name.
    """

def metalium_arguments(unique: Sequence[int], common: Sequence[int]) -> list[int]:
    """The launch arguments of a kernel written for TT-Metalium."""

def program_memory(circular_buffers: Sequence[tuple[int, int, int, int]], semaphores: Sequence[tuple[int, int]]) -> list[tuple[int, list[int]]]:
    """
    Words of L1 for circular buffers (index, address, page bytes, pages) and semaphores (index, initial value).
    """

class CoreReport:
    """What one core did in a run."""

    @property
    def core(self) -> tuple[int, int, int]: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def cycles(self) -> int: ...

    @property
    def instructions(self) -> int: ...

    @property
    def translated(self) -> int:
        """
        Of the instructions, those that translated code has carried out; it depends on the host and on what ran before, as nothing that is simulated does.
        """

    @property
    def waiting_cycles(self) -> int: ...

    @property
    def output(self) -> str: ...

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Run:
    """What a run did."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def cycles(self) -> int: ...

    @property
    def instructions(self) -> int: ...

    @property
    def translated(self) -> int:
        """
        Of the instructions, those that translated code has carried out: see `CoreReport.translated`.
        """

    @property
    def seconds(self) -> float:
        """Simulated: cycles at the chip's clock."""

    @property
    def host_seconds(self) -> float:
        """What simulating it took."""

    @property
    def output(self) -> str:
        """What its cores printed, one after another."""

    @property
    def cores(self) -> list[CoreReport]: ...

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Awaited:
    """A word or register for which a core waits."""

    @property
    def kind(self) -> str:
        """word, semaphore, circular_buffer, local_word or device_register."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> int:
        """As the core sees it."""

    @property
    def value(self) -> int:
        """Now."""

    @property
    def wanted(self) -> str:
        """
        What the value is waited for to be, such as '>= 3'; empty if the loop does not tell.
        """

    @property
    def relation(self) -> str:
        """The first part of `wanted`."""

    @property
    def target(self) -> int:
        """The number in `wanted`."""

    def __eq__(self, arg: object, /) -> bool: ...

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Signaller:
    """Cores whose kernels have code that writes what others wait for."""

    @property
    def kernel(self) -> str: ...

    @property
    def file(self) -> str:
        """Of the source; empty if it is not known."""

    @property
    def line(self) -> int: ...

    @property
    def function(self) -> str:
        """Its name, without parameters."""

    @property
    def pc(self) -> int: ...

    def __eq__(self, arg: object, /) -> bool: ...

    @property
    def cores(self) -> list[tuple[int, int, int]]: ...

    @property
    def certain(self) -> bool:
        """False if the word or buffer that it means is computed."""

    @property
    def state(self) -> str:
        """'has ended', 'waits' or 'runs'."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class CoreWait:
    """Cores that wait at one place for the same."""

    @property
    def kernel(self) -> str: ...

    @property
    def file(self) -> str:
        """Of the source; empty if it is not known."""

    @property
    def line(self) -> int: ...

    @property
    def function(self) -> str:
        """Its name, without parameters."""

    @property
    def pc(self) -> int: ...

    def __eq__(self, arg: object, /) -> bool: ...

    @property
    def core(self) -> tuple[int, int, int]:
        """The first of them."""

    @property
    def cores(self) -> list[tuple[int, int, int]]: ...

    @property
    def where(self) -> str:
        """The cores in words, a rectangle of tiles by its corners."""

    @property
    def since(self) -> int:
        """It has waited since then, the first of them."""

    @property
    def awaited(self) -> list[Awaited]:
        """
        Words and registers, any of which would do; none if nobody can bring it.
        """

    @property
    def last_writer(self) -> tuple[int, int, int] | None: ...

    @property
    def last_written(self) -> int | None:
        """The cycle, if it was since the core began to wait."""

    @property
    def could_write(self) -> list[Signaller]:
        """Who has code for it, and what became of it."""

    @property
    def period(self) -> int:
        """Not 0: it does not sleep, but repeats itself every so many cycles."""

    @property
    def place(self) -> str:
        """Where in its source."""

    @property
    def what(self) -> str:
        """All of it in words."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class CoreRunning:
    """A core whose kernel is under way and that does not wait for a word."""

    @property
    def kernel(self) -> str: ...

    @property
    def file(self) -> str:
        """Of the source; empty if it is not known."""

    @property
    def line(self) -> int: ...

    @property
    def function(self) -> str:
        """Its name, without parameters."""

    @property
    def pc(self) -> int: ...

    def __eq__(self, arg: object, /) -> bool: ...

    @property
    def core(self) -> tuple[int, int, int]: ...

    @property
    def place(self) -> str:
        """Where in its source."""

    @property
    def state(self) -> str:
        """'runs', 'is held up ...' or 'has ended ...'."""

    @property
    def instructions(self) -> int:
        """Of its kernel so far."""

    @property
    def since(self) -> int:
        """The cycle in which its kernel was launched."""

    @property
    def cycle(self) -> int:
        """How far it has come."""

    @property
    def last_printed(self) -> str:
        """The last line that it printed."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Event:
    """A point in a queue."""

    @property
    def cycle(self) -> int | None: ...

class Queue:
    """Work in order."""

    def write(self, buffer: Buffer, data: object) -> None: ...

    def read_into(self, buffer: Buffer, data: object) -> None: ...

    def copy(self, destination: Buffer, source: Buffer, nbytes: int, destination_offset: int, source_offset: int) -> None: ...

    def run(self, launches: Sequence[tuple[Kernel, Sequence[tuple[int, int, int]], Sequence[int | int | float | Buffer | Semaphore], Sequence[tuple[int, Sequence[int]]]]]) -> None: ...

    def record(self) -> Event: ...

    def wait(self, event: Event) -> None: ...

    def finish(self, cycle_limit: int | None) -> Run: ...

    @property
    def empty(self) -> bool: ...

class PathStep:
    """A task on the critical path."""

    @property
    def task(self) -> int: ...

    @property
    def iteration(self) -> int: ...

    @property
    def round(self) -> int:
        """The old name of iteration."""

    @property
    def after(self) -> str: ...

    @property
    def released(self) -> int: ...

    @property
    def worker_wait(self) -> int: ...

    @property
    def scheduling(self) -> int: ...

    @property
    def executing(self) -> int: ...

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class GraphAnalysis:
    """What a run tells about a graph."""

    def __repr__(self) -> str: ...

    @property
    def critical_path(self) -> list[PathStep]: ...

    @property
    def path_executing(self) -> int: ...

    @property
    def path_scheduling(self) -> int: ...

    @property
    def path_worker_wait(self) -> int: ...

    @property
    def longest_chain(self) -> int: ...

    @property
    def executing(self) -> int: ...

    @property
    def scheduling(self) -> int: ...

    @property
    def slack(self) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

    @property
    def worker_tasks(self) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

    @property
    def worker_busy(self) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

kind_of_function: int = 255

max_task_cores: int = 64

max_task_priority: int = 7

def core_kinds() -> list[str]:
    """Names of what cores are for; their places are the numbers."""

class Graph:
    """A graph of tasks, as data."""

    def __init__(self, infer: bool) -> None: ...

    def add(self, function: int, arguments: Sequence[int], kind: int) -> int: ...

    def add_tasks(self, functions: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)], arguments: Annotated[NDArray[numpy.uint64], dict(shape=(None,), order='C', device='cpu', writable=False)], kinds: Annotated[NDArray[numpy.uint8], dict(shape=(None,), order='C', device='cpu', writable=False)], pointers: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> int: ...

    def mark_pointer(self, task: int, index: int) -> None: ...

    def set_cores(self, task: int, cores: int) -> None: ...

    def cores(self, task: int) -> int: ...

    def set_priority(self, task: int, priority: int) -> None: ...

    def set_priorities(self, first: int, priorities: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None:
        """Of a task and those that follow it."""

    def priority(self, task: int) -> int: ...

    def reserve(self, tasks: int, edges: int, arguments: int) -> None: ...

    def set_name(self, task: int, name: str) -> None: ...

    def add_edge(self, before: int, after: int) -> None: ...

    def add_edges(self, before: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)], after: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    def reads(self, task: int, begin: int, end: int) -> None: ...

    def writes(self, task: int, begin: int, end: int) -> None: ...

    def add_accesses(self, tasks: Annotated[NDArray[numpy.uint32], dict(shape=(None,), order='C', device='cpu', writable=False)], begins: Annotated[NDArray[numpy.uint64], dict(shape=(None,), order='C', device='cpu', writable=False)], ends: Annotated[NDArray[numpy.uint64], dict(shape=(None,), order='C', device='cpu', writable=False)], writes: Annotated[NDArray[numpy.bool_], dict(shape=(None,), order='C', device='cpu', writable=False)]) -> None: ...

    def bind_argument(self, task: int, index: int, value: int) -> None: ...

    def reads_from(self, task: int, value: int, begin: int, end: int) -> None: ...

    def writes_to(self, task: int, value: int, begin: int, end: int) -> None: ...

    def append(self, part: Graph, values: Sequence[int]) -> int: ...

    def repeat(self, first: int, last: int, times: int) -> None: ...

    def repeat_while(self, first: int, last: int, word: int) -> None: ...

    def skip_unless(self, before: int, after: int, word: int) -> None: ...

    @property
    def has_control_edges(self) -> bool: ...

    @property
    def value_count(self) -> int: ...

    def __len__(self) -> int: ...

    def name(self, task: int) -> str: ...

    def functions(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,))]: ...

    def kinds(self) -> Annotated[NDArray[numpy.uint8], dict(shape=(None,))]: ...

    def arguments(self, task: int) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

    def edges(self) -> tuple[Annotated[NDArray[numpy.uint32], dict(shape=(None,))], Annotated[NDArray[numpy.uint32], dict(shape=(None,))]]:
        """Said and inferred, each once, by their first task."""

    def check_order(self) -> None: ...

    def check_control_flow(self) -> None: ...

    def check_races(self) -> None: ...

    def find_race(self) -> tuple[int, int, int, int] | None: ...

    def analyse(self, times: object, workers: int, start: int, shares: object) -> GraphAnalysis: ...

    def timeline(self, file: str | os.PathLike, times: object, workers: Sequence[str], analysis: GraphAnalysis, shares: object) -> None: ...

    def graphviz(self, analysis: GraphAnalysis | None) -> str: ...

class UnrolledGraph:
    """A graph with a task for each execution."""

    @property
    def graph(self) -> Graph: ...

    @property
    def skipped(self) -> list[int]: ...

def unroll(graph: Graph, executions: object) -> UnrolledGraph:
    """`executions` are the bytes of GraphRun.executions."""

def original_path(analysis: GraphAnalysis, executions: object) -> list[PathStep]: ...

def graphviz_unrolled(graph: Graph, unrolled: UnrolledGraph, analysis: GraphAnalysis) -> str: ...

class Handshake:
    """The mailbox of a worker at the end of a run."""

    @property
    def core(self) -> tuple[int, int, int]: ...

    @property
    def ready(self) -> bool: ...

    @property
    def task(self) -> int | None: ...

    @property
    def busy(self) -> bool: ...

    @property
    def done(self) -> int: ...

    @property
    def quit(self) -> bool: ...

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class ObservedRace:
    """Two executions that race."""

    @property
    def first(self) -> int: ...

    @property
    def second(self) -> int: ...

    @property
    def begin(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def first_writes(self) -> bool: ...

    @property
    def second_writes(self) -> bool: ...

    def __repr__(self) -> str: ...

class UndeclaredAccess:
    """What a task has not declared."""

    @property
    def execution(self) -> int: ...

    @property
    def begin(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def writes(self) -> bool: ...

    def __repr__(self) -> str: ...

class GraphRun:
    """What a run of a graph did."""

    @property
    def run(self) -> Run: ...

    @property
    def start(self) -> int: ...

    @property
    def handshakes(self) -> list[Handshake]: ...

    @property
    def workers(self) -> list[tuple[int, int, int]]: ...

    @property
    def schedulers(self) -> list[tuple[int, int, int]]: ...

    @property
    def times(self) -> bytes:
        """TaskTimes of each task, as they lie in memory."""

    @property
    def parents(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,))]:
        """Of the tasks that were added, which task added each."""

    def with_added_tasks(self, graph: Graph) -> Graph:
        """The graph with the tasks that were added."""

    @property
    def shares(self) -> bytes:
        """TaskShares of tasks on several cores, as they lie in memory."""

    @property
    def executions(self) -> bytes:
        """TaskExecutions by start, as they lie in memory, if they were noted."""

    @property
    def execution_shares(self) -> bytes:
        """TaskShares of executions on several cores, likewise."""

    @property
    def races(self) -> list[ObservedRace]: ...

    @property
    def undeclared(self) -> list[UndeclaredAccess]: ...

class PreparedGraph:
    """A graph in the memory of a device."""

    def __init__(self, device: Device, graph: Graph, workers: Sequence[tuple[int, int, int]], schedulers: int, tasks_ahead: int, kernels: Sequence[Kernel], programs: Sequence[TileProgram], scheduler: Kernel | None, worker_program: Kernel | None, observe_accesses: bool) -> None: ...

    def run(self, cycle_limit: int | None, progress: object | None, check_races: bool) -> GraphRun: ...

    def enqueue(self, queue: Queue) -> None: ...

    def result(self, run: Run) -> GraphRun: ...

    def describe_observed(self, run: GraphRun) -> tuple[list[str], list[str]]: ...

    def close(self) -> None: ...

    @property
    def closed(self) -> bool: ...

def task_functions(worker_program: Kernel) -> list[tuple[str, int]]:
    """Name and kind of each function of a worker program."""

def builtin_scheduler() -> Kernel: ...

def builtin_worker_program() -> Kernel: ...

def encode_arguments(kernel: Kernel, arguments: Sequence[int | int | float | Buffer | Semaphore]) -> list[int]:
    """The 32-bit words that a kernel finds in its argument area."""

first_kernel_function: int = 32768

class TileProgram:
    """Kernels on the cores of one tile, as a task."""

    def __init__(self, name: str, kernels: Sequence[tuple[Kernel, int, bool]], setup: Sequence[tuple[int, Sequence[int]]]) -> None: ...

    @property
    def name(self) -> str: ...

def program_arguments(arguments: Sequence[tuple[int, Sequence[int]]]) -> list[int]:
    """The arguments of a task from the launch arguments of each processor."""

first_program_function: int = 49152

class Lease:
    """A range of L1 that somebody has taken."""

    def release(self) -> None: ...

    @property
    def valid(self) -> bool: ...

    @property
    def holder(self) -> str: ...

    @property
    def resource(self) -> str: ...

    def __repr__(self) -> str: ...

class Holding:
    """What of a chip somebody has, and who."""

    @property
    def holder(self) -> str: ...

    @property
    def resource(self) -> str: ...

    def __repr__(self) -> str: ...

class Device:
    """A chip, open."""

    def __init__(self, config: ChipConfig, translate: str | None = None, threads: int | None = None) -> None: ...

    def close(self) -> None: ...

    @property
    def is_open(self) -> bool: ...

    @property
    def config(self) -> ChipConfig: ...

    @property
    def threads(self) -> int: ...

    @property
    def cycle(self) -> int: ...

    @property
    def busy(self) -> bool: ...

    @property
    def waiting(self) -> list[CoreWait]: ...

    @property
    def running(self) -> list[CoreRunning]: ...

    def allocate(self, bytes: int, placement: Placement) -> Buffer: ...

    def pin(self, memory: object) -> Buffer: ...

    def buffers(self) -> list[Buffer]: ...

    def semaphore(self, initial: int) -> Semaphore: ...

    def doorbell(self, initial: int) -> Semaphore: ...

    def ring(self, bell: Semaphore, x: int, y: int, increment: int) -> None: ...

    def lease_l1(self, x: int, y: int, address: int, bytes: int, holder: str) -> Lease: ...

    def find_l1(self, x: int, y: int, bytes: int, from_address: int) -> int | None:
        """
        The lowest address from there on at which so many bytes of a tile's L1 are free.
        """

    def leases(self) -> list[Holding]: ...

    def release(self, holding: Holding) -> None: ...

    def queue(self) -> Queue: ...

    def queues(self) -> list[Queue]: ...

    def launch(self, launches: Sequence[tuple[Kernel, Sequence[tuple[int, int, int]], Sequence[int | int | float | Buffer | Semaphore], Sequence[tuple[int, Sequence[int]]]]]) -> None: ...

    def finish(self, cycle_limit: int | None) -> Run: ...

    def run(self, launches: Sequence[tuple[Kernel, Sequence[tuple[int, int, int]], Sequence[int | int | float | Buffer | Semaphore], Sequence[tuple[int, Sequence[int]]]]], cycle_limit: int | None) -> Run: ...

    def advance_to(self, cycle: int) -> bool: ...

    def run_until_idle(self, cycle_limit: int | None) -> bool: ...

    def abort(self) -> None: ...

    def read_l1(self, x: int, y: int, address: int, count: int) -> bytes: ...

    def write_l1(self, x: int, y: int, address: int, data: object) -> None: ...

    def snapshot(self) -> bytes: ...

    def restore(self, data: object) -> None: ...

    def set_checks(self, stack: bool, unwritten_reads: bool, unflushed_writes: bool, missing_barriers: bool, circular_buffers: bool, races: bool, buffers: bool) -> None: ...

    def take_translation_failure(self) -> str | None: ...

    def set_translation_compiler(self, compiler: str | os.PathLike) -> None: ...

    def counters(self) -> dict[str, int]: ...

    def start_trace(self, file: str, functions: bool, shortest_function: int) -> None: ...

    def finish_trace(self) -> None: ...

    def dma(self, engine: int, source: int, destination: int, bytes: int, rows: int, source_stride: int, destination_stride: int, wait: tuple[int, int] | None, done: tuple[int, int] | None, on_done: object | None) -> None: ...

    def move_block(self, engine: int, source: int, destination: int, height: int, width: int, element_bytes: int, transform: str, reshaped_width: int, source_stride: int, destination_stride: int, wait: tuple[int, int] | None, done: tuple[int, int] | None, on_done: object | None) -> None: ...

    def stream(self, engine: int, l2: int, l1: int, height: int, width: int, element_bytes: int, order: str, direction: str, l2_stride: int, wait: tuple[int, int] | None, done: tuple[int, int] | None, on_done: object | None) -> None: ...

    def idle(self, kind: str, index: int) -> bool: ...

    def multiply(self, engine: int, a: int, b: int, result: int, m: int, n: int, k: int, type: str, out: str, dataflow: str, activation: str, accumulate: bool, bias: int | None, strides: tuple[int, int, int], wait: tuple[int, int] | None, done: tuple[int, int] | None, on_done: object | None) -> None: ...

    def wait(self, kind: str, index: int, cycle_limit: int | None) -> None: ...

    def flag(self, initial: int, host: bool) -> int: ...

    def flag_value(self, number: int) -> int: ...

    def set_flag(self, number: int, value: int) -> None: ...

    def add_to_flag(self, number: int, increment: int) -> None: ...

    def write_global(self, address: int, data: object) -> None: ...

    def read_global_into(self, address: int, target: object) -> None: ...

    def window(self, kind: str) -> tuple[int, int, int]:
        """Base, number and size of the memories of a kind."""

    def memory_address(self, kind: str, index: int, offset: int) -> int: ...

    def resolve(self, address: int, bytes: int) -> tuple[str, int, int]: ...

    def start_watch(self, x: int, y: int, dst: int, row: int, column: int, full: bool) -> None:
        """Follow a number of Dst of a tile's compute engine."""

    def finish_watch(self) -> tuple:
        """
        What happened to it, a dict for each step, and whether that is all of it.
        """

    def start_profile(self) -> None: ...

    def finish_profile(self) -> list[ProgramProfile]: ...

def profile_reasons() -> list[str]:
    """Why instructions take more than a cycle."""

class ProgramProfile:
    """A program on one core: arrays by instruction."""

    @property
    def core(self) -> tuple[int, int, int]: ...

    @property
    def name(self) -> str: ...

    @property
    def program(self) -> int:
        """The same number for the same program."""

    @property
    def addresses(self) -> Annotated[NDArray[numpy.uint32], dict(shape=(None,))]: ...

    @property
    def executed(self) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

    @property
    def cycles(self) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]: ...

    def lost(self, reason: int) -> Annotated[NDArray[numpy.uint64], dict(shape=(None,))]:
        """Cycles, by the number of the reason."""

    @property
    def waits(self) -> list[tuple[int, str, int, int, int]]:
        """(address, what, times, cycles, instructions) of each."""

    def locate(self, addresses: Sequence[int]) -> list[tuple[str, int, str]]:
        """(file, line, function) of each; what is known."""

def snapshot_changes(base: object, later: object) -> bytes:
    """What changed from one snapshot to a later one."""

def apply_changes(base: object, changes: object) -> bytes:
    """The later snapshot, from the earlier one and the changes."""

class MatmulOptions:
    """How a matmul is to be done."""

    def __init__(self, type: str, out: str | None, dataflow: str | None, activation: str, has_bias: bool, tiles: tuple[int, int, int, int, int] | None, arrays: int, fidelity_phases: int) -> None: ...

    @property
    def type(self) -> str: ...

class MatmulPlan:
    """How a matmul is cut, moved and spread."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """m, n and k."""

    @property
    def dataflow(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def out(self) -> str: ...

    @property
    def tiles(self) -> tuple[int, int, int, int, int]:
        """Block m, n and k, panel m and n."""

    @property
    def arrays(self) -> int:
        """Arrays, or compute engines, that take part."""

    @property
    def path(self) -> list[str]:
        """The memories between DRAM and the arrays."""

    @property
    def compute_cycles(self) -> int:
        """Closed forms of all passes of the array that has most."""

    @property
    def estimated_cycles(self) -> int:
        """With moving."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class MatmulReport:
    """What a matmul or a convolution did."""

    @property
    def plan(self) -> MatmulPlan: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def cycles(self) -> int: ...

    @property
    def compute_cycles(self) -> int:
        """Passes of the array that had most."""

    @property
    def vector_cycles(self) -> int:
        """Bias and activation, likewise."""

    @property
    def memory_cycles(self) -> int:
        """The busiest engine that moves data was at work."""

    @property
    def stall_cycles(self) -> int:
        """The busiest array had nothing to do: cycles - compute_cycles."""

    @property
    def passes(self) -> int: ...

    @property
    def macs(self) -> int: ...

    @property
    def dram_bytes_read(self) -> int: ...

    @property
    def dram_bytes_written(self) -> int: ...

    @property
    def l3_bytes(self) -> int:
        """Read and written; likewise below."""

    @property
    def l2_bytes(self) -> int: ...

    @property
    def l1_bytes(self) -> int: ...

    @property
    def scratchpad_bytes(self) -> int: ...

    @property
    def compulsory_bytes(self) -> int:
        """Of operands and result, once each."""

    @property
    def utilisation(self) -> float:
        """
        Multiply-accumulates by those that all arrays of the chip could have done.
        """

    @property
    def array_utilisation(self) -> float:
        """Multiply-accumulates by those that the arrays in use could have done."""

    @property
    def arithmetic_intensity(self) -> float:
        """Operations (two a multiply-accumulate) a byte of DRAM."""

    @property
    def energy_pj(self) -> float:
        """Picojoules, by the table in docs/timing-model.md."""

    @property
    def mac_energy_pj(self) -> float: ...

    @property
    def on_chip_energy_pj(self) -> float: ...

    @property
    def dram_energy_pj(self) -> float: ...

    @property
    def host_seconds(self) -> float:
        """What simulating it took."""

    def __repr__(self) -> str: ...

    def __getstate__(self) -> bytes: ...

    def __setstate__(self, state: bytes) -> None: ...

class Convolution:
    """The shape of a convolution."""

    def __init__(self, images: tuple[int, int, int, int], kernel: tuple[int, int], filters: int, stride: tuple[int, int], padding: tuple[int, int, int, int], im2col: bool) -> None: ...

def plan_matmul(config: ChipConfig, shape: tuple[int, int, int], options: MatmulOptions) -> MatmulPlan: ...

def array_cycles(rows: int, columns: int, shape: tuple[int, int, int], dataflow: str) -> int:
    """Closed-form cycles of a matmul on one array with operands at hand."""

def matmul(device: Device, a: Buffer, b: Buffer, c: Buffer, shape: tuple[int, int, int], options: MatmulOptions, bias: Buffer | None, cycle_limit: int | None) -> MatmulReport: ...

def conv2d(device: Device, images: Buffer, filters: Buffer, output: Buffer, shape: Convolution, options: MatmulOptions, bias: Buffer | None, cycle_limit: int | None) -> MatmulReport: ...

class SimulatorConfig:
    """
    What a KPU is made of; docs/stillwater.md has the fields, their units and defaults.
    """

    def __init__(self, **fields: Any) -> None: ...

    @property
    def host_memory_region_count(self) -> int: ...

    @host_memory_region_count.setter
    def host_memory_region_count(self, arg: int | None, /) -> None: ...

    @property
    def host_memory_region_capacity_mb(self) -> int: ...

    @host_memory_region_capacity_mb.setter
    def host_memory_region_capacity_mb(self, arg: int | None, /) -> None: ...

    @property
    def host_memory_bandwidth_gbps(self) -> float: ...

    @host_memory_bandwidth_gbps.setter
    def host_memory_bandwidth_gbps(self, arg: float | None, /) -> None: ...

    @property
    def memory_bank_count(self) -> int: ...

    @memory_bank_count.setter
    def memory_bank_count(self, arg: int | None, /) -> None: ...

    @property
    def memory_bank_capacity_mb(self) -> int: ...

    @memory_bank_capacity_mb.setter
    def memory_bank_capacity_mb(self, arg: int | None, /) -> None: ...

    @property
    def memory_bandwidth_gbps(self) -> float: ...

    @memory_bandwidth_gbps.setter
    def memory_bandwidth_gbps(self, arg: float | None, /) -> None: ...

    @property
    def l3_tile_count(self) -> int: ...

    @l3_tile_count.setter
    def l3_tile_count(self, arg: int | None, /) -> None: ...

    @property
    def l3_tile_capacity_kb(self) -> int: ...

    @l3_tile_capacity_kb.setter
    def l3_tile_capacity_kb(self, arg: int | None, /) -> None: ...

    @property
    def l2_bank_count(self) -> int: ...

    @l2_bank_count.setter
    def l2_bank_count(self, arg: int | None, /) -> None: ...

    @property
    def l2_bank_capacity_kb(self) -> int: ...

    @l2_bank_capacity_kb.setter
    def l2_bank_capacity_kb(self, arg: int | None, /) -> None: ...

    @property
    def l1_buffer_count(self) -> int: ...

    @l1_buffer_count.setter
    def l1_buffer_count(self, arg: int | None, /) -> None: ...

    @property
    def l1_buffer_capacity_kb(self) -> int: ...

    @l1_buffer_capacity_kb.setter
    def l1_buffer_capacity_kb(self, arg: int | None, /) -> None: ...

    @property
    def scratchpad_count(self) -> int: ...

    @scratchpad_count.setter
    def scratchpad_count(self, arg: int | None, /) -> None: ...

    @property
    def scratchpad_capacity_kb(self) -> int: ...

    @scratchpad_capacity_kb.setter
    def scratchpad_capacity_kb(self, arg: int | None, /) -> None: ...

    @property
    def page_buffer_count(self) -> int: ...

    @page_buffer_count.setter
    def page_buffer_count(self, arg: int | None, /) -> None: ...

    @property
    def page_buffer_capacity_kb(self) -> int: ...

    @page_buffer_capacity_kb.setter
    def page_buffer_capacity_kb(self, arg: int | None, /) -> None: ...

    @property
    def compute_tile_count(self) -> int: ...

    @compute_tile_count.setter
    def compute_tile_count(self, arg: int | None, /) -> None: ...

    @property
    def dma_engine_count(self) -> int: ...

    @dma_engine_count.setter
    def dma_engine_count(self, arg: int | None, /) -> None: ...

    @property
    def block_mover_count(self) -> int: ...

    @block_mover_count.setter
    def block_mover_count(self, arg: int | None, /) -> None: ...

    @property
    def streamer_count(self) -> int: ...

    @streamer_count.setter
    def streamer_count(self, arg: int | None, /) -> None: ...

    @property
    def processor_array_rows(self) -> int: ...

    @processor_array_rows.setter
    def processor_array_rows(self, arg: int | None, /) -> None: ...

    @property
    def processor_array_cols(self) -> int: ...

    @processor_array_cols.setter
    def processor_array_cols(self, arg: int | None, /) -> None: ...

    @property
    def use_systolic_array_mode(self) -> bool: ...

    @use_systolic_array_mode.setter
    def use_systolic_array_mode(self, arg: bool | None, /) -> None: ...

    @property
    def host_memory_base(self) -> int | None: ...

    @host_memory_base.setter
    def host_memory_base(self, arg: int | None | None, /) -> None: ...

    @property
    def external_memory_base(self) -> int | None: ...

    @external_memory_base.setter
    def external_memory_base(self, arg: int | None | None, /) -> None: ...

    @property
    def l3_tile_base(self) -> int | None: ...

    @l3_tile_base.setter
    def l3_tile_base(self, arg: int | None | None, /) -> None: ...

    @property
    def l2_bank_base(self) -> int | None: ...

    @l2_bank_base.setter
    def l2_bank_base(self, arg: int | None | None, /) -> None: ...

    @property
    def l1_buffer_base(self) -> int | None: ...

    @l1_buffer_base.setter
    def l1_buffer_base(self, arg: int | None | None, /) -> None: ...

    @property
    def scratchpad_base(self) -> int | None: ...

    @scratchpad_base.setter
    def scratchpad_base(self, arg: int | None | None, /) -> None: ...

    @property
    def dma_setup_cycles(self) -> int: ...

    @dma_setup_cycles.setter
    def dma_setup_cycles(self, arg: int | None, /) -> None: ...

    @property
    def dram_latency_cycles(self) -> int: ...

    @dram_latency_cycles.setter
    def dram_latency_cycles(self, arg: int | None, /) -> None: ...

    @property
    def host_memory_latency_cycles(self) -> int: ...

    @host_memory_latency_cycles.setter
    def host_memory_latency_cycles(self, arg: int | None, /) -> None: ...

    @property
    def dma_engine_width_bytes(self) -> int: ...

    @dma_engine_width_bytes.setter
    def dma_engine_width_bytes(self, arg: int | None, /) -> None: ...

    @property
    def clock_mhz(self) -> float: ...

    @clock_mhz.setter
    def clock_mhz(self, arg: float | None, /) -> None: ...

    def fields(self) -> dict[str, object]:
        """All fields by name."""

    def chip_config(self) -> ChipConfig:
        """The chip that it describes. ConfigError names a field that cannot be."""

    def __eq__(self, other: object, /) -> bool: ...

    def __repr__(self) -> str: ...

    def __copy__(self) -> SimulatorConfig: ...

    def __deepcopy__(self, memo: object) -> SimulatorConfig: ...

    def __getstate__(self) -> dict[str, object]: ...

    def __setstate__(self, state: dict) -> None: ...

class KPUSimulator:
    """
    Memories, engines and arrays of an open chip by address; use stillwater_kpu instead.
    """

    def __init__(self, device: Device, alone: bool) -> None: ...

    def read_host_memory(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_host_memory(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_host_memory_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_host_memory_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_host_memory_count(self) -> int:
        """How many there are."""

    def get_host_memory_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_host_memory_base(self, id: int) -> int:
        """Its global address."""

    def is_host_memory_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def get_host_memory_region_count(self) -> int:
        """How many there are."""

    def get_host_memory_region_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_host_memory_region_base(self, id: int) -> int:
        """Its global address."""

    def read_memory_bank(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_memory_bank(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_memory_bank_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_memory_bank_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_memory_bank_count(self) -> int:
        """How many there are."""

    def get_memory_bank_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_memory_bank_base(self, id: int) -> int:
        """Its global address."""

    def is_memory_bank_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def get_external_bank_base(self, id: int) -> int:
        """Its global address."""

    def read_l3_tile(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_l3_tile(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_l3_tile_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_l3_tile_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_l3_tile_count(self) -> int:
        """How many there are."""

    def get_l3_tile_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_l3_tile_base(self, id: int) -> int:
        """Its global address."""

    def is_l3_tile_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def read_l2_bank(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_l2_bank(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_l2_bank_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_l2_bank_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_l2_bank_count(self) -> int:
        """How many there are."""

    def get_l2_bank_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_l2_bank_base(self, id: int) -> int:
        """Its global address."""

    def is_l2_bank_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def read_l1_buffer(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_l1_buffer(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_l1_buffer_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_l1_buffer_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_l1_buffer_count(self) -> int:
        """How many there are."""

    def get_l1_buffer_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_l1_buffer_base(self, id: int) -> int:
        """Its global address."""

    def is_l1_buffer_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def read_scratchpad(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_scratchpad(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_scratchpad_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_scratchpad_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_scratchpad_count(self) -> int:
        """How many there are."""

    def get_scratchpad_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_scratchpad_base(self, id: int) -> int:
        """Its global address."""

    def is_scratchpad_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def read_page_buffer(self, id: int, addr: int, count: int) -> list[float]:
        """`count` float32 from the offset `addr` in bytes."""

    def write_page_buffer(self, id: int, addr: int, data: numpy.typing.ArrayLike) -> None:
        """Numbers, as float32, to the offset `addr` in bytes."""

    def read_page_buffer_numpy(self, id: int, addr: int, count: int, dtype: numpy.typing.DTypeLike = 'float32') -> numpy.typing.NDArray[Any]:
        """
        `count` elements from the offset `addr` in bytes, as an array of its own.
        """

    def write_page_buffer_numpy(self, id: int, addr: int, array: numpy.typing.ArrayLike) -> None:
        """
        The elements of an array in C order, in its own dtype, to the offset `addr` in bytes.
        """

    def get_page_buffer_count(self) -> int:
        """How many there are."""

    def get_page_buffer_capacity(self, id: int) -> int:
        """Its size in bytes."""

    def get_page_buffer_base(self, id: int) -> int:
        """Its global address."""

    def is_page_buffer_ready(self, id: int) -> bool:
        """It is there and can be used."""

    def get_dma_engine_count(self) -> int: ...

    def get_block_mover_count(self) -> int: ...

    def get_streamer_count(self) -> int: ...

    def get_compute_tile_count(self) -> int: ...

    def get_systolic_array_rows(self) -> int: ...

    def get_systolic_array_cols(self) -> int: ...

    def is_using_systolic_arrays(self) -> bool:
        """False if a compute tile is a single multiply-accumulate unit."""

    def start_dma_transfer(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between any two global addresses."""

    def dma_host_to_host(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_host_to_external(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_host_to_l3(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_host_to_scratchpad(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_external_to_host(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_external_to_external(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_external_to_l3(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_external_to_scratchpad(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_l3_to_host(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_l3_to_external(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_l3_to_l3(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_l3_to_scratchpad(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_scratchpad_to_host(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_scratchpad_to_external(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_scratchpad_to_l3(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def dma_scratchpad_to_scratchpad(self, dma_id: int, src_addr: Any, dst_addr: Any, size: int, callback: Callable[[], object] | None = None) -> None:
        """Queue a transfer of `size` bytes between global addresses."""

    def start_block_transfer(self, mover_id: int, src_l3: int, src_offset: int, dst_l2: int, dst_offset: int, height: int, width: int, element_size: int, transform: str = 'identity', callback: Callable[[], object] | None = None) -> None:
        """
        Queue the move of a matrix: identity, transpose, reshape (to width x height) or shuffle.
        """

    def start_row_stream(self, streamer_id: int, l2_bank: int, l2_offset: int, l1_buffer: int, l1_offset: int, height: int, width: int, element_size: int, direction: str = 'l2_to_l1', callback: Callable[[], object] | None = None) -> None:
        """Queue the stream of a matrix, l2_to_l1 or l1_to_l2."""

    def start_column_stream(self, streamer_id: int, l2_bank: int, l2_offset: int, l1_buffer: int, l1_offset: int, height: int, width: int, element_size: int, direction: str = 'l2_to_l1', callback: Callable[[], object] | None = None) -> None:
        """Queue the stream of a matrix, l2_to_l1 or l1_to_l2."""

    def is_dma_busy(self, id: int) -> bool: ...

    def is_block_mover_busy(self, id: int) -> bool: ...

    def is_compute_busy(self, id: int) -> bool: ...

    def is_streamer_busy(self, id: int) -> bool: ...

    def start_matmul(self, tile_id: int, scratchpad_id: int, m: int, n: int, k: int, a_addr: int, b_addr: int, c_addr: int, callback: Callable[[], object] | None = None) -> None:
        """
        Queue C (m x n) = A (m x k) B (k x n) in float32, at offsets in bytes in one scratchpad.
        """

    def multiply(self, a: object, b: object, c: object, m: int, n: int, k: int, type: str) -> None:
        """
        C = A B over the whole hierarchy; contiguous arrays of float32, float16 (C in float32) or int8 (C in int32).
        """

    def self_test(self) -> list[str]:
        """
        Test every unit by what it does to data; one line for each that failed.
        """

    def inject_fault(self, unit: str, index: int = 0, offset: int = 0, bit: int = 0) -> None:
        """
        Give a unit a defect: a memory a bit that is stuck at 1, an engine one wrong bit in every result.
        """

    def clear_faults(self) -> None:
        """Mend all defects."""

    def step(self) -> None:
        """Let one cycle pass."""

    def run_until_idle(self) -> None:
        """
        Let time pass until no engine has a command; callbacks are called on the way.
        """

    def reset(self) -> None:
        """
        Begin anew: nothing queued, cycle 0, and memories all zero. On a device that others share only the counting begins anew.
        """

    def get_current_cycle(self) -> int: ...

    def get_elapsed_time_ms(self) -> float:
        """Simulated: cycles at the clock."""

    def get_host_time_ms(self) -> float:
        """What simulating them took."""

    def statistics(self) -> dict[str, Any]: ...

    def stats(self) -> str:
        """The statistics as a text."""

    def component_status(self) -> str:
        """Memories and engines with their addresses and sizes, as a text."""
