// Queues, events and doorbells: order within a queue, overlap between them, and what cannot go on.
#include "tilewright/runtime/queue.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <thread>

#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

std::uint64_t at(const Event& event) {
    return count(event.cycle().value());
}

// Adds `amount` to each of `words` 32-bit numbers of a buffer in one page.
const Kernel& adder() {
    static const Kernel kernel = precompiled([] {
        return make_kernel("adder", "Buffer data, std::uint32_t words, std::uint32_t amount",
                           "auto* here = l1<std::uint32_t>(l1_user_base);\n"
                           "data.read(0, here, words * 4);\nnoc_async_read_barrier();\n"
                           "for (std::uint32_t i = 0; i < words; ++i) here[i] += amount;\n"
                           "data.write(0, here, words * 4);\nnoc_async_write_barrier();");
    });
    return kernel;
}

std::vector<std::uint32_t> numbers(std::uint32_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 5);
    return all;
}

TEST(Queue, CommandsOfOneQueueTakePlaceInOrder) {
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    Queue queue = device.queue();
    const auto in = numbers(1024);
    std::vector<std::uint32_t> out(1024);
    const Launch add{adder(), {CoreId{}}, {data, number(1024), number(7)}};
    queue.write(data, std::as_bytes(std::span(in)));
    const Event written = queue.record();
    for (int i = 0; i < 3; ++i) queue.run({&add, 1});
    const Event added = queue.record();
    queue.read(data, std::as_writable_bytes(std::span(out)));
    const Event read = queue.record();
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(count(device.cycle()), 0u);  // nothing has happened yet
    const auto run = queue.finish();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(run.cores.size(), 3u);
    for (std::uint32_t i = 0; i < 1024; ++i) ASSERT_EQ(out[i], in[i] + 21);

    const ChipConfig& c = device.config();
    const std::uint64_t copy =
        c.host_latency_cycles + (4096 + c.host_bytes_per_cycle - 1) / c.host_bytes_per_cycle;
    EXPECT_EQ(at(written), copy);
    EXPECT_EQ(count(run.cores[0].start), at(written));
    EXPECT_EQ(run.cores[1].start, run.cores[0].end);
    EXPECT_EQ(at(added), count(run.cores[2].end));
    EXPECT_EQ(at(read), at(added) + copy);
}

TEST(Queue, WhatALaunchBeginsWithIsWrittenWhenItStarts) {
    Device device("tiny");
    const Buffer data = device.allocate(64, Placement::in_bank(0));
    const auto words = [&] {
        std::vector<std::uint32_t> all(4);
        data.read(std::as_writable_bytes(std::span(all)));
        return all;
    };
    const auto given = numbers(4);
    const auto in = std::as_bytes(std::span(given));
    Launch add{adder(), {CoreId{}}, {data, number(4), number(7)}};
    add.contents = {{data.global_address(), {in.begin(), in.end()}, data}};
    Queue queue = device.queue();
    queue.run({&add, 1});
    queue.run({&add, 1});
    EXPECT_EQ(words(), std::vector<std::uint32_t>(4));
    const Snapshot snapshot = device.snapshot();
    queue.finish();
    EXPECT_EQ(words(), (std::vector<std::uint32_t>{12, 13, 14, 15})) << "once, not twice";
    Device other("tiny");
    other.restore(snapshot);
    other.queues().at(0).finish();
    std::vector<std::uint32_t> there(4);
    other.read(data.global_address(), std::as_writable_bytes(std::span(there)));
    EXPECT_EQ(there, words());
    add.contents = {{GlobalAddress{~std::uint64_t{0} - 3}, std::vector<std::byte>(8)}};
    EXPECT_THROW(queue.run({&add, 1}), AddressError);
    EXPECT_TRUE(queue.empty());
}

TEST(Queue, QueuesOverlapAndFillingOrderChangesNothing) {
    std::vector<std::vector<std::uint64_t>> seen;
    for (bool reversed : {false, true}) {
        Device device("tiny");
        std::vector<Buffer> data;
        std::vector<Queue> queues;
        for (std::uint32_t q = 0; q < 3; ++q) {
            data.push_back(device.allocate(4096, Placement::in_bank(q % 2)));
            queues.push_back(device.queue());
        }
        std::vector<Event> events(3);
        for (std::uint16_t i = 0; i < 3; ++i) {
            const std::uint16_t q = reversed ? std::uint16_t(2 - i) : i;
            const auto in = numbers(1024);
            const Launch add{adder(),
                             {{{std::uint16_t(q % 2), std::uint16_t(q / 2)}, 0}},
                             {data[q], number(1024), number(q)}};
            queues[q].write(data[q], std::as_bytes(std::span(in)));
            queues[q].run({&add, 1});
            events[q] = queues[q].record();
        }
        seen.emplace_back();
        for (Queue& queue : queues) {
            const auto run = queue.finish();
            seen.back().insert(seen.back().end(), {count(run.start), count(run.end)});
        }
        for (const Event& event : events) seen.back().push_back(at(event));
        // The second copy waits for the link, not for the first queue's kernel.
        EXPECT_LT(seen.back()[2], seen.back()[1]);
    }
    EXPECT_EQ(seen[0], seen[1]);
}

TEST(Queue, WaitsForEventsOfOtherQueues) {
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    Queue first = device.queue();
    Queue second = device.queue();
    const auto in = numbers(1024);
    std::vector<std::uint32_t> out(1024);
    const Launch add{adder(), {CoreId{}}, {data, number(1024), number(1)}};
    // The reader is filled before there is anything to read.
    const Event never_mind = first.record();
    second.wait(never_mind);
    const Event done = [&] {
        first.write(data, std::as_bytes(std::span(in)));
        first.run({&add, 1});
        return first.record();
    }();
    second.wait(done);
    second.read(data, std::as_writable_bytes(std::span(out)));
    second.finish();
    EXPECT_EQ(out[1000], in[1000] + 1);
    EXPECT_TRUE(first.empty());
}

TEST(Queue, AQueueThatCanNeverGoOnIsADeadlockThatSaysWhy) {
    Device device("tiny");
    const Buffer data = device.allocate(64);
    const Semaphore bell = device.doorbell();
    Queue keeper = device.queue();
    Queue other = device.queue();
    // The first queue's kernel ends only after the second one's, which needs the same core.
    const Launch waits{Kernel::builtin("wait_forever"), {CoreId{}}, {bell, number(1)}};
    const Launch add{adder(), {CoreId{}}, {data, number(16), number(1)}};
    keeper.run({&waits, 1});
    const Event ended = keeper.record();
    other.run({&add, 1});
    try {
        other.finish();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("queue 1 (this one) has 1 commands left; the first needs cores"),
                  std::string::npos)
            << text;
        EXPECT_NE(text.find("doorbell"), std::string::npos) << text;
    }
    EXPECT_FALSE(ended.cycle().has_value());
    device.ring(bell, {0, 0});
    other.finish();
    EXPECT_TRUE(ended.cycle().has_value());

    // An event that is recorded only behind the wait for it.
    Queue knot = device.queue();
    Queue far = device.queue();
    const Event first = far.record();
    device.abort();  // drops the command, so that it never happens
    knot.wait(first);
    try {
        knot.finish();
        ADD_FAILURE() << "nothing was thrown";
    } catch (const DeadlockError& error) {
        EXPECT_NE(std::string(error.what()).find("waits for event"), std::string::npos)
            << error.what();
    }
    EXPECT_TRUE(knot.empty());
}

TEST(Queue, CoresThatAreTakenAreWaitedFor) {
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    data.write(std::vector<std::byte>(4096));
    std::vector<Queue> queues{device.queue(), device.queue()};
    const Launch add{adder(), {CoreId{}}, {data, number(1024), number(1)}};
    for (Queue& queue : queues) queue.run({&add, 1});
    const auto a = queues[0].finish();
    const auto b = queues[1].finish();
    EXPECT_EQ(b.start, a.end);
}

TEST(Queue, MayBeFilledFromManyThreads) {
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    data.write(std::vector<std::byte>(4096));
    Queue queue = device.queue();
    const Launch add{adder(), {CoreId{}}, {data, number(16), number(1)}};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) queue.run({&add, 1});
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(queue.finish().cores.size(), 100u);
    std::uint32_t word = 0;
    data.read(std::as_writable_bytes(std::span(&word, 1)));
    EXPECT_EQ(word, 100u);
}

TEST(Queue, RefusesWhatDoesNotFit) {
    Device device("tiny");
    Device other("tiny");
    Queue queue = device.queue();
    const Buffer small = device.allocate(64);
    const Buffer foreign = other.allocate(64);
    std::vector<std::byte> bytes(65);
    EXPECT_THROW(queue.write(small, bytes), AddressError);
    EXPECT_THROW(queue.read(small, bytes), AddressError);
    EXPECT_THROW(queue.write(foreign, std::span(bytes).first(1)), ArgumentError);
    EXPECT_THROW(queue.wait(other.queue().record()), ArgumentError);
    const Launch bad{adder(), {CoreId{}}, {small}};
    EXPECT_THROW(queue.run({&bad, 1}), ArgumentError);
    EXPECT_THROW(queue.run({}), ArgumentError);
    EXPECT_TRUE(queue.empty());
    queue.read(small, std::span(bytes).first(64));
    EXPECT_THROW(device.snapshot(), SnapshotError);  // it points into memory of this process
    queue.finish();
    EXPECT_NO_THROW(device.snapshot());
    device.close();
    EXPECT_THROW(queue.finish(), Error);
}

TEST(Queue, ASnapshotAtAnyCycleHoldsWhatIsQueued) {
    std::vector<std::uint32_t> numbers(1024);
    std::iota(numbers.begin(), numbers.end(), 0u);
    // Two queues that wait for each other; the last command of each is under way or to come.
    const auto fill = [&](Device& device) {
        const Buffer data = device.allocate(4096);
        const Buffer more = device.allocate(4096);
        Queue copies = device.queue();
        Queue work = device.queue();
        copies.write(data, std::as_bytes(std::span(numbers)));
        work.wait(copies.record());
        const Launch add{adder(), {CoreId{}}, {data, std::int64_t{1024}, std::int64_t{5}}};
        work.run({&add, 1});
        copies.wait(work.record());
        copies.write(more, std::as_bytes(std::span(numbers)));
        const Launch later{adder(), {CoreId{{1, 1}}}, {more, std::int64_t{1024}, std::int64_t{9}}};
        copies.run({&later, 1});
        return std::pair(data, more);
    };
    const auto finish = [](Device& device) {
        std::uint64_t instructions = 0;
        for (Queue& queue : device.queues()) instructions += queue.finish().instructions;
        std::vector<std::uint32_t> contents;
        for (const Buffer& buffer : device.buffers()) {
            std::vector<std::uint32_t> words(buffer.bytes() / 4);
            buffer.read(std::as_writable_bytes(std::span(words)));
            contents.insert(contents.end(), words.begin(), words.end());
        }
        Counters counters = device.counters();
        counters.erase("simulator.events");  // where the run was cut is seen in it
        return std::tuple(count(device.cycle()), instructions, contents, counters);
    };
    Device device("tiny");
    const auto buffers = fill(device);
    const auto expected = finish(device);
    const std::uint64_t end = std::get<0>(expected);
    for (std::uint64_t cycle = 0; cycle <= end; cycle += end / 23) {
        Device here("tiny");
        const auto kept = fill(here);
        here.advance_to(Cycle{cycle});
        const Snapshot image = here.snapshot();
        Device there("tiny");
        there.restore(image);
        EXPECT_EQ(finish(there), expected) << cycle;
        EXPECT_EQ(finish(here), expected) << cycle;
        here.restore(image);  // into queues that have moved on
        EXPECT_EQ(finish(here), expected) << cycle;
    }
}

TEST(Queue, AFaultEndsAllQueuesAndLeavesThemUsable) {
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    Queue bad = device.queue();
    Queue good = device.queue();
    const Kernel faulty =
        precompiled([] { return make_kernel("faulty", "", "asm volatile(\"ebreak\");"); });
    const Launch fault{faulty, {{{1, 1}, 0}}, {}};
    const Launch add{adder(), {CoreId{}}, {data, number(16), number(1)}};
    bad.run({&fault, 1});
    good.run({&add, 1});
    EXPECT_THROW(good.finish(), KernelFault);
    EXPECT_TRUE(good.empty());
    EXPECT_TRUE(bad.empty());
    good.run({&add, 1});
    EXPECT_EQ(good.finish().cores.size(), 1u);
}

TEST(Doorbell, APersistentKernelIsFedWhileItRuns) {
    const Kernel server = precompiled([] {
        return make_kernel(
            "server", "Semaphore bell, Buffer out",
            "auto* sum = l1<std::uint32_t>(l1_user_base);\nsum[0] = 0;\n"
            "for (std::uint32_t turn = 1; turn <= 3; ++turn) {\n"
            "    bell.wait_min(turn);\n    sum[0] += *l1<std::uint32_t>(l1_user_base + 64);\n"
            "    out.write(0, sum, 4);\n    noc_async_write_barrier();\n}");
    });
    Device device("tiny");
    const Semaphore bell = device.doorbell();
    const Buffer out = device.allocate(64);
    const Launch serve{server, {{{1, 0}, 2}}, {bell, out}};
    device.launch({&serve, 1});
    std::uint32_t expected = 0;
    for (std::uint32_t turn = 1; turn <= 3; ++turn) {
        EXPECT_TRUE(device.run_until_idle());
        EXPECT_THROW(device.finish(), StateError);  // it waits for us
        device.write_l1({1, 0}, abi::l1_user_base + 64, std::as_bytes(std::span(&turn, 1)));
        device.ring(bell, {1, 0});
        device.run_until_idle();
        expected += turn;
        std::uint32_t sum = 0;
        out.read(std::as_writable_bytes(std::span(&sum, 1)));
        EXPECT_EQ(sum, expected);
    }
    EXPECT_FALSE(device.settle()) << "the old name of run_until_idle";
    EXPECT_EQ(device.finish().cores.size(), 1u);
}

TEST(Doorbell, OthersMayWaitForTheOneThatWaitsForTheHost) {
    Device device("tiny");
    const Semaphore bell = device.doorbell();
    const Semaphore inner = device.semaphore();
    const Kernel relay = precompiled([] {
        return make_kernel(
            "relay", "Semaphore bell, Semaphore inner",
            "bell.wait_min(1);\ninner.remote_add(1, 1, 1);\nnoc_async_atomic_barrier();");
    });
    const Launch both[] = {{relay, {{{0, 0}, 0}}, {bell, inner}},
                           {Kernel::builtin("wait_forever"), {{{1, 1}, 0}}, {inner, number(1)}}};
    device.launch(both);
    EXPECT_TRUE(device.run_until_idle());
    const Snapshot snapshot = device.snapshot();  // a doorbell is one in a copy, too
    Device copy("tiny");
    copy.restore(snapshot);
    EXPECT_TRUE(copy.run_until_idle());
    device.ring(bell, {0, 0});
    EXPECT_EQ(device.finish().cores.size(), 2u);
    // Without the host there is nobody: that is a deadlock.
    const Launch alone{Kernel::builtin("wait_forever"), {{{1, 1}, 0}}, {inner, number(9)}};
    EXPECT_THROW(device.run({&alone, 1}), DeadlockError);
}

TEST(Device, OtherKernelsMayRunBesideAPersistentOne) {
    Device device("tiny");
    const Semaphore bell = device.doorbell();
    const Launch wait{Kernel::builtin("wait_forever"), {{{1, 1}, 4}}, {bell, number(1)}};
    device.launch({&wait, 1});
    device.run_until_idle();
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    Queue queue = device.queue();
    const Launch add{adder(), {CoreId{}}, {data, number(1024), number(1)}};
    queue.run({&add, 1});
    EXPECT_EQ(queue.finish().cores.size(), 1u);
    EXPECT_TRUE(device.busy());
    device.ring(bell, {1, 1});
    EXPECT_EQ(device.finish().cores.size(), 1u);
}

}  // namespace
}  // namespace tilewright
