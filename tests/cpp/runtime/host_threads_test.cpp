// Threads of the host: whatever their number, a device does the same, to the byte of a snapshot.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/graph/run.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/trace/trace.hpp"

namespace tilewright {
namespace {

struct Kernels {
    /// Arithmetic, on the stack, in L1 here and there, with a barrier and a print now and then.
    Kernel busy = precompiled([] {
        return make_kernel(
            "busy", "std::uint32_t rounds, std::uint32_t seed, std::uint32_t prints",
            "std::uint32_t table[32];\n"
            "auto* mine = l1<volatile std::uint32_t>(l1_user_base + 0x4000 * (seed % 5));\n"
            "for (std::uint32_t i = 0; i < 32; ++i) table[i] = i * seed;\n"
            "std::uint32_t a = seed;\n"
            "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
            "    a = a * 1664525u + 1013904223u;\n"
            "    table[a >> 27] += a / (1 + (a >> 9 & 7));\n"
            "    if (a % 61 == 0) mine[a >> 8 & 0x7FF] += table[i & 31];\n"
            "    if (prints != 0 && i % 512 == seed) print('.', a);\n"
            "}\n"
            "mine[1] = a;");
    });
    /// Stores all over L1 that its neighbours load, without any order.
    Kernel race = precompiled([] {
        return make_kernel("host_threads_race", "std::uint32_t rounds, std::uint32_t seed",
                           "auto* shared = l1<volatile std::uint32_t>(l1_user_base + 0x18000);\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    const std::uint32_t a = shared[i * 97 % 8192];\n"
                           "    shared[(i * 301 + seed) % 8192] = a * 1664525u + seed;\n"
                           "}");
    });
    Kernel traffic = precompiled([] {
        return make_kernel("host_threads_traffic",
                           "Buffer data, std::uint32_t rounds, std::uint32_t seed",
                           "auto* here = l1<std::uint32_t>(l1_user_base + 0x24000);\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    const std::uint32_t page = (seed * 7 + i * 5) % data.pages();\n"
                           "    data.read(page * 1024, here, 1024);\n"
                           "    noc_async_read_barrier();\n"
                           "    for (std::uint32_t k = 0; k < 256; ++k) here[k] += here[k / 2];\n"
                           "    data.write(page * 1024, here, 1024);\n"
                           "    noc_async_write_barrier();\n"
                           "}");
    });
    /// Words of direct memory that all cores load and store.
    Kernel direct = precompiled([] {
        return make_kernel("host_threads_direct",
                           "std::uint32_t at, std::uint32_t rounds, std::uint32_t seed",
                           "auto* cells = reinterpret_cast<volatile std::uint32_t*>(at);\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    std::uint32_t a = seed;\n"
                           "    for (std::uint32_t k = 0; k < 200; ++k) a = a * 1664525u + k;\n"
                           "    cells[a % 16] = cells[i % 16] + a;\n"
                           "}");
    });
    Kernel ring = Kernel::builtin("ring");
    Kernel waits = precompiled([] {
        return make_kernel("host_threads_waits", "Semaphore never, std::uint32_t rounds",
                           "std::uint32_t a = 1;\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) a = a * 3 + i;\n"
                           "if (a != 0) never.wait(1);");
    });
    Kernel faults = precompiled([] {
        return make_kernel("host_threads_faults", "std::uint32_t rounds",
                           "std::uint32_t a = 1;\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) a = a * 3 + i;\n"
                           "*reinterpret_cast<volatile std::uint32_t*>(0x70000000) = a;");
    });
};
const Kernels& kernels() {
    static const Kernels all;  // compiled once
    return all;
}

constexpr TileId tiles[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};

/// All that can be seen of a device and of what it did.
struct Seen {
    std::vector<std::byte> snapshot;
    std::string text;
    Counters counters;
    std::vector<std::uint64_t> numbers;
    bool operator==(const Seen&) const = default;
};

void note(Seen& seen, const Run& run) {
    seen.text += run.output();
    seen.numbers.push_back(run.cycles);
    for (const CoreReport& core : run.cores) {
        seen.numbers.insert(seen.numbers.end(), {count(core.start), count(core.end),
                                                 core.instructions, core.waiting_cycles});
    }
}

Seen look(const Device& device) {
    return {.snapshot = device.snapshot().bytes,
            .text = {},
            .counters = device.counters(),
            .numbers = {count(device.cycle())}};
}

using Scenario = std::function<Seen(std::uint32_t threads)>;

void expect_equal(const Scenario& scenario) {
    const Seen alone = scenario(1);
    for (const std::uint32_t threads : {2u, 3u, 8u}) {
        const Seen together = scenario(threads);
        EXPECT_EQ(together.numbers, alone.numbers) << threads;
        EXPECT_EQ(together.text, alone.text) << threads;
        EXPECT_EQ(together.counters, alone.counters) << threads;
        EXPECT_TRUE(together.snapshot == alone.snapshot) << threads;
    }
}

std::vector<Launch> arithmetic() {
    std::vector<Launch> all;
    for (std::uint16_t t = 0; t < 4; ++t) {
        for (std::uint16_t p = 0; p < 3; ++p) {
            all.push_back({kernels().busy,
                           {{tiles[t], p}},
                           {number(3000 + 500 * t), number(t + 4 * p + 1), number(p == 2)}});
        }
    }
    return all;
}

std::vector<Launch> everything(Device& device) {
    Buffer data = device.allocate(64 * 1024, Placement::interleaved(1024));
    const std::vector<std::byte> bytes(data.bytes(), std::byte{7});
    data.write(bytes);
    const Semaphore token = device.semaphore();
    std::vector<Launch> all = arithmetic();
    for (std::uint16_t t = 0; t < 4; ++t) {
        const TileId next = tiles[t ^ (t % 2 == 0 ? 1 : 3)];
        all[3 * t] = {kernels().ring,
                      {{tiles[t], 0}},
                      {token, number(next.x), number(next.y), number(t == 0), number(12)}};
        all[3 * t + 1] = {kernels().race, {{tiles[t], 1}}, {number(4000), number(t)}};
        all.push_back({kernels().traffic, {{tiles[t], 3}}, {data, number(10), number(t)}});
    }
    return all;
}

TEST(HostThreads, ArithmeticIsTheSame) {
    for (const std::uint32_t quantum : {1024u, 60u}) {
        expect_equal([quantum](std::uint32_t threads) {
            ChipConfig config = preset("tiny");
            config.quantum_cycles = quantum;
            Device device(config, {.threads = threads});
            const auto run = device.run(arithmetic());
            Seen seen = look(device);
            note(seen, run);
            return seen;
        });
    }
}

TEST(HostThreads, TrafficSemaphoresRacesAndTracesAreTheSame) {
    expect_equal([](std::uint32_t threads) {
        const auto file = std::filesystem::path(testing::TempDir()) / "host_threads_test.json";
        Device device("tiny", {.threads = threads});
        TraceWriter trace(file, device.config());
        device.observe(trace);
        const auto run = device.run(everything(device));
        device.forget(trace);
        trace.finish(device.cycle());
        Seen seen = look(device);
        note(seen, run);
        std::ifstream stream(file);
        seen.text.append(std::istreambuf_iterator<char>(stream), {});
        EXPECT_GT(seen.text.size(), 1000u);
        std::filesystem::remove(file);
        return seen;
    });
}

TEST(HostThreads, DirectMemoryIsTheSame) {
    expect_equal([](std::uint32_t threads) {
        ChipConfig config = preset("tiny");
        config.direct_memory_bytes = 128 << 20;
        Device device(config, {.threads = threads});
        const Buffer cells = device.allocate(64, Placement::in_bank(0));
        const Argument at = std::uint64_t{value(cells.core_address())};
        std::vector<Launch> all;
        for (std::uint16_t c = 0; c < 8; ++c) {
            all.push_back({kernels().direct,
                           {{tiles[c % 4], static_cast<std::uint16_t>(c / 4)}},
                           {at, number(60), number(c)}});
        }
        const auto run = device.run(all);
        Seen seen = look(device);
        note(seen, run);
        return seen;
    });
}

// One core ends the run while others compute: what they had done by then is the same.
TEST(HostThreads, ReportsOfRunsThatFailAreTheSame) {
    for (const std::uint32_t rounds : {1u, 700u, 2000u}) {
        for (const bool fault : {true, false}) {
            expect_equal([rounds, fault](std::uint32_t threads) {
                Device device("tiny", {.threads = threads});
                const Semaphore never = device.semaphore();
                std::vector<Launch> all = arithmetic();
                all[4] = fault ? Launch{kernels().faults, {{tiles[1], 1}}, {number(rounds)}}
                               : Launch{kernels().waits, {{tiles[1], 1}}, {never, number(rounds)}};
                std::string text;
                if (fault) {
                    text = message_of<KernelFault>([&] { device.run(all); });
                } else {
                    text = message_of<DeadlockError>([&] { device.run(all); });
                }
                Seen seen = look(device);
                seen.text += text;
                return seen;
            });
        }
    }
}

TEST(HostThreads, StoppingAndGoingOnIsTheSame) {
    for (const std::uint64_t step : {777u, 1024u, 4001u}) {
        expect_equal([step](std::uint32_t threads) {
            Device device("tiny", {.threads = threads});
            device.launch(everything(device));
            Seen all;
            for (std::uint64_t at = step; at < 12'000 && device.advance_to(Cycle{at}); at += step) {
                const Snapshot snapshot = device.snapshot();
                all.snapshot.insert(all.snapshot.end(), snapshot.bytes.begin(),
                                    snapshot.bytes.end());
                all.numbers.push_back(count(device.cycle()));
            }
            // From one of another number of threads, too.
            const Snapshot middle = device.snapshot();
            Device other("tiny", {.threads = 9 - threads});
            other.restore(middle);
            note(all, device.finish());
            note(all, other.finish());
            all.counters = device.counters();
            EXPECT_TRUE(device.snapshot().bytes == other.snapshot().bytes);
            return all;
        });
    }
}

TEST(HostThreads, CyclesThatRunOutAreTheSame) {
    expect_equal([](std::uint32_t threads) {
        Device device("tiny", {.threads = threads});
        const std::string text = message_of<CycleLimitError>(
            [&] { device.run(arithmetic(), {.cycle_limit = 5000, .stop_requested = {}}); });
        Seen seen = look(device);
        seen.text += text;
        return seen;
    });
}

TEST(HostThreads, GraphsAreTheSame) {
    expect_equal([](std::uint32_t threads) {
        Device device("ascend", {.threads = threads});
        Graph graph(Dependencies::edges);
        const Buffer cells = device.allocate(1024, Placement::in_bank(0));
        const std::uint64_t at = value(cells.core_address());
        for (std::uint32_t i = 0; i < 64; ++i) {
            const std::uint64_t to = at + 16 * i;
            const TaskId task = graph.add(0, std::array{at, to, to, std::uint64_t{4}});
            if (i >= 8) graph.add_edge(task - 8, task);
        }
        const GraphRun run = run_graph(device, graph);
        Seen seen = look(device);
        note(seen, run.run);
        return seen;
    });
}

TEST(HostThreads, NumbersThatCannotBeAreRefused) {
    EXPECT_EQ(message_of<ConfigError>([] { Device device("tiny", {.threads = 0}); }),
              "threads: expected 1 to 256, not 0");
    EXPECT_EQ(Device("tiny", {.threads = 64}).threads(), 64u);
    setenv("TILEWRIGHT_THREADS", "3", 1);
    EXPECT_EQ(Device("tiny").threads(), 3u);
    EXPECT_EQ(Device("tiny", {.threads = 2}).threads(), 2u);
    for (const char* const wrong : {"0", "two", "-1", "1.5", "257", "3 "}) {
        setenv("TILEWRIGHT_THREADS", wrong, 1);
        EXPECT_EQ(message_of<ConfigError>([] { Device device("tiny"); }),
                  std::string("TILEWRIGHT_THREADS is \"") + wrong + "\"; expected 1 to 256");
    }
    unsetenv("TILEWRIGHT_THREADS");
    EXPECT_EQ(Device("tiny").threads(), 1u);
}

}  // namespace
}  // namespace tilewright
