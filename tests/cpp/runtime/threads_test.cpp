// Threads: what may be done from several at once is done, all else is refused; devices in threads
// of their own do what they do alone.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <numeric>
#include <set>
#include <thread>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/ops/matmul.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/trace/trace.hpp"

namespace tilewright {
namespace {

constexpr std::uint32_t words = 1024;

const Kernel& copier() {
    static const Kernel kernel = precompiled([] {
        return make_kernel(
            "copier", "Buffer from, Buffer to",
            "from.read(0, l1<char>(l1_user_base), 4096);\nnoc_async_read_barrier();\n"
            "to.write(0, l1<char>(l1_user_base), 4096);\nnoc_async_write_barrier();");
    });
    return kernel;
}

const Kernel& endless() {
    static const Kernel kernel = precompiled([] {  // that it never ends nobody can tell
        return make_kernel("endless", "",
                           "for (std::uint32_t i = 0;; ++i) asm volatile(\"\" ::\"r\"(i));");
    });
    return kernel;
}

std::vector<std::uint32_t> numbers(std::uint32_t first) {
    std::vector<std::uint32_t> all(words);
    std::iota(all.begin(), all.end(), first);
    return all;
}

/// A run that lasts until `end()`, in a thread of its own.
class LongRun {
public:
    explicit LongRun(Device& device) {
        const Launch launch{endless(), {CoreId{}}, {}};
        device.launch({&launch, 1});
        thread_ = std::thread([this, &device] {
            EXPECT_THROW(device.finish({.cycle_limit = ~0ull,
                                        .stop_requested =
                                            [this] {
                                                running_ = true;
                                                return ended_.load();
                                            }}),
                         Interrupted);
        });
        while (!running_) std::this_thread::yield();
    }
    void end() {
        ended_ = true;
        if (thread_.joinable()) thread_.join();
    }
    ~LongRun() { end(); }

private:
    std::atomic<bool> running_ = false;
    std::atomic<bool> ended_ = false;
    std::thread thread_;
};

TEST(Threads, OneAtATimeUsesADevice) {
    Device device("tiny");
    Buffer buffer = device.allocate_at(0, 64, Placement::in_bank(0));
    Queue queue = device.queue();
    const auto file = std::filesystem::path(testing::TempDir()) / "threads_test.json";
    TraceWriter trace(file, device.config());
    device.observe(trace);
    LongRun run(device);
    std::array<std::byte, 64> bytes{};
    const std::function<void()> refused[] = {
        [&] { device.counters(); },
        [&] { device.cycle(); },
        [&] { device.busy(); },
        [&] { device.snapshot(); },
        [&] { device.allocate(64); },
        [&] { device.buffers(); },
        [&] { device.forget(trace); },
        [&] { device.observe(trace); },
        [&] { device.step(); },
        [&] { device.abort(); },
        [&] { device.close(); },
        [&] { device.read_l1({}, 0, bytes); },
        [&] { device.read(buffer.global_address(), bytes); },
        [&] { device.set_flag(0, 1); },
        [&] { queue.finish(); },
        [&] { buffer.read(bytes); },
        [&] { buffer.write(bytes); },
        [&] { buffer.view(); },
        [&] { buffer.free(); },
    };
    for (const auto& call : refused) {
        EXPECT_EQ(message_of<Error>(call),
                  "the device is in use by another thread, which must return first");
    }
    // What changes nothing, and what queues take, is not.
    EXPECT_EQ(device.config().name, "tiny");
    EXPECT_TRUE(device.is_open());
    EXPECT_TRUE(buffer.valid());
    EXPECT_EQ(buffer.bytes(), 64u);
    EXPECT_EQ(buffer.address(), 0u);
    queue.write(buffer, bytes);
    EXPECT_FALSE(queue.empty());
    run.end();
    EXPECT_GT(device.counters().at("cores.instructions"), 0u);
    device.abort();
    device.forget(trace);
    trace.finish(device.cycle());
    std::filesystem::remove(file);
}

TEST(Threads, QueuesAreFilledWhileTimePasses) {
    Device device("tiny");
    constexpr std::uint32_t fillers = 3;
    constexpr std::uint32_t rounds = 20;
    std::vector<Queue> queues;
    for (std::uint32_t q = 0; q < fillers; ++q) queues.push_back(device.queue());
    std::vector<std::vector<Buffer>> buffers(fillers);
    for (auto& mine : buffers) {
        for (std::uint32_t i = 0; i < 2 * rounds; ++i) {
            mine.push_back(device.allocate(4 * words, Placement::in_bank(0)));
        }
    }
    std::vector<std::vector<std::uint32_t>> results(fillers * rounds,
                                                    std::vector<std::uint32_t>(words));
    std::vector<std::vector<Event>> marks(fillers);
    std::atomic<std::uint32_t> filled = 0;
    std::vector<std::thread> threads;
    for (std::uint32_t q = 0; q < fillers; ++q) {
        threads.emplace_back([&, q] {
            const CoreId core{{static_cast<std::uint16_t>(q % 2), 0},
                              static_cast<std::uint16_t>(q)};
            for (std::uint32_t i = 0; i < rounds; ++i) {
                // The handles go before the work is done, in whichever thread is last.
                const Buffer from = std::exchange(buffers[q][2 * i], {});
                const Buffer to = std::exchange(buffers[q][2 * i + 1], {});
                const auto in = numbers(100'000 * q + i);
                queues[q].write(from, std::as_bytes(std::span(in)));
                queues[q].wait(queues[q].record());
                const Launch launch{copier(), {core}, {from, to}};
                queues[q].run({&launch, 1});
                queues[q].read(to, std::as_writable_bytes(std::span(results[q * rounds + i])));
                EXPECT_EQ(from.bytes(), 4u * words);
                marks[q].push_back(queues[q].record());
            }
            ++filled;
        });
    }
    std::size_t launches = 0;
    for (bool more = true; more;) {
        more = filled != fillers;
        for (Queue& queue : queues) launches += queue.finish().cores.size();
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(launches, fillers * rounds);
    for (std::uint32_t q = 0; q < fillers; ++q) {
        for (std::uint32_t i = 0; i < rounds; ++i) {
            ASSERT_TRUE(marks[q][i].cycle().has_value()) << q << " " << i;
            const Cycle before = i == 0 ? Cycle{0} : *marks[q][i - 1].cycle();
            EXPECT_TRUE(before < *marks[q][i].cycle()) << q << " " << i;
            EXPECT_EQ(results[q * rounds + i], numbers(100'000 * q + i)) << q << " " << i;
        }
    }
    EXPECT_TRUE(device.buffers().empty());  // each was given back when its last command had ended
}

TEST(Threads, BuffersAreDroppedWhileTheDeviceRuns) {
    Device device("tiny");
    struct Noted {
        explicit Noted(std::atomic<int>& count) : left(count) { ++left; }
        ~Noted() { --left; }
        std::atomic<int>& left;
    };
    std::atomic<int> left = 0;
    std::vector<std::byte> memory(4096);
    const auto make = [&] {
        std::vector<Buffer> all;
        for (int i = 0; i < 20; ++i) {
            all.push_back(device.allocate(4096));
            all.push_back(device.allocate(256, Placement::in_l1({1, 1})));
            all.push_back(device.pin(memory, std::make_shared<Noted>(left)));
        }
        return all;
    };
    std::vector<Buffer> buffers = make();
    const std::uint64_t first = buffers[0].address();
    const Buffer kept = buffers[0];
    {
        LongRun run(device);
        std::vector<std::thread> threads;
        for (std::size_t part = 0; part < 3; ++part) {
            threads.emplace_back([&, part] {
                for (std::size_t i = part; i < buffers.size(); i += 3) buffers[i] = Buffer();
            });
        }
        for (std::thread& thread : threads) thread.join();
        EXPECT_TRUE(kept.valid());
        EXPECT_EQ(left, 20);  // memory of the host stays while kernels may reach it
        run.end();
    }
    EXPECT_EQ(left, 0);
    EXPECT_EQ(device.buffers().size(), 1u);
    device.abort();
    const std::vector<Buffer> again = make();
    EXPECT_NE(again[0].address(), first);  // it is taken
    EXPECT_EQ(left, 20);
}

TEST(Threads, PreparedGraphsAreDroppedWhileTheDeviceRuns) {
    Device device("ascend");
    Graph graph(Dependencies::edges);
    const Buffer cells = device.allocate(16, Placement::in_bank(0));
    const std::uint64_t at = value(cells.core_address());
    graph.add(0, std::array{at, at, at, std::uint64_t{1}});
    auto program = std::make_unique<GraphProgram>(device, graph, GraphOptions{});
    LongRun run(device);
    program.reset();
    EXPECT_NE(message_of<Error>([&] { run_graph(device, graph); }).find("another thread"),
              std::string::npos);
    run.end();
    device.abort();
    EXPECT_EQ(run_graph(device, graph).times.size(), 1u);
}

TEST(Threads, EventsThatNobodyKnowsAreForgotten) {
    Device device("tiny");
    Queue queue = device.queue();
    const Event first = queue.record();
    std::set<std::size_t> sizes;
    for (int round = 0; round < 6; ++round) {
        for (int i = 0; i < 500; ++i) queue.record();
        const Event last = queue.record();
        queue.wait(last);
        queue.finish();
        EXPECT_TRUE(last.cycle().has_value());
        sizes.insert(device.snapshot().bytes.size());
    }
    EXPECT_EQ(sizes.size(), 1u);
    EXPECT_TRUE(first.cycle().has_value());
    // One that only a queue waits for is known.
    Queue other = device.queue();
    {
        const Event event = queue.record();
        other.wait(event);
        queue.finish();
    }
    for (int i = 0; i < 500; ++i) queue.record();
    queue.finish();
    other.finish();
    EXPECT_TRUE(other.empty());
}

/// What `work` gives in a thread for each number below `count`, all at once.
template <class Work>
auto in_threads(std::size_t count, Work work) {
    std::vector<decltype(work(0))> results(count);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < count; ++t) {
        threads.emplace_back([&, t] { results[t] = work(t); });
    }
    for (std::thread& thread : threads) thread.join();
    return results;
}

TEST(Threads, ProductsOnDevicesOfTheirOwnEqualThoseDoneAlone) {
    const auto product = [](std::size_t seed) {
        Device device("kpu");
        const GemmShape shape{.m = 48, .n = 40, .k = 56};
        std::vector<float> a(shape.m * shape.k);
        std::vector<float> b(shape.k * shape.n);
        std::vector<float> c(shape.m * shape.n);
        for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>((i * 7 + seed) % 31);
        for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>((i * 5 + seed) % 17);
        const auto put = [&](const std::vector<float>& values) {
            Buffer buffer = device.allocate(values.size() * 4, Placement::in_bank(0));
            buffer.write(std::as_bytes(std::span(values)));
            return buffer;
        };
        const Buffer out = put(c);
        const MatmulReport report = device.matmul(put(a), put(b), out, shape, {});
        out.read(std::as_writable_bytes(std::span(c)));
        return std::tuple(c, report.cycles, device.counters());
    };
    const auto together = in_threads(4, product);
    for (std::size_t t = 0; t < together.size(); ++t) EXPECT_EQ(together[t], product(t)) << t;
}

TEST(Threads, AHostThatIsSlowToAnswerChangesNothing) {
    const auto counters = [](const RunOptions& options) {
        Device device("kpu");
        const GemmShape shape{.m = 512, .n = 512, .k = 512};
        const auto zeros = [&] { return device.allocate(4 * 512 * 512, Placement::in_bank(0)); };
        const Buffer out = zeros();
        device.matmul(zeros(), zeros(), out, shape, {}, nullptr, options);
        return device.counters();
    };
    int times = 0;
    const auto slow = [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(11));
        ++times;
        return false;
    };
    EXPECT_EQ(counters({.stop_requested = slow}), counters({}));
    EXPECT_GT(times, 0);
}

TEST(Threads, GraphsOnDevicesOfTheirOwnRunAsAlone) {
    const auto chain = [](std::size_t seed) {
        Device device("ascend");
        const Buffer cells = device.allocate(4 * 16, Placement::in_bank(0));
        std::vector<float> values(16);
        std::iota(values.begin(), values.end(), static_cast<float>(seed));
        cells.write(std::as_bytes(std::span(values)));
        const std::uint64_t at = value(cells.core_address());
        Graph graph(Dependencies::edges);
        for (std::uint64_t i = 0; i < 15; ++i) {
            // Function 0 adds two arrays: each number becomes the sum of those before it and
            // itself.
            const std::uint64_t next = at + 4 * i + 4;
            const TaskId task = graph.add(0, std::array{at + 4 * i, next, next, std::uint64_t{1}});
            if (task != 0) graph.add_edge(task - 1, task);
        }
        const GraphRun run = run_graph(device, graph);
        cells.read(std::as_writable_bytes(std::span(values)));
        return std::tuple(values, run.run.cycles, run.run.instructions);
    };
    const auto together = in_threads(4, chain);
    for (std::size_t t = 0; t < together.size(); ++t) {
        EXPECT_EQ(together[t], chain(t)) << t;
        std::vector<float> sums(16);
        std::iota(sums.begin(), sums.end(), static_cast<float>(t));
        std::partial_sum(sums.begin(), sums.end(), sums.begin());
        EXPECT_EQ(std::get<0>(together[t]), sums);
    }
}

}  // namespace
}  // namespace tilewright
