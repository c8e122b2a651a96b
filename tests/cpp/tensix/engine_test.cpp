// The engine in time: what is documented of issue, occupancy and waiting, in cycles.
#include "tilewright/tensix/engine.hpp"

#include <gtest/gtest.h>

#include "message_of.hpp"
#include "pipeline.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

/// An engine whose state is set up by a pipeline's means, and which is then driven by words.
class EngineTest : public testing::TestWithParam<Architecture> {
protected:
    EngineTest() : surroundings(l1) { engine = reset_engine(GetParam(), timing_of(GetParam())); }

    std::uint32_t word(Op op, std::initializer_list<FieldValue> values = {}) {
        return encode(GetParam(), op, values);
    }
    void push_word(unsigned thread, std::uint32_t word) {
        while (!push(engine, thread, word)) advance(engine, surroundings, engine.now + 1);
    }
    void push_op(unsigned thread, Op op, std::initializer_list<FieldValue> values = {}) {
        push_word(thread, word(op, values));
    }
    /// Until nothing is under way; returns the cycle.
    std::uint64_t finish(std::uint64_t limit = 100'000) {
        while (engine.now < limit) {
            bool all = true;
            for (unsigned t = 0; t < thread_count; ++t) all &= finished(engine, t);
            if (all) return engine.now;
            advance(engine, surroundings, engine.now + 1);
        }
        ADD_FAILURE() << "not finished: " << describe(engine);
        return engine.now;
    }
    std::uint64_t waited(unsigned thread, Wait wait) const {
        return engine.threads[thread].waits[static_cast<std::size_t>(wait)];
    }
    const PipeCounters& pipe(Pipe which) const {
        return engine.pipes[static_cast<std::size_t>(which)];
    }
    /// Cycles from the first to the last instruction of the thread, both counted.
    std::uint64_t cycles_of(std::initializer_list<std::uint32_t> words, unsigned thread = 1) {
        // All of them are in the queue before the first begins.
        for (const std::uint32_t each : words) EXPECT_TRUE(push(engine, thread, each));
        const std::uint64_t count = engine.threads[thread].instructions + words.size();
        std::uint64_t first = 0;
        while (engine.threads[thread].instructions < count) {
            const std::uint64_t before = engine.threads[thread].instructions;
            advance(engine, surroundings, engine.now + 1);
            const bool began = engine.threads[thread].instructions > before;
            if (began && first == 0) first = engine.now;
            if (engine.now > 10'000) {
                ADD_FAILURE() << describe(engine);
                break;
            }
        }
        return engine.now - first + 1;
    }
    void make_sources_valid() {
        for (Source* source : {&engine.state.a, &engine.state.b}) {
            for (SourceBank& bank : source->banks) {
                bank.valid = true;
                bank.format = Format::bf16;
            }
        }
        for (auto& bank : engine.state.config) {
            bank[1] |= static_cast<std::uint32_t>(Format::bf16) << 17 |
                       static_cast<std::uint32_t>(Format::bf16) << 21;
        }
    }

    std::vector<std::byte> l1 = std::vector<std::byte>(1 << 18);
    Surroundings surroundings;
    Engine engine;
};

TEST_P(EngineTest, OneInstructionOfAThreadACycle) {
    EXPECT_EQ(cycles_of({word(Op::nop), word(Op::sfpnop), word(Op::setrwc), word(Op::nop)}), 4u);
    EXPECT_EQ(engine.threads[1].instructions, 4u);
}

TEST_P(EngineTest, ThreadsShareAUnit) {
    // Misc instructions of three threads begin together, those of the vector unit one by one.
    for (unsigned thread = 0; thread < 3; ++thread) {
        for (int i = 0; i < 4; ++i) push_op(thread, Op::nop);
    }
    finish();
    for (unsigned thread = 0; thread < 3; ++thread) EXPECT_EQ(waited(thread, Wait::unit), 0u);
    for (unsigned thread = 0; thread < 3; ++thread) {
        for (int i = 0; i < 4; ++i) push_op(thread, Op::sfpnop);
    }
    finish();
    EXPECT_EQ(pipe(Pipe::vector).busy_cycles, 12u);
    const std::uint64_t waits =
        waited(0, Wait::unit) + waited(1, Wait::unit) + waited(2, Wait::unit);
    EXPECT_EQ(waits, 8u + 8 + 8 - 3);  // fairly, in turn
}

TEST_P(EngineTest, FidelityInTheOuterLoopTakesACycleAPhase) {
    // 32 by 32 by 32: 16 products a phase, over 8 blocks of Dst.
    make_sources_valid();
    for (const unsigned phases : {1u, 2u, 3u, 4u}) {
        SCOPED_TRACE(phases);
        const std::uint64_t before = waited(1, Wait::dst);
        const std::uint64_t busy = pipe(Pipe::matrix).busy_cycles;
        const std::uint64_t began = engine.now;
        for (unsigned i = 0; i < 16 * phases; ++i) push_op(1, Op::mvmul, {{"dst", 8 * (i % 8)}});
        finish();
        EXPECT_EQ(waited(1, Wait::dst), before);
        EXPECT_EQ(pipe(Pipe::matrix).busy_cycles - busy, 16 * phases);
        // 3 cycles through the front, and 5 for the last one's result.
        EXPECT_LE(engine.now - began, 16 * phases + 3 + 5);
    }
}

TEST_P(EngineTest, RowsOfDstCannotBeReadForSomeCycles) {
    make_sources_valid();
    const std::uint64_t latency = GetParam() == Architecture::wormhole ? 5 : 6;
    const auto product = [&](std::uint32_t row) { return word(Op::mvmul, {{"dst", row}}); };
    const std::uint32_t behind = word(Op::setrwc);
    EXPECT_EQ(cycles_of({product(0), product(8), product(8), behind}), 2 + latency + 1);
    EXPECT_EQ(waited(1, Wait::dst), latency - 1);
    EXPECT_EQ(cycles_of({product(0), product(16), product(24), product(32), product(40),
                         product(48), product(0), behind}),
              8u);
    // Sums that are not added to Dst wait on Blackhole only.
    const std::uint32_t sum = word(Op::elwadd, {{"dst", 64}});
    EXPECT_EQ(cycles_of({sum, sum, behind}), GetParam() == Architecture::wormhole ? 3u : 8u);
}

// Many of one instruction from one, two and three threads. On a Blackhole card such bursts take
// these cycles, less 1 to 3 per cent for what cores have pushed when the clock is read.
TEST_P(EngineTest, BurstsOfOneInstruction) {
    make_sources_valid();
    const std::uint64_t latency = GetParam() == Architecture::wormhole ? 5 : 6;
    struct Burst {
        Op op;
        std::uint64_t alone;
        bool shared = true;  ///< else each thread has a unit of its own
    };
    for (const Burst& burst : {Burst{Op::nop, 1, false},
                               {Op::dmanop, 1},
                               {Op::sfpmad, 1},
                               {Op::setdmareg, 1},
                               {Op::adddmareg, 3},
                               {Op::shiftdmareg, 3},
                               {Op::rdcfg, 1},
                               {Op::setrwc, 1},
                               {Op::mvmul, latency},
                               {Op::elwmul, latency}}) {
        SCOPED_TRACE(instruction(burst.op).mnemonic);
        for (unsigned threads = 1; threads <= 3; ++threads) {
            constexpr std::uint64_t count = 60;
            const std::uint64_t began = engine.now;
            for (std::uint64_t i = 0; i < count; ++i) {
                for (unsigned thread = 0; thread < threads; ++thread) push_op(thread, burst.op);
            }
            const std::uint64_t each = burst.alone * (burst.shared ? threads : 1);
            const std::uint64_t took = finish() - began;
            EXPECT_GE(took, each * (count - 1));
            EXPECT_LE(took, each * count + 10);
        }
    }
}

// Also where an instruction keeps its unit for as many cycles as there are threads, or twice that.
TEST_P(EngineTest, ThreadsTakeTurnsAtAUnit) {
    make_sources_valid();
    for (const Op op : {Op::adddmareg, Op::mvmul}) {
        SCOPED_TRACE(instruction(op).mnemonic);
        std::array<std::uint64_t, thread_count> before{};
        for (unsigned t = 0; t < thread_count; ++t) before[t] = engine.threads[t].instructions;
        const std::uint64_t began = engine.now;
        while (engine.now < began + 600) {
            for (unsigned t = 0; t < thread_count; ++t) push(engine, t, word(op));
            advance(engine, surroundings, engine.now + 1);
        }
        for (unsigned t = 0; t < thread_count; ++t) {
            const double share = static_cast<double>(engine.threads[t].instructions - before[t]);
            const double all = op == Op::adddmareg ? 600.0 / 3 : 600.0 / engine.timing.dst_latency;
            EXPECT_NEAR(share, all / thread_count, 4) << t;
        }
        finish();
    }
}

TEST_P(EngineTest, MovesOutOfDstKeepOthersAway) {
    make_sources_valid();
    const std::uint32_t d2a = word(Op::movd2a), d2b = word(Op::movd2b), other = word(Op::setrwc);
    EXPECT_EQ(cycles_of({d2a, d2a}), 2u);
    EXPECT_EQ(cycles_of({d2a, other}), 3u);
    EXPECT_EQ(cycles_of({d2b, d2b, other}), 2u + 4);
    EXPECT_EQ(cycles_of({word(Op::mova2d, {{"dst", 512}}), word(Op::mvmul)}), 5u);
    EXPECT_EQ(cycles_of({word(Op::mova2d, {{"dst", 512}}), word(Op::elwadd, {{"dst", 64}})}), 2u);
    EXPECT_EQ(cycles_of({word(Op::sfpswap), word(Op::sfpnop)}), 2u);
    EXPECT_EQ(cycles_of({word(Op::sfpswap), word(Op::sfpencc)}), 3u);
}

TEST_P(EngineTest, ScalarInstructionsKeepTheirThread) {
    EXPECT_EQ(cycles_of({word(Op::adddmareg), word(Op::nop)}), 4u);
    EXPECT_EQ(cycles_of({word(Op::setdmareg), word(Op::nop)}), 2u);
    // And their unit from others.
    push_op(0, Op::muldmareg);
    push_op(1, Op::muldmareg);
    finish();
    EXPECT_EQ(waited(0, Wait::unit) + waited(1, Wait::unit), 3u);
}

TEST_P(EngineTest, ConfigurationWritesInTurn) {
    EXPECT_EQ(cycles_of({word(Op::wrcfg, {{"word", 20}}), word(Op::wrcfg, {{"word", 20}})}), 2u);
    EXPECT_EQ(cycles_of({word(Op::wrcfg, {{"word", 20}}), word(Op::rmwcib0, {{"word", 20}})}), 3u);
    EXPECT_EQ(cycles_of({word(Op::setc16), word(Op::rmwcib0, {{"word", 20}})}), 2u);
}

TEST_P(EngineTest, StallwaitHoldsWhatItNames) {
    const std::uint32_t memory = 1, matrix_unit = 0x40, sync_unit = 0x2;
    const std::uint32_t wait =
        word(Op::stallwait, {{"conditions", memory}, {"blocks", matrix_unit | sync_unit}});
    // The conditions hold: what it blocks comes a cycle late, and all behind that.
    EXPECT_EQ(cycles_of({wait, word(Op::nop), word(Op::nop), word(Op::setrwc)}), 4u);
    EXPECT_EQ(cycles_of({wait, word(Op::setrwc)}), 3u);
    EXPECT_EQ(cycles_of({wait, word(Op::setrwc), word(Op::nop)}), 4u);
    // A load keeps its thread for 3 cycles, and its value comes in the 10th; then one cycle of lag.
    EXPECT_EQ(cycles_of({word(Op::loadind, {{"size", 1}}), wait, word(Op::setrwc)}), 12u);
    EXPECT_EQ(waited(1, Wait::condition), 0u + 1 + 1 + 7);
}

TEST_P(EngineTest, ThreadsMeetAtASemaphore) {
    const std::uint32_t zero = 1, all = 0x1ff;
    push_op(0, Op::seminit, {{"semaphores", 1}, {"value", 0}, {"maximum", 2}});
    finish();
    push_op(2, Op::semwait, {{"conditions", zero}, {"semaphores", 1}, {"blocks", all}});
    push_op(2, Op::semget, {{"semaphores", 1}});
    advance(engine, surroundings, 1000);
    EXPECT_EQ(describe(engine), "T2: SEMGET semaphores=1 waits for semaphore 0, which is 0");
    EXPECT_GT(waited(2, Wait::semaphore), 900u);
    push_op(0, Op::sempost, {{"semaphores", 1}});
    EXPECT_LT(finish(), 1010u);
    EXPECT_EQ(engine.state.sync.semaphores[0].value, 0);
    EXPECT_EQ(describe(engine), "");
    // At its maximum it holds the one that posts.
    const std::uint32_t full = 2;
    push_op(0, Op::sempost, {{"semaphores", 1}});
    push_op(0, Op::sempost, {{"semaphores", 1}});
    push_op(0, Op::semwait, {{"conditions", full}, {"semaphores", 1}, {"blocks", all}});
    push_op(0, Op::nop);
    advance(engine, surroundings, engine.now + 50);
    EXPECT_EQ(describe(engine), "T0: NOP waits for semaphore 0, which is full");
    push_op(1, Op::semget, {{"semaphores", 1}});
    finish(2000);
}

TEST_P(EngineTest, MutexesKeepOthersOut) {
    push_op(0, Op::atgetm, {{"mutex", 0}});
    finish();
    push_op(1, Op::atgetm, {{"mutex", 0}});
    advance(engine, surroundings, engine.now + 20);
    EXPECT_EQ(describe(engine), "T1: ATGETM waits for a mutex");
    push_op(0, Op::atrelm, {{"mutex", 0}});
    finish();
    EXPECT_EQ(engine.state.sync.mutexes[0], 2);
}

TEST_P(EngineTest, MacroOfALoop) {
    // SETRWC marks the start, INCRWC by 1 and 2 alternate, the last of all adds 4, the last of an
    // inner loop 8; ADDRCRXY and NOP at the end.
    const std::uint32_t nop = word(Op::nop);
    auto& config = engine.fronts[1].macro.config;
    config = {3,
              2,
              word(Op::sfpnop),
              word(Op::sempost, {{"semaphores", 1}}),
              word(Op::sempost, {{"semaphores", 2}}),
              word(Op::incrwc, {{"a", 1}}),
              word(Op::incrwc, {{"b", 1}}),
              word(Op::incrwc, {{"d", 1}}),
              word(Op::incrwc, {{"d", 2}})};
    push_op(1, Op::mop, {{"looped", 1}});
    finish();
    const RowCounters& rows = engine.state.threads[1].rows;
    EXPECT_EQ(rows.a.value, 3u * 2);
    EXPECT_EQ(rows.b.value, 3u * 1);
    EXPECT_EQ(rows.dst.value, 2u * 2 + 1);
    EXPECT_EQ(engine.state.sync.semaphores[0].value, 3);
    EXPECT_EQ(engine.state.sync.semaphores[1].value, 3);
    EXPECT_EQ(engine.threads[1].instructions, 3u * (1 + 4 + 2));
    EXPECT_EQ(pipe(Pipe::vector).instructions, 3u);
    // Without a second instruction the inner loop is half as long; NOPs at the ends are left out.
    config[2] = config[3] = config[6] = nop;
    config[0] = 1;
    push_op(1, Op::mop, {{"looped", 1}});
    finish();
    EXPECT_EQ(rows.a.value, 6u + 1);
    EXPECT_EQ(rows.dst.value, 5u + 1);
    EXPECT_EQ(engine.threads[1].instructions, 21u + 2);
    // The miscounted loop.
    config[1] = 0;
    config[3] = word(Op::incrwc, {{"b", 1}});
    push_op(1, Op::mop, {{"looped", 1}});
    finish();
    EXPECT_EQ(engine.threads[1].instructions, 23u + 2 * 129);
}

TEST_P(EngineTest, MacroOfAMask) {
    const auto post = [&](std::uint32_t semaphore) {
        return word(Op::sempost, {{"semaphores", 1u << semaphore}});
    };
    auto& config = engine.fronts[0].macro.config;
    config = {0, 3, post(0), post(1), post(2), post(3), post(4), post(5), post(6)};
    push_op(0, Op::mop_cfg, {{"mask_high", 1}});
    push_op(0, Op::mop, {{"mask_low", 0b101}, {"count", 17}});
    finish();
    // Bits 0, 2 and 16 of 18.
    const std::array<unsigned, 8> expected{15, 15, 15, 15, 15, 3, 3, 0};
    for (unsigned i = 0; i < 8; ++i) {
        EXPECT_EQ(engine.state.sync.semaphores[i].value, expected[i]) << i;
    }
    EXPECT_EQ(engine.threads[0].instructions, 15u * 5 + 3 * 2);
    config[1] = 0;
    push_op(0, Op::mop, {{"mask_low", 0b101}, {"count", 3}});
    finish();
    EXPECT_EQ(engine.threads[0].instructions, 81u + 4);
}

TEST_P(EngineTest, ACycleIsLostBehindAMacro) {
    auto& config = engine.fronts[1].macro.config;
    config.fill(word(Op::nop));
    config[1] = 0;
    // Two words and a MOP of two, then one more: MOPs follow one another at once.
    const std::uint32_t two = word(Op::mop, {{"count", 1}});
    for (const std::uint32_t each : {two, two, word(Op::setrwc)}) push_word(1, each);
    std::vector<std::uint64_t> begun;
    for (std::uint64_t last = 0; begun.size() < 5 && engine.now < 100;) {
        advance(engine, surroundings, engine.now + 1);
        if (engine.threads[1].instructions != last) begun.push_back(engine.now);
        last = engine.threads[1].instructions;
    }
    ASSERT_EQ(begun.size(), 5u);
    EXPECT_EQ(begun[3] - begun[0], 3u);
    EXPECT_EQ(begun[4] - begun[3], 2u);
}

TEST_P(EngineTest, ReplaysWhatItStored) {
    const std::uint32_t store = word(Op::replay, {{"load", 1}, {"count", 2}, {"index", 31}});
    const std::uint32_t pass =
        word(Op::replay, {{"load", 1}, {"execute", 1}, {"count", 1}, {"index", 1}});
    const RowCounters& rows = engine.state.threads[2].rows;
    for (const std::uint32_t each :
         {store, word(Op::incrwc, {{"a", 1}}), word(Op::incrwc, {{"b", 1}}), pass,
          word(Op::incrwc, {{"d", 1}})}) {
        push_word(2, each);
    }
    finish();
    EXPECT_EQ(rows.a.value, 0u);
    EXPECT_EQ(rows.dst.value, 1u);
    push_op(2, Op::replay, {{"count", 3}, {"index", 31}});  // it goes round
    push_op(2, Op::replay, {{"count", 1}, {"index", 0}});
    finish();
    EXPECT_EQ(rows.a.value, 1u);
    EXPECT_EQ(rows.b.value, 2u);
    EXPECT_EQ(rows.dst.value, 2u);
    push_op(2, Op::replay, {{"index", 31}});  // 64 of them, most are 0
    EXPECT_EQ(message_of<TensixFault>([&] { finish(); }).substr(0, 30),
              "tensix word 0x00000000: opcode");
}

TEST_P(EngineTest, QueuesAreAsLongAsDocumented) {
    // A thread that waits. On Wormhole 2 at the gate, 8 behind the expander, and the core's own; on
    // Blackhole 28 and one more that is taken then, and the core's store queue (a card has
    // gone 32.3 instructions ahead, riscvbench S).
    const bool wormhole = GetParam() == Architecture::wormhole;
    for (const unsigned thread : {0u, 1u, 2u}) {
        push_op(thread, Op::semwait, {{"conditions", 1}, {"semaphores", 1}, {"blocks", 0x1ff}});
        advance(engine, surroundings, engine.now + 10);
        unsigned count = 0;
        while (push(engine, thread, word(Op::nop))) {
            ++count;
            advance(engine, surroundings, engine.now + 3);
        }
        EXPECT_FALSE(has_room(engine.fronts[thread], GetParam(), thread));
        EXPECT_EQ(count, wormhole ? 2u + 8 + (thread == 0 ? 32 : 16) : 28u + 1 + 4);
        EXPECT_TRUE(is_possible(engine));
    }
}

TEST_P(EngineTest, IsTheSameHoweverTimeIsCut) {
    make_sources_valid();
    const auto run = [&](std::uint64_t step, bool archived) {
        Engine one = reset_engine(GetParam(), timing_of(GetParam()));
        one.state = engine.state;
        one.fronts[0].macro.config.fill(word(Op::incrwc, {{"a", 1}}));
        std::uint64_t next = 0;
        const auto feed = [&](unsigned thread, Op op, std::initializer_list<FieldValue> values) {
            while (!push(one, thread, word(op, values))) {
                next += 1;
                advance(one, surroundings, next);
            }
        };
        for (std::uint32_t i = 0; i < 30; ++i) {
            feed(1, Op::mvmul, {{"dst", 8 * (i % 3)}});
            feed(0, Op::mop, {{"count", 5}});
            feed(2, Op::loadind, {{"size", 1}});
            feed(2, Op::stallwait, {{"conditions", 1}, {"blocks", 0x1ff}});
            feed(0, Op::adddmareg, {{"left", 1}, {"right", 1}, {"immediate", 1}, {"result", 1}});
        }
        while (one.now < 2000) {
            advance(one, surroundings, std::min<std::uint64_t>(2000, one.now + step));
            if (!archived) continue;
            ArchiveWriter writer;
            writer(one);
            std::vector<std::byte> bytes;
            writer.each_piece(
                [&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
            ArchiveReader reader(bytes);
            one = reset_engine(GetParam(), timing_of(GetParam()));
            reader(one);
        }
        ArchiveWriter writer;
        writer(one);
        std::vector<std::byte> bytes;
        writer.each_piece(
            [&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
        EXPECT_GT(one.threads[2].waits[static_cast<std::size_t>(Wait::condition)], 100u);
        return bytes;
    };
    const std::vector<std::byte> expected = run(2000, false);
    EXPECT_EQ(run(1, false), expected);
    EXPECT_EQ(run(97, true), expected);
}

TEST_P(EngineTest, FaultsNameTheInstruction) {
    push_op(1, Op::loadreg, {{"address", 0x4405}, {"reg", 6}});
    EXPECT_EQ(message_of<TensixFault>([&] { finish(); }),
              "LOADREG: there are no device registers here (T1: LOADREG address=17413 reg=6)");
}

TEST_P(EngineTest, DeviceRegisters) {
    struct Registers : Surroundings {
        using Surroundings::Surroundings;
        std::uint32_t load_register(std::uint32_t address) override { return address + 1; }
        void store_register(std::uint32_t address, std::uint32_t value) override {
            stored = {address, value};
        }
        std::pair<std::uint32_t, std::uint32_t> stored;
    } registers{l1};
    push_op(1, Op::loadreg, {{"address", 0x4405}, {"reg", 6}});
    push_op(1, Op::storereg, {{"address", 0x4406}, {"reg", 6}});
    advance(engine, registers, 20);
    EXPECT_EQ(registers.stored, std::pair(0xffb1'1018u, 0xffb1'1015u));
}

TEST_P(EngineTest, WhatAnArchiveMaySay) {
    EXPECT_TRUE(is_possible(engine));
    const auto refused = [&](auto&& change) {
        Engine changed = engine;
        change(changed);
        return !is_possible(changed);
    };
    for (std::size_t dimension = 0; dimension < 4; ++dimension) {
        constexpr std::array<std::uint32_t, 4> bits{18, 13, 8, 8};
        const std::uint32_t end = 1u << bits[dimension];
        for (const std::uint32_t value : {end - 1, end}) {
            EXPECT_EQ(refused([&](Engine& e) {
                          e.state.threads[2].counters[1].channel[1][dimension].value = value;
                      }),
                      value == end);
            EXPECT_EQ(refused([&](Engine& e) {
                          e.state.threads[0].counters[2].channel[0][dimension].carry = value;
                      }),
                      value == end);
        }
    }
    // Blackhole has 12 conditions, Wormhole 15.
    const bool wormhole = GetParam() == Architecture::wormhole;
    EXPECT_FALSE(refused([](Engine& e) { e.fronts[1].wait.conditions = 0x0fff; }));
    EXPECT_EQ(refused([](Engine& e) { e.fronts[1].wait.conditions = 0x1000; }), !wormhole);
    EXPECT_TRUE(refused([](Engine& e) { e.fronts[1].wait.conditions = 0x8000; }));
}

TEST_P(EngineTest, WhatCannotBeCarriedOutIsDescribedToo) {
    ASSERT_TRUE(push(engine, 1, 0xff00'0000));
    EXPECT_THROW(advance(engine, surroundings, 10), TensixFault);
    EXPECT_EQ(describe(engine), "T1: .tensix 0xff000000 cannot be carried out");
}

INSTANTIATE_TEST_SUITE_P(Chips, EngineTest, testing::ValuesIn(both_chips), [](const auto& info) {
    return std::string(info.param == Architecture::wormhole ? "Wormhole" : "Blackhole");
});

}  // namespace
}  // namespace tilewright::tensix
