// Parts of graphs that the device repeats or leaves out: how often each ran, by what the tasks left
// in memory, and which parts are refused.
#include <gtest/gtest.h>

#include <bit>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/control_flow.hpp"
#include "tilewright/graph/run.hpp"

namespace tilewright {
namespace {

/// Floats in direct memory to which tasks add. 0.0f is the word 0.
struct Cells {
    explicit Cells(Device& device, std::vector<float> values)
        : buffer(device.allocate(values.size() * 4, Placement::in_bank(0))),
          address(value(buffer.core_address())),
          start(std::move(values)) {
        reset();
    }
    void reset() const { buffer.write(std::as_bytes(std::span(start))); }
    std::uint64_t at(std::size_t i) const { return address + 4 * i; }
    std::vector<float> values() const {
        std::vector<float> result(start.size());
        buffer.read(std::as_writable_bytes(std::span(result)));
        return result;
    }
    Buffer buffer;
    std::uint64_t address;
    std::vector<float> start;
};

/// Cell i += amount.
TaskId add_to(Graph& graph, const Cells& cells, std::size_t i, float amount) {
    const std::uint64_t words[] = {cells.at(i), std::bit_cast<std::uint32_t>(amount), cells.at(i),
                                   1};
    return graph.add(1, words);
}
TaskId set_to(Graph& graph, const Cells& cells, std::size_t i, std::size_t from) {
    const std::uint64_t words[] = {cells.at(from), std::bit_cast<std::uint32_t>(0.0f), cells.at(i),
                                   1};
    return graph.add(1, words);
}

void in_order(Graph& graph, std::initializer_list<TaskId> tasks) {
    for (const TaskId* t = tasks.begin(); t + 1 != tasks.end(); ++t) graph.add_edge(t[0], t[1]);
}

class GraphControlFlow : public testing::TestWithParam<std::uint32_t> {};  // number of schedulers

// for 4 times { for 3 times { fan of 5 }; } and what comes before and after.
TEST_P(GraphControlFlow, NestedLoopsRunEachTaskAsOftenAsTheyMultiply) {
    Device device("ascend");
    const Cells cells(device, std::vector<float>(9));
    Graph graph(Dependencies::edges);
    const TaskId before = add_to(graph, cells, 0, 1);
    const TaskId outer = add_to(graph, cells, 1, 1);
    const TaskId inner = add_to(graph, cells, 2, 1);
    const TaskId inner_end = add_to(graph, cells, 3, 1);
    const TaskId outer_end = add_to(graph, cells, 4, 1);
    const TaskId after = add_to(graph, cells, 5, 1);
    in_order(graph, {before, outer, inner});
    for (std::size_t i = 6; i < 9; ++i) {
        in_order(graph, {inner, add_to(graph, cells, i, 1), inner_end});
    }
    in_order(graph, {inner_end, outer_end, after});
    graph.repeat(inner, inner_end, 3);
    graph.repeat(outer, outer_end, 4);
    GraphProgram program(device, graph, {.workers = {}, .schedulers = GetParam()});
    for (const float runs : {1.0f, 2.0f}) {  // again: all counts are as before
        program.run();
        EXPECT_EQ(cells.values(),
                  (std::vector<float>{runs, 4 * runs, 12 * runs, 12 * runs, 4 * runs, runs,
                                      12 * runs, 12 * runs, 12 * runs}));
    }
    const auto times = program.times();
    EXPECT_LT(times[outer_end].ended, times[after].started);
    EXPECT_LT(times[before].ended, times[outer].started);
    std::uint32_t done = 0;
    for (const Handshake& h : program.handshakes()) done += h.done;
    EXPECT_EQ(done, 1u + 4 + 12 + 12 * 3 + 12 + 4 + 1);
}

// while (n != 0) { if (m != 0) { sum += 1; m -= 1; } n -= 1; }, on the device alone.
TEST_P(GraphControlFlow, AWhileLoopWithAConditionInIt) {
    Device device("ascend");
    const Cells cells(device, {7, 3, 0, 0});  // n, m, sum, iterations
    Graph graph(Dependencies::edges);
    const TaskId test = add_to(graph, cells, 3, 1);
    const TaskId sum = add_to(graph, cells, 2, 1);
    const TaskId less = add_to(graph, cells, 1, -1);
    const TaskId next = add_to(graph, cells, 0, -1);
    const TaskId empty = set_to(graph, cells, 2, 2);
    in_order(graph, {test, sum, next, empty});
    in_order(graph, {test, less, next});
    graph.skip_unless(test, next, cells.at(1));
    graph.repeat_while(test, next, cells.at(0));
    const GraphRun run = run_graph(device, graph, {.schedulers = GetParam()});
    EXPECT_EQ(cells.values(), (std::vector<float>{0, 0, 3, 7}));
    EXPECT_LT(run.times[sum].ended, run.times[test].started) << "not in the last iteration";
    EXPECT_THROW(
        analyse(graph, run.times, static_cast<std::uint32_t>(run.workers.size()), run.start),
        GraphError);
}

INSTANTIATE_TEST_SUITE_P(Schedulers, GraphControlFlow, testing::Values(1u, 2u, 4u));

TEST(GraphControlEdge, WhatIsLeftOutHasNoTimesAndIsNotMissed) {
    Device device("ascend");
    const Cells cells(device, {0, 0, 0});
    Graph graph(Dependencies::edges);
    const TaskId first = add_to(graph, cells, 1, 1);
    const TaskId out = add_to(graph, cells, 2, 1);
    const TaskId last = add_to(graph, cells, 1, 1);
    in_order(graph, {first, out, last});
    graph.skip_unless(first, last, cells.at(0));
    const GraphRun run = run_graph(device, graph);
    EXPECT_EQ(cells.values(), (std::vector<float>{0, 2, 0}));
    EXPECT_EQ(run.times[out].started, 0u);
    EXPECT_GT(run.times[last].started, run.times[first].ended);
}

/// What each execution must come after, worked out by running the program that the graph is.
TEST_P(GraphControlFlow, ExecutionsAreThoseOfTheProgramUnrolledByHand) {
    // head; repeat 2 times { a; do { b } while (cell 0); if (cell 1) { c1, c2 }; d }; tail
    Device device("ascend");
    const Cells cells(device, {2, 1, 0, 0, 0, 0, 0, 0});
    Graph graph(Dependencies::edges);
    const TaskId head = add_to(graph, cells, 2, 1);
    const TaskId a = add_to(graph, cells, 3, 1);
    const TaskId b = add_to(graph, cells, 0, -1);  // twice in the first iteration, then once
    const TaskId c = add_to(graph, cells, 1, 0);
    const TaskId c1 = add_to(graph, cells, 1, -1);  // once: the second iteration leaves both out
    const TaskId c2 = add_to(graph, cells, 4, 1);
    const TaskId d = set_to(graph, cells, 0, 5);  // 1 for the second iteration's b: ends at once
    const TaskId tail = add_to(graph, cells, 6, 1);
    in_order(graph, {head, a, b, c, c1, d, tail});
    in_order(graph, {c, c2, d});
    graph.set_name(b, "b");
    graph.repeat_while(b, b, cells.at(0));
    graph.skip_unless(c, d, cells.at(1));
    graph.repeat(a, d, 2);
    const float one = 1;
    cells.buffer.write(std::as_bytes(std::span(&one, 1)), 5 * 4);
    const GraphRun run = run_graph(device, graph, {.schedulers = GetParam()});

    using Name = std::pair<TaskId, std::uint32_t>;
    std::vector<Name> names;
    for (const auto& [task, iteration, times] : run.executions) names.emplace_back(task, iteration);
    // c1 and c2 may start in either order.
    const auto sorted = [](std::vector<Name> v) {
        std::ranges::sort(v);
        return v;
    };
    EXPECT_EQ(sorted(names), sorted({{head, 0},
                                     {a, 0},
                                     {b, 0},
                                     {b, 1},
                                     {c, 0},
                                     {c1, 0},
                                     {c2, 0},
                                     {d, 0},
                                     {a, 1},
                                     {b, 2},
                                     {c, 1},
                                     {d, 1},
                                     {tail, 0}}));
    const UnrolledGraph unrolled = unroll(graph, run.executions);
    std::vector<std::pair<Name, Name>> edges;
    for (TaskId from = 0; from < unrolled.graph.size(); ++from) {
        for (const TaskId to : unrolled.graph.successors().of(from)) {
            edges.emplace_back(names[from], names[to]);
        }
    }
    std::vector<std::pair<Name, Name>> expected{
        {{head, 0}, {a, 0}}, {{a, 0}, {b, 0}},  {{b, 0}, {b, 1}},  {{b, 1}, {c, 0}},
        {{c, 0}, {c1, 0}},   {{c, 0}, {c2, 0}}, {{c1, 0}, {d, 0}}, {{c2, 0}, {d, 0}},
        {{d, 0}, {a, 1}},    {{a, 1}, {b, 2}},  {{b, 2}, {c, 1}},  {{c, 1}, {d, 1}},
        {{d, 1}, {tail, 0}}};
    std::ranges::sort(edges);
    std::ranges::sort(expected);
    EXPECT_EQ(edges, expected);
    EXPECT_TRUE(unrolled.skipped.empty());
    EXPECT_EQ(unrolled.graph.name(
                  static_cast<TaskId>(std::ranges::find(names, Name(b, 1)) - names.begin())),
              "b, iteration 1");

    // The times of the last iterations are those that the records keep.
    for (const auto& [task, iteration, times] : run.executions) {
        const bool last = !std::ranges::count(names, Name(task, iteration + 1));
        if (!last) continue;
        EXPECT_EQ(times.started, run.times[task].started);
        EXPECT_EQ(times.ended, run.times[task].ended);
        EXPECT_EQ(times.ready, run.times[task].ready) << task;
        EXPECT_EQ(times.worker, run.times[task].worker);
    }
    const GraphAnalysis analysis = analyse(
        unrolled.graph, unrolled.times, static_cast<std::uint32_t>(run.workers.size()), run.start);
    const std::vector<PathStep> path = original_path(analysis, run.executions);
    std::uint64_t cycles = 0;
    for (const PathStep& step : path) cycles += step.scheduling + step.executing;
    EXPECT_EQ(cycles, run.times[tail].ended - run.start);
    EXPECT_EQ(path.size(), 12u) << "all but one of c1 and c2";
    EXPECT_EQ(path.back().task, tail);
    EXPECT_EQ(path[7].task, a);
    EXPECT_EQ(path[7].iteration, 1u);
}

TEST_P(GraphControlFlow, NotingIterationsChangesNoCycle) {
    Device device("ascend");
    const Cells cells(device, {6, 0});
    Graph graph(Dependencies::edges);
    const TaskId a = add_to(graph, cells, 1, 1);
    const TaskId b = add_to(graph, cells, 0, -1);
    in_order(graph, {a, b});
    graph.repeat_while(a, b, cells.at(0));
    GraphProgram program(device, graph, {.workers = {}, .schedulers = GetParam()});
    const std::uint64_t alone = program.run().cycles;
    for (const bool accesses : {false, true}) {
        cells.reset();
        Device other("ascend");
        const Cells same(other, {6, 0});
        ASSERT_EQ(same.address, cells.address);
        const GraphRun run =
            run_graph(other, graph, {.schedulers = GetParam(), .observe_accesses = accesses});
        EXPECT_EQ(run.run.cycles, alone);
        EXPECT_EQ(run.executions.size(), 12u);
        EXPECT_TRUE(run.races.empty()) << "iterations come one after the other";
    }
}

TEST(GraphControlEdge, PicturesShowIterationsControlEdgesAndWhatWasSkipped) {
    Device device("ascend");
    const Cells cells(device, {0, 0, 0});
    Graph graph(Dependencies::edges);
    const TaskId first = add_to(graph, cells, 1, 1);
    const TaskId out = add_to(graph, cells, 2, 1);
    const TaskId last = add_to(graph, cells, 1, 1);
    graph.set_name(first, "first");
    graph.set_name(out, "out");
    in_order(graph, {first, out, last});
    graph.skip_unless(first, last, cells.at(0));
    graph.repeat(last, last, 2);
    const GraphRun run = run_graph(device, graph);
    const UnrolledGraph unrolled = unroll(graph, run.executions);
    EXPECT_EQ(unrolled.skipped, (std::vector<TaskId>{out}));
    const std::string before = graphviz(graph);
    EXPECT_NE(before.find("t0 -> t2 [style=dashed, constraint=false, label=\"if the word is 0\"]"),
              std::string::npos)
        << before;
    EXPECT_NE(before.find("t2 -> t2 [style=dashed, constraint=false, label=\"2 times\"]"),
              std::string::npos);
    const std::string after = graphviz(graph, unrolled);
    EXPECT_NE(after.find("label=\"task 2, iteration 1\\nfunction 1\""), std::string::npos) << after;
    EXPECT_NE(after.find("skipped1 [label=\"out\\nfunction 1\\nskipped\", style=dashed"),
              std::string::npos);
}

TEST(GraphControlEdge, CutAnywhereItEndsInTheSameCycle) {
    Device device("ascend");
    const Cells cells(device, {0, 4});
    Graph graph(Dependencies::edges);
    const TaskId a = add_to(graph, cells, 0, 1);
    const TaskId b = add_to(graph, cells, 1, -1);
    in_order(graph, {a, b});
    graph.repeat_while(a, b, cells.at(1));
    GraphProgram program(device, graph, {.workers = first_workers(device.config(), 4)});
    program.start();
    const std::uint64_t start = program.started_at();
    const Snapshot begin = device.snapshot();
    const Cycle end = device.finish().end;
    EXPECT_EQ(cells.values(), (std::vector<float>{4, 0}));
    device.restore(begin);
    for (std::uint64_t at = 100; device.advance_to(Cycle{start + at}); at += 601) {
        Device fresh("ascend");
        fresh.restore(device.snapshot());
        ASSERT_EQ(fresh.finish().end, end) << at;
    }
    device.finish();
}

TEST(GraphControlEdge, ALoopWithoutEndIsCutAndTheTaskInItsLaterIterationIsExecuting) {
    Device device("ascend");
    const Cells cells(device, {1, 0});
    Graph graph(Dependencies::edges);
    const TaskId only = add_to(graph, cells, 1, 1);
    graph.repeat_while(only, only, cells.at(0));
    RunOptions limited;
    limited.cycle_limit = 20'000;
    EXPECT_THROW(run_graph(device, graph, {}, limited), CycleLimitError);
    EXPECT_GT(cells.values()[1], 10.0f);
    EXPECT_FALSE(device.busy());
}

std::vector<Edge> edges_of(const Graph& graph) {
    std::vector<Edge> edges;
    for (TaskId task = 0; task < graph.size(); ++task) {
        for (const TaskId next : graph.successors().of(task)) edges.push_back({task, next});
    }
    return edges;
}

TEST(GraphControlEdge, WhatTouchesAPartComesBeforeOrAfterAllOfIt) {
    Graph graph;
    for (int i = 0; i < 6; ++i) graph.add(0, {});
    // 0 writes x; (1; (2; 3 reads x, writes y; 4)); 5 reads y
    graph.writes(0, {64, 128});
    for (const TaskId task : {1u, 2u, 3u}) graph.add_edge(task, task + 1);
    graph.reads(3, {64, 128});
    graph.writes(3, {256, 320});
    graph.reads(5, {256, 320});
    EXPECT_EQ(edges_of(graph), (std::vector<Edge>{{0, 3}, {1, 2}, {2, 3}, {3, 4}, {3, 5}}));
    graph.repeat(2, 3, 2);
    EXPECT_EQ(edges_of(graph), (std::vector<Edge>{{0, 2}, {1, 2}, {2, 3}, {3, 4}, {3, 5}}));
    graph.skip_unless(1, 4, 0x8000'0000);
    EXPECT_EQ(edges_of(graph), (std::vector<Edge>{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}));
    EXPECT_EQ(check_control_flow(graph), (std::vector<TaskId>{2, 3}));
}

TEST(GraphControlEdge, AnEdgeThatAPathThroughAnEndImpliesIsNoWayIn) {
    Graph graph(Dependencies::edges);
    for (int i = 0; i < 6; ++i) graph.add(0, {});
    in_order(graph, {0, 1, 2, 3, 4, 5});
    graph.repeat(2, 3, 2);
    graph.skip_unless(1, 4, 0x8000'0000);
    const std::vector<Edge> chain = edges_of(graph);
    for (const Edge implied :
         {Edge{0, 2}, {0, 3}, {0, 4}, {1, 3}, {2, 4}, {2, 5}, {3, 5}, {0, 5}}) {
        Graph more = graph;
        more.add_edge(implied.from, implied.to);
        EXPECT_NO_THROW(check_control_flow(more)) << implied.from << " to " << implied.to;
    }
    Graph all = graph;
    for (const Edge implied : {Edge{0, 2}, {0, 3}, {0, 4}, {1, 3}, {2, 4}, {2, 5}, {3, 5}}) {
        all.add_edge(implied.from, implied.to);
    }
    EXPECT_EQ(edges_of(all), chain);
}

TEST(GraphControlEdge, PartsThatWaitForEachOtherAreACycle) {
    Graph graph;
    for (int i = 0; i < 4; ++i) graph.add(0, {});
    in_order(graph, {0, 1});
    in_order(graph, {2, 3});
    graph.writes(0, {64, 128});
    graph.reads(3, {64, 128});
    graph.writes(1, {256, 320});
    graph.add_edge(2, 1);
    graph.repeat(0, 1, 2);
    graph.repeat(2, 3, 2);
    EXPECT_THROW(check_control_flow(graph), GraphError);
    Device device("ascend");
    EXPECT_THROW(run_graph(device, graph), GraphError);
}

TEST(GraphControlEdge, WhatCannotBeIsRefusedByName) {
    const auto chain = [](std::uint32_t count) {
        Graph graph(Dependencies::edges);
        for (TaskId t = 0; t < count; ++t) {
            graph.add(0, std::vector<std::uint64_t>(4));
            if (t != 0) graph.add_edge(t - 1, t);
        }
        return graph;
    };
    const auto refused = [](const Graph& graph) {
        return message_of<GraphError>([&] { check_control_flow(graph); });
    };
    Graph entered = chain(5);
    entered.add(0, std::vector<std::uint64_t>(4));
    entered.add_edge(5, 2);
    entered.repeat(1, 3, 2);
    EXPECT_NE(refused(entered).find("task 2 follows a task that lies outside"), std::string::npos);
    Graph left = chain(4);
    left.add(0, std::vector<std::uint64_t>(4));
    left.add_edge(1, 4);
    left.skip_unless(0, 3, 0x8000'0000);
    EXPECT_NE(refused(left).find("nothing follows task 4"), std::string::npos);
    Graph backwards = chain(4);
    backwards.repeat(3, 1, 2);
    EXPECT_FALSE(refused(backwards).empty());
    Graph crossing = chain(6);
    crossing.repeat(0, 3, 2);
    crossing.skip_unless(2, 5, 0x8000'0000);
    EXPECT_NE(refused(crossing).find("task 3 leads out of it, to task 0"), std::string::npos);
    Graph inside = chain(6);
    inside.repeat(0, 5, 2);
    inside.skip_unless(1, 3, 0x8000'0000);
    inside.repeat(2, 2, 9);
    EXPECT_EQ(check_control_flow(inside), std::vector<TaskId>{2});

    Graph graph = chain(3);
    EXPECT_THROW(graph.repeat(0, 3, 2), ArgumentError);
    EXPECT_THROW(graph.repeat(0, 1, 0), ArgumentError);
    EXPECT_THROW(graph.repeat_while(0, 1, 0x8000'0002), ArgumentError);
    EXPECT_THROW(graph.repeat_while(0, 1, 0), ArgumentError);
    EXPECT_THROW(graph.skip_unless(1, 1, 0x8000'0000), ArgumentError);
    EXPECT_TRUE(graph.control_edges().empty());
    graph.repeat(0, 1, 2);
    EXPECT_THROW(graph.skip_unless(1, 2, 0x8000'0000), ArgumentError);

    Graph dead = chain(3);
    dead.repeat_while(0, 2, 0x8000'0000);
    Device device("ascend");
    EXPECT_THROW(run_graph(device, dead), AddressError);

    Graph twice = chain(2);
    twice.append(graph);
    ASSERT_EQ(twice.control_edges().size(), 1u);
    EXPECT_EQ(twice.control_edges()[0].from, 3u);
    EXPECT_EQ(twice.control_edges()[0].to, 2u);
}

}  // namespace
}  // namespace tilewright
