// The vector unit: each operation against a computation of its own on 32 lanes.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "bench.hpp"
#include "message_of.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

class Vector : public testing::TestWithParam<Architecture> {
protected:
    Bench bench{GetParam()};
    std::mt19937 random{23};
    VectorState& vector = bench.state->vector;

    bool blackhole() const { return GetParam() == Architecture::blackhole; }
    void fill() {
        for (unsigned i = 0; i < 8; ++i) {
            for (auto& x : vector.registers[i]) {
                x = random() % 3 == 0
                        ? random()
                        : bits_of(std::ldexp(static_cast<float>(random() % 4000) - 2000, -8));
            }
        }
    }
    /// That `op`, with results in register 2, computes what `expected` does of its operands:
    /// register 2 before, and vc (register 5).
    void check(Op op, std::initializer_list<FieldValue> values,
               const std::function<std::uint32_t(std::uint32_t, std::uint32_t)>& expected) {
        for (int round = 0; round < 20; ++round) {
            fill();
            const auto before = vector.registers;
            std::uint32_t word =
                encode(GetParam(), op, values) | encode(GetParam(), op, {{"vd", 2}});
            word |= 5u << 8;
            bench.run(word);
            for (unsigned lane = 0; lane < lane_count; ++lane) {
                EXPECT_EQ(vector.registers[2][lane], expected(before[2][lane], before[5][lane]))
                    << disassemble(GetParam(), word) << " lane " << lane << std::hex << " of "
                    << before[2][lane] << " and " << before[5][lane];
            }
        }
    }
};

std::string chip_name(const testing::TestParamInfo<Architecture>& info) {
    return info.param == Architecture::wormhole ? "Wormhole" : "Blackhole";
}
INSTANTIATE_TEST_SUITE_P(Chips, Vector, testing::ValuesIn(both_chips), chip_name);

TEST_P(Vector, Bits) {
    check(Op::sfpand, {}, [](auto d, auto c) { return d & c; });
    check(Op::sfpor, {}, [](auto d, auto c) { return d | c; });
    check(Op::sfpxor, {}, [](auto d, auto c) { return d ^ c; });
    check(Op::sfpnot, {}, [](auto, auto c) { return ~c; });
    check(Op::sfplz, {}, [](auto, auto c) { return c == 0 ? 32 : __builtin_clz(c); });
    check(Op::sfpshft, {{"mode", 1}, {"value", 7}}, [](auto d, auto) { return d << 7; });
    check(Op::sfpshft, {{"mode", 1}, {"value", 0xfff}}, [](auto d, auto) { return d >> 1; });
}

TEST_P(Vector, Integers) {
    constexpr unsigned no_flag = 4;
    check(Op::sfpiadd, {{"mode", no_flag}}, [](auto d, auto c) { return c + d; });
    check(Op::sfpiadd, {{"mode", no_flag | 2}}, [](auto d, auto c) { return c - d; });
    check(Op::sfpiadd, {{"mode", no_flag | 1}, {"value", 0xffb}},
          [](auto, auto c) { return c - 5; });
    check(Op::sfpabs, {}, [](auto, auto c) {
        return static_cast<std::uint32_t>(std::llabs(static_cast<std::int32_t>(c)));
    });
    check(Op::sfpcast, {}, [](auto, auto c) {
        const auto magnitude = static_cast<float>(c & 0x7fff'ffff);  // to the nearest, to even
        return bits_of((c & sign_bit) != 0 ? -magnitude : magnitude);
    });
}

TEST_P(Vector, FieldsOfNumbers) {
    check(Op::sfpexexp, {}, [](auto, auto c) { return (c >> 23 & 255) - 127; });
    check(Op::sfpexman, {}, [](auto, auto c) { return (c & 0x7f'ffff) | 0x80'0000; });
    check(Op::sfpexman, {{"mode", 1}}, [](auto, auto c) { return c & 0x7f'ffff; });
    check(Op::sfpsetexp, {{"mode", 1}, {"value", 127}},
          [](auto, auto c) { return (c & 0x807f'ffff) | 0x3f80'0000; });
    check(Op::sfpsetman, {}, [](auto d, auto c) { return (c & 0xff80'0000) | (d & 0x7f'ffff); });
    check(Op::sfpsetsgn, {{"mode", 1}}, [](auto, auto c) { return c & 0x7fff'ffff; });
    check(Op::sfpdivp2, {{"mode", 1}, {"value", 0xfff}}, [](auto, auto c) {
        const std::uint32_t exponent = c >> 23 & 255;
        return exponent == 255 ? c : (c & 0x807f'ffff) | ((exponent - 1) & 255) << 23;
    });
}

TEST_P(Vector, RoundingToBf16AndIntegers) {
    const auto rounded = [](std::uint32_t mode) {
        return [mode](std::uint32_t, std::uint32_t c) -> std::uint32_t {
            const double x = std::fabs(float_of(c));
            const double most = mode == 2 ? 255 : mode == 3 ? 127 : mode == 6 ? 65535 : 32767;
            const bool keeps_sign = (mode & 1) != 0;
            const double magnitude = std::isnan(x) ? most : std::min(std::floor(x + 0.5), most);
            const auto integer = static_cast<std::uint32_t>(magnitude);
            return integer | (keeps_sign && integer != 0 ? c & sign_bit : 0);
        };
    };
    for (const std::uint32_t mode : {2u, 3u, 6u, 7u}) {
        check(Op::sfp_stoch_rnd, {{"mode", mode}}, rounded(mode));
    }
    check(Op::sfp_stoch_rnd, {{"mode", 1}}, [](auto, auto c) -> std::uint32_t {
        const std::uint32_t exponent = c >> 23 & 255;
        if (exponent == 0) return 0;
        if (exponent == 255) return c & 0xff80'0000;
        return (c + 0x8000) & 0xffff'0000;
    });
}

TEST_P(Vector, FloatArithmetic) {
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        vector.registers[0][lane] = bits_of(static_cast<float>(lane) - 7);
        vector.registers[1][lane] = bits_of(0.5f * static_cast<float>(lane));
        vector.registers[2][lane] = bits_of(3);
    }
    bench.run(Op::sfpmad, {{"va", 0}, {"vb", 1}, {"vc", 2}, {"vd", 3}});
    bench.run(Op::sfpadd, {{"va", 10}, {"vb", 0}, {"vc", 2}, {"vd", 4}});
    bench.run(Op::sfpmul, {{"va", 0}, {"vb", 2}, {"vc", 9}, {"vd", 5}});
    bench.run(Op::sfpmuli, {{"value", bf16_of(-2)}, {"vd", 1}});
    bench.run(Op::sfpaddi, {{"value", bf16_of(0.25f)}, {"vd", 2}});
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const float x = static_cast<float>(lane) - 7, y = 0.5f * static_cast<float>(lane);
        EXPECT_EQ(float_of(vector.registers[3][lane]), x * y + 3);
        EXPECT_EQ(float_of(vector.registers[4][lane]), x + 3);
        EXPECT_EQ(float_of(vector.registers[5][lane]), x * 3);
        EXPECT_EQ(float_of(vector.registers[1][lane]), -2 * y);
        EXPECT_EQ(float_of(vector.registers[2][lane]), 3.25f);
    }
}

TEST_P(Vector, TablesOfLines) {
    // y = 0.5 |x| + 1 below 1, |x| + 0.5 below 2, 1.5 |x| + 0 above; 0.5 has exponent 1, all set is
    // 0.
    const std::array<std::uint32_t, 3> lines{0x1000, 0x0010, 0x08ff};
    for (unsigned i = 0; i < 3; ++i) vector.registers[i].fill(lines[i]);
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        vector.registers[3][lane] = bits_of(0.125f * static_cast<float>(lane) - 1.5f);
    }
    bench.run(Op::sfplut, {{"vd", 4}});
    bench.run(Op::sfplut, {{"vd", 5}, {"mode", 4}});
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const float x = 0.125f * static_cast<float>(lane) - 1.5f;
        const float magnitude = std::fabs(x);
        const float y = magnitude < 1   ? 0.5f * magnitude + 1
                        : magnitude < 2 ? magnitude + 0.5f
                                        : 1.5f * magnitude;
        EXPECT_EQ(float_of(vector.registers[4][lane]), y) << x;
        EXPECT_EQ(float_of(vector.registers[5][lane]), std::copysign(y, x)) << x;
    }
}

// if (x < 0) y = 1; else if (x < 2) y = 2; else y = 3; with nested conditions.
TEST_P(Vector, BranchesByFlags) {
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        vector.registers[0][lane] = bits_of(0.25f * static_cast<float>(lane) - 3);
    }
    vector.registers[1].fill(0);
    bench.run(Op::sfpencc, {{"mode", 10}, {"value", 3}});
    bench.run(Op::sfppushc, {});
    bench.run(Op::sfpsetcc, {{"vc", 0}, {"mode", 0}});
    bench.run(Op::sfploadi, {{"vd", 1}, {"mode", 0}, {"value", bf16_of(1)}});
    bench.run(Op::sfpcompc, {});
    bench.run(Op::sfppushc, {});
    // x - 2 < 0
    bench.run(Op::sfpmov, {{"vc", 0}, {"vd", 2}});
    bench.run(Op::sfpaddi, {{"vd", 2}, {"value", bf16_of(-2)}});
    bench.run(Op::sfpsetcc, {{"vc", 2}, {"mode", 0}});
    bench.run(Op::sfploadi, {{"vd", 1}, {"mode", 0}, {"value", bf16_of(2)}});
    bench.run(Op::sfpcompc, {});
    bench.run(Op::sfploadi, {{"vd", 1}, {"mode", 0}, {"value", bf16_of(3)}});
    bench.run(Op::sfppopc, {});
    bench.run(Op::sfppopc, {});
    EXPECT_EQ(vector.flags, ~0u);
    EXPECT_EQ(vector.depth, 0);
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const float x = 0.25f * static_cast<float>(lane) - 3;
        EXPECT_EQ(float_of(vector.registers[1][lane]), x < 0 ? 1 : x < 2 ? 2 : 3) << x;
    }
    EXPECT_EQ(message_of<TensixFault>([&] { bench.run(Op::sfppopc, {}); }),
              "SFPPOPC: the stack of flags is empty");
}

TEST_P(Vector, LoadsAndStoresTakeEvenOrOddColumnsOfFourRows) {
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            write16(bench.state->dst, row, column,
                    dst_from_bf16(bf16_of(static_cast<float>(16 * row + column))));
        }
    }
    constexpr unsigned bf16 = 2;
    bench.run(Op::sfpload, {{"vd", 0}, {"mode", bf16}, {"dst", 0}});
    bench.run(Op::sfpload, {{"vd", 1}, {"mode", bf16}, {"dst", 6}});
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const unsigned row = lane / 8, column = 2 * (lane % 8);
        EXPECT_EQ(float_of(vector.registers[0][lane]), static_cast<float>(16 * row + column));
        EXPECT_EQ(float_of(vector.registers[1][lane]),
                  static_cast<float>(16 * (4 + row) + column + 1));
    }
    bench.run(Op::sfpstore, {{"vd", 1}, {"mode", bf16}, {"dst", 8}});
    EXPECT_EQ(bench.dst_bf16(8, 0), 65);
    EXPECT_EQ(bench.dst_bf16(11, 14), 127);
    // 32 bits of Dst, and integers.
    constexpr unsigned int32 = 4;
    vector.registers[3].fill(0x8000'1234);
    bench.run(Op::sfpstore, {{"vd", 3}, {"mode", int32}, {"dst", 64}});
    EXPECT_EQ(bench.dst32(64, 2), 0x8000'1234u);
    bench.run(Op::sfpload, {{"vd", 4}, {"mode", 12}, {"dst", 64}});
    EXPECT_EQ(vector.registers[4][1], blackhole() ? 0x8000'1234u : 0u - 0x1234u);
}

TEST_P(Vector, SwapSortsPairs) {
    fill();
    const auto before = vector.registers;
    bench.run(Op::sfpswap, {{"vc", 1}, {"vd", 0}, {"mode", 1}});
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const std::int32_t x = total_order(before[0][lane]), y = total_order(before[1][lane]);
        EXPECT_EQ(total_order(vector.registers[0][lane]), std::min(x, y));
        EXPECT_EQ(total_order(vector.registers[1][lane]), std::max(x, y));
    }
}

TEST_P(Vector, TransposeAndRotation) {
    for (unsigned i = 0; i < 8; ++i) {
        for (unsigned lane = 0; lane < lane_count; ++lane)
            vector.registers[i][lane] = 100 * i + lane;
    }
    bench.run(Op::sfptransp, {});
    for (unsigned i = 0; i < 4; ++i) {
        for (unsigned lane = 0; lane < lane_count; ++lane) {
            EXPECT_EQ(vector.registers[i][lane], 100 * (lane / 8) + 8 * i + lane % 8);
        }
    }
    bench.run(Op::sfpshft2, {{"mode", 3}, {"vc", 15}, {"vd", 0}});  // register 15 counts by 2
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        EXPECT_EQ(vector.registers[0][lane], 2 * (lane % 8 != 0 ? lane - 1 : lane + 7));
    }
}

TEST_P(Vector, ConstantsAreWrittenByConfigurationOnly) {
    vector.registers[0].fill(bits_of(42));
    bench.run(Op::sfpconfig, {{"vd", 12}});
    EXPECT_EQ(float_of(vector.registers[12][31]), 42);
    bench.run(Op::sfploadi, {{"vd", 10}, {"value", 0}});
    EXPECT_EQ(float_of(vector.registers[10][0]), 1);
    EXPECT_EQ(message_of<TensixFault>([&] {
                  bench.run(Op::sfpabs, {{"vd", 13}});
              }),
              "SFPABS: register 13 as result stands for a template of SFPLOADMACRO, which is not "
              "modelled");
}

TEST_P(Vector, RandomNumbersFollowTheSeed) {
    const std::uint32_t word = GetParam() == Architecture::wormhole ? 164 : 186;
    write_config(*bench.state, GetParam(), 0, word, 1234);
    const auto first = vector.random;
    bench.run(Op::sfpmov, {{"mode", 8}, {"vc", 9}, {"vd", 0}});
    EXPECT_EQ(vector.registers[0], first);
    EXPECT_NE(vector.random, first);
    write_config(*bench.state, GetParam(), 0, word, 1234);
    EXPECT_EQ(vector.random, first);
}

// 1 / x to 7 bits, and twice by Newton's step to the precision of FP32.
TEST(Vector, BlackholeReciprocal) {
    Bench bench(Architecture::blackhole);
    VectorState& vector = bench.state->vector;
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        vector.registers[0][lane] = bits_of(1 + 0.37f * static_cast<float>(lane));
    }
    bench.run(Op::sfparecip, {{"vc", 0}, {"vd", 1}});
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const float x = 1 + 0.37f * static_cast<float>(lane);
        EXPECT_NEAR(float_of(vector.registers[1][lane]) * x, 1, 1.0 / 128);
    }
    bench.run(Op::sfploadi, {{"vd", 2}, {"value", bf16_of(2)}});
    for (int step = 0; step < 2; ++step) {
        // Blackhole negates products: y = y * (2 - x * y).
        bench.run(Op::sfpmad, {{"mode", 1}, {"va", 0}, {"vb", 1}, {"vc", 2}, {"vd", 3}});
        bench.run(Op::sfpmul, {{"va", 1}, {"vb", 3}, {"vc", 9}, {"vd", 1}});
    }
    for (unsigned lane = 0; lane < lane_count; ++lane) {
        const float x = 1 + 0.37f * static_cast<float>(lane);
        EXPECT_NEAR(float_of(vector.registers[1][lane]) * x, 1, 3e-7);
    }
}

TEST(Vector, BlackholeCompares) {
    Bench bench(Architecture::blackhole);
    VectorState& vector = bench.state->vector;
    vector.registers[0].fill(bits_of(-3));
    vector.registers[1].fill(bits_of(2));
    bench.run(Op::sfpgt, {{"mode", 8}, {"vc", 0}, {"vd", 1}});
    EXPECT_EQ(vector.registers[1][4], ~0u);  // 2 > -3
    bench.run(Op::sfple, {{"mode", 1}, {"vc", 10}, {"vd", 0}});
    EXPECT_EQ(vector.flags, ~0u);  // -3 <= 1
    vector.registers[2].fill(3000);
    vector.registers[3].fill(0x40'0001);
    bench.run(Op::sfpmul24, {{"va", 2}, {"vb", 3}, {"vc", 9}, {"vd", 4}});
    EXPECT_EQ(vector.registers[4][0], 3000u * 0x40'0001u & 0x7f'ffff);
    bench.run(Op::sfpmul24, {{"mode", 1}, {"va", 2}, {"vb", 3}, {"vc", 9}, {"vd", 4}});
    EXPECT_EQ(vector.registers[4][0], static_cast<std::uint32_t>(3000ull * 0x40'0001ull >> 23));
}

}  // namespace
}  // namespace tilewright::tensix
