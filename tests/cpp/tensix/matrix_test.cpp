// The matrix unit against sums in double precision, where those are exact.
#include <gtest/gtest.h>

#include <random>

#include "bench.hpp"
#include "message_of.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

class Matrix : public testing::TestWithParam<Architecture> {
protected:
    Bench bench{GetParam()};
    std::mt19937 random{17};

    void set_a(unsigned row, unsigned column, SourceNumber x) {
        bench.state->a.of_matrix().rows[row][column] = x;
    }
    void set_b(unsigned row, unsigned column, SourceNumber x) {
        bench.state->b.of_matrix().rows[row][column] = x;
    }
    /// Fills both with numbers drawn by `draw`, as BF16, and makes them valid.
    template <class Draw>
    void fill(Draw&& draw) {
        for (unsigned row = 0; row < source_rows; ++row) {
            for (unsigned column = 0; column < row_size; ++column) {
                a[row][column] = draw();
                b[row][column] = draw();
                set_a(row, column, source_from_bf16(bf16_of(static_cast<float>(a[row][column]))));
                set_b(row, column, source_from_bf16(bf16_of(static_cast<float>(b[row][column]))));
            }
        }
        bench.set_formats(Format::bf16, Format::bf16);
        bench.make_sources_valid();
    }
    double product(unsigned row, unsigned column) const {
        double sum = 0;
        for (unsigned k = 0; k < row_size; ++k) sum += b[row][k] * a[k][column];
        return sum;
    }
    void clear_dst() { bench.run(Op::zeroacc, {{"mode", 3}}); }
    /// An instruction in each fidelity phase.
    void in_phases(unsigned phases, Op op, std::initializer_list<FieldValue> values) {
        for (unsigned phase = 0; phase < phases; ++phase) {
            bench.state->threads[bench.thread].rows.fidelity = phase;
            bench.run(op, values);
        }
    }

    double a[source_rows][row_size];
    double b[source_rows][row_size];
};

std::string chip_name(const testing::TestParamInfo<Architecture>& info) {
    return info.param == Architecture::wormhole ? "Wormhole" : "Blackhole";
}
INSTANTIATE_TEST_SUITE_P(Chips, Matrix, testing::ValuesIn(both_chips), chip_name);

// The published example: BF16 has 8 bits of mantissa, of which phases 0 and 1 take 7 of SrcB.
TEST_P(Matrix, PublishedValuesOfFidelity) {
    bench.set_formats(Format::bf16, Format::bf16);
    bench.make_sources_valid();
    set_a(0, 0, source_from_bf16(bf16_of(1.3125f)));
    set_b(0, 0, source_from_bf16(bf16_of(7.96875f)));
    for (const auto& [phases, value] : {std::pair(2u, 10.4375f), {4u, 10.5f}}) {
        clear_dst();
        in_phases(phases, Op::mvmul, {});
        EXPECT_EQ(bench.dst_bf16(0, 0), value) << phases << " phases";
        clear_dst();
        in_phases(phases, Op::elwmul, {});
        EXPECT_EQ(bench.dst_bf16(0, 0), value) << phases << " phases";
    }
}

TEST_P(Matrix, SmallIntegersAreMultipliedExactlyInOnePhase) {
    fill([&] { return static_cast<double>(static_cast<int>(random() % 31) - 15); });
    bench.set(config::fp32_dst, 1);
    clear_dst();
    bench.run(Op::mvmul, {{"dst", 64}});
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            EXPECT_EQ(bench.dst_fp32(64 + row, column), product(row, column));
        }
    }
    // It adds to what is there.
    bench.run(Op::mvmul, {{"dst", 64}});
    EXPECT_EQ(bench.dst_fp32(67, 5), 2 * product(3, 5));
}

TEST_P(Matrix, FourPhasesTakeAllOfBf16) {
    fill([&] {
        return float_of_bf16(bf16_of(std::ldexp(static_cast<float>(random() % 256) - 128, -5)));
    });
    bench.set(config::fp32_dst, 1);
    clear_dst();
    in_phases(4, Op::mvmul, {});
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            double magnitudes = 0;
            for (unsigned k = 0; k < row_size; ++k)
                magnitudes += std::fabs(b[row][k] * a[k][column]);
            // Products are aligned to 12 bits in each of the phases.
            EXPECT_NEAR(bench.dst_fp32(row, column), product(row, column), magnitudes / 1024);
        }
    }
}

TEST_P(Matrix, Gapool) {
    fill([&] { return static_cast<double>(random() % 8); });
    clear_dst();
    bench.run(Op::gapool, {{"mode", 1}, {"dst", 4}});
    for (unsigned column = 0; column < row_size; ++column) {
        EXPECT_EQ(bench.dst_bf16(7, column), float_of_bf16(bf16_of(bench.dst_bf16(7, column))));
        EXPECT_NEAR(bench.dst_bf16(7, column), product(3, column), product(3, column) / 128);
    }
    EXPECT_FALSE(bench.state->dst.defined[8]);
}

TEST_P(Matrix, SumsAndDifferencesElementByElement) {
    fill([&] { return static_cast<double>(static_cast<int>(random() % 100) - 50); });
    bench.run(Op::elwadd, {{"dst", 8}});
    bench.run(Op::elwsub, {{"dst", 16}});
    bench.run(Op::elwadd, {{"dst", 8}, {"accumulate", 1}});
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            const double x = a[row][column], y = b[row][column];
            EXPECT_EQ(bench.dst_bf16(8 + row, column), 2 * (x + y));
            EXPECT_EQ(bench.dst_bf16(16 + row, column), x - y);
        }
    }
}

TEST_P(Matrix, Broadcasts) {
    fill([&] { return static_cast<double>(static_cast<int>(random() % 100) - 50); });
    constexpr unsigned column_only = 1, row_only = 2;
    bench.run(Op::elwsub, {{"dst", 0}, {"broadcast", column_only}});
    bench.run(Op::elwsub, {{"dst", 8}, {"broadcast", row_only}});
    bench.run(Op::elwsub, {{"dst", 16}, {"broadcast", column_only | row_only}});
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < row_size; ++column) {
            EXPECT_EQ(bench.dst_bf16(row, column), a[row][column] - b[row][0]);
            EXPECT_EQ(bench.dst_bf16(8 + row, column), a[row][column] - b[0][column]);
            EXPECT_EQ(bench.dst_bf16(16 + row, column), a[row][column] - b[0][0]);
        }
    }
}

TEST_P(Matrix, Gmpool) {
    fill([&] { return static_cast<double>(static_cast<int>(random() % 200) - 100); });
    for (unsigned column = 0; column < row_size; ++column) set_b(0, column, 127u << 10);
    clear_dst();
    bench.run(Op::gmpool, {{"mode", 1}, {"dst", 4}});
    for (unsigned column = 0; column < row_size; ++column) {
        double most = a[0][column];
        for (unsigned k = 1; k < row_size; ++k) most = std::max(most, a[k][column]);
        EXPECT_EQ(bench.dst_bf16(4, column), most);
        EXPECT_EQ(bench.dst_bf16(5, column), 0);
    }
    EXPECT_EQ(message_of<TensixFault>([&] {
                  bench.make_sources_valid();
                  bench.run(Op::gmpool, {{"dst", 4}});
              }),
              "GMPOOL: mode 0; it has 1 (of 16 rows)");
}

TEST_P(Matrix, IntegersOf8Bits) {
    bench.set(config::int8_math, 1);
    bench.set_formats(Format::int8, Format::int8);
    bench.make_sources_valid();
    int x[16][16], y[8][16];
    const auto number = [](int value) {
        const auto magnitude = static_cast<std::uint32_t>(std::abs(value));
        return (value < 0 ? 0x4'0000u : 0) | (magnitude != 0 ? 16u << 10 : 0) | magnitude;
    };
    for (unsigned row = 0; row < 16; ++row) {
        for (unsigned column = 0; column < 16; ++column) {
            x[row][column] = static_cast<int>(random() % 255) - 127;
            set_a(row, column, number(x[row][column]));
            if (row >= 8) continue;
            y[row][column] = static_cast<int>(random() % 255) - 127;
            set_b(row, column, number(y[row][column]));
        }
    }
    clear_dst();
    in_phases(4, Op::mvmul, {});
    for (unsigned row = 0; row < 8; ++row) {
        for (unsigned column = 0; column < 16; ++column) {
            int sum = 0;
            for (unsigned k = 0; k < 16; ++k) sum += y[row][k] * x[k][column];
            EXPECT_EQ(twos_complement(bench.dst32(row, column)), sum);
        }
    }
    // Sums saturate.
    write32(bench.state->dst, 0, 0, dst_from_fp32(0x7fff'fff0));
    set_a(0, 0, number(100));
    set_b(0, 0, number(100));
    bench.state->threads[bench.thread].rows.fidelity = 0;
    bench.run(Op::elwadd, {{"accumulate", 1}});
    EXPECT_EQ(bench.dst32(0, 0), 0x7fff'ffffu);
}

TEST_P(Matrix, Fp16IsAddedToBothKindsOfDst) {
    bench.set_formats(Format::fp16, Format::fp16);
    bench.make_sources_valid();
    const SourceNumber one_and_a_half = source_from_fp16(0x3e00), three = source_from_fp16(0x4200);
    set_a(0, 0, one_and_a_half);
    set_b(0, 0, three);
    clear_dst();
    bench.run(Op::mvmul, {});
    EXPECT_EQ(fp16_from_dst(read16(bench.state->dst, 0, 0)), 0x4480);  // 4.5
    bench.set(config::fp32_dst, 1);
    clear_dst();
    bench.run(Op::elwmul, {});
    EXPECT_EQ(bench.dst_fp32(0, 0), 4.5f);
}

TEST_P(Matrix, TheInstructionFlipsBanksAndMovesCounters) {
    fill([] { return 1.0; });
    bench.set_own(thread_config::dst_modes.at(1), 8);
    bench.set_own(thread_config::source_modes.at(GetParam() == Architecture::wormhole ? 2 : 1),
                  16 | 8 << 8);
    bench.run(Op::elwadd, {{"addr_mod", 1}, {"flip", 3}});
    const RowCounters& rows = bench.state->threads[bench.thread].rows;
    EXPECT_EQ(rows.dst.value, 8u);
    EXPECT_EQ(rows.a.value, 16u);
    EXPECT_EQ(rows.b.value, 8u);
    EXPECT_EQ(bench.state->a.matrix_bank, 1);
    EXPECT_FALSE(bench.state->a.banks[0].valid);
    EXPECT_EQ(bench.waits(Op::mvmul, {}), Wait::source_a);
}

TEST_P(Matrix, RefusesByName) {
    bench.set_formats(Format::fp16, Format::bf16);
    bench.make_sources_valid();
    EXPECT_EQ(message_of<TensixFault>([&] { bench.run(Op::mvmul, {}); }),
              "MVMUL: SrcA has fp16 and SrcB bf16, whose exponents are of different sizes");
    bench.set_formats(Format::bf16, Format::bf16);
    bench.state->threads[bench.thread].rows.a.value = 56;
    EXPECT_EQ(message_of<TensixFault>([&] { bench.run(Op::mvmul, {}); }),
              "MVMUL: 16 rows of SrcA from row 56: it has 64");
    bench.state->threads[bench.thread].rows.fidelity = 1;
    EXPECT_EQ(message_of<TensixFault>([&] { bench.run(Op::elwadd, {}); }),
              "ELWADD: in fidelity phase 1; only products have phases");
}

// --- Moves ---

TEST_P(Matrix, RowsGoToDstAndBack) {
    fill([&] { return static_cast<double>(static_cast<int>(random() % 200) - 100); });
    bench.run(Op::mova2d, {{"mode", 2}, {"src", 8}, {"dst", 32}});
    bench.run(Op::movb2d, {{"mode", 4}, {"src", 4}, {"dst", 64}});  // 4 rows
    bench.run(Op::movb2d, {{"mode", 2}, {"src", 5}, {"dst", 72}});  // a row to 8
    bench.run(Op::movb2d, {{"mode", 5}, {"src", 0}, {"dst", 80}});  // column 0
    for (unsigned column = 0; column < row_size; ++column) {
        for (unsigned row = 0; row < 8; ++row) {
            EXPECT_EQ(bench.dst_bf16(32 + row, column), a[8 + row][column]);
            EXPECT_EQ(bench.dst_bf16(72 + row, column), b[5][column]);
        }
        for (unsigned row = 0; row < 4; ++row) {
            EXPECT_EQ(bench.dst_bf16(64 + row, column), b[4 + row][column]);
            EXPECT_EQ(bench.dst_bf16(80 + row, column), b[row][0]);
        }
    }
    bench.run(Op::movd2a, {{"mode", 2}, {"src", 16}, {"dst", 64}});
    bench.run(Op::movd2b, {{"mode", 2}, {"src", 20}, {"dst", 32}});
    EXPECT_EQ(bench.state->a.of_matrix().rows[18], bench.state->b.of_matrix().rows[6]);
    EXPECT_EQ(bench.state->b.of_matrix().rows[21], bench.state->a.of_matrix().rows[9]);
    bench.run(Op::movb2a, {{"mode", 2}, {"src_b", 12}, {"src_a", 24}});
    EXPECT_EQ(bench.state->a.of_matrix().rows[27], bench.state->b.of_matrix().rows[15]);
}

TEST_P(Matrix, TransposeOfSrcB) {
    fill([&] { return static_cast<double>(random() % 200); });
    bench.run(Op::trnspsrcb, {});
    const auto& rows = bench.state->b.of_matrix().rows;
    for (unsigned row = 0; row < 16; ++row) {
        for (unsigned column = 0; column < 16; ++column) {
            EXPECT_EQ(rows[16 + row][column],
                      source_from_bf16(bf16_of(static_cast<float>(b[16 + column][row]))));
        }
    }
    EXPECT_EQ(rows[3][4], source_from_bf16(bf16_of(static_cast<float>(b[3][4]))));
}

TEST_P(Matrix, RowsThatAreNotDefinedReadAsZero) {
    fill([] { return 2.0; });
    for (auto& row : bench.state->dst.rows) row.fill(0x1234);
    bench.run(Op::zeroacc, {{"mode", 1}, {"where", 1}});
    EXPECT_FALSE(bench.state->dst.defined[16]);
    EXPECT_TRUE(bench.state->dst.defined[32]);
    bench.run(Op::elwmul, {{"dst", 16}});
    EXPECT_EQ(bench.dst_bf16(16, 0), 4);
    bench.run(Op::zeroacc, {{"mode", 2}, {"where", 1}});
    EXPECT_FALSE(bench.state->dst.defined[512]);
    EXPECT_TRUE(bench.state->dst.defined[16]);
}

TEST_P(Matrix, DstOf32BitsLiesInTwoRowsOf16) {
    write32(bench.state->dst, 9, 3, 0x1234'5678);
    EXPECT_EQ(bench.state->dst.rows[17][3], 0x1234);
    EXPECT_EQ(bench.state->dst.rows[25][3], 0x5678);
    EXPECT_EQ(read32(bench.state->dst, 9, 3), 0x1234'5678u);
}

}  // namespace
}  // namespace tilewright::tensix
