// Graphs as data: order from edges and from accesses, cycles, races, subgraphs. Closures by brute
// force are the oracle.
#include "tilewright/graph/graph.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tilewright/base/error.hpp"
#include "tilewright/graph/check.hpp"
#include "tilewright/graph/order.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

using Words = std::vector<std::uint64_t>;
using Matrix = std::vector<std::vector<bool>>;  // [from][to]

void add_empty(Graph& graph, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) graph.add(0, {});
}

std::vector<TaskId> after(const Graph& graph, TaskId task) {
    const auto list = graph.successors().of(task);
    return {list.begin(), list.end()};
}

Matrix closure(std::size_t tasks, std::span<const Edge> edges) {
    Matrix before(tasks, std::vector<bool>(tasks));
    for (const Edge& edge : edges) before[edge.from][edge.to] = true;
    for (std::size_t via = 0; via < tasks; ++via) {
        for (std::size_t from = 0; from < tasks; ++from) {
            for (std::size_t to = 0; to < tasks; ++to) {
                if (before[from][via] && before[via][to]) before[from][to] = true;
            }
        }
    }
    return before;
}

bool conflict(const Access& a, const Access& b) {
    return (a.write || b.write) && a.range.begin < b.range.end && b.range.begin < a.range.end;
}

std::vector<Access> random_accesses(std::mt19937& random, std::size_t tasks, std::size_t bytes) {
    std::vector<Access> accesses;
    for (TaskId task = 0; task < tasks; ++task) {
        for (std::uint32_t n = random() % 4; n != 0; --n) {
            const std::uint64_t begin = random() % bytes;
            accesses.push_back(
                {{begin, begin + 1 + random() % (bytes - begin)}, task, random() % 3 == 0});
        }
    }
    return accesses;
}

std::string message(const std::function<void()>& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(Graph, KeepsWhatItWasTold) {
    Graph graph;
    EXPECT_EQ(graph.add(3, Words{1, 2}), 0u);
    EXPECT_EQ(graph.add(4, {}, 2), 1u);
    EXPECT_EQ(graph.add(5, Words{7}), 2u);
    EXPECT_EQ(graph.size(), 3u);
    EXPECT_EQ(graph.functions()[1], 4u);
    EXPECT_EQ(graph.kinds()[0], kind_of_function);
    EXPECT_EQ(graph.kinds()[1], 2);
    EXPECT_EQ(graph.arguments(0)[1], 2u);
    EXPECT_TRUE(graph.arguments(1).empty());
    EXPECT_EQ(graph.arguments(2)[0], 7u);
    graph.set_name(2, "last");
    graph.set_name(0, "first");
    EXPECT_EQ(graph.name(0), "first");
    EXPECT_EQ(graph.name(1), "task 1");
    EXPECT_EQ(graph.name(2), "last");
}

TEST(Graph, ManyAtOnceAreTheSameAsOneByOne) {
    Graph one;
    Graph many;
    const std::vector<std::uint32_t> functions{5, 6, 7};
    const Words words{1, 2, 3, 4, 5, 6};
    for (std::size_t i = 0; i < 3; ++i) one.add(functions[i], std::span(words).subspan(2 * i, 2));
    EXPECT_EQ(many.add_tasks(functions, words), 0u);
    EXPECT_EQ(many.add_tasks(functions, {}, std::vector<std::uint8_t>{1, 2, 3}), 3u);
    for (TaskId task = 0; task < 3; ++task) {
        EXPECT_EQ(many.functions()[task], one.functions()[task]);
        EXPECT_EQ(many.arguments(task)[1], one.arguments(task)[1]);
        EXPECT_EQ(many.kinds()[task], one.kinds()[task]);
        EXPECT_EQ(many.kinds()[task + 3], task + 1);
        EXPECT_TRUE(many.arguments(task + 3).empty());
    }
    one.add_edge(0, 2);
    one.add_edge(1, 2);
    many.add_edges(std::vector<TaskId>{0, 1}, std::vector<TaskId>{2, 2});
    EXPECT_EQ(after(one, 0), after(many, 0));
    EXPECT_EQ(after(one, 1), after(many, 1));
}

TEST(Graph, AnEdgeSaidTwiceCountsOnce) {
    Graph graph;
    add_empty(graph, 3);
    graph.add_edge(0, 2);
    graph.add_edge(0, 1);
    graph.add_edge(0, 2);
    EXPECT_EQ(after(graph, 0), (std::vector<TaskId>{1, 2}));
    EXPECT_EQ(graph.predecessor_counts(), (std::vector<std::uint32_t>{0, 1, 1}));
    graph.add_edge(1, 2);  // after the lists were made
    EXPECT_EQ(after(graph, 1), (std::vector<TaskId>{2}));
}

TEST(Graph, InfersReadAfterWriteWriteAfterWriteAndWriteAfterRead) {
    Graph graph;
    add_empty(graph, 5);
    graph.writes(0, {0, 100});
    graph.reads(1, {0, 50});
    graph.reads(2, {25, 75});
    graph.writes(3, {40, 60});   // after both readers
    graph.writes(4, {0, 10});    // after reader 1
    graph.writes(4, {90, 100});  // after writer 0
    EXPECT_EQ(after(graph, 0), (std::vector<TaskId>{1, 2, 4}));
    EXPECT_EQ(after(graph, 1), (std::vector<TaskId>{3, 4}));
    EXPECT_EQ(after(graph, 2), (std::vector<TaskId>{3}));
    EXPECT_TRUE(after(graph, 3).empty());
}

TEST(Graph, ATaskThatReadsAndWritesDoesNotWaitForItself) {
    for (const bool write_first : {false, true}) {
        Graph graph;
        add_empty(graph, 3);
        for (TaskId task = 0; task < 3; ++task) {
            if (write_first) graph.writes(task, {8, 16});
            graph.reads(task, {8, 16});
            if (!write_first) graph.writes(task, {8, 16});
        }
        EXPECT_EQ(after(graph, 0), (std::vector<TaskId>{1}));
        EXPECT_EQ(after(graph, 1), (std::vector<TaskId>{2}));
        EXPECT_TRUE(find_cycle(graph.successors()).empty());
    }
}

TEST(Graph, InferredEdgesOrderAllConflictsAndNothingElse) {
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        const std::size_t tasks = 2 + random() % 12;
        const std::vector<Access> accesses = random_accesses(random, tasks, 1 + random() % 24);
        std::vector<Edge> conflicts;
        for (const Access& a : accesses) {
            for (const Access& b : accesses) {
                if (a.task < b.task && conflict(a, b)) conflicts.push_back({a.task, b.task});
            }
        }
        Graph graph;
        add_empty(graph, tasks);
        // Tasks may be told in any order.
        std::vector<Access> told = accesses;
        if (round % 2 == 1) std::shuffle(told.begin(), told.end(), random);
        graph.add_accesses(told);
        EXPECT_EQ(closure(tasks, inferred_edges(graph)), closure(tasks, conflicts)) << round;
    }
}

TEST(Graph, TheOrderFromAccessesDoesNotDependOnHowFarApartTheyAre) {
    // The same accesses with few bytes between their ends, and with so many that these are sorted;
    // with more ends than a level of the set of segments has bits.
    std::mt19937 random(8);
    for (const std::uint64_t ends : {40u, 3000u}) {
        for (int round = 0; round < 8; ++round) {
            const std::vector<Access> near = random_accesses(random, 3 * ends, ends);
            std::vector<std::uint64_t> far(ends + 1);
            std::uint64_t address = 0x8000'0000;
            for (std::uint64_t& at : far) at = address += 1 + random() % 2'000'000;
            Graph first;
            Graph second;
            for (Graph* graph : {&first, &second}) add_empty(*graph, 3 * ends);
            for (Access access : near) {
                first.add_accesses({&access, 1});
                access.range = {far[access.range.begin], far[access.range.end]};
                second.add_accesses({&access, 1});
            }
            ASSERT_EQ(inferred_edges(first), inferred_edges(second)) << ends << " " << round;
        }
    }
}

TEST(Graph, WithEdgesAloneAccessesOrderNothing) {
    Graph graph(Dependencies::edges);
    add_empty(graph, 2);
    graph.writes(0, {0, 4});
    graph.writes(1, {0, 4});
    EXPECT_TRUE(after(graph, 0).empty());
}

TEST(Graph, TopologicalOrderAndPathsOfRandomGraphs) {
    std::mt19937 random(2);
    for (int round = 0; round < 200; ++round) {
        const auto tasks = static_cast<TaskId>(1 + random() % 30);
        std::vector<TaskId> shuffled(tasks);
        for (TaskId i = 0; i < tasks; ++i) shuffled[i] = i;
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        std::vector<Edge> edges;
        for (std::uint32_t n = random() % (2 * tasks); n != 0 && tasks > 1; --n) {
            const std::uint32_t a = random() % tasks;
            const std::uint32_t b = random() % tasks;
            if (a != b) edges.push_back({shuffled[std::min(a, b)], shuffled[std::max(a, b)]});
        }
        const TaskLists successors = task_lists(tasks, edges);
        const std::vector<TaskId> order = topological_order(successors);
        ASSERT_EQ(order.size(), tasks);
        std::vector<std::size_t> position(tasks);
        for (std::size_t i = 0; i < tasks; ++i) position[order[i]] = i;
        for (const Edge& edge : edges) EXPECT_LT(position[edge.from], position[edge.to]);

        const Matrix paths = closure(tasks, edges);
        Reachability reach(successors, order);
        for (TaskId from = 0; from < tasks; ++from) {
            for (TaskId to = 0; to < tasks; ++to) {
                EXPECT_EQ(reach.reaches(from, to), from == to || paths[from][to])
                    << from << " " << to;
            }
        }
    }
}

TEST(Graph, ACycleIsToldByTheNamesOfItsTasks) {
    Graph graph;
    add_empty(graph, 6);
    graph.set_name(3, "dog");
    for (const auto& [from, to] : {std::pair{0, 1}, {1, 3}, {3, 2}, {2, 1}, {2, 4}, {4, 5}}) {
        graph.add_edge(static_cast<TaskId>(from), static_cast<TaskId>(to));
    }
    EXPECT_EQ(find_cycle(graph.successors()), (std::vector<TaskId>{1, 3, 2}));
    EXPECT_EQ(message([&] { check_order(graph); }),
              "graph: a cycle of 3 tasks: task 1 -> dog -> task 2 -> task 1");
}

TEST(Graph, ATaskBeforeItselfIsACycle) {
    Graph graph;
    add_empty(graph, 2);
    graph.add_edge(1, 1);
    EXPECT_EQ(message([&] { check_order(graph); }), "graph: a cycle of 1 task: task 1 -> task 1");
}

TEST(Graph, RacesAreThoseThatBruteForceFinds) {
    std::mt19937 random(3);
    int races = 0;
    for (int round = 0; round < 300; ++round) {
        const std::size_t tasks = 2 + random() % 8;
        Graph graph(Dependencies::edges);
        add_empty(graph, tasks);
        for (std::uint32_t n = random() % (3 * tasks); n != 0; --n) {
            const auto a = static_cast<TaskId>(random() % tasks);
            const auto b = static_cast<TaskId>(random() % tasks);
            if (a != b) graph.add_edge(std::max(a, b), std::min(a, b));
        }
        const std::vector<Access> accesses = random_accesses(random, tasks, 16);
        graph.add_accesses(accesses);
        const Matrix paths = closure(tasks, graph.edges());
        const auto unordered = [&](const Access& a, const Access& b) {
            return a.task != b.task && !paths[a.task][b.task] && !paths[b.task][a.task] &&
                   conflict(a, b);
        };
        bool expected = false;
        for (const Access& a : accesses) {
            for (const Access& b : accesses) expected |= unordered(a, b);
        }
        const std::optional<DeclaredRace> race = find_race(graph);
        ASSERT_EQ(race.has_value(), expected) << round;
        if (!race) continue;
        ++races;
        EXPECT_TRUE(unordered({race->bytes, race->first, race->first_writes},
                              {race->bytes, race->second, race->second_writes}));
        for (const auto& [task, write] : {std::pair{race->first, race->first_writes},
                                          std::pair{race->second, race->second_writes}}) {
            bool told = false;
            for (const Access& a : accesses) {
                told |= a.task == task && a.write == write && a.range.begin <= race->bytes.begin &&
                        a.range.end >= race->bytes.end;
            }
            EXPECT_TRUE(told);
        }
    }
    EXPECT_GT(races, 50);
    EXPECT_LT(races, 250);
}

TEST(Graph, ARaceIsToldWithItsTasksAndBytes) {
    Graph graph(Dependencies::edges);
    add_empty(graph, 3);
    graph.set_name(2, "reader");
    graph.add_edge(0, 1);
    graph.writes(0, {0x1000, 0x1100});
    graph.writes(1, {0x10F0, 0x1200});
    graph.reads(2, {0x1180, 0x1300});
    EXPECT_EQ(message([&] { check_races(graph); }),
              "graph: reader reads and task 1 writes bytes 0x1180 to 0x1200 with no order between "
              "them");
    graph.add_edge(1, 2);
    EXPECT_EQ(message([&] { check_races(graph); }), "");
}

TEST(Graph, SubgraphsAreReplayedWithOtherValues) {
    Graph step;
    const TaskId first = step.add(1, Words{0, 16});
    const TaskId second = step.add(2, Words{0, 0});
    step.bind_argument(first, 0, 0);
    step.bind_argument(second, 1, 1);
    step.set_name(second, "second");
    step.add_edge(first, second);
    step.writes_to(second, 1, {0, 64});
    step.reads_from(first, 0, {0, 64});
    EXPECT_EQ(step.value_count(), 2u);

    Graph graph;
    add_empty(graph, 1);
    EXPECT_EQ(graph.append(step, Words{0x100, 0x200}), 1u);
    EXPECT_EQ(graph.append(step, Words{0x200, 0x300}), 3u);
    EXPECT_EQ(graph.arguments(1)[0], 0x100u);
    EXPECT_EQ(graph.arguments(1)[1], 16u);
    EXPECT_EQ(graph.arguments(4)[1], 0x300u);
    EXPECT_EQ(graph.name(4), "second");
    // Inside each copy by the edge, between them by what the second reads of the first.
    EXPECT_EQ(after(graph, 1), (std::vector<TaskId>{2}));
    EXPECT_EQ(after(graph, 2), (std::vector<TaskId>{3}));
    EXPECT_EQ(after(graph, 3), (std::vector<TaskId>{4}));
    EXPECT_NE(message([&] { graph.append(step, Words{1}); }).find("needs 2 values, got 1"),
              std::string::npos);
    EXPECT_EQ(graph.size(), 5u);
}

TEST(Graph, PointersMustLeadIntoLiveMemory) {
    Graph graph;
    graph.add(0, Words{0x5000});
    const TaskId task = graph.add(0, Words{1, 0x1000, 0x5000});
    graph.set_name(task, "sum");
    graph.mark_pointer(task, 1);
    const std::vector<AddressRange> live{{0x800, 0x900}, {0x1000, 0x1004}};
    EXPECT_EQ(message([&] { check_pointers(graph, live); }), "");
    graph.mark_pointer(task, 2);
    EXPECT_EQ(message([&] { check_pointers(graph, live); }),
              "sum, argument 2: the pointer 0x5000 leads into no live allocation");
    Graph whole;
    whole.append(graph);
    EXPECT_NE(message([&] {
                  check_pointers(whole, std::span(live).first(1));
              }).find("sum, argument 1: the pointer 0x1000"),
              std::string::npos);
    EXPECT_THROW(check_pointers(graph, {}), AddressError);
    EXPECT_THROW(graph.mark_pointer(task, 3), ArgumentError);
}

TEST(Graph, LiveRangesAreWhatIsAllocatedInDirectMemory) {
    Device device("ascend");
    EXPECT_TRUE(live_ranges(device).empty());
    const Buffer second = device.allocate(100, Placement::in_bank(1));
    const Buffer first = device.allocate(64, Placement::in_bank(0));
    const Buffer elsewhere = device.allocate(64);
    const std::uint64_t at = value(second.core_address());
    const std::uint64_t before = value(first.core_address());
    EXPECT_EQ(live_ranges(device),
              (std::vector<AddressRange>{{before, before + 64}, {at, at + 100}}));
    EXPECT_TRUE(first.valid());
}

TEST(Graph, WhatCannotBeIsRefusedAndChangesNothing) {
    Graph graph;
    add_empty(graph, 2);
    EXPECT_EQ(message([&] { graph.add_edge(1, 7); }),
              "graph: edge from task 1 to task 7: no task 7; it has 0 to 1");
    EXPECT_THROW(graph.add_edges(std::vector<TaskId>{0, 1}, std::vector<TaskId>{1, 2}),
                 ArgumentError);
    EXPECT_THROW(graph.add_edges(std::vector<TaskId>{0, 1}, std::vector<TaskId>{1}), ArgumentError);
    EXPECT_THROW(graph.add_tasks(std::vector<std::uint32_t>{1, 2}, Words{1, 2, 3}), ArgumentError);
    EXPECT_THROW(graph.add_tasks({}, Words{1}), ArgumentError);
    EXPECT_THROW(
        graph.add_tasks(std::vector<std::uint32_t>{1, 2}, {}, std::vector<std::uint8_t>{1}),
        ArgumentError);
    EXPECT_THROW(graph.reads(2, {0, 1}), ArgumentError);
    EXPECT_THROW(graph.reads(1, {1, 1}), ArgumentError);
    EXPECT_THROW(graph.writes(1, {~0ull, 3}), ArgumentError);
    EXPECT_THROW(graph.bind_argument(0, 0, 0), ArgumentError);
    EXPECT_THROW(graph.set_name(9, "x"), ArgumentError);
    EXPECT_THROW(graph.append(graph), ArgumentError);
    EXPECT_EQ(graph.size(), 2u);
    EXPECT_TRUE(graph.edges().empty());
    EXPECT_TRUE(graph.accesses().empty());
    EXPECT_EQ(graph.value_count(), 0u);
}

}  // namespace
}  // namespace tilewright
