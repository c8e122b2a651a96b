// What tasks truly touch: races and undeclared accesses of runs, against sets of bytes compared one
// by one, and that observing changes no cycle.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "precompiled.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/observed.hpp"
#include "tilewright/graph/run.hpp"

namespace tilewright {
namespace {

/// Function 0 does what its arguments say, three words each: address, bytes, and how: 0 reads,
/// 1 writes, 2 adds to a word by an atomic.
Kernel toucher() {
    return precompiled([] {
        return Kernel::from_source(R"cpp(
#include "tilewright/kernel/tasks.hpp"
                                       using namespace tilewright::kernel;
                                       static void touch(std::int64_t* args) {
                                           for (std::int64_t i = 0; i < args[0]; ++i) {
                                               auto* bytes = pointer_of<volatile std::uint8_t>(args[1 + 3 * i]);
                                               const auto count = static_cast<std::uint32_t>(args[2 + 3 * i]);
                                               if (args[3 + 3 * i] == 2) {
                                                   std::uint32_t before;
                                                   asm volatile("amoadd.w %0, %1, (%2)" : "=&r"(before) : "r"(1), "r"(bytes) : "memory");
                                                   continue;
                                               }
                                               for (std::uint32_t b = 0; b < count; ++b) {
                                                   if (args[3 + 3 * i] == 1)
                                                       bytes[b] = 1;
                                                   else
                                                       (void)bytes[b];
                                               }
                                           }
                                       }
                                       TILEWRIGHT_TASKS({"touch", touch, on_any})
                                   )cpp",
                                   "touch.cpp", {.isa = preset("ascend").cores.at(0).isa});
    });
}

struct Touch {
    std::uint64_t address;
    std::uint64_t bytes;
    std::uint64_t how;
};

TaskId add_touching(Graph& graph, const std::vector<Touch>& touches) {
    std::vector<std::uint64_t> words{touches.size()};
    for (const Touch& t : touches) words.insert(words.end(), {t.address, t.bytes, t.how});
    return graph.add(0, words);
}

struct Chip {
    Device device{"ascend"};
    Buffer buffer = device.allocate(64, Placement::in_bank(0));
    std::uint64_t begin = value(buffer.core_address());
    GraphOptions options{.worker_program = toucher(), .observe_accesses = true};

    /// To offsets in the buffer.
    AddressRange in_buffer(const AddressRange& global) const {
        const std::uint64_t at = value(buffer.global_address());
        return {global.begin - at, global.end - at};
    }
};

TEST(GraphObserved, RacesAreThoseThatBruteForceFinds) {
    Chip chip;
    std::mt19937 random(5);
    int racy = 0;
    for (int round = 0; round < 25; ++round) {
        Graph graph(Dependencies::edges);
        const auto tasks = static_cast<TaskId>(2 + random() % 10);
        std::vector<std::vector<Touch>> touches(tasks);
        std::vector<std::vector<bool>> before(tasks, std::vector<bool>(tasks));
        for (TaskId t = 0; t < tasks; ++t) {
            for (std::uint32_t n = random() % 4; n-- > 0;) {
                const std::uint64_t at = random() % 64;
                touches[t].push_back({chip.begin + at,
                                      1 + random() % std::min<std::uint64_t>(12, 64 - at),
                                      random() % 3 == 0 ? 1u : 0u});
            }
            add_touching(graph, touches[t]);
            for (std::uint32_t e = random() % 3; e-- > 0 && t != 0;) {
                const TaskId from = random() % t;
                graph.add_edge(from, t);
                before[from][t] = true;
                for (TaskId u = 0; u < t; ++u) before[u][t] = before[u][t] || before[u][from];
            }
        }
        // By byte: who reads and who writes it.
        std::set<std::tuple<TaskId, TaskId, std::uint64_t>> expected;
        std::set<std::uint64_t> expected_bytes;
        const auto touched = [&](TaskId t, std::uint64_t byte, bool write) {
            return std::ranges::any_of(touches[t], [&](const Touch& touch) {
                return (touch.how == 1) == write && touch.address <= byte &&
                       byte < touch.address + touch.bytes;
            });
        };
        for (std::uint64_t byte = chip.begin; byte < chip.begin + 64; ++byte) {
            for (TaskId a = 0; a < tasks; ++a) {
                for (TaskId b = a + 1; b < tasks; ++b) {
                    const bool conflict = (touched(a, byte, true) &&
                                           (touched(b, byte, true) || touched(b, byte, false))) ||
                                          (touched(a, byte, false) && touched(b, byte, true));
                    if (!conflict || before[a][b]) continue;
                    expected.insert({a, b, byte - chip.begin});
                    expected_bytes.insert(byte - chip.begin);
                }
            }
        }
        const GraphRun run = run_graph(chip.device, graph, chip.options);
        std::set<std::uint64_t> found_bytes;
        for (const ObservedRace& race : run.races) {
            const TaskId first = run.executions[race.first].task;
            const TaskId second = run.executions[race.second].task;
            const AddressRange bytes = chip.in_buffer(race.bytes);
            for (std::uint64_t byte = bytes.begin; byte < bytes.end; ++byte) {
                EXPECT_TRUE(
                    expected.contains({std::min(first, second), std::max(first, second), byte}));
                EXPECT_TRUE(touched(first, chip.begin + byte, race.first_writes));
                EXPECT_TRUE(touched(second, chip.begin + byte, race.second_writes));
                found_bytes.insert(byte);
            }
        }
        EXPECT_EQ(found_bytes, expected_bytes) << round;
        racy += !expected.empty();
    }
    EXPECT_GT(racy, 5);
    EXPECT_LT(racy, 25);
}

TEST(GraphObserved, TheReportNamesTasksFunctionsBytesAndBuffer) {
    Chip chip;
    Graph graph(Dependencies::edges);
    add_touching(graph, {{chip.begin + 8, 16, 1}});
    add_touching(graph, {{chip.begin, 4, 0}, {chip.begin + 20, 8, 0}});
    graph.set_name(0, "left");
    graph.set_name(1, "right");
    const GraphRun run = run_graph(chip.device, graph, chip.options);
    try {
        check_observed(chip.device, graph, chip.options, run);
        FAIL() << "expected a race";
    } catch (const GraphError& error) {
        EXPECT_STREQ(error.what(),
                     "graph: what the tasks touched: 1 race, 0 undeclared accesses\n"
                     "  left (task 0, function 0 'touch') writes and right (task 1, function 0 "
                     "'touch') reads bytes 20 to 24 of its argument 1, the buffer of 64 bytes at 0 "
                     "of DRAM bank 0, with no order between them");
    }
    graph.add_edge(0, 1);
    const GraphRun ordered = run_graph(chip.device, graph, chip.options);
    EXPECT_TRUE(ordered.races.empty());
    check_observed(chip.device, graph, chip.options, ordered);
}

TEST(GraphObserved, WhatWasNotDeclaredIsTold) {
    Chip chip;
    Graph graph;
    add_touching(graph, {{chip.begin, 8, 0}, {chip.begin + 12, 8, 1}, {chip.begin + 16, 4, 0}});
    graph.reads(0, {chip.begin + 2, chip.begin + 4});
    graph.writes(0, {chip.begin + 14, chip.begin + 20});
    add_touching(graph, {{chip.begin + 40, 8, 1}});  // declares nothing: nothing is asked of it
    const GraphRun run = run_graph(chip.device, graph, chip.options);
    std::set<std::tuple<bool, std::uint64_t, std::uint64_t>> found;
    for (const UndeclaredAccess& access : run.undeclared) {
        EXPECT_EQ(run.executions[access.execution].task, 0u);
        const AddressRange bytes = chip.in_buffer(access.bytes);
        found.insert({access.write, bytes.begin, bytes.end});
    }
    EXPECT_EQ(found, (std::set<std::tuple<bool, std::uint64_t, std::uint64_t>>{
                         {false, 0, 2}, {false, 4, 8}, {true, 12, 14}}));
    const std::vector<std::string> lines =
        describe(chip.device, graph, chip.options, run, run.undeclared);
    EXPECT_EQ(lines.at(0),
              "task 0 (function 0 'touch') reads bytes 0 to 2 of its argument 1, the buffer of 64 "
              "bytes at 0 of DRAM bank 0, which it has not declared");
}

TEST(GraphObserved, AtomicsAreNoRaces) {
    Chip chip;
    Graph graph(Dependencies::edges);
    for (int i = 0; i < 8; ++i) add_touching(graph, {{chip.begin, 4, 2}});
    EXPECT_TRUE(run_graph(chip.device, graph, chip.options).races.empty());
}

TEST(GraphObserved, ObservingChangesNoCycle) {
    for (const std::uint32_t schedulers : {1u, 3u}) {
        std::mt19937 random(2);
        Graph graph(Dependencies::edges);
        Chip chip;
        for (TaskId t = 0; t < 60; ++t) {
            std::vector<Touch> touches;
            for (int i = 0; i < 3; ++i) {
                touches.push_back({chip.begin + random() % 32, random() % 32, random() % 2});
            }
            touches.push_back({0x40000 + random() % 64, random() % 64, random() % 2});  // own L1
            add_touching(graph, touches);
            if (t > 2) graph.add_edge(random() % t, t);
        }
        const auto run = [&](bool observe) {
            Device device("ascend");
            const Buffer buffer = device.allocate(64, Placement::in_bank(0));
            EXPECT_EQ(value(buffer.core_address()), chip.begin);
            GraphOptions options = chip.options;
            options.schedulers = schedulers;
            options.observe_accesses = observe;
            const GraphRun result = run_graph(device, graph, options);
            EXPECT_EQ(result.races.empty(), !observe);
            std::vector<std::uint64_t> cycles{result.run.cycles, result.run.instructions};
            for (const TaskTimes& t : result.times) {
                cycles.insert(cycles.end(), {t.ready, t.dispatched, t.started, t.ended, t.worker});
            }
            return cycles;
        };
        EXPECT_EQ(run(true), run(false));
    }
}

TEST(GraphObserved, ExecutionsAreTheTimesOfTheRecords) {
    Chip chip;
    Graph graph(Dependencies::edges);
    for (TaskId t = 0; t < 40; ++t) {
        add_touching(graph, {{chip.begin, t, 0}});
        if (t > 4) graph.add_edge(t / 2, t);
    }
    const GraphRun run = run_graph(chip.device, graph, chip.options);
    ASSERT_EQ(run.executions.size(), graph.size());
    for (const auto& [task, iteration, times] : run.executions) {
        EXPECT_EQ(iteration, 0u);
        const TaskTimes& record = run.times[task];
        EXPECT_EQ(times.ready, record.ready) << task;
        EXPECT_EQ(times.dispatched, record.dispatched);
        EXPECT_EQ(times.started, record.started);
        EXPECT_EQ(times.ended, record.ended);
        EXPECT_EQ(times.worker, record.worker);
    }
}

TEST(GraphObserved, RoomInOnesOwnL1MayBeUsedAgainOnTheSameCore) {
    Chip chip;
    Graph graph(Dependencies::edges);
    for (int i = 0; i < 6; ++i) add_touching(graph, {{0x40000, 64, 1}, {0x40000, 64, 0}});
    chip.options.workers = {{{0, 0}, 0}};
    EXPECT_TRUE(run_graph(chip.device, graph, chip.options).races.empty());
    chip.options.workers = {{{0, 0}, 0}, {{1, 0}, 0}};  // each has its own
    EXPECT_TRUE(run_graph(chip.device, graph, chip.options).races.empty());
    chip.options.workers = {{{0, 0}, 1}, {{0, 0}, 2}};  // they share it
    EXPECT_FALSE(run_graph(chip.device, graph, chip.options).races.empty());
}

/// Kernels that copy 64 bytes of DRAM bank 0 to their L1, or from there.
Kernel copier(const std::string& name, const std::string& copy) {
    return Kernel::from_source(
        "#include \"tilewright/kernel.hpp\"\nusing namespace tilewright::kernel;\n"
        "static void copy(Buffer buffer, std::uint32_t at) {\n"
        "void* const local = l1<void>(0x40000 + at % 64);\n" +
            copy + "\n}\nTILEWRIGHT_KERNEL(copy)\n",
        name, {.isa = preset("ascend").cores.at(0).isa});
}

TEST(GraphObserved, TransfersOverTheNetworkCount) {
    Device device("ascend");
    const Buffer buffer = device.allocate(8192, Placement::interleaved());
    GraphOptions options{
        .kernels = {precompiled([] {
                        return copier("put",
                                      "buffer.write(at, local, 64); noc_async_write_barrier();");
                    }),
                    precompiled([] {
                        return copier("get",
                                      "buffer.read(at, local, 64); noc_async_read_barrier();");
                    })},
        .observe_accesses = true};
    Graph graph(Dependencies::edges);
    const auto add = [&](std::uint32_t kernel, std::int64_t at) {
        const std::vector<std::uint32_t> half =
            encode_arguments(options.kernels[kernel], std::vector<Argument>{buffer, at});
        std::vector<std::uint64_t> words((half.size() + 1) / 2);
        for (std::size_t i = 0; i < half.size(); ++i) {
            words[i / 2] |= std::uint64_t{half[i]} << (i % 2 * 32);
        }
        return graph.add(first_kernel_function + kernel, words);
    };
    add(0, 0);     // writes page 0
    add(1, 64);    // reads beside it
    add(0, 4096);  // writes page 1, which lies in another bank
    options.workers = {{{0, 0}, 0}, {{1, 0}, 0}, {{2, 0}, 0}};
    EXPECT_TRUE(run_graph(device, graph, options).races.empty());
    add(1, 4096 + 32);
    options.workers.push_back({{3, 0}, 0});
    const GraphRun run = run_graph(device, graph, options);
    const std::vector<std::string> lines = describe(device, graph, options, run, run.races);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0],
              "task 2 (kernel 'put') writes and task 3 (kernel 'get') reads bytes 4128 to 4160 of "
              "the buffer of 8192 bytes at 0 of all DRAM banks, in pages of 4096, with no order "
              "between them");
}

TEST(GraphObserved, IterationsAreComparedEachWithItself) {
    // Two tasks in a loop, each of which writes what the other one wrote in the iteration before:
    // they take turns by a word that a third one flips.
    Chip chip;
    const Kernel program = precompiled([] {
        return Kernel::from_source(
            R"cpp(
#include "tilewright/kernel/tasks.hpp"
                using namespace tilewright::kernel;
                static void put(std::int64_t* args) {  // (turn, half, cells):
                                                       // writes cells[turn ^ half]
                    auto* cells = pointer_of<volatile std::uint32_t>(args[2]);
                    cells[*pointer_of<volatile std::uint32_t>(args[0]) ^ static_cast<std::uint32_t>(args[1])] = 1;
                }
                static void flip(std::int64_t* args) {
                    *pointer_of<volatile std::uint32_t>(args[0]) ^= 1;
                }
                static void nothing(std::int64_t*) {}
                TILEWRIGHT_TASKS({"put", put, on_any}, {"flip", flip, on_any}, {"nothing", nothing, on_any})
            )cpp",
            "turns.cpp", {.isa = preset("ascend").cores.at(0).isa});
    });
    const std::uint32_t zeros[4] = {};
    chip.buffer.write(std::as_bytes(std::span(zeros)));
    Graph graph(Dependencies::edges);
    const auto add = [&](std::uint32_t function, std::uint64_t half) {
        const std::uint64_t words[] = {chip.begin, half, chip.begin + 16};
        return graph.add(function, words);
    };
    const TaskId begin = add(2, 0);
    const TaskId left = add(0, 0);
    const TaskId right = add(0, 1);
    const TaskId end = add(1, 0);
    for (const TaskId middle : {left, right}) {
        graph.add_edge(begin, middle);
        graph.add_edge(middle, end);
    }
    graph.repeat(begin, end, 4);
    chip.options.worker_program = program;
    EXPECT_TRUE(run_graph(chip.device, graph, chip.options).races.empty());
    // If both write the same cell they race, in each iteration.
    Graph racy = graph;
    const std::uint64_t words[] = {chip.begin, 1, chip.begin + 16};
    const TaskId third = racy.add(0, words);
    racy.add_edge(begin, third);
    racy.add_edge(third, end);
    EXPECT_EQ(run_graph(chip.device, racy, chip.options).races.size(), 4u);
}

TEST(GraphObserved, TasksOnSeveralCoresAreOneTask) {
    Chip chip;
    Graph graph(Dependencies::edges);
    const TaskId wide = add_touching(graph, {{chip.begin, 64, 1}, {0x40000, 64, 1}});
    graph.set_cores(wide, 3);
    const TaskId after = add_touching(graph, {{chip.begin, 64, 0}, {0x40000, 64, 1}});
    chip.options.workers = {{{0, 0}, 0}, {{1, 0}, 0}, {{2, 0}, 0}};
    const GraphRun racy = run_graph(chip.device, graph, chip.options);
    ASSERT_EQ(racy.races.size(), 1u) << "for the buffer, not for room in L1";
    EXPECT_EQ(chip.in_buffer(racy.races[0].bytes), (AddressRange{0, 64}));
    graph.add_edge(wide, after);
    const GraphRun run = run_graph(chip.device, graph, chip.options);
    EXPECT_TRUE(run.races.empty());
    ASSERT_EQ(run.execution_shares.size(), 3u);
    ASSERT_EQ(run.shares.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(run.execution_shares[i].rank, run.shares[i].rank);
        EXPECT_EQ(run.execution_shares[i].worker, run.shares[i].worker);
        EXPECT_EQ(run.execution_shares[i].started, run.shares[i].started);
        EXPECT_EQ(run.execution_shares[i].ended, run.shares[i].ended);
    }
    EXPECT_EQ(run.executions[0].times.started, run.times[wide].started);
    EXPECT_EQ(run.executions[0].times.ended, run.times[wide].ended);
}

TEST(GraphObserved, TenThousandTasksInLittleTime) {
    Chip chip;
    Graph graph(Dependencies::edges);
    const Buffer large = chip.device.allocate(40'000, Placement::in_bank(0));
    for (TaskId t = 0; t < 10'000; ++t) {
        add_touching(graph, {{value(large.core_address()) + 4 * t, t == 5000 ? 8u : 4u, 1}});
    }
    chip.options.schedulers = 2;
    const GraphRun run = run_graph(chip.device, graph, chip.options);
    ASSERT_EQ(run.races.size(), 1u);
    EXPECT_EQ(run.races[0].bytes.end - run.races[0].bytes.begin, 4u);
}

}  // namespace
}  // namespace tilewright
