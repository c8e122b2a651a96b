// Cycles of small blocks against the rule in code.hpp, worked out by hand.
#include <gtest/gtest.h>

#include "flat_machine.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::riscv::test {
namespace {

constexpr Word base_register = 20;

/// Cycles from the start to the end of the program: registers are set beforehand, and an ecall of 1
/// cycle is taken off again.
std::uint64_t cycles_of(Program program, Word memory = near_base, Timing timing = {},
                        const std::function<void(FlatMachine&)>& prepare = {}) {
    program.ecall();
    const Code code(program.bytes(), text_base, everything(), timing);
    FlatMachine machine;
    machine.start();
    machine.hart.x[base_register] = memory;
    if (prepare) prepare(machine);
    EXPECT_EQ(machine.run(code), Stop::environment);
    return machine.hart.cycles - 1;
}

Program& nops(Program& p, int n) {
    for (int i = 0; i < n; ++i) p.addi(0, 0, 0);
    return p;
}
Program& load(Program& p, Word rd) {
    return p.add(Op::lw, {.rd = rd, .rs1 = base_register});
}

TEST(Timing, OneCycleAnInstruction) {
    for (int n : {0, 1, 7, 63, 64, 65, 200}) {
        Program p;
        for (int i = 0; i < n; ++i) p.addi(5, 5, 1);
        EXPECT_EQ(cycles_of(p), static_cast<std::uint64_t>(n));
    }
}

TEST(Timing, ADependentLoadWaitsForItsAddress) {
    // Loads issue at 0, 2, 4; the use at 6; over at 7.
    Program p;
    for (int i = 0; i < 3; ++i) p.add(Op::lw, {.rd = 5, .rs1 = i == 0 ? base_register : 5});
    p.addi(6, 5, 1);
    const auto chain = [](FlatMachine& m) { std::memcpy(m.near.data(), &near_base, 4); };
    EXPECT_EQ(cycles_of(p, near_base, {}, chain), 7u);
    EXPECT_EQ(cycles_of(p, near_base, Timing{.load_near = 5}, chain), 16u);
}

TEST(Timing, WhatIsPendingAtTheEndOfABlockIsNotWaitedFor) {
    Program p;
    load(p, 5);
    EXPECT_EQ(cycles_of(p), 1u);
    p.add(Op::jal, {.rd = 0, .imm = 4});
    p.addi(6, 5, 1);
    EXPECT_EQ(cycles_of(p, near_base, {.mispredict = 0}), 3u);
}

TEST(Timing, AFarLoadCostsWhatItsSlackDoesNotCover) {
    for (int distance = 1; distance < 12; ++distance) {
        Program p;
        load(p, 5);
        nops(p, distance - 1);
        p.addi(6, 5, 1);
        // Near: the use issues at max(distance, 2). Far: at max(distance, 8).
        const auto use = [&](int latency) {
            return static_cast<std::uint64_t>(std::max(distance, latency)) + 1;
        };
        EXPECT_EQ(cycles_of(p, near_base), use(2)) << distance;
        EXPECT_EQ(cycles_of(p, far_base), use(8)) << distance;
        EXPECT_EQ(cycles_of(p, image_base), use(8)) << distance;
        EXPECT_EQ(cycles_of(p, device_base), use(7)) << distance;
        const auto slow_device = [](FlatMachine& m) { m.device_latency = 100; };
        EXPECT_EQ(cycles_of(p, device_base, {}, slow_device), use(100)) << distance;
        const auto by_bus = [](FlatMachine& m) { m.memory.far = {}; };
        EXPECT_EQ(cycles_of(p, far_base, {}, by_bus), use(8)) << distance;
    }
}

TEST(Timing, SlackReachesToTheEndOfTheBlock) {
    for (int after = 0; after < 12; ++after) {
        Program p;
        load(p, 5);
        nops(p, after);
        const std::uint64_t slack = std::max<std::uint64_t>(static_cast<Word>(after) + 1, 2);
        const std::uint64_t penalty = slack < 8 ? 8 - slack : 0;
        EXPECT_EQ(cycles_of(p, far_base), static_cast<Word>(after) + 1 + penalty) << after;
    }
}

TEST(Timing, NobodyWaitsForWhatIsOverwritten) {
    Program p;
    load(p, 5);
    nops(p, 2);
    p.addi(5, 0, 1);
    nops(p, 2);
    EXPECT_EQ(cycles_of(p, near_base), 6u);
    EXPECT_EQ(cycles_of(p, far_base), 6u);
}

TEST(Timing, LoadsThatOverlapAreWaitedForOnce) {
    Program p;
    load(p, 5);
    load(p, 6);
    p.add(Op::add, {.rd = 7, .rs1 = 5, .rs2 = 6});
    EXPECT_EQ(cycles_of(p, near_base), 1 + 2 + 1u);
    for (const Word memory : {far_base, image_base}) EXPECT_EQ(cycles_of(p, memory), 1 + 8 + 1u);
    // Less a cycle: what the first one hides of the second is counted with far memory's latency.
    EXPECT_EQ(cycles_of(p, device_base), 7 + 1u);

    // The second one is needed first: the first one's result has come by then.
    Program q;
    load(q, 5);
    load(q, 6);
    q.addi(7, 6, 1);
    q.addi(7, 5, 1);
    EXPECT_EQ(cycles_of(q, far_base), 1 + 8 + 1 + 1u);

    // What lies on the stack is near, and hides nothing.
    Program r;
    r.add(Op::lw, {.rd = 5, .rs1 = 2});
    load(r, 6);
    r.add(Op::add, {.rd = 7, .rs1 = 5, .rs2 = 6});
    const auto stack = [](FlatMachine& m) { m.hart.x[2] = near_base; };
    EXPECT_EQ(cycles_of(r, near_base, {}, stack), 1 + 2 + 1u);
    EXPECT_EQ(cycles_of(r, far_base, {}, stack), 1 + 8 + 1u);
}

TEST(Timing, FourFarLoadsBeginInSevenCycles) {
    for (Word n = 1; n <= 16; ++n) {
        Program p;
        for (Word i = 0; i < n; ++i) load(p, i + (i < 15 ? 5 : 6));
        const Word last = (n - 1) / 4 * 7 + (n - 1) % 4;
        EXPECT_EQ(cycles_of(p, near_base), n);
        EXPECT_EQ(cycles_of(p, far_base), n == 1 ? 7 : last + 8) << n;
    }
}

Program& store(Program& p, std::int32_t offset) {
    return p.add(Op::sw, {.rs1 = base_register, .rs2 = 5, .imm = offset});
}

TEST(Timing, StoresToFarMemoryWaitForTheStoreQueue) {
    // Four are taken at once; one leaves in 5 cycles.
    for (int n = 1; n < 12; ++n) {
        Program p;
        for (int i = 0; i < n; ++i) store(p, 16 * i);
        const int waits = std::max(n - 4, 0);
        const auto expected = static_cast<std::uint64_t>(waits == 0 ? n : 5 * waits + 1);
        EXPECT_EQ(cycles_of(p, far_base), expected) << n;
        EXPECT_EQ(cycles_of(p, near_base), static_cast<std::uint64_t>(n));
        const auto by_bus = [](FlatMachine& m) { m.memory.far = m.memory.far_store = {}; };
        EXPECT_EQ(cycles_of(p, far_base, {}, by_bus), expected) << n;
    }
}

TEST(Timing, StoresSideBySideAreOneWrite) {
    Program p;
    for (int i = 0; i < 60; ++i) store(p, 4 * i);
    EXPECT_EQ(cycles_of(p, far_base), 60u);
    Program q;  // never more than two words of each 16 bytes
    for (int i = 0; i < 20; ++i) store(store(q, 16 * i), 16 * i + 4);
    EXPECT_EQ(cycles_of(q, far_base), 1 + 5 * 16 + 1 + 1u);
    Program r;  // the same offsets of a register that changes
    for (int i = 0; i < 8; ++i) store(r, 0).addi(base_register, base_register, 16);
    EXPECT_EQ(cycles_of(r, far_base), 5 * 4 + 1 + 1u);
}

TEST(Timing, NobodyWaitsForWhatIsLoadedToNowhere) {
    Program p;
    load(p, 0);
    p.addi(6, 0, 1);
    nops(p, 10);
    EXPECT_EQ(cycles_of(p, near_base), 12u);
    EXPECT_EQ(cycles_of(p, far_base), 12u);
}

TEST(Timing, BothSourcesAreWaitedFor) {
    for (const bool second : {false, true}) {
        Program p;
        load(p, 5);
        p.add(Op::add, {.rd = 6, .rs1 = second ? 7u : 5u, .rs2 = second ? 5u : 7u});
        EXPECT_EQ(cycles_of(p), 3u);
        Program q;
        load(q, 5);
        q.add(Op::sw, {.rs1 = second ? base_register : 5, .rs2 = second ? 5 : base_register});
        const auto pointer = [](FlatMachine& m) { std::memcpy(m.near.data(), &near_base, 4); };
        EXPECT_EQ(cycles_of(q, near_base, {}, pointer), 3u);
    }
}

TEST(Timing, ABlockEndsAtItsGreatestLength) {
    // The use lies in the next block: the slack is what is left of this one.
    for (const int before : {57, 58, 59}) {
        Program p;
        nops(p, before);
        load(p, 5);
        nops(p, 65 - before);
        p.addi(6, 5, 1);
        const int slack = 64 - before;
        EXPECT_EQ(cycles_of(p, far_base), static_cast<Word>(67 + 8 - slack)) << before;
    }
}

TEST(Timing, StoresToOneWordNeverWait) {
    Program p;
    for (int i = 0; i < 5; ++i) p.add(Op::sw, {.rs1 = base_register, .rs2 = 5});
    for (const Word memory : {near_base, far_base, device_base}) {
        EXPECT_EQ(cycles_of(p, memory), 5u);
    }
}

TEST(Timing, Multiplication) {
    Program p;
    p.add(Op::mul, {.rd = 5, .rs1 = 6, .rs2 = 7});
    p.add(Op::mul, {.rd = 8, .rs1 = 6, .rs2 = 7});
    p.addi(5, 5, 1);
    EXPECT_EQ(cycles_of(p), 3u);
    p.add(Op::mul, {.rd = 5, .rs1 = 5, .rs2 = 7});
    p.addi(5, 5, 1);
    EXPECT_EQ(cycles_of(p), 6u);
}

std::uint64_t division(Op op, Word a, Word b, Timing timing = {}) {
    Program p;
    p.add(op, {.rd = 5, .rs1 = 6, .rs2 = 7});
    p.addi(5, 5, 1);
    return cycles_of(p, near_base, timing,
                     [&](FlatMachine& m) {
                         m.hart.x[6] = a;
                         m.hart.x[7] = b;
                     }) -
           1;
}

TEST(Timing, DivisionByTheMagnitudeOfTheDividend) {
    for (const Op op : {Op::div, Op::divu, Op::rem, Op::remu}) {
        EXPECT_EQ(division(op, 1000, 0), 2u);
        EXPECT_EQ(division(op, 1000, 1), 2u);
        EXPECT_EQ(division(op, 0, 3), 6u);
        EXPECT_EQ(division(op, 15, 3), 6u);
        EXPECT_EQ(division(op, 16, 3), 10u);
        EXPECT_EQ(division(op, 0xABC, 3), 14u);        // a card: 14.04
        EXPECT_EQ(division(op, 0x1234'5678, 3), 33u);  // a card: 33.1
        for (Word bits = 1; bits <= 31; ++bits) {
            const Word expected = std::min(6 + (bits - 1) / 4 * 4, 33u);
            EXPECT_EQ(division(op, 1u << (bits - 1), 3), expected);
            EXPECT_EQ(division(op, (1u << bits) - 1, 3), expected);
        }
    }
    EXPECT_EQ(division(Op::divu, ~0u, 3), 33u);
    EXPECT_EQ(division(Op::remu, 0x8000'0000, ~0u), 33u);
    EXPECT_EQ(division(Op::div, ~0u, 3), 6u);  // |-1| = 1
    EXPECT_EQ(division(Op::div, 0x8000'0000, 3), 33u);
    EXPECT_EQ(division(Op::div, 0x8000'0000, ~0u), 2u);
    EXPECT_EQ(division(Op::rem, 0x8000'0000, ~0u), 2u);
    EXPECT_EQ(division(Op::div, 1000, 3, {.divide_min = 4, .divide_max = 4}), 4u);
    EXPECT_EQ(division(Op::div, 1000, 1, {.divide_min = 4, .divide_trivial = 9}), 9u);
    EXPECT_EQ(division(Op::divu, ~0u, 3, {.divide_min = 4, .divide_max = 100}), 32u);
    EXPECT_EQ(division(Op::divu, 1, 3, {.divide_min = 4, .divide_max = 100}), 4u);
}

TEST(Timing, BranchesBackwardArePredictedTaken) {
    for (Word n = 1; n < 6; ++n) {
        Program p;
        p.addi(5, 0, static_cast<std::int32_t>(n));
        p.addi(5, 5, -1);
        p.add(Op::bne, {.rs1 = 5, .rs2 = 0, .imm = -4});
        EXPECT_EQ(cycles_of(p), 1u + 2 * n + 4);  // the last one falls through
        EXPECT_EQ(cycles_of(p, near_base, {.mispredict = 0}), 1u + 2 * n);
    }
}

TEST(Timing, ABranchToItselfCountsAsBackward) {
    Program p;
    p.add(Op::beq, {.imm = 0});
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    machine.limits.max_retired = 100;
    EXPECT_EQ(machine.run(code), Stop::limit);
    EXPECT_EQ(machine.hart.cycles, 100u);
}

TEST(Timing, BranchesForwardArePredictedNotTakenAtFirst) {
    Program p;
    p.add(Op::beq, {.rs1 = 0, .rs2 = 0, .imm = 8});
    nops(p, 2);
    EXPECT_EQ(cycles_of(p), 1u + 4 + 1);
    Program q;
    q.add(Op::bne, {.rs1 = 0, .rs2 = 0, .imm = 8});
    nops(q, 2);
    EXPECT_EQ(cycles_of(q), 1u + 2);
}

/// A loop of so many iterations, counted in x5, over what `body` adds.
Program loop(int iterations, const std::function<void(Program&)>& body) {
    Program p;
    p.addi(5, 0, iterations);
    const std::size_t begin = p.bytes().size();
    body(p);
    p.addi(5, 5, -1);
    const auto back =
        static_cast<std::int32_t>(begin) - static_cast<std::int32_t>(p.bytes().size());
    p.add(Op::bne, {.rs1 = 5, .rs2 = 0, .imm = back});
    return p;
}

TEST(Timing, BranchesForwardArePredictedAsTheyWentLast) {
    // 64 of them, as on a card (riscvbench C.t1): wrong once each, then right for ever.
    for (const Op op : {Op::beq, Op::bne, Op::jal}) {
        const bool taken = op != Op::bne;
        const Program p = loop(10, [&](Program& body) {
            for (int i = 0; i < 64; ++i) body.add(op, {.imm = 4});
        });
        EXPECT_EQ(cycles_of(p), 1u + 10 * (64 + 2) + 4 + (taken ? 64 * 4 : 0))
            << static_cast<int>(op);
    }
    // One that is taken in every other iteration is never predicted, but in the first.
    const Program p = loop(10, [](Program& body) {
        body.add(Op::xori, {.rd = 6, .rs1 = 6, .imm = 1});
        body.add(Op::beq, {.rs1 = 6, .rs2 = 0, .imm = 4});
    });
    EXPECT_EQ(cycles_of(p), 1u + 10 * 4 + 4 + 9 * 4);
}

TEST(Timing, BranchesFarApartShareWhatIsKnown) {
    // The first is never taken, the second always: each spoils what is known of the other.
    const auto apart = [](std::uint32_t words) {
        return loop(10, [&](Program& body) {
            body.add(Op::bne, {.imm = 4});
            nops(body, static_cast<int>(words) - 1);
            body.add(Op::beq, {.imm = 4});
        });
    };
    constexpr std::uint32_t places = BranchHistory::places;
    EXPECT_EQ(cycles_of(apart(places - 1)), 1u + 10 * (places + 2) + 4 + 4);
    EXPECT_EQ(cycles_of(apart(places)), 1u + 10 * (places + 3) + 4 + 10 * 4 + 9 * 4);
}

TEST(Timing, ABranchWaitsForWhatItCompares) {
    Program p;
    load(p, 5);
    p.add(Op::bne, {.rs1 = 5, .rs2 = 0, .imm = 4});
    EXPECT_EQ(cycles_of(p, near_base), 3u);
    EXPECT_EQ(cycles_of(p, far_base), 9u);
}

TEST(Timing, ReturnsArePredictedAndOtherIndirectJumpsAreNot) {
    const auto jump = [](Word rd, Word rs1) {
        Program p;
        p.li(rs1, text_base + 12);
        p.add(Op::jalr, {.rd = rd, .rs1 = rs1});
        return cycles_of(p);
    };
    EXPECT_EQ(jump(0, 1), 3u);
    EXPECT_EQ(jump(1, 1), 7u);
    EXPECT_EQ(jump(0, 5), 7u);
    Program p;
    p.add(Op::jal, {.rd = 1, .imm = 4});
    EXPECT_EQ(cycles_of(p), 5u);  // it has not been met before
}

TEST(Timing, InstructionsThatStandAlone) {
    Program p;
    p.add(Op::amoadd_w, {.rd = 5, .rs1 = base_register, .rs2 = 6});
    for (const Word memory : {near_base, far_base}) EXPECT_EQ(cycles_of(p, memory), 12u);
    p.add(Op::lr_w, {.rd = 5, .rs1 = base_register});
    p.add(Op::sc_w, {.rd = 5, .rs1 = base_register, .rs2 = 6});
    for (const Word memory : {near_base, far_base}) EXPECT_EQ(cycles_of(p, memory), 36u);
    Program q;
    q.add(Op::fence);
    q.add(Op::wrs_nto);  // nothing reserved: goes on
    q.add(Op::csrrs, {.rd = 5, .imm = 0xC00});
    EXPECT_EQ(cycles_of(q), 3u);
}

TEST(Timing, AnAtomicComesAtTheCycleItsBlockBegins) {
    Program p;
    load(p, 5);  // far, nothing behind it: 1 + 6
    p.add(Op::amoadd_w, {.rd = 5, .rs1 = base_register, .rs2 = 6});
    p.ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    machine.hart.x[base_register] = far_base;
    EXPECT_EQ(machine.run(code), Stop::environment);
    ASSERT_EQ(machine.log.size(), 1u);
    EXPECT_EQ(machine.log[0].cycle, 7u);
    EXPECT_EQ(machine.hart.cycles, 7u + 12 + 1);
}

TEST(Timing, ADeviceSeesTheExactCycleInMidBlock) {
    Program p;
    p.add(Op::lw, {.rd = 5, .rs1 = base_register});            // issues at 0, penalty 7 - 2
    p.addi(6, 5, 1);                                           // 2
    p.add(Op::sw, {.rs1 = base_register, .rs2 = 6});           // 3
    p.add(Op::lw, {.rd = 5, .rs1 = base_register, .imm = 4});  // 4, penalty 7 - 4
    p.addi(6, 6, 1).addi(6, 6, 1).addi(6, 6, 1);
    p.add(Op::sw, {.rs1 = base_register, .rs2 = 5});  // 8
    p.ecall();
    const Code code(p.bytes(), text_base, everything(), {});
    FlatMachine machine;
    machine.start();
    machine.hart.x[base_register] = device_base;
    EXPECT_EQ(machine.run(code), Stop::environment);
    ASSERT_EQ(machine.log.size(), 4u);
    EXPECT_EQ(machine.log[0].cycle, 0u);
    EXPECT_EQ(machine.log[1].cycle, 3u + 5);
    EXPECT_EQ(machine.log[2].cycle, 4u + 5);
    EXPECT_EQ(machine.log[3].cycle, 8u + 5 + 3);
}

TEST(Timing, ImpossibleNumbersAreRefusedByName) {
    const auto refusal = [](Timing timing, Word base = text_base) -> std::string {
        try {
            const Code code({}, base, everything(), timing);
        } catch (const ConfigError& e) {
            return e.what();
        }
        return "accepted";
    };
    EXPECT_EQ(refusal({}), "accepted");
    EXPECT_NE(refusal({.load_near = 0}).find("load_near"), std::string::npos);
    EXPECT_NE(refusal({.load_far = 70000}).find("load_far"), std::string::npos);
    EXPECT_NE(refusal({.atomic = 0}).find("atomic"), std::string::npos);
    EXPECT_NE(refusal({.multiply = 0}).find("multiply"), std::string::npos);
    EXPECT_NE(refusal({.divide_min = 0}).find("divide_min"), std::string::npos);
    EXPECT_NE(refusal({.divide_min = 9, .divide_max = 8}).find("divide_max"), std::string::npos);
    EXPECT_NE(refusal({.divide_trivial = 0}).find("divide_trivial"), std::string::npos);
    const Timing defaults;
    visit_fields(defaults, [&](const char* name, std::uint32_t value, std::uint32_t least,
                               std::uint32_t most, const char* unit, const char* text) {
        EXPECT_TRUE(least <= value && value <= most) << name;
        EXPECT_STRNE(unit, "");
        EXPECT_STRNE(text, "");
    });
    EXPECT_NE(refusal({.load_direct = 10'001}).find("1 to 10000 cycles"), std::string::npos);
    EXPECT_NE(refusal({}, 2).find("multiple of 4"), std::string::npos);
    Program p;
    nops(p, 2);
    EXPECT_THROW(Code(p.bytes(), 0xFFFF'FFFC, everything(), {}), ConfigError);
}

}  // namespace
}  // namespace tilewright::riscv::test
