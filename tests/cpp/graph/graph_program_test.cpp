// Graphs on the device: every task once and in order, whatever the shape, the schedulers and where
// the run was cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <numeric>
#include <random>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/runtime/device.hpp"

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
        // Workers that no task could need stay out of it.
        std::uint32_t done = 0;
        std::size_t ready = 0;
        for (const Handshake& h : program.handshakes()) {
            EXPECT_EQ(h.quit, h.ready);
            EXPECT_FALSE(h.busy);
            done += h.done;
            ready += h.ready ? 1 : 0;
        }
        EXPECT_EQ(done, graph.size());
        EXPECT_EQ(run.cores.size(), GetParam() + ready);
        EXPECT_LE(ready, GetParam() * graph.size());
        EXPECT_GE(ready, std::min<std::size_t>(graph.size(), 48));
        EXPECT_GT(run.cycles, 0u);
    }
}

INSTANTIATE_TEST_SUITE_P(Schedulers, GraphShapes, testing::Values(1u, 2u, 3u, 4u));

// One worker that holds one task: the next is the first of the highest priority that was ready.
TEST(GraphPriorities, OneWorkerTakesTheHighestFirst) {
    for (const std::uint32_t seed : {1u, 2u, 3u}) {
        std::mt19937 random(seed);
        Graph graph = empty_tasks(60);
        for (TaskId t = 0; t < graph.size(); ++t) {
            graph.set_priority(t, random() % 8);
            for (std::uint32_t e = random() % 3; e-- > 0 && t != 0;) {
                graph.add_edge(random() % t, t);
            }
        }
        Device device("ascend");
        GraphProgram program(device, graph,
                             {.workers = first_workers(device.config(), 1), .tasks_ahead = 1});
        for (int run = 0; run < 2; ++run) {
            program.run();
            const std::vector<TaskTimes> times = program.times();
            expect_in_order(graph, times, program.started_at());
            std::vector<TaskId> order(graph.size());
            std::iota(order.begin(), order.end(), 0u);
            std::ranges::sort(order, {}, [&](TaskId t) { return times[t].started; });
            // The same by hand: by priority, then by when they became ready.
            std::vector<std::uint32_t> waits = graph.predecessor_counts();
            std::vector<TaskId> ready;
            for (TaskId t = 0; t < graph.size(); ++t) {
                if (waits[t] == 0) ready.push_back(t);
            }
            std::vector<TaskId> expected;
            while (!ready.empty()) {
                const auto next = std::ranges::max_element(
                    ready, {}, [&](TaskId t) { return graph.priority(t); });  // the first of them
                expected.push_back(*next);
                ready.erase(next);
                for (const TaskId t : graph.successors().of(expected.back())) {
                    if (--waits[t] == 0) ready.push_back(t);
                }
            }
            EXPECT_EQ(order, expected);
        }
    }
}

// Of one kind, with one scheduler: whoever goes to a worker has no better one ready beside it.
TEST(GraphPriorities, NobodyGoesBeforeAHigherOneThatIsReady) {
    Graph graph = random_graph(300, 5);
    std::mt19937 random(6);
    for (TaskId t = 0; t < graph.size(); ++t) graph.set_priority(t, random() % 3 * 3);
    for (const std::uint32_t schedulers : {1u, 3u}) {
        Device device("ascend");
        GraphProgram program(device, graph,
                             {.workers = first_workers(device.config(), 9),
                              .schedulers = schedulers,
                              .tasks_ahead = 1});
        program.run();
        const std::vector<TaskTimes> times = program.times();
        expect_in_order(graph, times, program.started_at());
        for (TaskId t = 0; schedulers == 1 && t < graph.size(); ++t) {
            for (TaskId other = 0; other < graph.size(); ++other) {
                if (graph.kinds()[t] != graph.kinds()[other]) continue;
                if (graph.priority(other) <= graph.priority(t)) continue;
                if (times[other].dispatched <= times[t].dispatched) continue;
                ASSERT_GE(times[other].ready, times[t].dispatched) << t << " " << other;
            }
        }
    }
}

// With repeats, tasks on several cores, and added tasks, of all of which the highest has a share.
TEST(GraphPriorities, GangsAndRepeatsHaveThem) {
    for (const std::uint32_t schedulers : {1u, 2u}) {
        Graph graph = empty_tasks(8);
        graph.set_cores(3, 3);
        graph.set_cores(4, 2);
        graph.set_priority(4, 7);
        graph.set_priority(6, 2);
        for (TaskId t = 1; t < 7; ++t) {
            graph.add_edge(0, t);
            graph.add_edge(t, 7);
        }
        graph.repeat(0, 7, 3);
        Device device("ascend");
        GraphProgram program(device, graph,
                             {.workers = first_workers(device.config(), 9),
                              .schedulers = schedulers,
                              .tasks_ahead = 1});
        program.run();
        const std::vector<TaskTimes> times = program.times();
        expect_in_order(graph, times, program.started_at());
        EXPECT_LT(times[4].dispatched, times[3].dispatched) << schedulers;
    }
}

TEST(GraphPriorities, AreCheckedAndCopied) {
    Graph graph = empty_tasks(3);
    EXPECT_EQ(graph.top_priority(), 0u);
    EXPECT_THROW(graph.set_priority(0, 8), ArgumentError);
    EXPECT_THROW(graph.set_priority(3, 1), ArgumentError);
    graph.set_priority(1, 5);
    Graph whole = empty_tasks(2);
    whole.append(graph);
    EXPECT_EQ(whole.priority(3), 5u);
    EXPECT_EQ(whole.priority(4), 0u);
    EXPECT_EQ(whole.top_priority(), 5u);
    // One that does not know them is not given any.
    Device device("ascend");
    EXPECT_THROW(GraphProgram(device, graph, {.scheduler = builtin_scheduler()}), GraphError);
}

TEST(GraphProgram, WaitsForItsTurnInAQueue) {
    Device device("ascend");
    const Graph first = chain(5);
    const Graph second = fan(40);
    GraphProgram one(device, first);
    GraphProgram two(device, second, {.workers = {}, .schedulers = 2});
    Queue queue = device.queue();
    for (int i = 0; i < 2; ++i) {
        one.enqueue(queue);
        two.enqueue(queue);
    }
    EXPECT_EQ(count(device.cycle()), 0u);
    const auto run = queue.finish();
    one.ended_in_queue(run);
    two.ended_in_queue(run);
    expect_in_order(first, one.times(), one.started_at());
    expect_in_order(second, two.times(), two.started_at());
    EXPECT_GE(two.started_at(), one.times()[4].ended);
    EXPECT_THROW(one.ended_in_queue(tilewright::Run{}), ArgumentError);
    // As if they had been run one after another.
    Device other("ascend");
    GraphProgram same_one(other, first);
    GraphProgram same_two(other, second, {.workers = {}, .schedulers = 2});
    for (int i = 0; i < 2; ++i) {
        same_one.run();
        same_two.run();
    }
    EXPECT_EQ(one.times()[4].ended - one.started_at(),
              same_one.times()[4].ended - same_one.started_at());
    EXPECT_EQ(two.times()[39].ended - two.started_at(),
              same_two.times()[39].ended - same_two.started_at());
}

std::vector<std::uint64_t> flat(const std::vector<TaskTimes>& times) {
    std::vector<std::uint64_t> all;
    for (const TaskTimes& t : times) {
        all.insert(all.end(), {t.ready, t.dispatched, t.started, t.ended, t.worker});
    }
    return all;
}

Buffer floats(Device& device, const std::vector<float>& values) {
    Buffer buffer = device.allocate(values.size() * 4, Placement::in_bank(0));
    buffer.write(std::as_bytes(std::span(values)));
    return buffer;
}
std::vector<float> floats(const Buffer& buffer) {
    std::vector<float> values(buffer.bytes() / 4);
    buffer.read(std::as_writable_bytes(std::span(values)));
    return values;
}
std::uint64_t address(const Buffer& buffer) {
    return value(buffer.core_address());
}

// (a + b + 1) * (a + b + 2), with the functions that come with the library.
TEST(GraphProgram, TheFormulaOfTheStartingExample) {
    constexpr std::size_t n = 256;
    Device device("ascend");
    const Buffer a = floats(device, std::vector<float>(n, 2.0f));
    const Buffer b = floats(device, std::vector<float>(n, 3.0f));
    std::vector<Buffer> t;
    for (int i = 0; i < 4; ++i) t.push_back(floats(device, std::vector<float>(n)));
    const auto bits = [](float v) { return std::uint64_t{std::bit_cast<std::uint32_t>(v)}; };
    Graph graph(Dependencies::edges);
    using Words = std::vector<std::uint64_t>;
    graph.add(0, Words{address(a), address(b), address(t[0]), n});
    graph.add(1, Words{address(t[0]), bits(1), address(t[1]), n});
    graph.add(1, Words{address(t[0]), bits(2), address(t[2]), n});
    graph.add(2, Words{address(t[1]), address(t[2]), address(t[3]), n});
    for (auto [from, to] : {std::pair{0, 1}, {0, 2}, {1, 3}, {2, 3}}) {
        graph.add_edge(TaskId(from), TaskId(to));
    }
    GraphProgram program(device, graph, {.workers = first_workers(device.config(), 3)});
    program.run();
    EXPECT_EQ(floats(t[3]), std::vector<float>(n, 42.0f));
    EXPECT_NE(program.times()[1].worker, program.times()[2].worker);  // at the same time
    const std::uint64_t cycles = program.times()[0].ended - program.times()[0].started;
    EXPECT_LT(cycles, 30 * n);  // with hardware floats

    // Again, with other values in the same buffers.
    const std::vector<float> other(n, -3.0f);
    a.write(std::as_bytes(std::span(other)));
    program.run();
    EXPECT_EQ(floats(t[3]), std::vector<float>(n, 2.0f));
}

TEST(GraphProgram, TwoRunsAreEqualAndSoIsOneInPieces) {
    const Graph graph = random_graph(200, 7);
    for (std::uint32_t schedulers : {1u, 3u}) {
        Device device("ascend");
        GraphProgram program(device, graph, {.workers = {}, .schedulers = schedulers});
        const auto run = program.run();
        const std::vector<std::uint64_t> expected = flat(program.times());

        Device other("ascend");
        GraphProgram pieces(other, graph, {.workers = {}, .schedulers = schedulers});
        pieces.start();
        for (std::uint64_t at = 1; other.advance_to(Cycle{at}); at += 611) {
        }
        EXPECT_EQ(other.finish().cycles, run.cycles);
        EXPECT_EQ(flat(pieces.times()), expected);

        const std::uint64_t first_end = count(device.cycle());
        EXPECT_EQ(program.run().instructions, run.instructions);  // the second time
        expect_in_order(graph, program.times(), first_end);
    }
}

TEST(GraphProgram, ASnapshotInTheMiddleEndsElsewhereAtTheSameCycle) {
    const Graph graph = random_graph(150, 3);
    for (std::uint32_t schedulers : {1u, 4u}) {
        Device device("ascend");
        GraphProgram program(device, graph, {.workers = {}, .schedulers = schedulers});
        program.start();
        device.advance_to(Cycle{8000});
        const Snapshot middle = device.snapshot();
        const auto run = device.finish();
        Device fresh("ascend");
        fresh.restore(middle);
        const auto rest = fresh.finish();
        EXPECT_EQ(rest.end, run.end);
        EXPECT_EQ(rest.instructions, run.instructions);
        EXPECT_EQ(fresh.snapshot().bytes, device.snapshot().bytes);
    }
}

// Tasks that take long: the second task of a worker waits in its mailbox, or does not.
TEST(GraphProgram, AWorkerFindsItsNextTaskWaiting) {
    std::vector<std::uint64_t> gap;
    for (std::uint32_t ahead : {1u, 2u}) {
        Device device("ascend");
        const Buffer data = floats(device, std::vector<float>(64));
        Graph graph(Dependencies::edges);
        for (int t = 0; t < 6; ++t) {
            graph.add(0,
                      std::vector<std::uint64_t>{address(data), address(data), address(data), 64});
        }
        GraphProgram program(device, graph,
                             {.workers = first_workers(device.config(), 1), .tasks_ahead = ahead});
        program.run();
        const auto times = program.times();
        gap.push_back(times[3].started - times[2].ended);
    }
    EXPECT_LT(gap[1], 50u);   // loads of its record and the stamps
    EXPECT_GT(gap[0], 150u);  // to the scheduler and back
}

// From the end of a task to the start of its only successor, beyond what the network takes.
TEST(GraphProgram, FromEndToStartWithinThePromise) {
    for (std::uint32_t schedulers : {1u, 2u, 3u, 4u}) {
        Device device("ascend");
        const Graph graph = chain(20);
        GraphProgram program(device, graph, {.workers = {}, .schedulers = schedulers});
        program.run();
        const auto times = program.times();
        const ChipConfig& config = device.config();
        const TileId tile = program.workers()[times[10].worker].tile;
        const Router worker = config.tile_router(tile.y * config.tile_columns() + tile.x);
        const Router scheduler = config.control_tiles[0].router;
        const auto hops = [&](Router a, Router b) {
            return (b.x + config.router_columns - a.x) % config.router_columns +
                   (b.y + config.router_rows - a.y) % config.router_rows;
        };
        const std::uint64_t network =
            2 * 10 + 9 * (hops(worker, scheduler) + hops(scheduler, worker));
        const std::uint64_t beyond = times[10].started - times[9].ended - network;
        EXPECT_LE(beyond, 150u);
    }
}

// Each task after one to three of the 200 before it.
Graph near_graph(std::uint32_t count) {
    std::mt19937 random(1);
    Graph graph = empty_tasks(count);
    for (TaskId t = 1; t < count; ++t) {
        for (std::uint32_t e = 1 + random() % 3; e-- > 0;) {
            graph.add_edge(t - 1 - random() % std::min<std::uint32_t>(t, 200), t);
        }
    }
    return graph;
}

TEST(GraphProgram, EmptyTasksTakeFewerThanTwoHundredInstructions) {
    constexpr std::uint32_t count = 4000;
    for (const Graph& graph : {chain(count), fan(count), near_graph(count)}) {
        for (std::uint32_t schedulers : {1u, 2u, 3u, 4u}) {
            Device device("ascend");
            GraphProgram program(device, graph, {.workers = {}, .schedulers = schedulers});
            constexpr std::uint64_t beginning = 20'000;  // of 72 workers and their lists
            EXPECT_LT(program.run().instructions, 200u * count + beginning) << schedulers;
        }
    }
}

TEST(GraphProgram, KindsOfWorkersAreKept) {
    Device device("ascend");
    Graph graph(Dependencies::edges);
    const std::vector<std::uint64_t> none(4);
    for (int t = 0; t < 60; ++t) graph.add(0, none, t % 2 == 0 ? 2 : 3);
    GraphProgram program(device, graph, {.workers = first_workers(device.config(), 9)});
    program.run();
    const auto times = program.times();
    for (TaskId t = 0; t < 60; ++t) {
        const CoreId core = program.workers()[times[t].worker];
        EXPECT_EQ(static_cast<int>(device.config().cores[core.processor].kind), t % 2 == 0 ? 2 : 3);
    }
    const std::string message = message_of<ConfigError>([&] {
        GraphProgram cube_only(device, graph, {.workers = first_workers(device.config(), 1)});
    });
    EXPECT_NE(message.find("task 1 needs a worker of the kind vector"), std::string::npos)
        << message;
}

TEST(GraphProgram, KernelsAreTasksToo) {
    const Kernel axpy = precompiled([] {
        return make_kernel("axpy", "std::uint32_t x, std::uint32_t y, float a, std::uint32_t n",
                           "auto* from = reinterpret_cast<const float*>(x);\n"
                           "auto* to = reinterpret_cast<float*>(y);\n"
                           "static std::uint32_t calls = 5;\n"  // fresh globals at every call
                           "for (std::uint32_t i = 0; i < n; ++i) to[i] += a * from[i];\n"
                           "if (++calls != 6) fail(\"stale globals\");");
    });
    const Kernel far = precompiled([] {
        return make_kernel("far", "Buffer to, std::uint32_t value",
                           "auto* word = l1<std::uint32_t>(l1_user_base + 64 * processor());\n"
                           "*word = value;\n"
                           "to.write(0, word, 4);");  // lands before the task has ended
    });
    Device device("ascend");
    const Buffer x = floats(device, {1, 2, 3});
    const Buffer y = floats(device, {10, 20, 30});
    const Buffer word = device.allocate(64, Placement::in_bank(2));
    Graph graph(Dependencies::edges);
    const auto add = [&](std::uint32_t number, const Kernel& kernel,
                         const std::vector<Argument>& arguments) {
        const auto words = encode_arguments(kernel, arguments);
        std::vector<std::uint64_t> packed((words.size() + 1) / 2);
        std::memcpy(packed.data(), words.data(), words.size() * 4);
        return graph.add(first_kernel_function + number, packed, 3);
    };
    for (int i = 0; i < 3; ++i) {
        add(0, axpy,
            {Argument{address(x)}, Argument{address(y)}, Argument{2.0}, Argument{std::int64_t{3}}});
        if (i != 0) graph.add_edge(TaskId(i - 1), TaskId(i));
    }
    const TaskId write = add(1, far, {word, Argument{std::int64_t{77}}});
    graph.add_edge(2, write);
    graph.add(0, std::vector<std::uint64_t>{address(y), address(y), address(y), 3});
    graph.add_edge(write, write + 1);
    GraphProgram program(device, graph, {.workers = {}, .kernels = {axpy, far}});
    program.run();
    EXPECT_EQ(floats(y), (std::vector<float>{32, 64, 96}));
    std::uint32_t stored = 0;
    word.read(std::as_writable_bytes(std::span(&stored, 1)));
    EXPECT_EQ(stored, 77u);
    expect_in_order(graph, program.times(), program.started_at());

    // Cut anywhere, also inside a called kernel, and ended elsewhere.
    program.start();
    const std::uint64_t start = program.started_at();
    const Snapshot begin = device.snapshot();
    const Cycle end = device.finish().end;
    device.restore(begin);
    for (std::uint64_t at = 100; device.advance_to(Cycle{start + at}); at += 201) {
        Device fresh("ascend");
        fresh.restore(device.snapshot());
        ASSERT_EQ(fresh.finish().end, end) << at;
    }
    device.finish();

    graph.add(first_kernel_function + 2, {}, 3);
    const std::string message = message_of<GraphError>([&] {
        GraphProgram bad(device, graph, {.workers = {}, .kernels = {axpy, far}});
    });
    EXPECT_NE(message.find("task 5: no function 32770"), std::string::npos) << message;
}

TEST(GraphProgram, AFaultNamesTheLineAndTheDeviceStaysUsable) {
    const Kernel wild = precompiled([] {
        return make_kernel("wild", "std::uint32_t at",
                           "*reinterpret_cast<volatile std::uint32_t*>(at) = 1;");
    });
    Device device("ascend");
    Graph graph = chain(3);
    const TaskId bad = graph.add(first_kernel_function, std::vector<std::uint64_t>{0x7000'0000}, 3);
    graph.add_edge(2, bad);
    GraphProgram program(device, graph, {.workers = {}, .kernels = {wild}});
    const std::string message = message_of<KernelFault>([&] { program.run(); });
    EXPECT_NE(message.find("wild.cpp"), std::string::npos) << message;
    EXPECT_NE(message.find("store to 0x70000000"), std::string::npos) << message;
    const auto executing = program.executing();
    EXPECT_EQ(std::ranges::count(executing, std::optional<TaskId>(bad)), 1);
    EXPECT_EQ(program.times()[bad].ended, 0u);
    EXPECT_GT(program.times()[2].ended, 0u);

    GraphProgram good(device, chain(3));
    good.run();
    EXPECT_THROW(program.run(), KernelFault);  // and the first one starts afresh
}

TEST(GraphProgram, ASchedulerThatNeverDispatchesIsADeadlock) {
    Device device("ascend");
    const Kernel idle = precompiled(
        [] { return make_kernel("idle", "std::uint32_t header, std::uint32_t number", ""); });
    GraphProgram program(device, chain(3),
                         {.workers = first_workers(device.config(), 2), .scheduler = idle});
    const std::string message = message_of<DeadlockError>([&] { program.run(); });
    EXPECT_NE(message.find("core (0, 0, 1)"), std::string::npos) << message;
    EXPECT_TRUE(program.handshakes()[1].ready);
    EXPECT_FALSE(program.handshakes()[1].task);
}

TEST(GraphProgram, WhatCannotBeIsRefusedBeforeAnythingRuns) {
    Device device("ascend");
    const auto before = device.buffers().size();
    Graph loop = chain(3);
    loop.add_edge(2, 0);
    EXPECT_THROW(GraphProgram(device, loop), GraphError);
    Graph unknown;
    unknown.add(9, {});
    EXPECT_NE(message_of<GraphError>([&] { GraphProgram(device, unknown); }).find("no function 9"),
              std::string::npos);
    const Graph good = chain(2);
    EXPECT_THROW(GraphProgram(device, good, {.workers = {}, .schedulers = 5}), ConfigError);
    EXPECT_THROW(GraphProgram(device, good, {.workers = {}, .schedulers = 0}), ConfigError);
    EXPECT_THROW(GraphProgram(device, good, {.workers = {}, .tasks_ahead = 3}), ConfigError);
    EXPECT_THROW(GraphProgram(device, good, {.workers = {CoreId{{0, 4}, 0}}}), AddressError);
    EXPECT_THROW(
        GraphProgram(device, good, {.workers = {}, .worker_program = Kernel::builtin("ring")}),
        ElfError);
    EXPECT_THROW(first_workers(device.config(), 73), ConfigError);
    EXPECT_EQ(device.buffers().size(), before);

    GraphProgram first(device, good);
    GraphProgram second(device, good);
    first.start();
    EXPECT_THROW(second.start(), BusyError);  // the cores are busy
    device.finish();
    EXPECT_NO_THROW(second.run());

    Device tiny("tiny");
    EXPECT_THROW(GraphProgram(tiny, good), ConfigError);
}

TEST(GraphProgram, TheTableOfAWorkerProgram) {
    const auto functions = task_functions(builtin_worker_program());
    ASSERT_EQ(functions.size(), 3u);
    EXPECT_EQ(functions[1].name, "add_scalar");
    EXPECT_EQ(functions[1].kind, kind_of_function);

    const Kernel own = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel/tasks.hpp\"\n"
            "static void store(std::int64_t* args) {\n"
            "    *tilewright::kernel::pointer_of<std::int64_t>(args[0]) = args[1] * 3;\n"
            "}\n"
            "TILEWRIGHT_TASKS({\"store\", store, tilewright::kernel::on_cube})\n",
            "own.cpp");
    });
    ASSERT_EQ(task_functions(own).size(), 1u);
    EXPECT_EQ(task_functions(own)[0].kind, 2);
    Device device("ascend");
    const Buffer out = device.allocate(8, Placement::in_bank(0));
    Graph graph;
    graph.add(0, std::vector<std::uint64_t>{address(out), 14});
    GraphProgram program(device, graph, {.workers = {}, .worker_program = own});
    program.run();
    std::int64_t stored = 0;
    out.read(std::as_writable_bytes(std::span(&stored, 1)));
    EXPECT_EQ(stored, 42);
    EXPECT_EQ(program.workers()[program.times()[0].worker].processor, 0);
}

// The programs of examples/, in place of the library's.
TEST(GraphProgram, AnotherSchedulerAndOtherFunctions) {
    const Kernel scheduler = precompiled(
        [] { return Kernel::from_file(TILEWRIGHT_SOURCE_DIR "/examples/graph_scheduler.cpp"); });
    const Kernel tasks = precompiled(
        [] { return Kernel::from_file(TILEWRIGHT_SOURCE_DIR "/examples/graph_tasks.cpp"); });
    Device device("ascend");
    const Buffer x = floats(device, {1, 2, 3, 4});
    const Buffer y = floats(device, {10, 20, 30, 40});
    const Buffer out = floats(device, {0, 0, 0, 0});
    const Buffer total = floats(device, {0});
    Graph graph(Dependencies::edges);
    const std::uint64_t half = std::bit_cast<std::uint32_t>(0.5f);
    graph.add(0, std::vector<std::uint64_t>{address(x), address(y), address(out), 4, half});
    graph.add(1, std::vector<std::uint64_t>{address(out), address(total), 4});
    graph.add_edge(0, 1);
    GraphProgram both(device, graph,
                      {.workers = {}, .scheduler = scheduler, .worker_program = tasks});
    both.run();
    EXPECT_EQ(floats(out), (std::vector<float>{10.5, 21, 31.5, 42}));
    EXPECT_EQ(floats(total), std::vector<float>{105});

    const Graph random = random_graph(200, 11);
    GraphProgram deep(device, random, {.workers = {}, .scheduler = scheduler});
    deep.run();
    expect_in_order(random, deep.times(), deep.started_at());
}

}  // namespace
}  // namespace tilewright
