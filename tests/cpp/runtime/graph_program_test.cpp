// Graphs on the device: every task once and in order, whatever the shape, the schedulers and where
// the run was cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/runtime/graph/program.hpp"

namespace tilewright {
namespace {

Graph empty_tasks(std::uint32_t count) {
    Graph graph(Dependencies::edges);
    // n is 0: the functions return at once
    for (std::uint32_t t = 0; t < count; ++t) graph.add(0, std::vector<std::uint64_t>(4));
    return graph;
}

Graph chain(std::uint32_t count) {
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t < count; ++t) graph.add_edge(t - 1, t);
    return graph;
}

/// One before all others, and one after them.
Graph fan(std::uint32_t count) {
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t + 1 < count; ++t) {
        graph.add_edge(0, t);
        graph.add_edge(t, count - 1);
    }
    return graph;
}

Graph random_graph(std::uint32_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    Graph graph(Dependencies::edges);
    for (TaskId t = 0; t < count; ++t) {
        graph.add(0, std::vector<std::uint64_t>(4), random() % 3 == 0 ? 2 : 3);
        for (std::uint32_t e = random() % 4; e-- > 0 && t != 0;) {
            graph.add_edge(random() % t, t);
        }
    }
    return graph;
}

void expect_in_order(const Graph& graph, const std::vector<TaskTimes>& times, std::uint64_t start) {
    ASSERT_EQ(times.size(), graph.size());
    for (TaskId t = 0; t < graph.size(); ++t) {
        const TaskTimes& at = times[t];
        ASSERT_LE(start, at.ready) << t;
        ASSERT_LE(at.ready, at.dispatched) << t;
        ASSERT_LT(at.dispatched, at.started) << t;
        ASSERT_LT(at.started, at.ended) << t;
        for (TaskId next : graph.successors().of(t)) ASSERT_LT(at.ended, times[next].ready);
    }
    // No worker does two things at once.
    std::vector<TaskId> order(graph.size());
    for (TaskId t = 0; t < graph.size(); ++t) order[t] = t;
    std::ranges::sort(order, {}, [&](TaskId t) { return times[t].started; });
    std::map<std::uint32_t, std::uint64_t> free_at;
    for (TaskId t : order) {
        ASSERT_GE(times[t].started, free_at[times[t].worker]) << t;
        free_at[times[t].worker] = times[t].ended;
    }
}

class GraphShapes : public testing::TestWithParam<std::uint32_t> {};  // number of schedulers

TEST_P(GraphShapes, EveryTaskRunsAfterItsPredecessors) {
    for (const Graph& graph : {chain(40), fan(120), random_graph(300, 1), empty_tasks(200),
                               empty_tasks(1), empty_tasks(0)}) {
        Device device("ascend");
        GraphProgram program(device, graph, {.workers = {}, .schedulers = GetParam()});
        const auto run = program.run();
        expect_in_order(graph, program.times(), program.started_at());
        for (const auto& task : program.executing()) EXPECT_FALSE(task);
        std::uint32_t done = 0;
        for (const Handshake& h : program.handshakes()) {
            EXPECT_TRUE(h.ready && h.quit && !h.busy);
            done += h.done;
        }
        EXPECT_EQ(done, graph.size());
        EXPECT_GT(run.cycles, 0u);
    }
}

INSTANTIATE_TEST_SUITE_P(Schedulers, GraphShapes, testing::Values(1u, 2u, 3u, 4u));

}  // namespace
}  // namespace tilewright
