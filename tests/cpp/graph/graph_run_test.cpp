// A graph in one call: checks before, times after, and what is told when something goes wrong.
#include <gtest/gtest.h>

#include <bit>
#include <numeric>

#include "tilewright/base/error.hpp"
#include "tilewright/graph/run.hpp"

namespace tilewright {
namespace {

constexpr std::uint32_t add_scalar = 1;

struct Numbers {
    explicit Numbers(Device& device)
        : buffer(device.allocate(64, Placement::in_bank(0))),
          pointer(value(buffer.core_address())) {
        const std::vector<float> zeros(16);
        buffer.write(std::as_bytes(std::span(zeros)));
    }
    float first() const {
        float result = 0;
        buffer.read(std::as_writable_bytes(std::span(&result, 1)));
        return result;
    }
    Buffer buffer;
    std::uint64_t pointer;
};

TaskId add_one(Graph& graph, const Numbers& x) {
    const std::uint64_t words[] = {x.pointer, std::bit_cast<std::uint32_t>(1.0f), x.pointer, 16};
    const TaskId task = graph.add(add_scalar, words);
    graph.mark_pointer(task, 0);
    graph.mark_pointer(task, 2);
    graph.reads(task, {x.pointer, x.pointer + 64});
    graph.writes(task, {x.pointer, x.pointer + 64});
    return task;
}

TEST(GraphRun, ChecksRunsAndTellsTheTimes) {
    Device device("ascend");
    const Numbers x(device);
    Graph graph;
    for (int i = 0; i < 10; ++i) add_one(graph, x);
    const std::size_t allocated = device.direct_allocations().size();
    for (const std::uint32_t schedulers : {1u, 3u}) {
        const float before = x.first();
        const GraphRun run = run_graph(device, graph, {.schedulers = schedulers});
        EXPECT_EQ(x.first(), before + 10);
        EXPECT_EQ(run.schedulers.size(), schedulers);
        ASSERT_EQ(run.times.size(), 10u);
        for (std::size_t i = 1; i < 10; ++i)
            EXPECT_GE(run.times[i].started, run.times[i - 1].ended);
        EXPECT_GE(run.times[0].ready, run.start);
        EXPECT_EQ(run.handshakes.size(), run.workers.size());
        EXPECT_EQ(std::accumulate(run.handshakes.begin(), run.handshakes.end(), 0u,
                                  [](std::uint32_t n, const Handshake& h) { return n + h.done; }),
                  10u);
        const auto workers = static_cast<std::uint32_t>(run.workers.size());
        const GraphAnalysis analysis = analyse(graph, run.times, workers, run.start);
        EXPECT_EQ(analysis.critical_path.size(), 10u);
        EXPECT_EQ(analysis.path_executing + analysis.path_scheduling,
                  run.times[9].ended - run.start);
    }
    EXPECT_EQ(device.direct_allocations().size(), allocated) << "the graph is gone from the device";
}

TEST(GraphRun, APreparedGraphRunsAgainAndAgain) {
    const auto relative = [](const GraphRun& run) {
        std::vector<std::uint64_t> all{run.run.cycles};
        for (const TaskTimes& t : run.times) {
            all.insert(all.end(), {t.ready - run.start, t.dispatched - run.start,
                                   t.started - run.start, t.ended - run.start, t.worker});
        }
        return all;
    };
    Device device("ascend");
    Device other("ascend");
    Numbers x(device);
    const Numbers y(other);
    Graph graph;
    Graph same;
    for (int i = 0; i < 5; ++i) {
        add_one(graph, x);
        add_one(same, y);
    }
    std::optional<PreparedGraph> prepared(std::in_place, device, graph);
    const std::size_t allocated = device.direct_allocations().size();
    for (int i = 1; i <= 3; ++i) {
        const GraphRun run = prepared->run();
        EXPECT_EQ(x.first(), 5 * i);
        EXPECT_EQ(run.handshakes.size(), 72u);
        EXPECT_EQ(run.run.cores.size(), 1 + 5u) << "a scheduler, and a worker for each task";
        EXPECT_EQ(relative(run), relative(run_graph(other, same)));
        EXPECT_EQ(device.direct_allocations().size(), allocated);
    }
    x.buffer.free();
    EXPECT_THROW(prepared->run(), AddressError);
    prepared.reset();
    EXPECT_TRUE(device.direct_allocations().empty());
}

TEST(GraphRun, NothingRunsWhenACheckFails) {
    Device device("ascend");
    const Numbers x(device);
    Numbers y(device);
    Graph graph;
    add_one(graph, x);
    add_one(graph, y);
    y.buffer.free();
    EXPECT_THROW(run_graph(device, graph), AddressError);
    Graph cycle;
    add_one(cycle, x);
    add_one(cycle, x);
    cycle.add_edge(1, 0);
    EXPECT_THROW(run_graph(device, cycle), GraphError);
    Graph unknown;
    add_one(unknown, x);
    unknown.add(77, {});
    EXPECT_THROW(run_graph(device, unknown), GraphError);
    EXPECT_EQ(x.first(), 0);
    EXPECT_EQ(count(device.cycle()), 0u);
}

TEST(GraphRun, AFaultTellsTheTaskAndTheStateOfTheOthers) {
    Device device("ascend");
    const Numbers x(device);
    Graph graph;
    add_one(graph, x);
    const std::uint64_t words[] = {x.pointer, 0, 0x100, 16};
    graph.set_name(graph.add(add_scalar, words), "culprit");
    graph.add_edge(0, 1);
    graph.add_edge(1, add_one(graph, x));
    try {
        run_graph(device, graph);
        FAIL() << "a fault was expected";
    } catch (const KernelFault& fault) {
        const std::string text = fault.what();
        EXPECT_NE(text.find("culprit (task 1), function 1 'add_scalar' (0x80000000, 0x0, 0x100"),
                  std::string::npos)
            << text;
        EXPECT_NE(text.find("of 3 tasks 1 had ended, 1 were executing, 1 had not started"),
                  std::string::npos)
            << text;
        EXPECT_TRUE(fault.site().has_value());
    }
    Graph again;
    add_one(again, x);
    run_graph(device, again);
    EXPECT_EQ(x.first(), 2);
}

TEST(GraphRun, StoppedByTheHostItLeavesTheDeviceIdle) {
    Device device("ascend");
    const Numbers x(device);
    Graph graph;
    for (int i = 0; i < 10; ++i) add_one(graph, x);
    RunOptions limited;
    limited.cycle_limit = 3000;
    EXPECT_THROW(run_graph(device, graph, {}, limited), CycleLimitError);
    EXPECT_FALSE(device.busy());
    const float so_far = x.first();
    run_graph(device, graph);
    EXPECT_EQ(x.first(), so_far + 10);
}

}  // namespace
}  // namespace tilewright
