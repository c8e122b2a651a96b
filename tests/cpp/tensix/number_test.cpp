#include "tensix/number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "bench.hpp"
#include "message_of.hpp"
#include "tensix/multiply_add.hpp"
#include "tensix/pack_number.hpp"
#include "tensix/unpack_number.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

TEST(Number, DstHoldsEveryNumberOf16Bits) {
    for (std::uint32_t x = 0; x < 0x1'0000; ++x) {
        const auto bits = static_cast<std::uint16_t>(x);
        EXPECT_EQ(bf16_from_dst(dst_from_bf16(bits)), bits);
        EXPECT_EQ(fp16_from_dst(dst_from_fp16(bits)), bits);
    }
    EXPECT_EQ(dst_from_bf16(0x3f80), 0x007f);  // 1: exponent 127 in the lower byte
    EXPECT_EQ(dst_from_fp16(0x3c00), 0x000f);  // 1: exponent 15 in the lower five bits
    EXPECT_EQ(fp32_from_dst(dst_from_fp32(0x1234'5678)), 0x1234'5678u);
}

// The published meaning: magnitude / 64 * 2^(exponent - 127), and -infinity for a sign alone.
TEST(Number, BlocksMeanWhatIsPublished) {
    for (unsigned exponent = 10; exponent < 250; exponent += 7) {
        for (unsigned number = 0; number < 256; ++number) {
            const auto shared = static_cast<std::uint8_t>(exponent);
            const float value =
                float_of_bf16(bf16_from_bfp8(static_cast<std::uint8_t>(number), shared));
            const double magnitude =
                std::ldexp((number & 0x7f) / 64.0, static_cast<int>(exponent) - 127);
            if (number == 0x80) {
                EXPECT_EQ(value, -std::numeric_limits<float>::infinity());
            } else {
                EXPECT_EQ(value, static_cast<float>(number >= 128 ? -magnitude : magnitude));
            }
        }
    }
    EXPECT_EQ(fp16_from_bfp8a(0x40, 15), 0x3c00);  // 1
    EXPECT_EQ(fp16_from_bfp8a(0x80, 15), 0xfc00);
    EXPECT_EQ(fp16_from_bfp8a(0xc0 | 0x20, 16), 0xc200);  // -3
}

TEST(Number, BlocksAreRoundedToTheNearest) {
    std::mt19937 random(3);
    for (int i = 0; i < 20000; ++i) {
        const auto number =
            static_cast<std::uint16_t>((random() & 0x807f) | (100 + random() % 40) << 7);
        const std::uint32_t shared = 140;
        const double x = float_of_bf16(number);
        // Halves away from zero, at most 127; fewer bits are cut off from that.
        const double exact = std::floor(std::ldexp(std::fabs(x), 127 + 6 - 140) + 0.5);
        const auto magnitude = static_cast<unsigned>(std::min(exact, 127.0));
        const auto with_sign = [&](unsigned bits) {
            const unsigned kept = magnitude >> (8 - bits);
            return kept == 0 ? 0 : kept | (x < 0 ? 1u << (bits - 1) : 0);
        };
        EXPECT_EQ(blocked(number, shared, 8), with_sign(8));
        EXPECT_EQ(blocked(number, shared, 4), with_sign(4));
        EXPECT_EQ(blocked(number, shared, 2), with_sign(2));
    }
}

UnpackFormats unpack_formats(Format in, Format out, bool to_dst) {
    return {in, out, to_dst, false, false, false};
}

TEST(Number, UnpackersTruncate) {
    const auto source = [](Format in, Format out, std::uint32_t bits) {
        return unpacked(unpack_formats(in, out, false), bits, 0);
    };
    EXPECT_EQ(source(Format::fp32, Format::tf32, 0x3fff'ffff), 0x3fff'ffffu >> 13);
    EXPECT_EQ(source(Format::fp32, Format::bf16, 0x3fff'ffff), 0x3fffu << 3);
    EXPECT_EQ(source(Format::fp32, Format::bf16, 0x8000'0001), 0x8000u << 3);  // denormal
    EXPECT_EQ(source(Format::fp32, Format::fp16, bits_of(1.5f)), (15u << 10) | 0x200);
    EXPECT_EQ(source(Format::fp32, Format::fp16, bits_of(1e6f)), (31u << 10) | 0x3ff);
    EXPECT_EQ(source(Format::bf16, Format::bf16, 0xc020), 0xc020u << 3);
    EXPECT_EQ(source(Format::int8, Format::int8, 0x85), 0x4'0000u | 16 << 10 | 5);
    EXPECT_EQ(source(Format::int8, Format::int8, 0), 0u);
    UnpackFormats bytes = unpack_formats(Format::int8, Format::int8, false);
    bytes.is_unsigned = true;
    EXPECT_EQ(unpacked(bytes, 0x85, 0), 16u << 10 | 0x85);
    // FP32 goes into Dst whole.
    EXPECT_EQ(unpacked(unpack_formats(Format::fp32, Format::fp32, true), 0x4049'0fdb, 0),
              dst_from_fp32(0x4049'0fdb));
}

TEST(Number, ConversionsThatAreNotThereAreRefusedByName) {
    EXPECT_EQ(
        message_of<TensixFault>(
            [] { check_formats(unpack_formats(Format::bf16, Format::fp16, false)); }),
        "UNPACR: from bf16 to fp16 in SrcA or SrcB: only fp32 is converted to another format");
    EXPECT_EQ(message_of<TensixFault>(
                  [] { check_formats(unpack_formats(Format::int32, Format::int32, false)); }),
              "UNPACR: from int32 to int32 in SrcA or SrcB: it has 19 bits");
    PackFormats formats{};
    formats.intermediate = Format::int32;
    formats.out = Format::bf16;
    formats.wide = true;
    EXPECT_EQ(
        message_of<TensixFault>([&] { check_formats(formats); }),
        "PACR: from 32 bits of Dst by int32 to bf16: there is no such conversion, or it is not "
        "modelled");
}

PackFormats pack_formats(Format intermediate, Format out, bool wide) {
    PackFormats formats{};
    formats.intermediate = intermediate;
    formats.out = out;
    formats.wide = wide;
    return formats;
}

TEST(Number, PackersRoundTiesAwayFromZero) {
    const PackFormats formats = pack_formats(Format::bf16, Format::bf16, true);
    const auto pack = [&](std::uint32_t fp32) { return packed(formats, dst_from_fp32(fp32)); };
    EXPECT_EQ(pack(0x3f80'7fff), 0x3f80u);
    EXPECT_EQ(pack(0x3f80'8000), 0x3f81u);
    EXPECT_EQ(pack(0xbf80'8000), 0xbf81u);
    EXPECT_EQ(pack(0x7fc0'0000), 0x7f80u);  // NaN becomes infinity
    EXPECT_EQ(pack(0x8000'0001), 0u);       // denormals and -0 become 0
    EXPECT_EQ(pack(0x7f7f'ffff), 0x7f80u);
}

TEST(Number, PackersReLU) {
    PackFormats formats = pack_formats(Format::bf16, Format::bf16, false);
    const auto pack = [&](float x) {
        return float_of_bf16(
            static_cast<std::uint16_t>(packed(formats, dst_from_bf16(bf16_of(x)))));
    };
    formats.relu_mode = 1;
    EXPECT_EQ(pack(-2), 0);
    EXPECT_EQ(pack(3), 3);
    formats.relu_mode = 2;
    formats.relu_threshold = bf16_of(2);
    EXPECT_EQ(pack(2), 0);
    EXPECT_EQ(pack(2.5), 2.5);
    formats.relu_mode = 3;
    EXPECT_EQ(pack(-1), 0);
    EXPECT_EQ(pack(1.5), 1.5);
    EXPECT_EQ(pack(7), 2);
}

TEST(Number, L1AccumulationIsASum) {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> some(-100, 100);
    for (int i = 0; i < 1000; ++i) {
        const float x = some(random), y = some(random);
        EXPECT_EQ(accumulated_in_l1(Format::fp32, bits_of(x), bits_of(y)), bits_of(x + y));
        // BF16: the exact sum, to the nearest.
        const float a = float_of_bf16(bf16_of(x)), b = float_of_bf16(bf16_of(y));
        const float sum = float_of_bf16(
            static_cast<std::uint16_t>(accumulated_in_l1(Format::bf16, bf16_of(x), bf16_of(y))));
        EXPECT_LE(std::fabs(sum - (a + b)), std::fabs(a + b) / 256);
    }
    EXPECT_EQ(accumulated_in_l1(Format::bf16, 0x3f80, 0x3b80), 0x3f80u);  // 1 + 1/256: to even
    EXPECT_EQ(accumulated_in_l1(Format::fp32, 0x7f80'0000, 0xff80'0000), 0x7fc0'0000u);
}

// --- The vector unit's x * y + z ---

TEST(MultiplyAdd, IsExactWhereTheResultIs) {
    std::mt19937 random(7);
    for (const Architecture chip : both_chips) {
        for (int i = 0; i < 20000; ++i) {
            const auto small = [&] {
                return static_cast<float>(static_cast<int>(random() % 4001) - 2000);
            };
            const float x = small(), y = small(), z = small() / 16;
            const float exact = x * y + z;  // fewer than 24 bits
            EXPECT_EQ(multiply_add(chip, bits_of(x), bits_of(y), bits_of(z)),
                      bits_of(exact == 0 ? 0.0f : exact));
        }
    }
}

TEST(MultiplyAdd, IsWithinAnUlpOfTheFusedOne) {
    std::mt19937 random(9);
    for (const Architecture chip : both_chips) {
        for (int i = 0; i < 50000; ++i) {
            const auto any = [&] {
                return float_of((random() & 0x807f'ffff) | (110 + random() % 34) << 23);
            };
            const float x = any(), y = any(), z = any();
            const float fused = std::fma(x, y, z);
            const float ours = float_of(multiply_add(chip, bits_of(x), bits_of(y), bits_of(z)));
            // Cancelling leaves what the product's own rounding had left: 26 bits of it.
            const float bound = std::max(std::fabs(fused) * 0x1p-23f, std::fabs(x * y) * 0x1p-25f);
            EXPECT_LE(std::fabs(ours - fused), bound) << x << ' ' << y << ' ' << z;
        }
    }
}

// Where the two architectures differ from one another and from IEEE 754.
TEST(MultiplyAdd, Edges) {
    constexpr std::uint32_t one = 0x3f80'0000, infinity = 0x7f80'0000, nan = 0x7fc0'0000;
    const auto blackhole = [](std::uint32_t x, std::uint32_t y, std::uint32_t z) {
        return multiply_add(Architecture::blackhole, x, y, z);
    };
    const auto wormhole = [](std::uint32_t x, std::uint32_t y, std::uint32_t z) {
        return multiply_add(Architecture::wormhole, x, y, z);
    };
    // Denormal operands count as zero.
    EXPECT_EQ(blackhole(0x0000'0001, one, one), one);
    EXPECT_EQ(wormhole(one, one, 0x807f'ffff), one);
    // Zeros: Wormhole has no -0.
    EXPECT_EQ(blackhole(sign_bit, one, sign_bit), sign_bit);
    EXPECT_EQ(wormhole(sign_bit, one, sign_bit), 0u);
    // Infinities and NaNs.
    EXPECT_EQ(blackhole(infinity, 0, one), nan);
    EXPECT_EQ(wormhole(infinity, one, one), infinity);
    EXPECT_EQ(blackhole(infinity, one, infinity | sign_bit), nan);
    EXPECT_EQ(wormhole(0x7f00'0000, 0x7f00'0000, one), infinity);
    EXPECT_EQ(wormhole(nan, one, 0) & (infinity | 1), infinity | 1);
    // Too small: 2^-126 * 0.5.
    EXPECT_EQ(blackhole(0x0080'0000, 0x3f00'0000, 0), 0u);
    EXPECT_EQ(wormhole(0x8080'0000, 0x3f00'0000, 0), 0u);
}

}  // namespace
}  // namespace tilewright::tensix
