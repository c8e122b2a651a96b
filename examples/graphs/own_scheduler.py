"""Runs one graph under the scheduler that ships and under one of our own, and shows the difference.

The command that builds it is the one that anybody would type:

    tilewright firmware build --scheduler examples/graphs/one_at_a_time.cpp
"""

import tempfile
from pathlib import Path

import numpy as np

import tilewright as tw
from tilewright.cli import main as tilewright_command


def overlapping(run: tw.GraphRun) -> int:
    """The largest number of tasks that executed at the same time."""
    times = [(int(t), 1) for t in run.tasks["started"]] + [(int(t), -1) for t in run.tasks["ended"]]
    return int(np.cumsum([change for _, change in sorted(times)]).max())


def main() -> None:
    source = Path(__file__).with_name("one_at_a_time.cpp")
    with tempfile.TemporaryDirectory() as folder:
        if tilewright_command(["firmware", folder, "--scheduler", str(source)]) != 0:
            raise SystemExit(1)
        own = tw.Kernel.from_elf(Path(folder, "aicpu", "libaicpu_graph_kernel.so"))
    with tw.open("ascend") as device:
        rows = device.zeros((40, 256), placement=tw.Placement.bank(0))
        graph = tw.Graph(device)
        for step in range(80):
            row = slice(step % 40, step % 40 + 1)
            x = rows.core_address + step % 40 * 1024
            graph.add("add_scalar", [x, 1.0, x, 256], reads=[(rows, row)], writes=[(rows, row)])
        for name, scheduler in (("that ships", None), ("of our own", own)):
            run = graph.run(scheduler=scheduler)
            print(f"the scheduler {name}: {run.cycles} cycles, {overlapping(run)} tasks at a time")
        if not (rows.numpy() == 4).all():
            raise SystemExit("the sums are wrong")


if __name__ == "__main__":
    main()
