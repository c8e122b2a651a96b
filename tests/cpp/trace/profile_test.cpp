// Profiles: every cycle and every instruction of a core is accounted for, and nothing changes.
#include "tilewright/trace/profile.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "../runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

struct Totals {
    std::uint64_t executed = 0;
    std::uint64_t cycles = 0;
    std::uint64_t waited = 0;
    std::uint64_t polled = 0;  ///< instructions of polling loops while they were parked
    bool operator==(const Totals&) const = default;
};

Totals totals(const std::vector<ProgramProfile>& programs) {
    Totals t;
    for (const ProgramProfile& program : programs) {
        for (const riscv::InstructionCost& cost : program.instructions) {
            t.executed += cost.executed;
            t.cycles += cost.cycles;
        }
        for (const ProfiledWait& wait : program.waits) {
            t.waited += wait.cycles;
            t.polled += wait.instructions;
        }
    }
    return t;
}

std::uint64_t lost(const std::vector<ProgramProfile>& programs, riscv::Lost reason) {
    std::uint64_t cycles = 0;
    for (const ProgramProfile& program : programs) {
        for (const riscv::InstructionCost& cost : program.instructions) {
            cycles += cost.lost[static_cast<std::size_t>(reason)];
        }
    }
    return cycles;
}

/// All kinds of instructions that take more than a cycle, some by their data.
Kernel mixed() {
    return make_kernel("mixed", "Buffer words, std::uint32_t rounds", R"(
        auto* near = reinterpret_cast<volatile std::uint32_t*>(__builtin_alloca(64));
        auto* far = l1<volatile std::uint32_t>(0x40000);
        for (std::uint32_t i = 0; i < 16; ++i) near[i] = i;
        for (std::uint32_t i = 0; i < 256; ++i) far[i] = i;
        std::uint32_t x = 12345, sum = 0;
        for (std::uint32_t i = 0; i < rounds; ++i) {
            x = x * 1664525u + 1013904223u;
            near[x & 15] = x;
            far[(x >> 8) & 255] = sum;
            sum += near[i & 15] + far[i & 255];
            if (x & 0x400) sum ^= x / (1 + (sum & 0xffff));
            if (x % 7 == 3) __atomic_fetch_add(&near[0], 1, __ATOMIC_RELAXED);
            if (i % 64 == 0) {
                words.read(0, l1<void>(0x50000), 64);
                noc_async_read_barrier();
                sum += *l1<volatile std::uint32_t>(0x50000);
            }
        }
        print(sum);
    )");
}

/// A device that nothing has run on, so that its DRAM and L1 are as those of another.
struct Fresh {
    Device device{"tiny"};
    Buffer words = device.allocate(64);

    Fresh() { words.write(std::vector<std::byte>(64, std::byte{3})); }
    std::vector<Launch> launches(const Kernel& kernel) const {
        return {{.kernel = kernel, .cores = {{}}, .arguments = {words, number(500)}}};
    }
};

TEST(Profiles, AccountsForEveryCycleAndEveryInstruction) {
    const Kernel kernel = mixed();
    Fresh without, with;
    const auto plain = without.device.run(without.launches(kernel));
    Profile profile;
    with.device.start_profile(profile);
    const auto run = with.device.run(with.launches(kernel));
    with.device.end_profile();
    EXPECT_EQ(run.cycles, plain.cycles);
    EXPECT_EQ(run.output(), plain.output());
    const Totals t = totals(profile.programs());
    EXPECT_EQ(t.executed + t.polled, run.instructions);
    EXPECT_EQ(t.cycles + t.waited, run.cycles);
    EXPECT_GT(t.waited, 0u);
    using riscv::Lost;
    for (const Lost reason : {Lost::near_load, Lost::far_memory, Lost::multiply, Lost::divide,
                              Lost::atomic, Lost::prediction, Lost::device}) {
        EXPECT_GT(lost(profile.programs(), reason), 0u) << riscv::name_of(reason);
    }
    ASSERT_EQ(profile.programs().size(), 1u);
    ASSERT_FALSE(profile.programs()[0].waits.empty());
    EXPECT_EQ(profile.programs()[0].waits[0].what, "reads, NoC 0");
}

TEST(Profiles, PartsOfARunAddUpToTheWhole) {
    const Kernel kernel = mixed();
    Fresh at_once, in_parts;
    const auto run = at_once.device.run(at_once.launches(kernel));
    Device& device = in_parts.device;
    // Where a run is cut, the core stands anywhere: in blocks, too.
    Totals sum;
    device.launch(in_parts.launches(kernel));
    const Cycle begin = device.cycle();
    bool more = true;
    for (std::uint64_t step = 97; more; step += 1009) {
        Profile part;
        device.start_profile(part);
        more = device.advance_to(begin + step);
        device.end_profile();
        const Totals t = totals(part.programs());
        sum.executed += t.executed + t.polled;
        sum.cycles += t.cycles + t.waited;
    }
    device.finish();
    EXPECT_EQ(sum.executed, run.instructions);
    EXPECT_EQ(sum.cycles, run.cycles);
}

TEST(Profiles, GoesOnWhereASnapshotStands) {
    const Kernel kernel = mixed();
    Fresh fresh;
    Device& device = fresh.device;
    device.launch(fresh.launches(kernel));
    device.advance_to(device.cycle() + 5003);
    const Snapshot middle = device.snapshot();
    const auto done = device.counters().at("core.0.0.0.instructions");
    device.finish();
    const auto all = device.counters().at("core.0.0.0.instructions");
    Profile profile;
    device.start_profile(profile);
    device.restore(middle);
    device.finish();
    device.end_profile();
    EXPECT_EQ(totals(profile.programs()).executed + totals(profile.programs()).polled, all - done);
}

TEST(Profiles, CountsALoopExactly) {
    Device device("tiny");
    const Kernel loop = make_kernel("loop", "std::uint32_t rounds", R"(
        asm volatile("1: addi %0, %0, -1\n mul t0, t0, t0\n add t1, t0, t0\n bnez %0, 1b"
                     : "+r"(rounds) : : "t0", "t1");
    )");
    Profile profile;
    device.start_profile(profile);
    device.run(loop, {{}}, {number(1000)});
    device.end_profile();
    std::uint64_t found = 0;
    const std::vector<ProgramProfile> programs = profile.programs();
    for (const riscv::InstructionCost& cost : programs.at(0).instructions) {
        if (cost.word != 0x025282b3) continue;  // mul t0, t0, t0
        ++found;
        EXPECT_EQ(cost.executed, 1000u);
        EXPECT_EQ(cost.lost[static_cast<std::size_t>(riscv::Lost::multiply)], 1000u);
        EXPECT_EQ(cost.cycles, 2000u);
    }
    EXPECT_EQ(found, 1u);
}

TEST(Profiles, SeesPollingAsOneWait) {
    Device device("tiny");
    const Kernel waits = make_kernel("waits", "Semaphore bell", "bell.wait_min(1);");
    const Kernel works = make_kernel("works", "Semaphore bell, std::uint32_t rounds", R"(
        for (volatile std::uint32_t i = 0; i < rounds; i = i + 1) {}
        bell.add(1);
    )");
    const Semaphore semaphore = device.semaphore();
    Profile profile;
    device.start_profile(profile);
    std::vector<Launch> both = {
        {.kernel = waits, .cores = {{}}, .arguments = {semaphore}},
        {.kernel = works, .cores = {{{}, 1}}, .arguments = {semaphore, number(5000)}}};
    const auto run = device.run(both);
    device.end_profile();
    const std::vector<ProgramProfile> programs = profile.programs();
    ASSERT_EQ(programs.size(), 2u);
    const Totals t = totals(programs);
    EXPECT_EQ(t.executed + t.polled, run.instructions);
    ASSERT_FALSE(programs[0].waits.empty());
    EXPECT_EQ(programs[0].waits[0].what, "semaphore 0");
    EXPECT_GT(programs[0].waits[0].cycles, 10'000u);
}

TEST(Profiles, OnlyOneIsMadeAtATime) {
    Device device("tiny");
    Profile first, second;
    device.start_profile(first);
    EXPECT_THROW(device.start_profile(second), BusyError);
    device.end_profile();
    device.end_profile();
    device.start_profile(second);
    device.end_profile();
    EXPECT_TRUE(first.programs().empty());
}

TEST(Profiles, AFaultEndsWhereItHappened) {
    Device device("tiny");
    const Kernel faults = make_kernel("faults", "std::uint32_t n", R"(
        for (volatile std::uint32_t i = 0; i < n; i = i + 1) {}
        *reinterpret_cast<volatile std::uint32_t*>(0x4) = 1;
    )");
    Profile profile;
    device.start_profile(profile);
    const auto before = device.counters().at("core.0.0.0.instructions");
    EXPECT_THROW(device.run(faults, {{}}, {number(10)}), KernelFault);
    const auto after = device.counters().at("core.0.0.0.instructions");
    device.end_profile();
    EXPECT_EQ(totals(profile.programs()).executed, after - before);
}

}  // namespace
}  // namespace tilewright
