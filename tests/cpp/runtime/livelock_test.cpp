// Cores that repeat themselves for ever are told like a deadlock; what merely takes long is not.
#include <gtest/gtest.h>

#include <random>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/assembled_kernel.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using riscv::Op;
using riscv::test::Program;

constexpr CoreId here{{0, 0}, 0};
constexpr CoreId beside{{0, 0}, 1};
constexpr CoreId there{{1, 1}, 0};

constexpr std::uint64_t much = 16'000'000;  // cycles: none of ours takes longer to be told
const RunOptions limited{.cycle_limit = much, .stop_requested = {}};

/// The error of a run that has to be a deadlock.
DeadlockError deadlock_of(Device& device, std::span<const Launch> launches) {
    try {
        device.run(launches, limited);
    } catch (const DeadlockError& error) {
        return error;
    }
    ADD_FAILURE() << "no deadlock";
    return DeadlockError("none");
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

Kernel delays() {
    return precompiled([] {
        return make_kernel("delays", "Semaphore s",
                           "while (s.value() != 1) {\n"
                           "    for (volatile int i = 0; i < 10; i = i + 1) {}\n}");
    });
}

TEST(Livelock, ALoopThatPausesBetweenItsLooksIsTold) {
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Launch one{delays(), {here}, {s}};
    const DeadlockError error = deadlock_of(device, {&one, 1});
    expect_in(error.what(), "1 core repeats itself for ever and nothing is left that could change");
    expect_in(error.what(), "core (0, 0, 0) at delays.cpp:");
    expect_in(error.what(), "it reads semaphore 0 (0x10000) (0)");
    ASSERT_EQ(error.waits().size(), 1u);
    const CoreWait& wait = error.waits()[0];
    EXPECT_EQ(wait.core, here);
    EXPECT_GT(wait.period, 10u);
    EXPECT_LT(wait.period, 1000u);
    ASSERT_EQ(wait.awaited.size(), 1u);
    EXPECT_EQ(wait.awaited[0].kind, Awaited::Kind::semaphore);
    EXPECT_TRUE(error.running().empty());
    EXPECT_FALSE(device.busy());
    EXPECT_LT(count(device.cycle()), 1'000'000u);
}

TEST(Livelock, AllOfAChipIsOneLine) {
    Device device("blackhole");
    const Semaphore s = device.semaphore();
    std::vector<CoreId> cores;
    for (std::uint16_t y = 0; y < 10; ++y) {
        for (std::uint16_t x = 0; x < 14; ++x) cores.push_back({{x, y}, 0});
    }
    const Launch all{delays(), cores, {s}};
    const DeadlockError error = deadlock_of(device, {&all, 1});
    expect_in(error.what(), "140 cores repeat themselves for ever");
    expect_in(error.what(), "\n  140 cores, (0, 0, 0) to (13, 9, 0), each at delays.cpp:");
    EXPECT_LT(std::string(error.what()).size(), 4000u);
}

// The ones that sleep wait for those that repeat themselves.
TEST(Livelock, ThoseThatSleepMeanwhileAreToldAsWell) {
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Semaphore t = device.semaphore();
    const Launch both[] = {{delays(), {here}, {s}},
                           {Kernel::builtin("wait_forever"), {beside, there}, {t, number(3)}}};
    const DeadlockError error = deadlock_of(device, both);
    expect_in(error.what(), "1 core repeats itself for ever and 2 cores wait");
    expect_in(error.what(), "semaphore 1 (0x10004) to be == 3 (it is 0)");
    EXPECT_EQ(error.waits().size(), 2u);
}

ChipConfig with_direct_memory() {
    ChipConfig config = preset("tiny");
    config.direct_memory_bytes = 1 << 20;
    return config;
}

Program spin_on(std::uint32_t address) {
    Program p;
    p.li(5, address).add(Op::lw, {.rd = 6, .rs1 = 5});
    p.add(Op::beq, {.rs1 = 6, .rs2 = 0, .imm = -4}).ecall();
    return p;
}

TEST(Livelock, SpinningOnDirectMemoryIsTold) {
    Device device(with_direct_memory());
    const Launch one{assembled_kernel(spin_on(abi::direct_base + 0x100), "spins"), {here}, {}};
    const DeadlockError error = deadlock_of(device, {&one, 1});
    expect_in(error.what(), "it reads the word at 0x80000100 of direct memory (0)");
}

TEST(Livelock, CoresWithPeriodsOfTheirOwnAreTold) {
    Device device(with_direct_memory());
    const auto pauses = [](int instructions) {
        Program p;
        p.li(5, abi::direct_base + 0x200);
        for (int i = 0; i < instructions; ++i) p.addi(7, 0, i);
        p.add(Op::lw, {.rd = 6, .rs1 = 5});
        p.add(Op::beq, {.rs1 = 6, .rs2 = 0, .imm = -4 * (instructions + 1)}).ecall();
        return assembled_kernel(p, "pauses");
    };
    const Launch all[] = {
        {pauses(3), {here}, {}}, {pauses(61), {beside}, {}}, {pauses(1009), {there}, {}}};
    const DeadlockError error = deadlock_of(device, all);
    expect_in(error.what(), "3 cores repeat themselves for ever");
    ASSERT_EQ(error.waits().size(), 3u);
    EXPECT_NE(error.waits()[0].period, error.waits()[1].period);
}

// A long repetition in short steps, no two of which look the same, after work that took long.
TEST(Livelock, OfTenThousandCyclesIsToldWithinTenMillionInstructions) {
    for (const std::uint32_t steps : {2499u, 2500u, 3331u, 4999u}) {
        Device device(with_direct_memory());
        Program p;
        p.li(5, abi::direct_base).li(7, 1'500'000).addi(7, 7, -1);
        p.add(Op::bne, {.rs1 = 7, .rs2 = 0, .imm = -4});
        p.li(7, steps).addi(7, 7, -1).add(Op::bne, {.rs1 = 7, .rs2 = 0, .imm = -4});
        p.add(Op::lw, {.rd = 6, .rs1 = 5}).add(Op::beq, {.rs1 = 6, .rs2 = 0, .imm = -20}).ecall();
        const Launch one{assembled_kernel(p, "long"), {here}, {}};
        const DeadlockError error = deadlock_of(device, {&one, 1});
        ASSERT_EQ(error.waits().size(), 1u);
        EXPECT_GT(error.waits()[0].period, 2 * steps);
        EXPECT_LT(device.counters().at("cores.instructions"), 3'000'000u + 10'000'000u);
    }
}

// Stores that the store queue has no room for take time there as here.
TEST(Livelock, ThePeriodIsThatOfTheChip) {
    constexpr int stores = 12;
    Program p;
    p.li(5, abi::l1_user_base).addi(6, 0, 1);
    for (int i = 0; i < stores; ++i) p.add(Op::sw, {.rs1 = 5, .rs2 = 6, .imm = 32 * i});
    p.add(Op::jal, {.imm = -4 * stores});
    const Launch one{assembled_kernel(p, "stores"), {here}, {}};

    Device device("tiny");
    device.launch({&one, 1});
    const auto after = [&](std::uint64_t cycle) {
        EXPECT_TRUE(device.advance_to(Cycle{cycle}));
        return device.running().at(0);
    };
    const CoreRunning first = after(100'000);
    const CoreRunning second = after(200'000);
    const std::uint64_t laps = (second.instructions - first.instructions) / (stores + 1);
    const std::uint64_t period = (count(second.cycle) - count(first.cycle)) / laps;
    EXPECT_GT(period, 2u * stores);  // they do wait

    Device other("tiny");
    const DeadlockError error = deadlock_of(other, {&one, 1});
    ASSERT_EQ(error.waits().size(), 1u);
    EXPECT_EQ(error.waits()[0].period, period);
}

/// Waits until the word is `from`, makes it `to`, and so on for ever, with so many instructions
/// more in each turn.
Program turns(std::int32_t from, std::int32_t to, Op store, int more, bool polls) {
    Program p;
    p.li(5, abi::l1_user_base).addi(6, 0, from).addi(7, 0, to);
    const auto begin = static_cast<std::int32_t>(p.words.size());
    for (int i = 0; i < more; ++i) p.addi(9, 0, i);
    const auto look = static_cast<std::int32_t>(p.words.size());
    if (!polls) p.add(Op::sw, {.rs1 = 2, .rs2 = 6, .imm = -4});  // no polling loop, then
    p.add(Op::lw, {.rd = 8, .rs1 = 5});
    p.add(Op::bne,
          {.rs1 = 8, .rs2 = 6, .imm = (look - static_cast<std::int32_t>(p.words.size())) * 4});
    if (store == Op::sw) {
        p.add(Op::sw, {.rs1 = 5, .rs2 = 7});
    } else {
        p.add(store, {.rd = 0, .rs1 = 5, .rs2 = 7});
    }
    p.add(Op::jal, {.imm = (begin - static_cast<std::int32_t>(p.words.size())) * 4});
    return p;
}

TEST(Livelock, TwoCoresThatTakeTurnsForEverAreTold) {
    for (const bool polls : {true, false}) {
        for (const Op store : {Op::sw, Op::amoswap_w}) {
            for (const int more : {0, 1, 5, 17}) {
                Device device("tiny");
                const Launch both[] = {
                    {assembled_kernel(turns(0, 1, store, more, polls), "ping"), {here}, {}},
                    {assembled_kernel(turns(1, 0, store, 2, polls), "pong"), {beside}, {}}};
                const DeadlockError error = deadlock_of(device, both);
                expect_in(error.what(), "repeat");
                EXPECT_EQ(error.waits().size(), 2u) << error.what();
            }
        }
    }
}

TEST(Livelock, IsNeverToldByAdvancingTo) {
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Launch one{delays(), {here}, {s}};
    device.launch({&one, 1});
    EXPECT_TRUE(device.advance_to(Cycle{3'000'000}));
    EXPECT_GE(count(device.cycle()), 3'000'000u);
    const std::vector<CoreRunning> running = device.running();
    ASSERT_EQ(running.size(), 1u);
    EXPECT_EQ(running[0].core, here);
    EXPECT_EQ(running[0].code.kernel, "delays.cpp");
    EXPECT_EQ(running[0].code.function, "delays");
    EXPECT_GT(running[0].instructions, 100'000u);
    EXPECT_THROW(device.finish(limited), DeadlockError);
}

// The same cycle however it was stopped on the way, and traced or not.
TEST(Livelock, IsToldAtTheSameCycle) {
    const auto cycle = [](std::uint64_t stop, bool interrupts) {
        ChipConfig config = preset("tiny");
        config.quantum_cycles = 64;  // windows enough for three interruptions
        Device device(config);
        const Semaphore s = device.semaphore();
        const Launch one{delays(), {here}, {s}};
        device.launch({&one, 1});
        if (stop != 0) device.advance_to(Cycle{stop});
        for (int i = 0; interrupts && i < 3; ++i) {
            EXPECT_THROW(
                device.finish({.cycle_limit = much, .stop_requested = [] { return true; }}),
                Interrupted);
        }
        EXPECT_THROW(device.finish(limited), DeadlockError);
        return count(device.cycle());
    };
    const std::uint64_t straight = cycle(0, false);
    EXPECT_EQ(cycle(0, true), straight);
    EXPECT_EQ(cycle(777, false), straight);
    EXPECT_EQ(cycle(100'001, false), straight);
}

// A copy elsewhere begins to look when it is restored.
TEST(Livelock, IsToldAfterARestore) {
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Launch one{delays(), {here}, {s}};
    device.launch({&one, 1});
    device.advance_to(Cycle{1'000'003});
    Device copy("tiny");
    copy.restore(device.snapshot());
    const std::string text = message_of<DeadlockError>([&] { copy.finish(limited); });
    expect_in(text, "1 core repeats itself for ever");
    EXPECT_LT(count(copy.cycle()), 2'000'000u);
    // And what the host writes ends it.
    const std::uint32_t go = 1;
    device.write_l1({0, 0}, s.address, std::as_bytes(std::span(&go, 1)));
    EXPECT_EQ(device.finish(limited).cores.size(), 1u);
}

// --- What is none
// ---------------------------------------------------------------------------------

/// Runs into the limit: nobody says that it never ends.
void expect_no_livelock(Device& device, std::span<const Launch> launches,
                        std::uint64_t cycles = 4'000'000) {
    EXPECT_THROW(device.run(launches, {.cycle_limit = cycles, .stop_requested = {}}),
                 CycleLimitError);
}

TEST(Livelock, ACounterThatGrowsIsNone) {
    Device device(with_direct_memory());
    for (const std::uint32_t place : {abi::local_base, abi::l1_user_base, abi::direct_base}) {
        Program p;
        p.li(5, place).add(Op::lw, {.rd = 6, .rs1 = 5}).addi(6, 6, 1);
        p.add(Op::sw, {.rs1 = 5, .rs2 = 6}).addi(6, 0, 0).add(Op::jal, {.imm = -16});
        const Launch one{assembled_kernel(p, "counts"), {here}, {}};
        expect_no_livelock(device, {&one, 1});
    }
}

TEST(Livelock, WhoReadsTheClockMayStop) {
    Device device("tiny");
    const Kernel kernel =
        precompiled([] { return make_kernel("patient", "", "while (cycles() < 3000000) {}"); });
    const Launch one{kernel, {here}, {}};
    EXPECT_GT(device.run({&one, 1}, limited).cycles, 2'900'000u);
}

TEST(Livelock, WhatTheHostMayRingIsNone) {
    Device device("tiny");
    const Semaphore bell = device.doorbell();
    const Launch one{delays(), {here}, {bell}};
    expect_no_livelock(device, {&one, 1});
    const Launch again[] = {{delays(), {here}, {device.semaphore()}},
                            {Kernel::builtin("wait_forever"), {there}, {bell, number(1)}}};
    expect_no_livelock(device, again);
}

TEST(Livelock, AWaitForACoreThatComputesIsNone) {
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Kernel late = precompiled([] {
        return make_kernel("late", "Semaphore s",
                           "for (std::uint32_t i = 0; i != 600000; ++i) asm volatile(\"\");\n"
                           "s.set(1);");
    });
    const Launch both[] = {{delays(), {here}, {s}}, {late, {beside}, {s}}};
    EXPECT_GT(device.run(both, limited).cycles, 600'000u);
}

// Each turn leaves a word one larger, until it is large enough.
TEST(Livelock, TwoCoresThatAreDoneAfterManyTurnsAreNone) {
    const auto counts = [](std::int32_t from, std::int32_t to) {
        Program p;
        p.li(5, abi::l1_user_base).li(10, 50'000).addi(6, 0, from).addi(7, 0, to);
        p.add(Op::lw, {.rd = 8, .rs1 = 5}).add(Op::bne, {.rs1 = 8, .rs2 = 6, .imm = -4});
        p.add(Op::lw, {.rd = 8, .rs1 = 5, .imm = 4}).addi(8, 8, 1);
        p.add(Op::sw, {.rs1 = 5, .rs2 = 8, .imm = 4});
        p.add(Op::bgeu, {.rs1 = 8, .rs2 = 10, .imm = 16}).addi(8, 0, 0);
        p.add(Op::amoswap_w, {.rd = 0, .rs1 = 5, .rs2 = 7}).add(Op::jal, {.imm = -32});
        p.add(Op::amoswap_w, {.rd = 0, .rs1 = 5, .rs2 = 7}).ecall();
        return p;
    };
    Device device("tiny");
    const Launch both[] = {{assembled_kernel(counts(0, 1), "ping"), {here}, {}},
                           {assembled_kernel(counts(1, 0), "pong"), {beside}, {}}};
    EXPECT_GT(device.run(both, limited).cycles, 500'000u);
}

// --- Random loops, where long runs decide
// ---------------------------------------------------------

class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }

private:
    std::mt19937 engine_;
};

/// A loop of a few instructions on small numbers, in registers, local memory and L1: it ends, or it
/// repeats itself sooner or later.
Program random_loop(Random& random) {
    const auto small = [&] { return 6 + random.below(4); };  // x6 to x9
    Program p;
    p.li(5, abi::l1_user_base).li(4, abi::local_base);
    for (std::uint32_t r = 6; r < 10; ++r) {
        p.addi(r, 0, static_cast<std::int32_t>(random.below(8)));
    }
    const auto begin = static_cast<std::int32_t>(p.words.size());
    const std::uint32_t length = 3 + random.below(8);
    for (std::uint32_t i = 0; i < length; ++i) {
        const std::uint32_t rd = small();
        const std::uint32_t base = random.below(2) == 0 ? 5 : 4;
        const auto offset = static_cast<std::int32_t>(4 * random.below(4));
        switch (random.below(7)) {
            case 0:
                p.addi(rd, small(), static_cast<std::int32_t>(random.below(5)));
                break;
            case 1:
                p.add(Op::add, {.rd = rd, .rs1 = small(), .rs2 = small()});
                break;
            case 2:
                p.add(Op::xor_, {.rd = rd, .rs1 = small(), .rs2 = small()});
                break;
            case 3:
                p.add(Op::lw, {.rd = rd, .rs1 = base, .imm = offset});
                break;
            case 4:
                p.add(Op::sw, {.rs1 = base, .rs2 = rd, .imm = offset});
                break;
            case 5:
                p.add(Op::amoswap_w, {.rd = rd, .rs1 = 5, .rs2 = small()});
                break;
            default:
                p.add(Op::bne, {.rs1 = small(), .rs2 = small(), .imm = 8});
                break;
        }
        p.add(Op::andi, {.rd = rd, .rs1 = rd, .imm = 31});
    }
    // Two registers that are equal, or one that is large, end it.
    p.addi(12, 0, static_cast<std::int32_t>(8 + random.below(40)));
    p.add(Op::beq, {.rs1 = 6, .rs2 = small(), .imm = random.below(2) == 0 ? 12 : 4});
    p.add(Op::bltu, {.rs1 = 12, .rs2 = small(), .imm = 8});
    p.add(Op::jal, {.imm = (begin - static_cast<std::int32_t>(p.words.size())) * 4});
    p.ecall();
    return p;
}

enum class End { ended, told, limit };

End end_of(std::span<const Launch> launches) {
    Device device("tiny");
    try {
        device.run(launches, limited);
    } catch (const DeadlockError&) {
        return End::told;
    } catch (const CycleLimitError&) {
        return End::limit;
    }
    return End::ended;
}

/// Whether they have ended after very long.
bool ends(std::span<const Launch> launches) {
    Device device("tiny");
    device.launch(launches);
    try {
        return !device.advance_to(Cycle{4'000'000});
    } catch (const DeadlockError&) {
        return false;  // all sleep
    }
}

TEST(Livelock, OfRandomLoopsThoseThatNeverEndAreTold) {
    int told = 0;
    int ended = 0;
    for (std::uint32_t seed = 0; seed < 80; ++seed) {
        Random random(seed);
        const Launch one{assembled_kernel(random_loop(random), "loop"), {here}, {}};
        const End end = end_of({&one, 1});
        EXPECT_NE(end, End::limit) << "seed " << seed;
        if (end == End::told) {
            ++told;
            EXPECT_FALSE(ends({&one, 1})) << "seed " << seed;
        } else {
            ++ended;
        }
    }
    EXPECT_GT(told, 15);
    EXPECT_GT(ended, 15);
}

TEST(Livelock, OfRandomPairsNoneThatEndsIsTold) {
    int told = 0;
    int limit = 0;
    for (std::uint32_t seed = 1000; seed < 1060; ++seed) {
        Random random(seed);
        const Launch both[] = {{assembled_kernel(random_loop(random), "one"), {here}, {}},
                               {assembled_kernel(random_loop(random), "other"), {beside}, {}}};
        const End end = end_of(both);
        if (end == End::limit) ++limit;
        if (end != End::told) continue;
        ++told;
        EXPECT_FALSE(ends(both)) << "seed " << seed;
    }
    EXPECT_GT(told, 5);
    RecordProperty("told", told);
    RecordProperty("not_proved", limit);
}

}  // namespace
}  // namespace tilewright
