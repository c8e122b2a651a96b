// General registers, loads and stores, configuration, counters, semaphores and mutexes.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "message_of.hpp"
#include "tensix/random.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

class Scalar : public testing::TestWithParam<Architecture> {
protected:
    void set(unsigned reg, std::uint32_t value) { own().registers[reg] = value; }
    std::uint32_t get(unsigned reg) const { return bench.state->threads[1].registers[reg]; }
    ThreadState& own() { return bench.state->threads[1]; }
    std::uint32_t shared(std::uint32_t word, unsigned bank = 0) const {
        return bench.state->config[bank][word];
    }
    std::string refusal(Op op, std::initializer_list<FieldValue> values) {
        return message_of<TensixFault>([&] { bench.run(op, values); });
    }

    Bench bench{GetParam()};
};

TEST_P(Scalar, HalvesOfRegisters) {
    bench.run(Op::setdmareg, {{"half", 10}, {"value", 0x1234}});
    bench.run(Op::setdmareg, {{"half", 11}, {"value", 0xabcd}});
    EXPECT_EQ(get(5), 0xabcd'1234u);
    EXPECT_EQ(bench.state->threads[0].registers[5], 0u);
}

TEST_P(Scalar, Arithmetic) {
    set(1, 0xffff'fff0);
    set(2, 0x0001'0023);
    const auto of = [&](Op op, std::uint32_t mode = 0) {
        const std::uint32_t word =
            mode == 0 ? encode(GetParam(), op, {{"left", 1}, {"right", 2}, {"result", 3}})
                      : encode(GetParam(), op,
                               {{"left", 1}, {"right", 2}, {"result", 3}, {"mode", mode}});
        bench.run(word);
        return get(3);
    };
    EXPECT_EQ(of(Op::adddmareg), 0x0001'0013u);
    EXPECT_EQ(of(Op::subdmareg), 0xfffe'ffcdu);
    EXPECT_EQ(of(Op::muldmareg), 0xfff0u * 0x23u);
    EXPECT_EQ(of(Op::bitwopdmareg, 0), 0x0001'0020u);
    EXPECT_EQ(of(Op::bitwopdmareg, 1), 0xffff'fff3u);
    EXPECT_EQ(of(Op::bitwopdmareg, 2), 0xfffe'ffd3u);
    EXPECT_EQ(of(Op::shiftdmareg, 0), 0xffff'ff80u);
    EXPECT_EQ(of(Op::shiftdmareg, 1), 0x1fff'fffeu);
    EXPECT_EQ(of(Op::cmpdmareg, 0), 1u);
    EXPECT_EQ(of(Op::cmpdmareg, 1), 0u);
    EXPECT_EQ(of(Op::cmpdmareg, 2), 0u);
    bench.run(Op::adddmareg, {{"left", 1}, {"right", 63}, {"result", 4}, {"immediate", 1}});
    EXPECT_EQ(get(4), 0x2fu);
    EXPECT_EQ(refusal(Op::shiftdmareg, {{"mode", 3}}),
              "SHIFTDMAREG: mode 3; it has 0 (left), 1 (right)");
}

TEST_P(Scalar, LoadsAndStoresByARegisterAndAnOffset) {
    set(8, 0x100);  // 16 bytes each
    set(9, 6 << 16);
    bench.store<std::uint32_t>(0x1004, 0x8765'4321);
    set(12, 0xffff'ffff);
    // Offset 6, of which a load of 4 bytes drops the lower bits, and which goes on by 4.
    bench.run(Op::loadind,
              {{"address", 8}, {"offset", 19}, {"reg", 12}, {"size", 1}, {"increment", 2}});
    EXPECT_EQ(get(12), 0x8765'4321u);
    EXPECT_EQ(get(9), 10u << 16);
    bench.run(Op::loadind, {{"address", 8}, {"offset", 18}, {"reg", 13}, {"size", 3}});
    EXPECT_EQ(get(13), 0u);
    for (unsigned i = 0; i < 4; ++i) set(16 + i, 0x1111'1111 * (i + 1));
    bench.run(Op::storeind,
              {{"address", 8}, {"offset", 18}, {"reg", 16}, {"l1", 1}, {"increment", 3}});
    EXPECT_EQ(bench.written, (std::vector<L1Range>{{0x1000, 16}}));
    for (unsigned i = 0; i < 4; ++i) {
        EXPECT_EQ(bench.load<std::uint32_t>(0x1000 + 4 * i), 0x1111'1111 * (i + 1));
    }
    EXPECT_EQ(get(9), 10u << 16 | 16);
    set(8, 0x4000);
    EXPECT_EQ(refusal(Op::loadind, {{"address", 8}, {"reg", 12}, {"size", 1}}),
              "4 bytes of L1 at 0x40000: it ends at 0x40000");
}

TEST_P(Scalar, ASwapTellsOfWhatItWrites) {
    set(8, 0x100);
    for (unsigned i = 0; i < 4; ++i) set(12 + i, 0x1111'1111 * (i + 1));
    bench.run(Op::atswap, {{"address", 8}, {"reg", 12}, {"mask", 0b1100'0110}});
    EXPECT_EQ(bench.written, (std::vector<L1Range>{{0x1002, 4}, {0x100c, 4}}));
    EXPECT_EQ(bench.load<std::uint32_t>(0x1000), 0x1111'0000u);
    EXPECT_EQ(bench.load<std::uint32_t>(0x1004), 0x2222u);
    EXPECT_EQ(bench.load<std::uint32_t>(0x1008), 0u);
    EXPECT_EQ(bench.load<std::uint32_t>(0x100c), 0x4444'4444u);
    bench.run(Op::atswap, {{"address", 8}, {"reg", 12}});
    EXPECT_TRUE(bench.written.empty());
}

TEST_P(Scalar, AtomicOnL1) {
    set(8, 0x100);
    set(12, 3);
    bench.store<std::uint32_t>(0x1008, 0xffff'fffe);
    // A counter of 8 bits: the others stay.
    bench.run(Op::atincget, {{"address", 8}, {"reg", 12}, {"word", 2}, {"width", 7}});
    EXPECT_EQ(bench.load<std::uint32_t>(0x1008), 0xffff'ff01u);
    EXPECT_EQ(get(12), 0xffff'fffeu);
    for (unsigned i = 0; i < 4; ++i) set(16 + i, 0x2222'1111 * (i + 1));
    bench.run(Op::atswap, {{"address", 8}, {"reg", 16}, {"mask", 0b0000'0110}});
    EXPECT_EQ(bench.load<std::uint32_t>(0x1000), 0x2222'0000u);
    EXPECT_EQ(bench.load<std::uint32_t>(0x1004), 0x0000'2222u);
}

TEST_P(Scalar, DeviceRegistersAreLeftToTheTile) {
    set(6, 77);
    EXPECT_EQ(bench.run(Op::storereg, {{"address", 0x4405}, {"reg", 6}}).access,
              (RegisterAccess{false, 0xffb1'1014, 77, 0}));
    EXPECT_EQ(bench.run(Op::loadreg, {{"address", 0x4405}, {"reg", 6}}).access,
              (RegisterAccess{true, 0xffb1'1014, 0, 6}));
    EXPECT_EQ(refusal(Op::loadreg, {{"address", 1}}),
              "LOADREG: device register 0xffb00004; they begin at 0xffb11000");
}

TEST_P(Scalar, ConfigurationOfTwoBanks) {
    set(4, 0xdead'beef);
    bench.run(Op::wrcfg, {{"word", 20}, {"reg", 4}});
    EXPECT_EQ(shared(20), 0xdead'beefu);
    EXPECT_EQ(shared(20, 1), 0u);
    bench.run(Op::setc16, {{"word", 0}, {"value", 1}});  // this thread goes over to bank 1
    bench.run(Op::rmwcib1, {{"word", 20}, {"value", 0xff}, {"mask", 0x3c}});
    EXPECT_EQ(shared(20), 0xdead'beefu);
    EXPECT_EQ(shared(20, 1), 0x3c00u);
    // The last registers are in both.
    bench.run(Op::wrcfg, {{"word", 181}, {"reg", 4}});
    EXPECT_EQ(shared(181), 0xdead'beefu);
    EXPECT_EQ(shared(181, 1), 0xdead'beefu);
    bench.run(Op::rdcfg, {{"word", 20}, {"reg", 5}});
    EXPECT_EQ(get(5), 0x3c00u);
    // Four at once: the lower bits of both numbers do not count.
    for (unsigned i = 0; i < 4; ++i) set(40 + i, i + 1);
    bench.run(Op::wrcfg, {{"word", 62}, {"reg", 43}, {"four", 1}});
    for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(shared(60 + i, 1), i + 1);
    // A store of anything to word 4 resets the bank but for what both have.
    bench.run(Op::wrcfg, {{"word", 4}, {"reg", 4}});
    EXPECT_EQ(shared(20, 1), 0u);
    EXPECT_EQ(shared(20), 0xdead'beefu);
    EXPECT_EQ(shared(181, 1), 0xdead'beefu);
    const bool wormhole = GetParam() == Architecture::wormhole;
    EXPECT_EQ(refusal(Op::wrcfg, {{"word", 230}}),
              "configuration register 230: there are " + std::string(wormhole ? "188" : "224"));
    EXPECT_EQ(refusal(Op::setc16, {{"word", 70}}),
              "thread configuration register 70: there are " + std::string(wormhole ? "57" : "68"));
}

TEST_P(Scalar, SeedOfRandomNumbers) {
    const Place place = config::random_seed.places[static_cast<std::size_t>(GetParam())];
    set(4, 99);
    bench.run(Op::wrcfg, {{"word", place.word}, {"reg", 4}});
    VectorState expected;
    seed_random(expected, 99);
    EXPECT_EQ(bench.state->vector.random, expected.random);
    EXPECT_NE(expected.random[0], expected.random[1]);
}

TEST_P(Scalar, AddressCounters) {
    const auto counter = [&](unsigned thread, unsigned unit, unsigned channel, std::size_t which) {
        const Counter& c = bench.state->threads[thread].counters[unit].channel[channel][which];
        return std::pair(c.value, c.carry);
    };
    using Pair = std::pair<std::uint32_t, std::uint32_t>;
    bench.run(Op::setadcxx, {{"units", 3}, {"start", 5}, {"end", 1023}});
    EXPECT_EQ(counter(1, 0, 0, counter_x), Pair(5, 5));
    EXPECT_EQ(counter(1, 1, 1, counter_x), Pair(1023, 1023));
    EXPECT_EQ(counter(1, 2, 1, counter_x), Pair(0, 0));
    bench.run(Op::setadczw, {{"units", 4},
                             {"which", 0b1001},
                             {"first0", 3},
                             {"second1", 7},
                             {"first1", 1},
                             {"thread", 3}});
    EXPECT_EQ(counter(2, 2, 0, counter_z), Pair(3, 3));
    EXPECT_EQ(counter(2, 2, 1, counter_w), Pair(7, 7));
    EXPECT_EQ(counter(2, 2, 1, counter_z), Pair(0, 0));
    bench.run(Op::incadcxy, {{"units", 1}, {"first0", 4}, {"second0", 2}});
    EXPECT_EQ(counter(1, 0, 0, counter_x), Pair(9, 5));
    EXPECT_EQ(counter(1, 0, 0, counter_y), Pair(2, 0));
    // Back to where it carries on from, and on from there.
    bench.run(Op::addrcrxy, {{"units", 1}, {"which", 1}, {"first0", 2}});
    EXPECT_EQ(counter(1, 0, 0, counter_x), Pair(7, 7));
    bench.run(Op::setadc, {{"units", 1}, {"dimension", 0}, {"channel", 1}, {"value", 0x1234}});
    EXPECT_EQ(counter(1, 0, 1, counter_x), Pair(0x1234, 0x1234));
    bench.run(Op::incadczw, {{"units", 1}, {"first1", 7}});
    for (int i = 0; i < 36; ++i) bench.run(Op::incadczw, {{"units", 1}, {"first1", 7}});
    EXPECT_EQ(counter(1, 0, 1, counter_z), Pair(37 * 7 % 256, 0));
}

TEST_P(Scalar, Semaphores) {
    bench.run(Op::seminit, {{"semaphores", 0b101}, {"value", 14}, {"maximum", 3}});
    const auto& semaphores = bench.state->sync.semaphores;
    EXPECT_EQ(semaphores[0].value, 14);
    EXPECT_EQ(semaphores[1].value, 0);
    EXPECT_EQ(semaphores[2].maximum, 3);
    // They count beyond their maximum, which only SEMWAIT looks at, but not beyond 15 or below 0.
    for (int i = 0; i < 3; ++i) bench.run(Op::sempost, {{"semaphores", 0b001}});
    bench.run(Op::semget, {{"semaphores", 0b110}});
    EXPECT_EQ(semaphores[0].value, 15);
    EXPECT_EQ(semaphores[1].value, 0);
    EXPECT_EQ(semaphores[2].value, 13);
}

TEST_P(Scalar, Mutexes) {
    bench.run(Op::atgetm, {{"mutex", 2}});
    EXPECT_EQ(bench.waits(Op::atgetm, {{"mutex", 2}}), Wait::none);
    bench.thread = 0;
    EXPECT_EQ(bench.waits(Op::atgetm, {{"mutex", 2}}), Wait::mutex);
    bench.run(Op::atrelm, {{"mutex", 2}});  // which another one holds
    EXPECT_EQ(bench.waits(Op::atgetm, {{"mutex", 2}}), Wait::mutex);
    bench.thread = 1;
    bench.run(Op::atrelm, {{"mutex", 2}});
    bench.thread = 0;
    EXPECT_EQ(bench.waits(Op::atgetm, {{"mutex", 2}}), Wait::none);
    const bool wormhole = GetParam() == Architecture::wormhole;
    EXPECT_EQ(refusal(Op::atrelm, {{"mutex", 1}}),
              "ATRELM: mutex 1; there are 0 and 2 to " + std::string(wormhole ? "7" : "4"));
}

TEST_P(Scalar, StateIsArchived) {
    State& state = *bench.state;
    std::uint32_t next = 1;
    for (auto& thread : state.threads) {
        for (auto& value : thread.registers) value = next++;
        for (auto& value : thread.config) value = static_cast<std::uint16_t>(next++);
        thread.rows.b.carry = next++;
        thread.counters[2].channel[1][3].value = next++;
    }
    state.a.banks[1].rows[63][15] = 0x7ffff;
    state.a.banks[1].format = Format::bfp2;
    state.b.matrix_bank = 1;
    state.dst.rows[1023][15] = 0xabcd;
    state.dst.defined[5] = false;
    state.vector.stack[3].flags = 9;
    state.packers[3].data_address = 0x1230;
    state.sync.semaphores[7] = {4, 5};
    ArchiveWriter writer;
    writer(state);
    std::vector<std::byte> bytes;
    writer.each_piece([&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
    State copy = reset_state();
    ArchiveReader reader(bytes);
    reader(copy);
    ArchiveWriter again;
    again(copy);
    std::vector<std::byte> same;
    again.each_piece([&](auto piece) { same.insert(same.end(), piece.begin(), piece.end()); });
    EXPECT_EQ(same, bytes);
    EXPECT_EQ(copy.dst.rows[1023][15], 0xabcd);
    EXPECT_EQ(copy.sync.semaphores[7].maximum, 5);
}

INSTANTIATE_TEST_SUITE_P(Chips, Scalar, testing::ValuesIn(both_chips), [](const auto& info) {
    return std::string(info.param == Architecture::wormhole ? "Wormhole" : "Blackhole");
});

TEST(Scalar, WormholeMovesRegistersToCountersAndConfiguration) {
    Bench bench(Architecture::wormhole);
    auto& own = bench.state->threads[1];
    own.registers[7] = 0x0000'4321;
    // Packers' channel 1, carry of Y, from 16 bits.
    bench.run(Op::reg2flop,
              {{"target", 2}, {"index", 1 << 5 | 2 << 3 | 4 | 1}, {"reg", 7}, {"size", 2}});
    EXPECT_EQ(own.counters[2].channel[1][counter_y].carry, 0x0321u);
    EXPECT_EQ(own.counters[2].channel[1][counter_y].value, 0u);
    bench.run(Op::reg2flop, {{"index", 12}, {"reg", 7}, {"size", 1}});
    EXPECT_EQ(bench.state->config[0][52 + 12], 0x4321u);
}

TEST(Scalar, BlackholeAddsAScratchRegisterToAConfiguration) {
    Bench bench(Architecture::blackhole);
    bench.set_word(210, 1000);  // scratch of thread 1
    bench.set_word(76, 24);
    bench.run(Op::cfgshiftmask,
              {{"word", 76}, {"scratch", 3}, {"width", 31}, {"operation", 3}, {"keep_old", 1}});
    EXPECT_EQ(bench.state->config[0][76], 1024u);
    EXPECT_EQ(message_of<TensixFault>([&] {
                  bench.run(Op::cfgshiftmask, {{"width", 3}});
              }),
              "CFGSHIFTMASK: only the addition of all 32 bits of a scratch register is modelled "
              "(rotation=0 width=31 operation=3 keep_old=1)");
}

}  // namespace
}  // namespace tilewright::tensix
