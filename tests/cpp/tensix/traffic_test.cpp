// Unpackers, matrix unit and packers in time: how fast they move numbers, and how they wait for one
// another. A product of tiles by three threads, as kernels do it, against double precision.
#include <gtest/gtest.h>

#include <random>

#include "pipeline.hpp"
#include "tilewright/tensix/engine.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

class Traffic : public testing::TestWithParam<Architecture> {
protected:
    Traffic() : bench(GetParam()), surroundings(bench.l1) {
        bench.configure_unpacker(0, Format::bf16, Format::bf16, 0x1000, 4);
        bench.thread = 0;
        bench.set_x(3, 256);
        bench.configure_unpacker(1, Format::bf16, Format::bf16, 0x2000, 4);
        bench.thread = 2;
        bench.configure_packer(0, Format::bf16, Format::bf16, 0x3000);
        bench.thread = 0;
    }
    void start() {
        EngineTiming timing = timing_of(GetParam());
        timing.unpack_port = port;
        engine = reset_engine(GetParam(), timing);
        engine.state = *bench.state;
    }
    void push_op(unsigned thread, Op op, std::initializer_list<FieldValue> values = {}) {
        push_word(thread, encode(GetParam(), op, values));
    }
    void push_word(unsigned thread, std::uint32_t word) {
        while (!push(engine, thread, word)) advance(engine, surroundings, engine.now + 1);
    }
    /// Throttle_mode of an unpacker: 0, 1, 2 for one, two, four ports.
    void set_speed(unsigned unpacker, std::uint32_t mode) {
        bench.set_section(unpacker, 8, 4, 2, mode);
    }
    /// When the thread's pipe has done what it was told.
    std::uint64_t done(unsigned thread, Pipe pipe) const {
        return engine.times.in_flight[thread][static_cast<std::size_t>(pipe)];
    }
    std::uint64_t waited(unsigned thread, Wait wait) const {
        return engine.threads[thread].waits[static_cast<std::size_t>(wait)];
    }
    std::uint64_t busy(Pipe pipe) const {
        return engine.pipes[static_cast<std::size_t>(pipe)].busy_cycles;
    }

    Pipeline bench;
    Surroundings surroundings;
    Engine engine;
    std::uint32_t port = 16;  ///< bytes
};

TEST_P(Traffic, APortGivesAsManyBytesAsItIsWide) {
    set_speed(0, 2);
    for (const std::uint32_t bytes : {16u, 32u}) {
        port = bytes;
        start();
        push_op(0, Op::unpacr, {{"set_valid", 1}});
        advance(engine, surroundings, 3);
        EXPECT_EQ(busy(Pipe::unpacker0), 512u / (4 * bytes));
    }
}

TEST_P(Traffic, AnUnpackerReadsUpToFourPorts) {
    for (std::uint32_t mode = 0; mode < 3; ++mode) {
        set_speed(0, mode);
        start();
        push_op(0, Op::unpacr, {{"set_valid", 1}});
        advance(engine, surroundings, 3);  // through the front: it begins in cycle 2
        EXPECT_EQ(engine.threads[0].instructions, 1u);
        EXPECT_EQ(done(0, Pipe::unpacker0), 2 + 2 + 512u / 16 / (1u << mode));
        EXPECT_EQ(busy(Pipe::unpacker0), 512u / 16 / (1u << mode));
    }
}

TEST_P(Traffic, TwoUnpackersShareFivePorts) {
    // What each wants, and what the second to begin gets beside the other: the published table.
    struct Case {
        std::uint32_t first_unpacker, mode0, mode1, expected;
    };
    for (const Case& c : {Case{0, 0, 2, 4},
                          {0, 1, 2, 2},
                          {0, 2, 2, 2},
                          {0, 1, 1, 1},
                          {0, 2, 1, 1},
                          {1, 2, 0, 4},
                          {1, 2, 1, 2},
                          {1, 2, 2, 2},
                          {1, 1, 2, 1},
                          {1, 1, 1, 1}}) {
        SCOPED_TRACE(std::to_string(c.mode0) + " " + std::to_string(c.mode1));
        set_speed(0, c.mode0);
        set_speed(1, c.mode1);
        start();
        push_op(0, Op::unpacr, {{"unpacker", c.first_unpacker}, {"set_valid", 1}});
        push_op(0, Op::unpacr, {{"unpacker", 1 - c.first_unpacker}, {"set_valid", 1}});
        advance(engine, surroundings, 6);
        ASSERT_EQ(engine.threads[0].instructions, 2u);
        EXPECT_EQ(busy(c.first_unpacker == 0 ? Pipe::unpacker1 : Pipe::unpacker0),
                  512u / 16 / c.expected);
    }
}

TEST_P(Traffic, TheMatrixUnitWaitsForWholeBanks) {
    start();
    push_op(1, Op::mvmul, {{"flip", 3}});
    push_op(1, Op::mvmul, {{"flip", 3}, {"dst", 8}});
    for (int i = 0; i < 3; ++i) {
        push_op(0, Op::unpacr, {{"unpacker", 0}, {"set_valid", 1}});
        push_op(0, Op::unpacr, {{"unpacker", 1}, {"set_valid", 1}});
    }
    advance(engine, surroundings, 1000);
    // One port each: 32 cycles a face, one after another, and what was read is used at once.
    const std::uint64_t first = 2 + 2 + 2 + 32;
    EXPECT_EQ(waited(1, Wait::source_a) + waited(1, Wait::source_b), first - 2 + 32 - 1);
    EXPECT_EQ(engine.threads[1].instructions, 2u);
    // The third pair found its banks free when the first product had begun.
    EXPECT_EQ(engine.threads[0].instructions, 6u);
    EXPECT_GT(waited(0, Wait::bank_a), 0u);
    EXPECT_EQ(done(0, Pipe::unpacker0), 4u + 3 * 32);
}

TEST_P(Traffic, PackersWriteAsFastAsTheyAreWide) {
    start();
    push_op(2, Op::pacr, {{"packers", 1}, {"last", 1}});
    advance(engine, surroundings, 3);
    const unsigned ports = GetParam() == Architecture::blackhole ? 4 : 1;
    EXPECT_EQ(done(2, Pipe::packer0), 3 + 512u / 16 / ports);
    // Sums in L1 keep a port for 5 cycles.
    bench.thread = 2;
    bench.set_packer(0, 3, GetParam() == Architecture::blackhole ? 19 : 21, 1, 1);
    start();
    push_op(2, Op::pacr, {{"packers", 1}, {"last", 1}});
    advance(engine, surroundings, 3);
    EXPECT_EQ(done(2, Pipe::packer0), 3 + 5 * 512u / 16 / ports);
}

TEST_P(Traffic, ProductOfTilesByThreeThreads) {
    // C = A x B of 32 by 32, in faces of 16 by 16 that lie one after another. The unpacking thread
    // brings faces, the computing one multiplies, the packing one waits for a semaphore.
    std::mt19937 random{7};
    double a[32][32], b[32][32];
    const auto place = [](unsigned row, unsigned column) {
        return 2 * (256 * (row / 16 * 2 + column / 16) + 16 * (row % 16) + column % 16);
    };
    for (unsigned row = 0; row < 32; ++row) {
        for (unsigned column = 0; column < 32; ++column) {
            a[row][column] = static_cast<int>(random() % 17) - 8;
            b[row][column] = static_cast<int>(random() % 17) - 8;
            bench.store(0x2000 + place(row, column), bf16_of(static_cast<float>(a[row][column])));
            bench.store(0x1000 + place(row, column), bf16_of(static_cast<float>(b[row][column])));
        }
    }
    set_speed(0, 2);
    set_speed(1, 2);
    bench.set(config::fp32_dst, 1);
    bench.set(config::pack_reads_32_bits, 1);
    bench.thread = 2;
    for (unsigned packer = 0; packer < 4; ++packer) {
        bench.configure_packer(packer, Format::fp32, Format::fp32, 0x4000 + 1024 * packer);
        bench.set(config::pack_dst_offset.at(packer), 16 * packer);
    }
    start();
    const std::uint32_t zero = 1, math_done = 0x80, all = 0x1ff;
    const std::uint32_t math_done_of_blackhole = 0x10;
    push_op(1, Op::zeroacc, {{"mode", 3}});
    for (unsigned row = 0; row < 2; ++row) {
        for (unsigned column = 0; column < 2; ++column) {
            for (unsigned k = 0; k < 2; ++k) {
                // The face of B to SrcA, that of A to SrcB.
                push_op(0, Op::setadczw, {{"units", 1}, {"which", 1}, {"first0", k * 2 + column}});
                push_op(0, Op::setadczw, {{"units", 2}, {"which", 1}, {"first0", row * 2 + k}});
                push_op(0, Op::unpacr, {{"unpacker", 0}, {"set_valid", 1}});
                push_op(0, Op::unpacr, {{"unpacker", 1}, {"set_valid", 1}});
                const std::uint32_t face = 16 * (2 * row + column);
                push_op(1, Op::setrwc, {{"which", 7}});
                push_op(1, Op::mvmul, {{"dst", face}});
                push_op(1, Op::incrwc, {{"b", 8}});
                push_op(1, Op::mvmul, {{"dst", face + 8}, {"flip", 3}});
            }
        }
    }
    push_op(
        1, Op::stallwait,
        {{"conditions", GetParam() == Architecture::blackhole ? math_done_of_blackhole : math_done},
         {"blocks", all}});
    push_op(1, Op::sempost, {{"semaphores", 2}});
    push_op(2, Op::semwait, {{"conditions", zero}, {"semaphores", 2}, {"blocks", all}});
    if (GetParam() == Architecture::blackhole) {
        push_op(2, Op::setadcxx, {{"units", 4}, {"end", 1023}});
        push_op(2, Op::pacr, {{"packers", 1}, {"last", 1}});
    } else {
        push_op(2, Op::pacr, {{"packers", 15}, {"last", 1}});
    }
    push_op(2, Op::semget, {{"semaphores", 2}});
    advance(engine, surroundings, 2000);
    EXPECT_EQ(describe(engine), "");
    for (unsigned row = 0; row < 32; ++row) {
        for (unsigned column = 0; column < 32; ++column) {
            double sum = 0;
            for (unsigned k = 0; k < 32; ++k) sum += a[row][k] * b[k][column];
            EXPECT_EQ(bench.load<float>(0x4000 + 2 * place(row, column)), sum);
        }
    }
    EXPECT_EQ(busy(Pipe::matrix), 1 + 8 * 4u);
    if (GetParam() == Architecture::wormhole) {
        // 8 pairs of faces, at 2 ports each, bound it all; the first face has 4 ports for itself.
        EXPECT_EQ(busy(Pipe::unpacker0), 8 + 7 * 16u);
        EXPECT_LT(done(0, Pipe::unpacker0), 8 * 16u + 20);
    } else {
        // The wait for the next bank does: 20 cycles from the second product of each pair.
        EXPECT_GT(done(1, Pipe::matrix), 7 * 20u);
        EXPECT_LT(done(1, Pipe::matrix), 7 * (20 + 4) + 40u);
    }
}

INSTANTIATE_TEST_SUITE_P(Chips, Traffic, testing::ValuesIn(both_chips), [](const auto& info) {
    return std::string(info.param == Architecture::wormhole ? "Wormhole" : "Blackhole");
});

}  // namespace
}  // namespace tilewright::tensix
