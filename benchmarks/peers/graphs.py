"""Ten thousand tasks that do nothing, beside runtimes for tasks of the host. They take a host's
time for what is simulated here: schedulers and workers of a chip, instruction by instruction."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.peers.contest import Contest, Seconds, printed_seconds

import tilewright as tw

HERE = Path(__file__).parent
TASKS = 10_000
BACK = 200  # how far back a task may wait


def _random_graph(device: tw.Device) -> tw.Graph:
    rng = np.random.default_rng(1)
    graph = tw.Graph(device)
    graph.add_tasks(0, np.zeros((TASKS, 4), np.uint64))  # `add`, with nothing to add
    after = np.repeat(np.arange(1, TASKS, dtype=np.uint32), rng.integers(1, 4, TASKS - 1))
    back = (rng.random(len(after)) * np.minimum(after, BACK)).astype(np.uint32)
    graph.add_edges(after - 1 - back, after)
    return graph


def _seconds() -> float:
    with tw.open("ascend") as device:
        start = time.process_time()
        _random_graph(device).run(schedulers=1)
        return time.process_time() - start


def _compiled(command: list[object], program: Path) -> Seconds | str:
    done = subprocess.run(
        [str(c) for c in [*command, "-o", program]], capture_output=True, text=True
    )
    if done.returncode != 0:
        return f"does not compile: {(done.stderr.splitlines() or ['?'])[0]}"
    return partial(printed_seconds, [program, TASKS])


def _starpu(folder: Path) -> Seconds | str:
    if shutil.which("pkg-config") is None:
        return "not installed (no pkg-config)"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "starpu-1.3"], capture_output=True, text=True
    )
    if flags.returncode != 0:
        return "not installed (libstarpu-dev)"
    compiler = os.environ.get("CC", "cc")
    source = HERE / "starpu_tasks.c"
    return _compiled([compiler, "-O2", source, *flags.stdout.split()], folder / "starpu")


def _taskflow(folder: Path) -> Seconds | str:
    headers = os.environ.get("TASKFLOW")
    if headers is None:
        return "not installed (TASKFLOW names the folder of its headers)"
    compiler = [os.environ.get("CXX", "c++"), "-std=c++20", "-O2", "-pthread", "-I", headers]
    return _compiled([*compiler, HERE / "taskflow_tasks.cpp"], folder / "taskflow")


def contests(folder: Path, build_tree: Path) -> Iterator[Contest]:
    peers = {"StarPU, one processor": _starpu(folder), "Taskflow, one thread": _taskflow(folder)}
    note = "a chip's schedulers and 72 workers simulated"
    yield Contest(f"graph: {TASKS} empty tasks built and run", _seconds, peers, note)
