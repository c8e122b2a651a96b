"""Tasks on several cores, as users write them."""

from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

FUNCTIONS = """
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

static void sums(std::int64_t* args) {  // (x, partial sums, n): each core adds every cores-th
    const float* x = pointer_of<const float>(args[0]);
    float sum = 0;
    for (std::uint32_t i = task_rank(); i < args[2]; i += task_cores()) sum += x[i];
    pointer_of<float>(args[1])[task_rank()] = sum;
}
static void total(std::int64_t* args) {  // (partial sums, total, n)
    const float* x = pointer_of<const float>(args[0]);
    float sum = 0;
    for (std::int64_t i = 0; i < args[2]; ++i) sum += x[i];
    *pointer_of<float>(args[1]) = sum;
}
TILEWRIGHT_TASKS({"sums", sums, on_vector}, {"total", total, on_vector})
"""


@pytest.mark.parametrize("schedulers", [1, 2])
def test_a_sum_on_six_cores(schedulers: int, tmp_path: Path) -> None:
    values = np.arange(600, dtype=np.float32)
    with tw.open("ascend") as device:
        bank = tw.Placement.bank(0)
        functions = tw.Kernel.from_source(FUNCTIONS, "sums.cpp", isa=device.config.isas[0])
        x = device.put(values, bank)
        partial, result = (device.zeros(n, placement=bank) for n in (6, 1))
        graph = tw.Graph(device, functions=functions)
        wide = graph.add("sums", [x, partial, 600], reads=[x], writes=[partial], cores=6)
        end = graph.add("total", [partial, result, 6], reads=[partial], writes=[result])
        run = graph.run(schedulers=schedulers)
        assert partial.numpy().tolist() == [values[rank::6].sum() for rank in range(6)]
        assert result.numpy()[0] == values.sum()
        assert graph.cores(wide) == 6
        assert graph.cores(end) == 1

        assert run.shares["rank"].tolist() == list(range(6))
        assert len({run.workers[worker] for worker in run.shares["worker"]}) == 6
        assert run.tasks["started"][wide] == run.shares["started"].min()
        assert run.tasks["ended"][wide] == run.shares["ended"].max()
        assert (run.occupancy > 0).sum() in (6, 7)
        path = run.critical_path()
        assert [step.task for step in path] == [wide, end]
        assert sum(s.scheduling + s.executing for s in path) == run.tasks["ended"][end] - run.start
        assert run.table().row_count == 2
        run.trace(tmp_path / "run.json")
        assert (tmp_path / "run.json").read_text().count('"task 0"') >= 6


def test_what_cannot_be_is_refused() -> None:
    with tw.open("ascend") as device:
        graph = tw.Graph(device)
        for cores in (0, 65, -1):
            with pytest.raises(tw.ArgumentError, match="expected 1 to 64 cores"):
                graph.add("add", [0, 0, 0, 0], cores=cores)
        assert len(graph) == 0
        graph.add("add", [0, 0, 0, 0], kind="cube", cores=25, name="wide")
        with pytest.raises(tw.ConfigError, match="wide needs 25 workers of the kind cube"):
            graph.run()
