"""Dynamic tasks, as users write them."""

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


RANDOM = """
#include <span>
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;

static std::uint32_t next(std::uint32_t& state) {
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}
// (seed, depth, counter, continue): counts calls, takes some time, adds up to three tasks after
// itself, each other, and any that were there before
static void add_children(std::int64_t* args) {
    std::uint32_t state = args[0] * 2654435761u + 12345 + task_rank() * 77;
    const auto counter = static_cast<std::uint32_t>(args[2]);
    asm volatile("amoadd.w x0, %1, (%0)" ::"r"(counter), "r"(1));
    volatile std::uint32_t waste = next(state) % 200;
    while (waste > 0) waste = waste - 1;
    if (args[1] == 0) return;
    const std::uint32_t children = 1 + next(state) % 3;
    std::uint32_t made[3];
    for (std::uint32_t i = 0; i < children; ++i) {
        const std::int64_t arguments[] = {next(state), args[1] - 1, args[2], args[3]};
        std::uint32_t after[3];
        std::uint32_t count = next(state) % 3;
        for (std::uint32_t k = 0; k < count; ++k) {
            after[k] = i > 0 && next(state) % 3 != 0 ? made[next(state) % i] : this_task();
        }
        if (args[3] == 0 && next(state) % 2) after[count++] = next(state) % (this_task() + 1);
        made[i] = add_task(0, arguments, std::span<const std::uint32_t>(after, count),
                           {.kind = next(state) % 2 ? on_vector : on_cube});
    }
    if (args[3] != 0 && task_rank() == 0) {
        add_task(0, {0, 0, args[2], 0}, {made[children - 1]}, {.continues = true});
    }
}
TILEWRIGHT_TASKS({"add_children", add_children, on_any})
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


def test_random_dynamic_tasks_keep_every_order() -> None:
    functions = tw.Kernel.from_source(RANDOM, "random.cpp")
    for seed in range(8):
        random = np.random.default_rng(seed)
        with tw.open("ascend") as device:
            counter = device.put(np.zeros(1, np.uint32), tw.Placement.bank(0))
            graph = tw.Graph(device, functions=functions)
            for task in range(6):  # also on several cores, all of which add tasks
                graph.add(
                    "add_children",
                    [int(random.integers(1 << 30)), 3, counter, seed % 2],
                    kind="vector",
                    cores=int(random.integers(1, 4)),
                    after=[task - 1] if task and random.random() < 0.5 else [],
                )
            graph.reserve(2000)
            run = graph.run(schedulers=1 + seed // 2)
            more_cores = len(run.shares) - len(set(run.shares["task"]))
            assert counter.numpy()[0] == len(run.tasks) + more_cores
            assert len(run.tasks) > 30
            before, after = run.graph.edges.T
            assert (run.tasks["ended"][before] < run.tasks["started"][after]).all()
            run.critical_path()


LACKS = """
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"
using namespace tilewright::kernel;
static void set(std::int64_t* args) { *pointer_of<float>(args[0]) = static_cast<float>(args[1]); }
static void begin(std::int64_t* args) {
    if (args[1] == 0) add_task(0, {args[0]});
    else add_task(0, {args[0], args[1], 3});
}
TILEWRIGHT_TASKS({"set", set, on_any, 2}, {"begin", begin, on_any, 2})
"""


def test_a_task_that_lacks_an_argument_is_not_added() -> None:
    """It would read what an earlier task left there."""
    functions = tw.Kernel.from_source(LACKS, "lacks.cpp")
    with tw.open("ascend") as device:
        x = device.zeros(1, placement=tw.Placement.bank(0))
        for value in (0, 7):
            graph = tw.Graph(device, functions=functions)
            graph.add("begin", [x, value])
            graph.reserve(tasks=2, arguments=3)
            if value == 0:
                with pytest.raises(tw.KernelFault, match="add_task: fewer arguments") as fault:
                    graph.run()
                assert "lacks.cpp:7" in str(fault.value)
            else:
                graph.run()  # more than it takes is no harm
        assert x.numpy()[0] == 7


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
