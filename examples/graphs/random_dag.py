"""A random graph of 100,000 tasks, built from arrays, with progress while it runs.

Usage: random_dag.py [TASKS] [SCHEDULERS]
"""

import sys
import time

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import tilewright as tw


def build(device: tw.Device, tasks: int, count: int = 4) -> tuple[tw.Graph, tw.Buffer]:
    """Each task adds 1 to one of 64 rows of numbers, after two random tasks before it and after the
    last that added to its row. The rows are what the graph works on."""
    random = np.random.default_rng(3)
    rows = device.zeros((64, count), placement=tw.Placement.bank(0))
    graph = tw.Graph(device)
    row = random.integers(0, 64, tasks)
    begin = rows.core_address + row * count * 4
    one = int(np.float32(1).view(np.uint32))
    words = np.stack([begin, np.full(tasks, one), begin, np.full(tasks, count)], axis=1)
    numbers = np.array(graph.add_tasks(1, words, pointers=[0, 2]))
    graph.add_accesses(numbers, begin, begin + count * 4, True)
    later = np.arange(1, tasks)
    for _ in range(2):
        graph.add_edges((random.random(tasks - 1) * later).astype(np.int64), later)
    return graph, rows


def main() -> None:
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    schedulers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tw.open("ascend") as device:
        start = time.perf_counter()
        graph, rows = build(device, tasks)
        print(f"{tasks} tasks, {len(graph.edges)} edges: {time.perf_counter() - start:.2f} s")
        columns = TextColumn("running"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns) as bar:
            line = bar.add_task("running", total=tasks)
            run = graph.run(
                schedulers=schedulers, progress=lambda ended: bar.update(line, completed=ended)
            )
            bar.update(line, completed=tasks)
        total = rows.numpy()[:, 0].sum()
    print(
        f"{run.cycles} cycles, {run.cycles / tasks:.1f} a task; host {run.run.host_seconds:.2f} s"
    )
    for hint in run.advice():
        print("-", hint)
    if total != tasks:
        sys.exit(f"the rows add up to {total}, not {tasks}")


if __name__ == "__main__":
    main()
