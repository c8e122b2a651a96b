// A face that is multiplied by 1 comes out as it went in, in every format, and what the units do to
// faces on the way: addresses, transposes, masks, sums in L1.
#include "pipeline.hpp"

#include <gtest/gtest.h>

#include <random>

#include "message_of.hpp"
#include "tilewright/tensix/format_name.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

std::string name_of_chip(Architecture architecture) {
    return architecture == Architecture::wormhole ? "Wormhole" : "Blackhole";
}

struct Way {
    Architecture architecture;
    Format format;
    Format source;        ///< in SrcA and SrcB
    Format intermediate;  ///< that the packer reads
    bool wide;            ///< Dst of 32 bits
};

class SameFace : public testing::TestWithParam<Way> {};

constexpr std::uint32_t one_at = 0x1000, in_at = 0x2000, out_at = 0x3000;

TEST_P(SameFace, ComesOutOfAProductWithOne) {
    const Way& way = GetParam();
    Pipeline bench(way.architecture);
    std::mt19937 random{31};
    const unsigned bits = bits_of(way.format);
    const std::uint32_t exponents = is_block(way.format) ? 16 : 0;
    const std::uint32_t bytes = exponents + 256 * bits / 8;

    // 1 in BF16, or in FP16 where the other operand is of that kind.
    const bool fp16 = style_of(way.format) == SourceStyle::fp16;
    for (std::uint32_t i = 0; i < 16; ++i) {
        bench.store(one_at + i * 34, static_cast<std::uint16_t>(fp16 ? 0x3c00 : 0x3f80));
    }
    for (std::uint32_t i = 0; i < exponents; ++i) {
        bench.store(in_at + i, static_cast<std::uint8_t>(100 + random() % 50));
    }
    for (std::uint32_t i = 0; i < 256; ++i) {
        const std::uint32_t at = in_at + exponents + i * bits / 8;
        switch (way.format) {
            case Format::fp32:  // of which 10 bits of mantissa reach the sources
                bench.store(at, (random() & 0x8000'0000) | (100 + random() % 50) << 23 |
                                    (random() & 0x007f'e000));
                break;
            case Format::bf16:
                bench.store(at, static_cast<std::uint16_t>((random() & 0x807f) |
                                                           (100 + random() % 50) << 7));
                break;
            case Format::fp16:
                bench.store(at, static_cast<std::uint16_t>((random() & 0x83ff) |
                                                           (15 + random() % 15) << 10));
                break;
            default: {
                // The first of each block has the largest magnitude; none is -0.
                const std::uint32_t leading = 1u << (bits - 2);
                std::uint32_t number = random() & ((2u << (bits - 1)) - 1);
                if (i % 16 == 0) number |= leading;
                if ((number & (leading * 2 - 1)) == 0) number = 0;
                const unsigned shift = i * bits % 8;
                auto byte = bench.load<std::uint8_t>(at);
                byte = static_cast<std::uint8_t>(byte | number << shift);
                bench.store(at, byte);
            }
        }
    }
    bench.set(config::fp32_dst, way.wide);
    bench.set(config::pack_reads_32_bits, way.wide);
    bench.configure_unpacker(0, fp16 ? Format::fp16 : Format::bf16,
                             fp16 ? Format::fp16 : Format::bf16, one_at);
    bench.configure_unpacker(1, way.format, way.source, in_at);
    bench.configure_packer(0, way.intermediate, way.format, out_at);
    bench.unpack(0);
    bench.unpack(1);
    bench.multiply();
    bench.pack();
    for (std::uint32_t i = 0; i < bytes; ++i) {
        ASSERT_EQ(bench.load<std::uint8_t>(out_at + i), bench.load<std::uint8_t>(in_at + i))
            << "byte " << i;
    }
    EXPECT_EQ(bench.load<std::uint8_t>(out_at + bytes), 0);
}

std::vector<Way> ways() {
    using enum Format;
    std::vector<Way> all;
    for (const Architecture chip : both_chips) {
        for (const bool wide : {false, true}) {
            for (const Format format : {bf16, bfp8, bfp4, bfp2}) {
                const Format exact = wide ? fp32 : bf16;
                const Format intermediate = format == bf16 ? bf16 : format == bfp2 ? exact : bfp8;
                all.push_back({chip, format, format, intermediate, wide});
            }
        }
        all.push_back({chip, fp16, fp16, fp16, false});
        all.push_back({chip, fp32, tf32, fp32, true});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Formats, SameFace, testing::ValuesIn(ways()), [](const auto& info) {
    return name_of_chip(info.param.architecture) + "_" + std::string(name_of(info.param.format)) +
           (info.param.wide ? "_wide" : "");
});

class SmallExponents : public testing::TestWithParam<Architecture> {};

TEST_P(SmallExponents, BlocksBecomeFp16) {
    std::mt19937 random{32};
    for (const Format format : {Format::bfp8a, Format::bfp4a, Format::bfp2a}) {
        Pipeline bench(GetParam());
        const unsigned bits = bits_of(format);
        double expected[256];
        for (std::uint32_t i = 0; i < 256; ++i) {
            const auto at = in_at + i / 16;
            if (i % 16 == 0) bench.store(at, static_cast<std::uint8_t>(16 + random() % 15));
            const auto magnitude = static_cast<int>(random() % (1u << (bits - 1)));
            const bool negative = magnitude != 0 && random() % 2 != 0;
            const std::uint32_t number =
                static_cast<std::uint32_t>(magnitude) | (negative ? 1u << (bits - 1) : 0);
            const std::uint32_t byte = in_at + 16 + i * bits / 8;
            bench.store(byte, static_cast<std::uint8_t>(bench.load<std::uint8_t>(byte) |
                                                        number << i * bits % 8));
            expected[i] =
                std::ldexp(negative ? -magnitude : magnitude,
                           bench.load<std::uint8_t>(at) - 15 - static_cast<int>(bits) + 2);
        }
        bench.configure_unpacker(0, format, format, in_at);
        bench.set_section(0, 8, 11, 1, 1);  // to Dst
        bench.set_own(thread_config::a_row_from_address, 0);
        bench.configure_packer(0, Format::fp16, Format::fp32, out_at);
        bench.run(Op::unpacr, {});
        bench.pack();
        for (std::uint32_t i = 0; i < 256; ++i) {
            EXPECT_EQ(bench.load<float>(out_at + 4 * i), expected[i])
                << name_of(format) << " " << i;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Chips, SmallExponents, testing::ValuesIn(both_chips),
                         [](const auto& info) { return name_of_chip(info.param); });

/// Tests that use BF16 throughout, and the face whose number (row, column) is 16 * row + column.
class Faces : public testing::TestWithParam<Architecture> {
protected:
    Faces() {
        for (std::uint32_t i = 0; i < 4 * 256; ++i) {
            bench.store(in_at + 2 * i, bf16_of(value(i)));
        }
        bench.configure_unpacker(0, Format::bf16, Format::bf16, in_at, 4);
        bench.configure_packer(0, Format::bf16, Format::bf16, out_at);
    }
    /// The i-th number in L1: 8 bits of mantissa hold those of the first face.
    static float value(std::uint32_t i) {
        const std::uint32_t number = i % 256 + i / 256 * 1024;
        return static_cast<float>(number);
    }
    static float truncated(std::uint32_t i) { return float_of_bf16(bf16_of(value(i))); }
    float a(unsigned row, unsigned column) const {
        const SourceBank& bank = bench.state->a.of_matrix();
        return float_of(bank.rows[row][column] << 13);
    }
    float out(std::uint32_t i) const {
        return float_of_bf16(bench.load<std::uint16_t>(out_at + 2 * i));
    }
    void set_dst(unsigned row, unsigned column, float x) {
        write16(bench.state->dst, row, column,
                static_cast<std::uint16_t>(dst_from_bf16(bf16_of(x))));
    }

    Pipeline bench{GetParam()};
};

TEST_P(Faces, UnpackerHandsItsBankOver) {
    bench.unpack(0);
    EXPECT_TRUE(bench.state->a.of_matrix().valid);
    EXPECT_EQ(bench.state->a.unpack_bank, 1);
    bench.unpack(0);
    EXPECT_EQ(bench.waits(Op::unpacr, {{"set_valid", 1}}), Wait::bank_a);
    EXPECT_EQ(bench.waits(Op::unpacr, {{"unpacker", 1}}), Wait::none);
    EXPECT_EQ(bench.waits(Op::mvmul, {}), Wait::source_b);
    EXPECT_EQ(a(3, 5), 53);
}

TEST_P(Faces, CountersSelectTheFaceAndTheRow) {
    bench.run(Op::setadczw, {{"units", 1}, {"which", 1}, {"first0", 2}});
    bench.set(config::unpack_out_y_stride.at(0), 32);
    bench.run(Op::setadcxy, {{"units", 1}, {"which", 8}, {"second1", 5}});
    bench.set_x(1, 16);
    bench.run(Op::unpacr, {{"set_valid", 1}, {"z0", 1}, {"y1", 2}});
    for (std::uint32_t column = 0; column < 16; ++column) {
        EXPECT_EQ(a(5, column), truncated(512 + column));
        EXPECT_EQ(a(6, column), 0);
    }
    const auto& channels = bench.state->threads[bench.thread].counters[0].channel;
    EXPECT_EQ(channels[0][counter_z].value, 3u);
    EXPECT_EQ(channels[1][counter_y].value, 7u);
    EXPECT_EQ(channels[1][counter_y].carry, 5u);
}

TEST_P(Faces, Transposes) {
    bench.set_section(0, 8, 8, 1, 1);
    bench.unpack(0);
    for (unsigned row = 0; row < 16; ++row) {
        for (unsigned column = 0; column < 16; ++column) {
            EXPECT_EQ(a(row, column), truncated(16 * column + row));
        }
    }
}

TEST_P(Faces, GathersRowsThatLieApart) {
    // Rows of 16 numbers out of rows of 64; Blackhole reads two of them at once.
    const unsigned width = GetParam() == Architecture::blackhole ? 32 : 16;
    bench.set_section(0, 8, 9, 1, 1);
    bench.set_section(0, 8, 16, 4, 128 >> 4);
    bench.unpack(0);
    for (std::uint32_t i = 0; i < 256; ++i) {
        EXPECT_EQ(a(i / 16, i % 16), truncated(i / width * 64 + i % width)) << i;
    }
}

TEST_P(Faces, ContextsHavePlacesOfTheirOwn) {
    bench.set_section(0, 13, 0, 32, (in_at + 512) / 16 - 1);  // of context 1
    bench.set_section(0, 22, 16, 16, Pipeline::face);         // its width
    bench.set_section(0, 22, 0, 16, Pipeline::face);
    bench.set_section(0, 20, 0, 16, 64);  // both go to row 4 of the addresses, 0 of SrcA
    bench.set_section(0, 20, 16, 16, 64);
    bench.set_section(0, 8, 6, 2, 1);  // 2 contexts
    bench.set_section(0, 9, 0, 2, 3);  // not compressed
    for (const unsigned face : {0u, 1u, 0u}) {
        bench.run(Op::unpacr, {{"contexts", 1},
                               {"context_counter", 1},
                               {"counter_context", bench.thread},
                               {"set_valid", 1}});
        EXPECT_EQ(a(1, 2), truncated(256 * face + 18));
        EXPECT_EQ(bench.state->threads[bench.thread].unpack_context[0], 1 - face);
        bench.run(Op::cleardvalid, {{"flip", 1}});
    }
}

TEST_P(Faces, UnpacksToDst) {
    bench.set_section(0, 8, 11, 1, 1);
    bench.set_own(thread_config::a_row_from_address, 0);
    bench.run(Op::unpacr, {});
    EXPECT_EQ(bench.dst_bf16(7, 3), 115);
}

TEST_P(Faces, PackerGoesOnUntilTheLast) {
    for (unsigned row = 0; row < 32; ++row) set_dst(row, 1, static_cast<float>(row + 1));
    bench.run(Op::pacr, {{"packers", 1}});
    bench.set(config::pack_dst_offset.at(0), 16);
    bench.pack();
    for (unsigned row = 0; row < 32; ++row) {
        EXPECT_EQ(out(16 * row + 1), static_cast<float>(row + 1));
        EXPECT_EQ(out(16 * row + 2), 0);
    }
    bench.set(config::pack_dst_offset.at(0), 8);
    bench.pack();
    EXPECT_EQ(out(1), 9);
}

TEST_P(Faces, MasksTheEdge) {
    for (unsigned row = 0; row < 16; ++row) {
        for (unsigned column = 0; column < 16; ++column) set_dst(row, column, 1);
    }
    // Rows 0 to 9 of 5 columns, nothing of the others.
    bench.set(config::edge_mask.at(0), 0);
    bench.set(config::edge_mask.at(1), 0x1f);
    bench.set(config::edge_row_sets.at(0), 0x5'5555);
    bench.set(config::pack_rows_of_plane.at(0), 16);
    bench.pack();
    for (std::uint32_t i = 0; i < 256; ++i) {
        EXPECT_EQ(out(i), i / 16 < 10 && i % 16 < 5 ? 1 : 0) << i;
    }
}

TEST_P(Faces, AddsToWhatIsInL1) {
    bench.set_packer(0, 3, GetParam() == Architecture::blackhole ? 19 : 21, 1, 1);
    for (unsigned column = 0; column < 16; ++column) {
        set_dst(2, column, static_cast<float>(column) + 0.5f);
    }
    for (unsigned time = 1; time <= 3; ++time) {
        bench.pack();
        for (unsigned column = 0; column < 16; ++column) {
            EXPECT_EQ(out(32 + column),
                      static_cast<float>(time) * (static_cast<float>(column) + 0.5f));
        }
    }
}

TEST_P(Faces, ReluDropsWhatIsBelowTheThreshold) {
    for (unsigned column = 0; column < 16; ++column) {
        set_dst(0, column, static_cast<float>(column) - 8);
    }
    bench.set(config::relu_mode, 1);
    bench.pack();
    for (unsigned column = 0; column < 16; ++column) {
        EXPECT_EQ(out(column), std::max(0.f, static_cast<float>(column) - 8));
    }
    bench.set(config::relu_mode, 3);  // at most the threshold
    bench.set(config::relu_threshold, bf16_of(2));
    bench.pack();
    for (unsigned column = 0; column < 16; ++column) {
        EXPECT_EQ(out(column), std::min(2.f, std::max(0.f, static_cast<float>(column) - 8)));
    }
}

TEST_P(Faces, TellWhatTheyMoved) {
    const Effects in = bench.run(Op::unpacr, {{"set_valid", 1}});
    EXPECT_EQ(in.read[0], (L1Range{in_at, 512}));
    EXPECT_EQ(bench.read, (std::vector<L1Range>{{in_at, 512}}));
    EXPECT_EQ(in.bytes_unpacked, 512u);
    const Effects out = bench.run(Op::pacr, {{"packers", 1}, {"last", 1}});
    EXPECT_EQ(bench.written, (std::vector<L1Range>{{out_at, 512}}));
    EXPECT_EQ(out.bytes_packed[0], 512u);
    EXPECT_EQ(out.numbers_packed[0], 256u);
    EXPECT_EQ(out.dst_read[0], (DstRows{0, 16}));
}

TEST_P(Faces, TellOfZerosAtTheEndToo) {
    bench.set_x(4, 3);  // 6 bytes
    bench.pack();
    EXPECT_EQ(bench.written, (std::vector<L1Range>{{out_at, 16}}));
}

TEST_P(Faces, TellWhichRowsTheyReadThatLieApart) {
    bench.set_section(0, 8, 9, 1, 1);     // rows apart from one another,
    bench.set_section(0, 8, 20, 4, 0x1);  // by 256 bytes
    bench.set_x(1, 64);
    bench.unpack(0);
    const std::uint32_t row = GetParam() == Architecture::blackhole ? 64 : 32;  // bytes
    std::vector<L1Range> rows;
    for (std::uint32_t at = 0; at < 128 / row; ++at) rows.push_back({in_at + 256 * at, row});
    EXPECT_EQ(bench.read, rows);
}

TEST_P(Faces, TellNothingOfWhatTheyTakeForZero) {
    bench.run(Op::unpacr, {{"set_valid", 1}, {"zero", 1}});
    EXPECT_TRUE(bench.read.empty());
}

// As when it is reserved.
TEST_P(Faces, LeaveL1AsItWasWhereTheyMayNotWrite) {
    struct Closed final : L1Port {
        using L1Port::L1Port;
        void writing(const L1Range&) override { throw TensixFault("closed"); }
    } closed(bench.l1);
    bench.store<std::uint32_t>(out_at, 0x1234'5678);
    EXPECT_EQ(message_of<TensixFault>([&] {
                  execute(*bench.state, GetParam(), closed, bench.thread,
                          encode(GetParam(), Op::pacr, {{"packers", 1}, {"last", 1}}));
              }),
              "closed");
    EXPECT_EQ(bench.load<std::uint32_t>(out_at), 0x1234'5678u);
}

TEST_P(Faces, WhatIsNotThereIsRefused) {
    bench.set_section(0, 12, 0, 32, 0x3fdf);  // the last 512 bytes
    bench.unpack(0);
    bench.set_section(0, 12, 0, 32, 0x3fff);
    EXPECT_EQ(message_of<TensixFault>([&] { bench.unpack(0); }),
              "2 bytes of L1 at 0x40000: it ends at 0x40000");
    bench.set_section(0, 0, 4, 1, 0);
    EXPECT_EQ(message_of<TensixFault>([&] { bench.unpack(0); }),
              "UNPACR: compressed data are not modelled");
    bench.set(config::dst_format, static_cast<std::uint32_t>(Format::fp16));
    EXPECT_EQ(message_of<TensixFault>([&] { bench.pack(); }),
              "PACR: Dst is read as fp16, the packer expects bf16");
}

INSTANTIATE_TEST_SUITE_P(Chips, Faces, testing::ValuesIn(both_chips),
                         [](const auto& info) { return name_of_chip(info.param); });

TEST(Packers, FourOfWormholeAtOnce) {
    Pipeline bench(Architecture::wormhole);
    for (std::uint32_t packer = 0; packer < 4; ++packer) {
        bench.configure_packer(packer, Format::bf16, Format::bf16, out_at + 512 * packer);
        bench.set(config::pack_dst_offset.at(packer), 16 * packer);
        write16(bench.state->dst, 16 * packer + 1, 0,
                static_cast<std::uint16_t>(dst_from_bf16(bf16_of(static_cast<float>(packer + 1)))));
    }
    bench.run(Op::pacr, {{"packers", 15}, {"last", 1}});
    for (std::uint32_t packer = 0; packer < 4; ++packer) {
        EXPECT_EQ(bench.load<std::uint16_t>(out_at + 512 * packer + 32),
                  bf16_of(static_cast<float>(packer + 1)));
        EXPECT_EQ(bench.written[packer], (L1Range{out_at + 512 * packer, 512}));
    }
}

TEST(Packers, RowsOfBlackholeTogether) {
    Pipeline bench(Architecture::blackhole);
    bench.configure_packer(0, Format::bf16, Format::bf16, out_at);
    bench.set_x(4, 16);
    for (unsigned row = 0; row < 4; ++row) {
        write16(bench.state->dst, row, 0,
                static_cast<std::uint16_t>(dst_from_bf16(bf16_of(static_cast<float>(row + 1)))));
    }
    bench.pack(0b1011);
    const auto out = [&](unsigned row) {
        return float_of_bf16(bench.load<std::uint16_t>(out_at + 32 * row));
    };
    EXPECT_EQ(out(0), 1);
    EXPECT_EQ(out(1), 2);
    EXPECT_EQ(out(2), 4);
    EXPECT_EQ(out(3), 0);
    bench.set_x(4, 32);
    EXPECT_EQ(message_of<TensixFault>([&] { bench.pack(0b0011); }),
              "PACR: several rows at once are whole rows of 16 numbers, not of 32");
    bench.pack(0b0001);
    EXPECT_EQ(out(1), 2);
}

}  // namespace
}  // namespace tilewright::tensix
