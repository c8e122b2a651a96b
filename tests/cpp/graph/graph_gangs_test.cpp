// Tasks on several cores: all of them at once, whatever else runs, the schedulers, and where the
// run was cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

constexpr std::uint8_t cube = 2;
constexpr std::uint8_t vector = 3;

/// Function 0 (out): out[rank] = 100 * cores + rank, behind a loop that takes the longer the higher
/// the rank. Function 1 does nothing.
const Kernel& functions() {
    static const Kernel kernel = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel/tasks.hpp\"\n"
            "using namespace tilewright::kernel;\n"
            "static void mark(std::int64_t* args) {\n"
            "    auto* out = pointer_of<volatile std::uint32_t>(args[0]);\n"
            "    for (std::uint32_t i = 0; i <= task_rank() * 50; ++i)\n"
            "        out[task_rank()] = 100 * task_cores() + task_rank();\n"
            "}\n"
            "static void nothing(std::int64_t*) {}\n"
            "TILEWRIGHT_TASKS({\"mark\", mark, on_any}, {\"nothing\", nothing, on_any})\n",
            "ranks.cpp");
    });
    return kernel;
}

Buffer words(Device& device, std::size_t count) {
    Buffer buffer = device.allocate(count * 4, Placement::in_bank(0));
    const std::vector<std::uint32_t> zeros(count);
    buffer.write(std::as_bytes(std::span(zeros)));
    return buffer;
}
std::vector<std::uint32_t> words(const Buffer& buffer) {
    std::vector<std::uint32_t> values(buffer.bytes() / 4);
    buffer.read(std::as_writable_bytes(std::span(values)));
    return values;
}
std::vector<std::uint64_t> pointer(const Buffer& buffer) {
    return {value(buffer.core_address())};
}

TEST(GraphGangs, EachCoreKnowsItsPlaceAndTheTaskEndsWithTheLast) {
    for (std::uint32_t schedulers : {1u, 3u}) {
        Device device("ascend");
        const Buffer first = words(device, 20);
        const Buffer second = words(device, 3);
        Graph graph(Dependencies::edges);
        graph.add(0, pointer(first), vector);
        graph.set_cores(0, 20);
        graph.add(0, pointer(second), cube);
        graph.set_cores(1, 3);
        graph.add_edge(0, 1);
        graph.add(1, {}, vector);
        graph.add_edge(1, 2);
        GraphProgram program(device, graph,
                             {.schedulers = schedulers, .worker_program = functions()});
        for (int round = 0; round < 2; ++round) {
            program.run();
            const auto marks = words(first);
            for (std::uint32_t rank = 0; rank < 20; ++rank) EXPECT_EQ(marks[rank], 2000 + rank);
            EXPECT_EQ(words(second), (std::vector<std::uint32_t>{300, 301, 302}));
            const auto times = program.times();
            const auto shares = program.shares();
            ASSERT_EQ(shares.size(), 23u);
            std::vector<bool> used(program.workers().size());
            for (std::uint32_t i = 0; i < 20; ++i) {
                EXPECT_EQ(shares[i].task, 0u);
                EXPECT_EQ(shares[i].rank, i);
                EXPECT_FALSE(used[shares[i].worker]);
                used[shares[i].worker] = true;
                const CoreId core = program.workers()[shares[i].worker];
                EXPECT_EQ(device.config().cores[core.processor].kind, CoreKind::vector);
                EXPECT_LE(times[0].started, shares[i].started);
                EXPECT_LE(shares[i].ended, times[0].ended);
                EXPECT_LT(shares[i].ended, times[1].ready);
            }
            EXPECT_EQ(times[0].ended, shares[19].ended);
            EXPECT_LT(times[1].ended, times[2].ready);
        }
    }
}

/// Random order, kinds and numbers of cores. No task may begin before its predecessors have ended,
/// and no worker may do two things at once.
class GraphGangShapes : public testing::TestWithParam<std::uint32_t> {};

TEST_P(GraphGangShapes, RunWithoutDeadlockInOrder) {
    for (std::uint32_t seed : {1u, 2u, 3u}) {
        std::mt19937 random(seed);
        Graph graph(Dependencies::edges);
        for (TaskId t = 0; t < 250; ++t) {
            const std::uint8_t kind = random() % 3 == 0 ? cube : vector;
            graph.add(0, std::vector<std::uint64_t>(4), kind);
            if (random() % 3 == 0) graph.set_cores(t, 1 + random() % (kind == cube ? 4 : 8));
            for (std::uint32_t e = random() % 3; e-- > 0 && t != 0;) {
                graph.add_edge(random() % t, t);
            }
        }
        Device device("ascend");
        GraphProgram program(
            device, graph,
            {.workers = first_workers(device.config(), 12), .schedulers = GetParam()});
        program.run();
        const auto times = program.times();
        const auto shares = program.shares();
        std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::uint64_t>>> busy;
        std::size_t expected = 0;
        for (const Gang& gang : graph.gangs()) expected += gang.cores;
        ASSERT_EQ(shares.size(), expected);
        for (const TaskShare& share : shares) {
            busy[share.worker].push_back({share.started, share.ended});
        }
        for (TaskId t = 0; t < graph.size(); ++t) {
            if (graph.cores(t) == 1)
                busy[times[t].worker].push_back({times[t].started, times[t].ended});
            ASSERT_LT(times[t].dispatched, times[t].started) << t;
            ASSERT_LT(times[t].started, times[t].ended) << t;
            for (TaskId next : graph.successors().of(t))
                ASSERT_LT(times[t].ended, times[next].ready);
        }
        for (auto& [worker, spans] : busy) {
            std::ranges::sort(spans);
            for (std::size_t i = 1; i < spans.size(); ++i) {
                ASSERT_LE(spans[i - 1].second, spans[i].first) << worker;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Schedulers, GraphGangShapes, testing::Values(1u, 2u, 3u, 4u));

TEST(GraphGangs, ASnapshotInTheMiddleEndsElsewhereAtTheSameCycle) {
    for (std::uint32_t schedulers : {1u, 2u}) {
        Device device("ascend");
        const Buffer out = words(device, 12);
        Graph graph(Dependencies::edges);
        graph.add(1, {}, vector);
        graph.add(0, pointer(out), vector);
        graph.set_cores(1, 12);
        graph.add_edge(0, 1);
        GraphProgram program(device, graph,
                             {.schedulers = schedulers, .worker_program = functions()});
        program.start();
        const std::uint64_t start = program.started_at();
        const Snapshot begin = device.snapshot();
        const Cycle end = device.finish().end;
        device.restore(begin);
        bool between = false;  // some cores have ended and others have not
        for (std::uint64_t at = 400; device.advance_to(Cycle{start + at}); at += 700) {
            const auto shares = program.shares();
            const auto over = std::ranges::count_if(shares, [](auto& s) { return s.ended != 0; });
            if (over > 0 && over < 12) {
                between = true;
                EXPECT_EQ(program.times()[1].ended, 0u);
                EXPECT_GE(std::ranges::count(program.executing(), std::optional<TaskId>(1)), 1);
            }
            Device fresh("ascend");
            fresh.restore(device.snapshot());
            ASSERT_EQ(fresh.finish().end, end) << at;
        }
        EXPECT_TRUE(between);
    }
}

TEST(GraphGangs, InRepeatedParts) {
    Device device("ascend");
    const Buffer out = words(device, 6);
    Graph graph(Dependencies::edges);
    graph.add(1, {}, vector);
    graph.add(0, pointer(out), vector);
    graph.set_cores(1, 6);
    graph.add(1, {}, vector);
    graph.add_edge(0, 1);
    graph.add_edge(1, 2);
    graph.repeat(0, 2, 5);
    GraphProgram program(device, graph, {.worker_program = functions()});
    program.run();
    std::uint32_t done = 0;
    for (const Handshake& h : program.handshakes()) done += h.done;
    EXPECT_EQ(done, 5u * 8u);

    graph.repeat(1, 1, 2);  // begins with several cores
    EXPECT_NE(message_of<GraphError>([&] {
                  GraphProgram bad(device, graph, {.worker_program = functions()});
              }).find("task 1 runs on several cores"),
              std::string::npos);
}

TEST(GraphGangs, KernelsAreTasksOnSeveralCores) {
    const Kernel rank = precompiled([] {
        return make_kernel("rank", "std::uint32_t to",
                           "reinterpret_cast<volatile std::uint32_t*>(to)[task_rank()] = "
                           "10 * task_cores() + task_rank();");
    });
    Device device("ascend");
    const Buffer out = words(device, 5);
    Graph graph(Dependencies::edges);
    graph.add(first_kernel_function, pointer(out), vector);
    graph.set_cores(0, 5);
    GraphProgram program(device, graph, {.kernels = {rank}});
    program.run();
    EXPECT_EQ(words(out), (std::vector<std::uint32_t>{50, 51, 52, 53, 54}));
    // Alone, the kernel is no task.
    EXPECT_NE(message_of<KernelFault>([&] {
                  device.run(rank, {CoreId{{0, 0}, 0}}, {Argument{pointer(out)[0]}});
              }).find("does not run as the task of a graph"),
              std::string::npos);
}

// Two workers; a task on both, whose first core ends long before its second, then one on each.
TEST(GraphGangs, TheAnalysisKnowsAllCores) {
    Graph graph(Dependencies::edges);
    for (int t = 0; t < 3; ++t) graph.add(0, {});
    graph.set_cores(0, 2);
    const std::vector<TaskTimes> times{
        {0, 5, 10, 100, 0}, {0, 20, 35, 60, 0}, {0, 60, 110, 150, 1}};
    const std::vector<TaskShare> shares{{0, 0, 0, 10, 30}, {0, 1, 1, 12, 100}};
    const GraphAnalysis analysis = analyse(graph, times, 2, 0, shares);
    EXPECT_EQ(analysis.workers[0].tasks, 2u);
    EXPECT_EQ(analysis.workers[0].busy, 20u + 25u);
    EXPECT_EQ(analysis.workers[1].busy, 88u + 40u);
    ASSERT_EQ(analysis.critical_path.size(), 2u);
    EXPECT_EQ(analysis.critical_path[1].released, 100u);
    EXPECT_EQ(analysis.path_executing + analysis.path_scheduling, 150u);
    EXPECT_EQ(analysis.slack, (std::vector<std::uint64_t>{0, 90, 0}));
    EXPECT_THROW(analyse(graph, times, 2, 0), ArgumentError);
    const std::vector<TaskShare> wrong{{0, 0, 0, 10, 40}, {0, 1, 1, 12, 100}};  // beside task 1
    EXPECT_THROW(analyse(graph, times, 2, 0, wrong), ArgumentError);
}

TEST(GraphGangs, WhatCannotBeIsRefused) {
    Device device("ascend");
    Graph graph(Dependencies::edges);
    graph.add(0, std::vector<std::uint64_t>(4), cube);
    EXPECT_THROW(graph.set_cores(1, 2), ArgumentError);
    EXPECT_THROW(graph.set_cores(0, 0), ArgumentError);
    EXPECT_THROW(graph.set_cores(0, 65), ArgumentError);
    graph.set_name(0, "wide");
    graph.set_cores(0, 5);
    std::string message = message_of<ConfigError>([&] {
        GraphProgram program(device, graph, {.workers = first_workers(device.config(), 12)});
    });
    EXPECT_NE(message.find("wide needs 5 workers of the kind cube at once, and 4 were given"),
              std::string::npos)
        << message;
    const Kernel plain = precompiled(
        [] { return make_kernel("plain", "std::uint32_t header, std::uint32_t number", ""); });
    message = message_of<GraphError>([&] { GraphProgram(device, graph, {.scheduler = plain}); });
    EXPECT_NE(message.find("'plain.cpp' does not say that it can deal with tasks on several cores"),
              std::string::npos)
        << message;
    graph.set_cores(0, 1);
    EXPECT_TRUE(graph.gangs().empty());
    EXPECT_NO_THROW(GraphProgram(device, graph, {.scheduler = plain}));
    graph.repeat(0, 0, 2);
    message = message_of<GraphError>([&] { GraphProgram(device, graph, {.scheduler = plain}); });
    EXPECT_NE(message.find("parts of graphs that are repeated or left out"), std::string::npos)
        << message;
}

}  // namespace
}  // namespace tilewright
