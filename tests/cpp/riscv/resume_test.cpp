// Stopping anywhere and running on gives what running through gives: registers, memory, cycles,
// instructions, and what devices saw.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "mixed_machine.hpp"

namespace tilewright::riscv::test {
namespace {

TEST(Resume, AfterEveryNumberOfInstructions) {
    for (std::uint64_t seed = 100; seed < 106; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const Subject subject(seed);
        MixedMachine through;
        ASSERT_EQ(through.run(*subject.code), Stop::environment);
        const std::uint64_t n = through.hart.retired;
        ASSERT_GT(n, 300u);

        MixedMachine steps;  // one instruction at a time
        for (std::uint64_t k = 0; k < n && !HasFailure(); ++k) {
            MixedMachine parts;  // k instructions, then the rest
            parts.limits.max_retired = k;
            ASSERT_EQ(parts.run(*subject.code), Stop::limit);
            ASSERT_EQ(parts.hart.retired, k);
            steps.limits.max_retired = k;
            ASSERT_EQ(steps.run(*subject.code), Stop::limit);
            expect_same(parts, steps);
            parts.limits.max_retired = ~0ull;
            ASSERT_EQ(parts.run(*subject.code), Stop::environment);
            expect_same(parts, through);
        }
    }
}

TEST(Resume, AtEveryCycle) {
    const Subject subject(200, 200);
    MixedMachine through;
    ASSERT_EQ(through.run(*subject.code), Stop::environment);
    std::vector<std::uint64_t> issue;  // of each instruction, found by single steps
    MixedMachine steps;
    for (std::uint64_t k = 0; k < through.hart.retired; ++k) {
        steps.limits.max_retired = k;
        ASSERT_EQ(steps.run(*subject.code), Stop::limit);
        issue.push_back(steps.hart.cycles);
    }
    EXPECT_TRUE(std::is_sorted(issue.begin(), issue.end()));
    for (std::uint64_t cycle = 0; cycle <= issue.back() && !HasFailure(); ++cycle) {
        MixedMachine parts;
        parts.limits.max_cycles = cycle;
        ASSERT_EQ(parts.run(*subject.code), Stop::limit);
        const auto first = std::lower_bound(issue.begin(), issue.end(), cycle);
        EXPECT_EQ(parts.hart.retired, static_cast<std::uint64_t>(first - issue.begin()));
        EXPECT_EQ(parts.hart.cycles, *first);
        parts.limits.max_cycles = ~0ull;
        ASSERT_EQ(parts.run(*subject.code), Stop::environment);
        expect_same(parts, through);
    }
}

/// Where windows of a length are cut: the states at their edges.
std::vector<HartState> edges(const Subject& subject, std::uint64_t length, std::uint64_t chunk) {
    std::vector<HartState> states;
    MixedMachine machine;
    machine.limits.edge = length;
    machine.limits.max_retired = chunk;
    for (;;) {
        const Stop stop = machine.run(*subject.code);
        if (stop == Stop::environment) return states;
        if (stop == Stop::limit) {
            machine.limits.max_retired += chunk;
            continue;
        }
        EXPECT_EQ(stop, Stop::edge);
        EXPECT_GE(machine.hart.cycles, machine.limits.edge);
        EXPECT_EQ(machine.hart.pc, machine.hart.block);
        states.push_back(machine.hart);
        machine.limits.edge = machine.hart.cycles + length;
    }
}

TEST(Resume, EdgesDoNotDependOnOtherStops) {
    const Subject subject(300, 400);
    for (const std::uint64_t length : {1, 10, 100}) {
        const std::vector<HartState> undisturbed = edges(subject, length, 1'000'000);
        ASSERT_GT(undisturbed.size(), 3u);
        for (const std::uint64_t chunk : {1, 3, 64, 100}) {
            EXPECT_TRUE(edges(subject, length, chunk) == undisturbed) << length << ' ' << chunk;
        }
    }
}

TEST(Resume, TheCostOfABlockBelongsToItsEntry) {
    // Entered at its head the use waits for the load; entered behind the load it does not.
    Program p;
    p.add(Op::lw, {.rd = 5, .rs1 = 20});
    p.addi(6, 5, 1);
    p.addi(7, 6, 1);
    p.ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    const auto run_from = [&](Word block, Word pc) {
        FlatMachine machine;
        machine.hart.block = block;
        machine.hart.pc = pc;
        machine.hart.x[20] = near_base;
        EXPECT_EQ(machine.run(code), Stop::environment);
        return machine.hart.cycles - 1;
    };
    EXPECT_EQ(run_from(text_base, text_base), 4u);
    EXPECT_EQ(run_from(text_base, text_base + 4), 2u);
    EXPECT_EQ(run_from(text_base + 4, text_base + 4), 2u);

    FlatMachine machine;
    machine.start();
    machine.hart.x[20] = near_base;
    machine.limits.max_retired = 1;
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_EQ(machine.hart.block, text_base);
    EXPECT_EQ(machine.hart.pc, text_base + 4);
    EXPECT_EQ(machine.hart.cycles, 2u);
}

TEST(Resume, AStateWhoseBlockCannotBeStartsABlock) {
    Program p;
    p.addi(5, 5, 1).addi(5, 5, 1).ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    for (const Word block : {0u, text_base + 2, text_base + 8, 0xFFFF'FFFCu}) {
        FlatMachine machine;
        machine.hart.block = block;
        machine.hart.pc = text_base;
        EXPECT_EQ(machine.run(code), Stop::environment);
        EXPECT_EQ(machine.hart.x[5], 2u);
        EXPECT_EQ(machine.hart.cycles, 3u);
    }
}

TEST(Resume, AnEdgeOrALimitAlreadyReachedStopsAtOnce) {
    Program p;
    p.addi(5, 5, 1).ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    machine.hart.cycles = 100;
    machine.hart.retired = 50;
    const HartState before = machine.hart;
    machine.limits.edge = 100;
    EXPECT_EQ(machine.run(code), Stop::edge);
    machine.limits = {};
    machine.limits.max_retired = 50;
    EXPECT_EQ(machine.run(code), Stop::limit);
    machine.limits = {};
    machine.limits.max_cycles = 7;
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_TRUE(machine.hart == before);
}

TEST(Resume, ALoopThatNeverEndsStopsExactly) {
    Program p;
    p.addi(5, 5, 1);
    p.add(Op::jal, {.rd = 0, .imm = -4});
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    machine.limits.max_retired = 1'000'001;
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_EQ(machine.hart.retired, 1'000'001u);
    EXPECT_EQ(machine.hart.x[5], 500'001u);
    EXPECT_EQ(machine.hart.pc, text_base + 4);
    EXPECT_EQ(machine.hart.block, text_base);
    machine.limits = {};
    machine.limits.max_cycles = 3'000'000;
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_EQ(machine.hart.cycles, 3'000'000u);
    EXPECT_EQ(machine.hart.retired, 3'000'000u);
}

}  // namespace
}  // namespace tilewright::riscv::test
