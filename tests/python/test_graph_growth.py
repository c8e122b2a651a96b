"""Graphs that grow while they run, as users write them."""

import numpy as np
import pytest

import tilewright as tw

FUNCTIONS = """
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

// (data, count): sorts; (data, out, count): maximum
static void sort(std::int64_t* args) {
    auto* data = pointer_of<std::uint32_t>(args[0]);
    const auto count = static_cast<std::uint32_t>(args[1]);
    if (count <= 8) {
        for (std::uint32_t i = 1; i < count; ++i) {
            const std::uint32_t x = data[i];
            std::uint32_t at = i;
            for (; at > 0 && data[at - 1] > x; --at) data[at] = data[at - 1];
            data[at] = x;
        }
        return;
    }
    const std::uint32_t pivot = data[count / 2];
    std::uint32_t low = 0, high = count - 1;
    while (true) {
        while (data[low] < pivot) ++low;
        while (data[high] > pivot) --high;
        if (low >= high) break;
        const std::uint32_t x = data[low];
        data[low++] = data[high];
        data[high--] = x;
    }
    const auto left = add_task(0, {args[0], low});
    const auto right = add_task(0, {args[0] + 4 * low, count - low});
    add_task(1, {}, {left, right}, {.continues = true});
}
static void nothing(std::int64_t*) {}
static void copy(std::int64_t* args) {
    const auto* data = pointer_of<std::uint32_t>(args[0]);
    auto* out = pointer_of<std::uint32_t>(args[1]);
    for (std::int64_t i = 0; i < args[2]; ++i) out[i] = data[i];
}
TILEWRIGHT_TASKS({"sort", sort, on_any}, {"nothing", nothing, on_any}, {"copy", copy, on_any})
"""


@pytest.fixture(scope="module")
def functions() -> tw.Kernel:
    return tw.Kernel.from_source(FUNCTIONS, "sort.cpp")


@pytest.mark.parametrize("schedulers", [1, 3])
def test_quicksort(functions: tw.Kernel, schedulers: int) -> None:
    values = np.random.default_rng(1).integers(0, 1000, 300).astype(np.uint32)
    with tw.open("ascend") as device:
        bank = tw.Placement.bank(0)
        data, out = device.put(values, bank), device.put(np.zeros_like(values), bank)
        graph = tw.Graph(device, functions=functions)
        first = graph.add("sort", [data, 300], name="all of it")
        last = graph.add("copy", [data, out, 300], after=[first])
        graph.reserve(tasks=600)
        run = graph.run(schedulers=schedulers)
        assert out.numpy().tolist() == sorted(values.tolist())

        tasks = run.tasks
        assert len(graph) == 2
        assert len(run.graph) == len(tasks) > 100
        assert tasks["parent"][:2].tolist() == [-1, -1]
        parents = tasks["parent"][2:]
        assert (tasks["started"][parents] < tasks["ready"][2:]).all()
        assert tasks["ended"][2:].max() <= tasks["ready"][last]
        assert run.graph.name(2) == "task 2, added by all of it"
        before, after = run.graph.edges.T
        assert (tasks["ended"][before] < tasks["started"][after]).all()
        path = run.critical_path()
        assert path[-1].task == last
        assert sum(s.scheduling + s.executing for s in path) == tasks["ended"][last] - run.start
        assert "added by all of it" in run.to_graphviz()
        assert run.table(5).row_count == 5

        again = graph.run(schedulers=schedulers)  # sorted already; begins without what was added
        assert len(again.tasks) > 2
        assert out.numpy().tolist() == sorted(values.tolist())


def test_what_runs_out_is_named(functions: tw.Kernel) -> None:
    with tw.open("ascend") as device:
        data = device.put(np.arange(300, dtype=np.uint32), tw.Placement.bank(0))
        graph = tw.Graph(device, functions=functions)
        graph.add("sort", [data, 300], name="all of it")
        with pytest.raises(tw.KernelFault, match="has reserved no room for tasks"):
            graph.run()
        graph.reserve(tasks=10)
        with pytest.raises(tw.KernelFault, match=r"room for another task; .* reserved 10") as fault:
            graph.run()
        assert "was executing " in str(fault.value)
        assert "sort.cpp:" in str(fault.value)
        graph.reserve(tasks=600, edges=3)
        with pytest.raises(tw.KernelFault, match=r"room for another edge; .* reserved 3"):
            graph.run()
        graph.reserve(600)
        graph.run()  # the device is usable
        assert np.array_equal(data.numpy(), np.arange(300))
        with pytest.raises(tw.ArgumentError, match="expected 0 to 2"):
            graph.reserve(-1)
