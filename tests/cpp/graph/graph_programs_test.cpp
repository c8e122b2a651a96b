// Programs of kernels as tasks: what each finds on its tile, where the run was cut, and refusals.
#include <gtest/gtest.h>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

/// (numbers, first): pushes the numbers from the first on, one a page, to circular buffer 3.
const Kernel& source() {
    static const Kernel kernel = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel.hpp\"\n"
            "using namespace tilewright::kernel;\n"
            "static void push(std::uint32_t count, std::uint32_t first) {\n"
            "    CircularBuffer ring(3);\n"
            "    for (std::uint32_t i = 0; i < count; ++i) {\n"
            "        ring.reserve_back(1);\n"
            "        *l1<volatile std::uint32_t>(ring.write_address()) = first + i;\n"
            "        ring.push_back(1);\n"
            "    }\n"
            "}\n"
            "TILEWRIGHT_KERNEL(push)\n",
            "source.cpp");
    });
    return kernel;
}

/// (out, numbers): their sum, what its own global held, the value of semaphore 2, and the task. It
/// leaves the ring, the global and the semaphore as no later task may find them.
const Kernel& sink() {
    static const Kernel kernel = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel.hpp\"\n"
            "#include \"tilewright/kernel/task.hpp\"\n"
            "using namespace tilewright::kernel;\n"
            "static volatile std::uint32_t global = 5;\n"
            "static void sum(std::uint32_t out, std::uint32_t count) {\n"
            "    CircularBuffer ring(3);\n"
            "    Semaphore semaphore{tilewright::abi::program_semaphore_base + 32};\n"
            "    std::uint32_t total = 0;\n"
            "    for (std::uint32_t i = 0; i < count; ++i) {\n"
            "        ring.wait_front(1);\n"
            "        total += *l1<volatile std::uint32_t>(ring.read_address());\n"
            "        ring.pop_front(1);\n"
            "    }\n"
            "    auto* words = reinterpret_cast<volatile std::uint32_t*>(out);\n"
            "    words[0] = total;\n"
            "    words[1] = global;\n"
            "    words[2] = semaphore.add(1);\n"
            "    words[3] = this_task();\n"
            "    global = 99;\n"
            "}\n"
            "TILEWRIGHT_KERNEL(sum)\n",
            "sink.cpp");
    });
    return kernel;
}

TileProgram sums() {
    return {.name = "sums",
            .kernels = {{source(), 0}, {sink(), 2}},
            .setup = program_memory({{3, abi::l1_user_base, 16, 2}}, {{2, 40}})};
}

/// Tasks that each sum up one number more than the one before.
struct Sums {
    explicit Sums(Device& device, std::uint32_t tasks)
        : out(device.allocate(tasks * 16, Placement::in_bank(0))) {
        const auto at = static_cast<std::uint32_t>(value(out.core_address()));
        for (std::uint32_t task = 0; task < tasks; ++task) {
            const CoreWords arguments[] = {{0, {task + 1, 10 * task}},
                                           {2, {at + 16 * task, task + 1}}};
            graph.add(first_program_function, program_arguments(arguments));
        }
    }
    void check() const {
        std::vector<std::uint32_t> words(out.bytes() / 4);
        out.read(std::as_writable_bytes(std::span(words)));
        for (std::uint32_t task = 0; task < graph.size(); ++task) {
            const std::uint32_t last = 10 * task + task;
            EXPECT_EQ(words[4 * task], (10 * task + last) * (task + 1) / 2);
            EXPECT_EQ(words[4 * task + 1], 5u);
            EXPECT_EQ(words[4 * task + 2], 40u);
            EXPECT_EQ(words[4 * task + 3], task);
        }
    }
    Graph graph;
    Buffer out;
};

TEST(GraphPrograms, EachFindsItsTileAsALaunchDoes) {
    Device device("ascend");
    Sums sums_of(device, 9);
    GraphProgram program(device, sums_of.graph, {.workers = {{{1, 1}, 0}}, .programs = {sums()}});
    EXPECT_EQ(program.followers(0), (std::vector<CoreId>{{{1, 1}, 2}}));
    for (int round = 0; round < 2; ++round) {
        const tilewright::Run run = program.run();
        sums_of.check();
        EXPECT_EQ(run.cores.size(), 3u);  // the scheduler, who leads, and who follows
        EXPECT_EQ(program.handshakes()[0].done, 9u);
        EXPECT_TRUE(program.handshakes()[0].quit);
    }
    Sums many(device, 60);
    run_graph(device, many.graph, {.schedulers = 2, .programs = {sums()}});
    many.check();
}

TEST(GraphPrograms, RunTheSameWhereverTheyAreCut) {
    Device device("ascend");
    Sums sums_of(device, 12);
    GraphProgram program(device, sums_of.graph,
                         {.workers = first_leaders(device.config(), 2), .programs = {sums()}});
    program.start();
    const Snapshot begin = device.snapshot();
    const tilewright::Run whole = device.finish();
    const std::vector<TaskTimes> times = program.times();
    device.restore(begin);
    const std::uint64_t start = count(device.cycle());
    for (std::uint64_t at = 400; device.advance_to(Cycle{start + at}); at += 907) {
        device.restore(device.snapshot());
    }
    EXPECT_EQ(device.finish().end, whole.end);
    for (TaskId task = 0; task < times.size(); ++task) {
        EXPECT_EQ(program.times()[task].ended, times[task].ended);
    }
    sums_of.check();
}

TEST(GraphPrograms, WhatCannotBeIsRefused) {
    Device device("ascend");
    Sums sums_of(device, 1);
    const auto message = [&](const TileProgram& program, std::optional<Kernel> worker = {}) {
        return message_of<Error>([&] {
            run_graph(device, sums_of.graph,
                      {.programs = {program}, .worker_program = std::move(worker)});
        });
    };
    TileProgram program = sums();
    program.kernels[1].feeds_engine = true;
    EXPECT_EQ(message(program),
              "program 'sums': kernel 'sink.cpp' on core 2 is a compute kernel, and the tiles of "
              "'ascend' have no compute engines (compute_engines is 0)");
    program.kernels[1] = {sink(), 3};
    EXPECT_EQ(message(program),
              "program 'sums': kernel 'sink.cpp' on core 3; a program reaches cores 0 to 2 of a "
              "tile of 'ascend'");
    program.kernels[1] = {sink(), 0};
    EXPECT_EQ(message(program),
              "program 'sums': kernel 'sink.cpp' on core 0, where the program has another one");
    // As TILEWRIGHT_TASKS made it before there were programs.
    const Kernel old = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel/tasks.hpp\"\n"
            "using namespace tilewright::kernel;\n"
            "extern \"C\" {\n"
            "extern const std::uint32_t tilewright_task_function_count;\n"
            "extern const TaskFunction tilewright_task_functions[];\n"
            "[[gnu::used, gnu::retain]] constexpr std::uint32_t tilewright_task_function_count = "
            "0;\n"
            "[[gnu::used, gnu::retain]] constexpr TaskFunction tilewright_task_functions[] = "
            "{{}};\n"
            "void kernel_main() { device::work(tilewright_task_functions); }\n"
            "}\n",
            "old.cpp");
    });
    EXPECT_EQ(message(sums(), old),
              "the worker program 'old.cpp' was built for a version whose tasks are no programs; "
              "build it again");
    sums_of.graph.set_cores(0, 2);
    EXPECT_EQ(message(sums()),
              "task 0: a program runs on one tile, and cannot be a task on 2 cores");
    const std::vector<std::uint32_t> many(abi::max_argument_words + 1);
    EXPECT_EQ(message_of<ArgumentError>([&] {
                  program_arguments({{CoreWords{1, many}}});
              }),
              "arguments of a program: 513 words for processor 1; a launch has room for 512");
}

/// (words, count): begins a program with this setup.
const Kernel& begin() {
    static const Kernel kernel = precompiled([] {
        return Kernel::from_source(
            "#include \"tilewright/kernel.hpp\"\n"
            "#include \"tilewright/kernel/tile_program.hpp\"\n"
            "static void begin(std::uint32_t words, std::uint32_t count) {\n"
            "    tilewright::kernel::device::begin_program(words, count);\n"
            "}\n"
            "TILEWRIGHT_KERNEL(begin)\n",
            "begin.cpp");
    });
    return kernel;
}

TEST(GraphPrograms, WordsReachReservedL1Alone) {
    Device device("ascend");
    const Buffer setup = device.allocate(64, Placement::in_bank(0));
    const auto run = [&](std::vector<std::uint32_t> words, std::uint32_t at) {
        words.resize(16);
        setup.write(std::as_bytes(std::span<const std::uint32_t>(words)));
        device.run(begin(), {{{0, 0}, 0}}, {std::uint64_t{at}, std::uint64_t{5}});
    };
    const auto direct = static_cast<std::uint32_t>(value(setup.core_address()));
    const std::uint32_t table = abi::circular_buffer_table;
    run({table, 1, 77, table + 4, 0}, direct);
    std::uint32_t word = 0;
    device.read_l1({0, 0}, table, std::as_writable_bytes(std::span(&word, 1)));
    EXPECT_EQ(word, 77u);
    const auto refused = [&](std::vector<std::uint32_t> words, std::uint32_t at) {
        return message_of<KernelFault>([&] { run(std::move(words), at); });
    };
    const std::string outside = "begin of a program: its words do not lie in ";
    for (const auto& words :
         std::vector<std::vector<std::uint32_t>>{{abi::l1_user_base, 1, 77, table, 0},
                                                 {table, 4, 77, 78, 79},
                                                 {table + 2, 1, 77, table, 0},
                                                 {abi::l1_user_base - 4, 2, 77, 78, table},
                                                 {0xFFFF'FFFC, 2, 77, 78, table}}) {
        EXPECT_NE(refused(words, direct).find(outside + "reserved L1"), std::string::npos);
    }
    EXPECT_NE(refused({}, 64).find(outside + "direct memory"), std::string::npos);
    EXPECT_NE(refused({}, direct + 2).find(outside + "direct memory"), std::string::npos);
}

}  // namespace
}  // namespace tilewright
