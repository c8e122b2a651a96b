"""What graphs cost the host: nanoseconds and bytes for each task and edge to build one, by number
of tasks, one by one and from arrays; and microseconds to run a few empty tasks, anew and prepared.

Usage: graph_build.py [TASKS]     (default 1,000,000)
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

import tilewright as tw
from tilewright import _core

ARGUMENTS = 4
EDGES = 2  # for each task
Array = npt.NDArray[Any]


def best(action: Callable[[], object], rounds: int = 5) -> float:
    """Seconds of the quickest of several rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def arrays(tasks: int) -> tuple[Array, Array, Array]:
    """Words of arguments, and a random graph: befores and afters."""
    random = np.random.default_rng(0)
    words = np.arange(tasks * ARGUMENTS, dtype=np.uint64).reshape(tasks, ARGUMENTS)
    after = np.repeat(np.arange(1, tasks, dtype=np.uint32), EDGES)
    before = (random.random(len(after)) * after).astype(np.uint32)
    return words, before, after


def compile_cpp(folder: str) -> Path:
    """graph_build.cpp, compiled against the library that this Python uses."""
    here = Path(__file__)
    prefix = Path(_core.device_directory()).parents[1]
    program = Path(folder, "graph_build")
    includes = [f"-I{path}" for path in (prefix / "include", here.parents[1] / "include")]
    library = [f"-L{prefix / 'lib'}", "-ltilewright", f"-Wl,-rpath,{prefix / 'lib'}"]
    source = here.with_suffix(".cpp")
    subprocess.run(
        ["c++", "-std=c++20", "-O2", *includes, str(source), "-o", str(program), *library],
        check=True,
    )
    return program


def report(what: str, seconds: float, count: int, unit: str) -> None:
    print(f"{what:44} {seconds / count * 1e9:8.1f} ns {unit}")


def measure(tasks: int, program: Path) -> None:
    words, before, after = arrays(tasks)
    print(f"{tasks} tasks of {ARGUMENTS} arguments, {len(after)} edges")
    done = subprocess.run([program, str(tasks)], capture_output=True, text=True, check=True)
    for_task, for_edge, for_check, size = map(float, done.stdout.split())
    report("  C++: add", for_task * 1e-9, 1, "a task")
    report("  C++: add_edge", for_edge * 1e-9, 1, "an edge")
    report("  C++: successor lists and checks", for_check * 1e-9, 1, "an edge")
    print(f"{'  C++: memory':44} {size:8.1f} bytes a task")

    def add_tasks() -> tw.Graph:
        graph = tw.Graph()
        graph.add_tasks(0, words)
        return graph

    def add_edges() -> tw.Graph:
        graph = add_tasks()
        graph.add_edges(before, after)
        return graph

    def check() -> None:
        add_edges().check()

    tasks_alone = best(add_tasks)
    with_edges = best(add_edges)
    report("  Python, arrays: add_tasks", tasks_alone, tasks, "a task")
    report("  Python, arrays: add_edges", with_edges - tasks_alone, len(after), "an edge")
    report("  successor lists and checks", best(check) - with_edges, len(after), "an edge")

    ranges = words[:, 0] * 64

    def accesses() -> None:
        graph = add_tasks()
        numbers = np.arange(tasks)
        graph.add_accesses(numbers, ranges, ranges + 64, True)
        graph.add_accesses(after, ranges[before], ranges[before] + 64, False)
        graph.check()

    report("  order from 3 accesses a task, and checks", best(accesses, 2), tasks, "a task")

    few = min(tasks, 100_000)

    def one_by_one() -> None:
        graph = tw.Graph()
        for row in words[:few].tolist():
            graph.add(0, row)

    report("  Python, one by one: add", best(one_by_one), few, "a task")


def measure_runs() -> None:
    print("runs of empty tasks on `ascend`, medians of 101")
    with tw.open("ascend") as device:
        for tasks in (1, 4, 16, 64):
            graph = tw.Graph(device)
            graph.add_tasks(0, np.zeros((tasks, ARGUMENTS), np.uint64))
            with graph.prepare() as prepared:
                again = median_seconds(prepared.run) * 1e6
            anew = median_seconds(graph.run) * 1e6
            print(f"  {tasks:3} tasks: {anew:8.1f} us, prepared {again:8.1f} us")


def median_seconds(action: Callable[[], object]) -> float:
    times = []
    for _ in range(101):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    measure_runs()
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        program = compile_cpp(folder)
        for tasks in (10_000, 100_000, largest):
            measure(tasks, program)


if __name__ == "__main__":
    main()
