// Tasks that add tasks: recursion against the host's, with any number of schedulers, wherever the
// run was cut; and what runs out is named.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

/// 0 fibonacci (n, out): writes the n-th; the words behind `out` are for what it adds. 1 sum (a, b,
/// out). 2 add_one (word). 3 tree (counter, depth): tasks that wait for nobody.
const Kernel& functions() {
    static const Kernel kernel = precompiled([] {
        return Kernel::from_source(R"code(
#include "tilewright/kernel/add_task.hpp"
#include "tilewright/kernel/tasks.hpp"

using namespace tilewright::kernel;

static std::uint32_t& at(std::int64_t address) {
    return *pointer_of<std::uint32_t>(address);
}
static std::int64_t words_for(std::int64_t n) {
    std::int64_t a = 1, b = 1;
    for (; n > 1; --n) {
        const std::int64_t c = a + b + 1;
        a = b;
        b = c;
    }
    return b;
}
static void fibonacci(std::int64_t* args) {
    const std::int64_t n = args[0], out = args[1];
    if (n < 2) {
        at(out) = static_cast<std::uint32_t>(n);
        return;
    }
    const std::int64_t a = out + 4, b = a + 4 * words_for(n - 1);
    const auto left = add_task(0, {n - 1, a});
    const auto right = add_task(0, {n - 2, b});
    add_task(1, {a, b, out}, {left, right}, {.continues = true});
}
static void sum(std::int64_t* args) {
    at(args[2]) = at(args[0]) + at(args[1]);
}
static void add_one(std::int64_t* args) {
    at(args[0]) = at(args[0]) + 1;
}
static void tree(std::int64_t* args) {
    const auto counter = static_cast<std::uint32_t>(args[0]);
    asm volatile("amoadd.w x0, %1, (%0)" ::"r"(counter), "r"(1));
    for (int i = 0; i < 3 && args[1] > 0; ++i) add_task(3, {args[0], args[1] - 1});
}
TILEWRIGHT_TASKS({"fibonacci", fibonacci, on_any}, {"sum", sum, on_any},
                 {"add_one", add_one, on_cube}, {"tree", tree, on_any})
)code",
                                   "adding.cpp");
    });
    return kernel;
}

Buffer words(Device& device, std::size_t count) {
    Buffer buffer = device.allocate(count * 4, Placement::in_bank(0));
    const std::vector<std::uint32_t> zeros(count);
    buffer.write(std::as_bytes(std::span(zeros)));
    return buffer;
}
std::uint32_t word(const Buffer& buffer, std::size_t index = 0) {
    std::uint32_t result = 0;
    buffer.read(std::as_writable_bytes(std::span(&result, 1)), index * 4);
    return result;
}
std::uint64_t address(const Buffer& buffer) {
    return value(buffer.core_address());
}
using Words = std::vector<std::uint64_t>;

class GraphDynamicTasks : public testing::TestWithParam<std::uint32_t> {};  // number of schedulers

// fibonacci(9), then a task that only starts when all of it is over.
TEST_P(GraphDynamicTasks, RecursionEndsBeforeWhatFollowsIt) {
    Device device("ascend");
    const Buffer cells = words(device, 200);
    Graph graph(Dependencies::edges);
    graph.add(0, Words{9, address(cells)});
    graph.add(2, Words{address(cells)});
    graph.add_edge(0, 1);
    graph.reserve(200, 200, 3);
    GraphProgram program(device, graph, {.schedulers = GetParam(), .worker_program = functions()});
    for (int round = 0; round < 2; ++round) {
        program.run();
        EXPECT_EQ(word(cells), 34u + 1);  // read, and added to, after the last sum
        const auto added = program.added();
        const auto times = program.times();
        // fibonacci(n) is called 2 * f(n + 1) - 1 times, all but f(n + 1) of which add a sum.
        EXPECT_EQ(added.size(), (2 * 55 - 1) + (55 - 1) - 1u);
        ASSERT_EQ(times.size(), graph.size() + added.size());
        for (std::size_t i = 0; i < added.size(); ++i) {
            const TaskTimes& t = times[graph.size() + i];
            EXPECT_EQ(added[i].function, added[i].continues ? 1u : 0u);
            EXPECT_LT(times[added[i].parent].started, t.ready);
            EXPECT_LT(t.ended, times[1].ready);
            for (const TaskId before : added[i].after) EXPECT_LT(times[before].ended, t.ready);
        }
        const Graph all = with_added_tasks(graph, added);
        EXPECT_EQ(all.size(), times.size());
        EXPECT_NO_THROW(analyse(all, times, 72, program.started_at()));
        EXPECT_EQ(all.name(2), "task 2, added by task 0");
    }
}

TEST_P(GraphDynamicTasks, TasksThatWaitForNobodyAllRun) {
    Device device("ascend");
    const Buffer counter = words(device, 1);
    Graph graph(Dependencies::edges);
    graph.add(3, Words{address(counter), 5});
    graph.reserve(363, 0);
    GraphProgram program(device, graph, {.schedulers = GetParam(), .worker_program = functions()});
    program.run();
    EXPECT_EQ(word(counter), 364u);  // (3^6 - 1) / 2
    EXPECT_EQ(program.added().size(), 363u);
    for (const TaskTimes& t : program.times()) {
        EXPECT_LE(t.ready, t.dispatched);
        EXPECT_LT(t.dispatched, t.started);
        EXPECT_LT(t.started, t.ended);
    }
}

TEST_P(GraphDynamicTasks, CutAnywhereItEndsInTheSameCycle) {
    Device device("ascend");
    const Buffer cells = words(device, 60);
    Graph graph(Dependencies::edges);
    graph.add(0, Words{6, address(cells)});
    graph.reserve(60, 60, 3);
    GraphProgram program(device, graph, {.schedulers = GetParam(), .worker_program = functions()});
    program.start();
    const std::uint64_t start = program.started_at();
    const Snapshot begin = device.snapshot();
    const auto whole = device.finish();
    device.restore(begin);
    for (std::uint64_t at = 300; device.advance_to(Cycle{start + at}); at += 801) {
        Device fresh("ascend");
        fresh.restore(device.snapshot());
        const auto rest = fresh.finish();
        ASSERT_EQ(rest.end, whole.end) << at;
        ASSERT_EQ(rest.instructions, whole.instructions) << at;
    }
}

INSTANTIATE_TEST_SUITE_P(Schedulers, GraphDynamicTasks, testing::Values(1u, 2u, 4u));

TEST(GraphDynamicTask, WhatRunsOutIsNamed) {
    Device device("ascend");
    const Buffer cells = words(device, 200);
    const auto message = [&](std::uint32_t tasks, std::uint32_t edges, std::uint32_t arguments) {
        Graph graph(Dependencies::edges);
        graph.add(0, Words{8, address(cells)});
        graph.reserve(tasks, edges, arguments);
        return message_of<KernelFault>(
            [&] { run_graph(device, graph, {.schedulers = 2, .worker_program = functions()}); });
    };
    std::string text = message(20, 200, 3);
    EXPECT_NE(text.find("no room for another task; the graph has reserved 20"), std::string::npos)
        << text;
    EXPECT_NE(text.find(", function 0 'fibonacci' ("), std::string::npos) << text;
    EXPECT_NE(text.find("adding.cpp"), std::string::npos) << text;
    text = message(200, 10, 3);
    EXPECT_NE(text.find("no room for another edge; the graph has reserved 10"), std::string::npos)
        << text;
    text = message(200, 200, 2);
    EXPECT_NE(text.find("too many arguments; the graph has reserved 2"), std::string::npos) << text;
    text = message(0, 0, 0);
    EXPECT_NE(text.find("has reserved no room for tasks"), std::string::npos) << text;
}

TEST(GraphDynamicTask, WhatCannotBeIsRefused) {
    Device device("ascend");
    Graph graph(Dependencies::edges);
    graph.add(0, Words(4));
    graph.reserve(10, 10);
    const Kernel plain = precompiled(
        [] { return make_kernel("plain", "std::uint32_t header, std::uint32_t number", ""); });
    EXPECT_NE(message_of<GraphError>([&] {
                  GraphProgram(device, graph, {.scheduler = plain});
              }).find("tasks that add tasks"),
              std::string::npos);
    graph.repeat(0, 0, 2);
    EXPECT_THROW(GraphProgram(device, graph), GraphError);
    Graph huge;
    huge.reserve(1u << 25, 0);
    huge.add(0, Words(4));
    EXPECT_THROW(GraphProgram(device, huge), ConfigError);
}

}  // namespace
}  // namespace tilewright
