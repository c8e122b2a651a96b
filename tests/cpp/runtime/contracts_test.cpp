// The contracts of docs/architecture.md, each provoked: order of synchronising operations, parking,
// windows, stops, snapshots, observers. Failures are in contracts_failures_test.cpp.
#include <gtest/gtest.h>

#include <cstring>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/sim/observer.hpp"

namespace tilewright {
namespace {

std::uint32_t word(const Device& device, TileId tile, std::uint32_t address) {
    std::uint32_t value = 0;
    device.read_l1(tile, address, std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

// Something of everything: tokens round a ring, plain races inside a tile, DRAM traffic, prints.
struct Workload {
    Kernel ring = Kernel::builtin("ring");
    Kernel race = precompiled([] {
        return make_kernel("race", "std::uint32_t rounds, std::uint32_t seed",
                           "auto* shared = l1<volatile std::uint32_t>(l1_user_base + 0x8000);\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    const std::uint32_t a = shared[i % 8];\n"
                           "    shared[(i * 3 + seed) % 8] = a * 1664525u + seed;\n"
                           "}");
    });
    Kernel traffic = precompiled([] {
        return make_kernel("traffic", "Buffer data, std::uint32_t rounds, std::uint32_t seed",
                           "auto* here = l1<std::uint32_t>(l1_user_base);\n"
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    const std::uint32_t page = (seed * 7 + i * 5) % data.pages();\n"
                           "    data.read(page * 1024, here, 1024);\n"
                           "    noc_async_read_barrier();\n"
                           "    here[i % 256] += seed + i;\n"
                           "    data.write(page * 1024, here, 1024);\n"
                           "    noc_async_write_barrier();\n"
                           "    if (i % 4 == 0) print('.', i);\n"
                           "}");
    });

    std::vector<Launch> launches(Device& device, const Buffer& data) const {
        const Semaphore token = device.semaphore();
        std::vector<Launch> all;
        const TileId tiles[] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
        for (std::size_t i = 0; i < 4; ++i) {
            const TileId next = tiles[(i + 1) % 4];
            all.push_back({ring,
                           {{tiles[i], 0}},
                           {token, number(next.x), number(next.y), number(i == 0), number(20)}});
            all.push_back({race, {{tiles[i], 1}}, {number(700), number(3)}});
            all.push_back({race, {{tiles[i], 2}}, {number(500), number(5)}});
            all.push_back({traffic, {{tiles[i], 3}}, {data, number(12), number(int(i) + 1)}});
        }
        return all;
    }
};

const Workload& workload() {
    static const Workload shared;  // compiled once for all tests
    return shared;
}

// What a run left behind, as far as a program could see it.
struct Result {
    std::uint64_t cycles = 0;
    std::vector<std::uint64_t> per_core;
    std::string output;
    std::vector<std::byte> memory;
    Counters counters;
    bool operator==(const Result&) const = default;
};

Result result_of(Device& device, const Buffer& data, const Run& run) {
    Result result{.cycles = run.cycles,
                  .per_core = {},
                  .output = run.output(),
                  .memory = {},
                  .counters = device.counters()};
    for (const CoreReport& core : run.cores) {
        result.per_core.insert(result.per_core.end(),
                               {count(core.end), core.instructions, core.waiting_cycles});
    }
    result.counters.erase("simulator.events");  // how the host went about it
    result.memory.resize(data.bytes());
    data.read(result.memory);
    for (std::uint16_t y : {0, 1}) {
        for (std::uint16_t x : {0, 1}) {
            std::vector<std::byte> l1(0x10000);
            device.read_l1({x, y}, abi::l1_user_base, l1);
            result.memory.insert(result.memory.end(), l1.begin(), l1.end());
        }
    }
    return result;
}

Buffer make_data(Device& device) {
    Buffer data = device.allocate(64 * 1024, Placement::interleaved(1024));
    std::vector<std::uint32_t> numbers(16 * 1024);
    for (std::uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = i * 2654435761u;
    data.write(std::as_bytes(std::span(numbers)));
    return data;
}

Result straight(std::uint32_t quantum = 1024) {
    ChipConfig config = preset("tiny");
    config.quantum_cycles = quantum;
    Device device(config);
    const Buffer data = make_data(device);
    const auto run = device.run(workload().launches(device, data));
    return result_of(device, data, run);
}

TEST(Contracts, TwoRunsAreEqual) {
    EXPECT_EQ(straight(), straight());
}

TEST(Contracts, StoppingAnywhereChangesNothing) {
    const Result expected = straight();
    for (std::uint64_t step : {1u, 7u, 100u, 1023u, 1024u, 5000u}) {
        Device device("tiny");
        const Buffer data = make_data(device);
        device.launch(workload().launches(device, data));
        for (std::uint64_t at = step; device.advance_to(Cycle{at}); at += step) {
            ASSERT_GE(count(device.cycle()), at);
        }
        EXPECT_EQ(result_of(device, data, device.finish()), expected) << step;
    }
}

TEST(Contracts, InterruptedRunsGoOn) {
    const Result expected = straight();
    Device device("tiny");
    const Buffer data = make_data(device);
    device.launch(workload().launches(device, data));
    int interruptions = 0;
    for (;;) {
        try {
            int asked = 0;
            const auto run = device.finish(
                {.cycle_limit = ~0ull, .stop_requested = [&] { return ++asked == 1; }});
            EXPECT_EQ(result_of(device, data, run), expected);
            break;
        } catch (const Interrupted&) {
            ++interruptions;
        }
    }
    EXPECT_GT(interruptions, 0);
}

TEST(Contracts, ASnapshotAtAnyCycleContinuesEqual) {
    const Result expected = straight();
    Device device("tiny");
    const Buffer data = make_data(device);
    device.launch(workload().launches(device, data));
    int taken = 0;
    for (std::uint64_t at = 1; device.advance_to(Cycle{at}); at += 397) {
        const Snapshot snapshot = device.snapshot();
        ++taken;

        // In a chip that has neither the kernels nor the history,
        Device fresh("tiny");
        fresh.restore(snapshot);
        const std::vector<Buffer> buffers = fresh.buffers();
        ASSERT_EQ(buffers.size(), 1u);
        ASSERT_EQ(result_of(fresh, buffers[0], fresh.finish()), expected) << at;

        // and in the same one, after it went on for a while.
        if (taken % 5 == 0) {
            device.advance_to(Cycle{at + 2000});
            device.restore(snapshot);
            ASSERT_TRUE(data.valid());
        }
    }
    EXPECT_GT(taken, 20);
    EXPECT_EQ(result_of(device, data, device.finish()), expected);
}

TEST(Contracts, ASnapshotTakenTwiceIsTheSameBytes) {
    Device device("tiny");
    const Buffer data = make_data(device);
    device.launch(workload().launches(device, data));
    device.advance_to(Cycle{3000});
    const Snapshot first = device.snapshot();
    Device fresh("tiny");
    fresh.restore(first);
    EXPECT_EQ(fresh.snapshot().bytes, first.bytes);
}

TEST(Contracts, ASnapshotIntoMemoryOfTheCallerIsTheSameBytes) {
    Device device("blackhole");
    std::vector<std::byte> numbers(5 << 20);  // long enough for huge pages and for many parts
    for (std::size_t i = 0; i < numbers.size(); i += 9) numbers[i] = static_cast<std::byte>(i >> 5);
    device.write_dram(0, 0, numbers);
    std::vector<std::byte> bytes;
    int calls = 0;
    device.snapshot([&](std::size_t count) {
        ++calls;
        bytes.assign(count, std::byte{0xA5});
        return std::span(bytes);
    });
    EXPECT_EQ(calls, 1);
    EXPECT_THROW(
        device.snapshot([&](std::size_t count) { return std::span(bytes).first(count - 1); }),
        ArgumentError);
    EXPECT_EQ(bytes, device.snapshot().bytes);
    Device fresh("blackhole");
    fresh.restore(bytes);
    std::vector<std::byte> back(numbers.size());
    fresh.read_dram(0, 0, back);
    EXPECT_EQ(back, numbers);
}

TEST(Contracts, DamagedSnapshotsAreRefusedAndChangeNothing) {
    Device device("tiny");
    const Buffer data = make_data(device);
    device.launch(workload().launches(device, data));
    device.advance_to(Cycle{3000});
    const Snapshot good = device.snapshot();
    for (std::size_t at = 0; at < good.bytes.size(); at += good.bytes.size() / 97) {
        Snapshot bad = good;
        bad.bytes[at] ^= std::byte{1};
        if (at >= 12 && at < 16) continue;  // unused header bytes
        EXPECT_THROW(device.restore(bad), SnapshotError) << at;
        bad = good;
        bad.bytes.resize(at);
        EXPECT_THROW(device.restore(bad), SnapshotError) << at;
    }
    Device other("blackhole");
    EXPECT_THROW(other.restore(good), SnapshotError);
    EXPECT_EQ(result_of(device, data, device.finish()), straight());
}

struct Recorder final : Observer {
    std::vector<std::tuple<std::uint64_t, int, CoreId, std::uint32_t>> cores;
    std::vector<std::tuple<std::uint64_t, std::uint64_t, CoreId, std::uint32_t, std::uint32_t>>
        moves;
    void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress address) override {
        cores.emplace_back(count(cycle), static_cast<int>(event), core, value(address));
    }
    void on_transfer(const TransferRecord& t) override {
        moves.emplace_back(count(t.completed), count(t.issued), t.initiator, t.address, t.bytes);
    }
    bool wants_functions() const override { return true; }
    void on_functions(CoreId core, const std::shared_ptr<const riscv::ElfImage>& program,
                      std::span<const riscv::CallRecord> records) override {
        for (const riscv::CallRecord& r : records) {
            EXPECT_NE(program->function_at(r.target), nullptr);
            calls.emplace_back(r.cycle, core, r.target, r.sp, static_cast<int>(r.kind));
        }
    }
    std::vector<std::tuple<std::uint64_t, CoreId, std::uint32_t, std::uint32_t, int>> calls;
};

TEST(Contracts, ObserversChangeNothingAndSeeTheSameHoweverTheRunIsCut) {
    const Result expected = straight();
    Recorder through;
    {
        Device device("tiny");
        device.observe(through);
        const Buffer data = make_data(device);
        EXPECT_EQ(result_of(device, data, device.run(workload().launches(device, data))), expected);
    }
    Recorder cut;
    {
        Device device("tiny");
        device.observe(cut);
        const Buffer data = make_data(device);
        device.launch(workload().launches(device, data));
        for (std::uint64_t at = 0; device.advance_to(Cycle{at}); at += 211) continue;
    }
    // 4 rings of 20 hops, 4 times 12 pages of 1 KiB read and written.
    EXPECT_EQ(through.moves.size(), 4u * 20 + 4 * 12 * 2);
    for (Recorder* r : {&through, &cut}) {
        std::sort(r->cores.begin(), r->cores.end());
        std::sort(r->moves.begin(), r->moves.end());
        std::stable_sort(r->calls.begin(), r->calls.end(), [](const auto& a, const auto& b) {
            return std::get<1>(a) < std::get<1>(b);  // in the order of each core
        });
    }
    EXPECT_EQ(through.cores, cut.cores);
    EXPECT_EQ(through.moves, cut.moves);
    EXPECT_GT(through.calls.size(), 100u);
    EXPECT_EQ(through.calls, cut.calls);
}

TEST(Contracts, WithoutRacesTheQuantumChangesNothing) {
    // Producer and consumer on one tile, ordered by a semaphore only.
    const Kernel producer = precompiled([] {
        return make_kernel("producer", "Semaphore ready, Semaphore taken",
                           "auto* box = l1<volatile std::uint32_t>(l1_user_base);\n"
                           "for (std::uint32_t i = 1; i <= 50; ++i) {\n"
                           "    for (std::uint32_t k = 0; k < i * 9; ++k) box[k % 32] = i * k;\n"
                           "    ready.add(1);\n    taken.wait_min(i);\n}");
    });
    const Kernel consumer = precompiled([] {
        return make_kernel(
            "consumer", "Semaphore ready, Semaphore taken",
            "auto* box = l1<volatile std::uint32_t>(l1_user_base);\nstd::uint32_t sum = 0;\n"
            "for (std::uint32_t i = 1; i <= 50; ++i) {\n"
            "    ready.wait_min(i);\n    for (std::uint32_t k = 0; k < 32; ++k) sum = sum * 31 + "
            "box[k];\n"
            "    taken.add(1);\n}\nbox[64] = sum;");
    });
    std::vector<std::uint64_t> seen;
    for (std::uint32_t quantum : {1u, 3u, 64u, 1024u, 100'000u}) {
        ChipConfig config = preset("tiny");
        config.quantum_cycles = quantum;
        Device device(config);
        const Semaphore ready = device.semaphore();
        const Semaphore taken = device.semaphore();
        const Launch both[] = {{producer, {{{0, 0}, 0}}, {ready, taken}},
                               {consumer, {{{0, 0}, 1}}, {ready, taken}}};
        const auto run = device.run(both);
        seen.push_back(run.cycles);
        seen.push_back(word(device, {0, 0}, abi::l1_user_base + 256));
    }
    for (std::size_t i = 2; i < seen.size(); ++i) EXPECT_EQ(seen[i], seen[i % 2]) << i;
    EXPECT_NE(seen[1], 0u);
}

TEST(Contracts, AParkedCoreWakesACycleAfterTheWriteArrives) {
    // The signal leaves at a cycle that the sender notes; the waiter notes when it goes on.
    const Kernel waiter = precompiled([] {
        return make_kernel("waiter", "Semaphore s",
                           "s.wait_min(1);\n*l1<std::uint64_t>(l1_user_base) = cycles();");
    });
    const Kernel sender = precompiled([] {
        return make_kernel(
            "sender", "Semaphore s, std::uint32_t x, std::uint32_t y, std::uint32_t delay",
            "const std::uint64_t until = cycles() + delay;\nwhile (cycles() < until) {}\n"
            "s.remote_add(x, y, 1);\nnoc_async_atomic_barrier();");
    });
    struct : Observer {
        std::uint64_t woken = 0, issued = 0, completed = 0;
        void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress) override {
            if (event == CoreEvent::woken && core.tile == TileId{3, 4}) woken = count(cycle);
        }
        void on_transfer(const TransferRecord& t) override {
            issued = count(t.issued);
            completed = count(t.completed);
        }
    } observer;
    for (int delay : {500, 501, 777}) {
        for (TileId from : {TileId{0, 0}, TileId{3, 3}, TileId{13, 9}}) {
            Device device("blackhole");
            device.observe(observer);
            const Semaphore s = device.semaphore();
            const Launch both[] = {{waiter, {{{3, 4}, 0}}, {s}},
                                   {sender, {{from, 0}}, {s, number(3), number(4), number(delay)}}};
            device.run(both);
            const ChipConfig& c = device.config();
            const int dx = (c.tile_router_x[3] - c.tile_router_x[from.x] + 17) % 17;
            const int dy = (4 - from.y + 12) % 12;
            const std::uint64_t served = c.noc_serve_cycles;  // at both ends, before the write
            EXPECT_EQ(observer.woken,
                      observer.issued + 5 + 9 * static_cast<unsigned>(dx + dy) + 5 + served + 1);
            const int around =
                (dx == 0 ? 0 : 17) + (dy == 0 ? 0 : 12);  // there and back on one torus
            EXPECT_EQ(observer.completed,
                      observer.issued + 2 * (5 + 5) + served + 9u * static_cast<unsigned>(around));
        }
    }
}

TEST(Contracts, APlainStoreOfANeighbourWakesAWaiter) {
    const Kernel waiter = precompiled([] {
        return make_kernel(
            "waiter", "std::uint32_t address",
            "auto* flag = l1<std::uint32_t>(address);\nstd::uint32_t value;\n"
            "do {\n asm volatile(\"lr.w %0, (%1)\" : \"=r\"(value) : \"r\"(flag) : \"memory\");\n"
            " if (value != 0) break;\n asm volatile(\"wrs.nto\" ::: \"memory\");\n} while (true);\n"
            "flag[1] = value;");
    });
    const Kernel setter = precompiled([] {
        return make_kernel(
            "setter", "std::uint32_t address",
            "const std::uint64_t until = cycles() + 300;\nwhile (cycles() < until) {}\n"
            // A release: without the fence the core would have run ahead to its store unobserved.
            "asm volatile(\"fence rw, w\" ::: \"memory\");\n"
            "*l1<volatile std::uint32_t>(address) = 77;");
    });
    Device device("tiny");
    const std::int64_t address = abi::l1_user_base + 512;
    const Launch both[] = {{waiter, {{{0, 0}, 1}}, {number(address)}},
                           {setter, {{{0, 0}, 3}}, {number(address)}}};
    const auto run = device.run(both);
    EXPECT_EQ(word(device, {0, 0}, static_cast<std::uint32_t>(address) + 4), 77u);
    EXPECT_GT(run.cores[0].waiting_cycles, 200u);
    EXPECT_LT(run.cycles, 600u);
}

TEST(Contracts, ShortWaitsEndByThemselves) {
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "short_wait", "",
            "auto* flag = l1<std::uint32_t>(l1_user_base);\nstd::uint32_t value;\n"
            "for (int i = 0; i < 10; ++i) {\n"
            " asm volatile(\"lr.w %0, (%1)\\n wrs.sto\" : \"=r\"(value) : \"r\"(flag) : "
            "\"memory\");\n}");
    });
    Device device("tiny");
    const auto run = device.run(kernel, {CoreId{}}, {});
    EXPECT_EQ(run.cores[0].waiting_cycles, 10u * device.config().core_timing.wait_short);
}

TEST(Contracts, AtomicsOfManyCoresAreNeverLost) {
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "counting", "Semaphore local, Semaphore remote",
            "for (int i = 0; i < 100; ++i) {\n local.add(1);\n remote.remote_add(0, 0, 1);\n"
            " std::uint32_t old, failed;\n auto* word = l1<std::uint32_t>(l1_user_base);\n"
            " do {\n  asm volatile(\"lr.w %0, (%2)\\n addi %0, %0, 1\\n sc.w %1, %0, (%2)\"\n"
            "   : \"=&r\"(old), \"=&r\"(failed) : \"r\"(word) : \"memory\");\n } while (failed != "
            "0);\n}\n"
            "noc_async_atomic_barrier();");
    });
    Device device("tiny");
    const Semaphore local = device.semaphore();
    const Semaphore remote = device.semaphore();
    std::vector<CoreId> cores;
    for (std::uint16_t t = 0; t < 4; ++t) {
        for (std::uint16_t p = 0; p < 5; ++p) {
            cores.push_back({{std::uint16_t(t % 2), std::uint16_t(t / 2)}, p});
        }
    }
    device.run(kernel, cores, {local, remote});
    EXPECT_EQ(word(device, {1, 1}, local.address), 500u);
    EXPECT_EQ(word(device, {0, 0}, remote.address), 2000u);
    EXPECT_EQ(word(device, {1, 0}, abi::l1_user_base), 500u);
}

TEST(Contracts, ManyTransfersWithoutABarrierHoldTheCoreUp) {
    const Kernel kernel = precompiled([] {
        return make_kernel("flood", "std::uint32_t rounds",
                           "for (std::uint32_t i = 0; i < rounds; ++i)\n"
                           "    noc_async_write(l1<char>(l1_user_base), tile_address(1, 1, "
                           "l1_user_base), 16384);\n"
                           "noc_async_write_barrier();");
    });
    Device device("tiny");
    const auto run = device.run(kernel, {CoreId{}}, {number(2000)});
    EXPECT_GE(run.cycles, 2000u * 257);          // one flit a cycle
    EXPECT_LE(run.cycles, 2000u * 257 + 2000u);  // and not much more
}

}  // namespace
}  // namespace tilewright
