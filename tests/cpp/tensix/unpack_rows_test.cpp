// Unpackers take rows of 16 numbers at once where they can: it is the same number by number.
#include <gtest/gtest.h>

#include <random>

#include "pipeline.hpp"
#include "tensix/unpack_number.hpp"
#include "tilewright/tensix/format_name.hpp"

namespace tilewright::tensix {
namespace {

using namespace test;

constexpr Format all_formats[] = {Format::fp32,  Format::fp16,  Format::bfp8a, Format::bfp4a,
                                  Format::tf32,  Format::bf16,  Format::bfp8,  Format::bfp4,
                                  Format::int32, Format::int16, Format::fp8,   Format::bfp2a,
                                  Format::int8,  Format::bfp2};

std::vector<UnpackFormats> all_conversions() {
    std::vector<UnpackFormats> all;
    for (const Format in : all_formats) {
        for (const Format out : all_formats) {
            for (unsigned flags = 0; flags < 16; ++flags) {
                const UnpackFormats formats{.in = in,
                                            .out = out,
                                            .to_dst = (flags & 1) != 0,
                                            .is_unsigned = (flags & 2) != 0,
                                            .short_fp8 = (flags & 4) != 0,
                                            .blackhole = (flags & 8) != 0};
                try {
                    check_formats(formats);
                    all.push_back(formats);
                } catch (const TensixFault&) {
                }
            }
        }
    }
    return all;
}

TEST(UnpackRows, NumbersOfARowAreThoseOfSingleNumbers) {
    std::mt19937 random{3};
    for (const UnpackFormats& formats : all_conversions()) {
        const unsigned bits = bits_of(formats.in);
        for (unsigned n = 0; n < 100; ++n) {
            std::array<std::uint8_t, 64> bytes;
            for (std::uint8_t& byte : bytes) {
                byte =
                    static_cast<std::uint8_t>(random() % 4 == 0 ? 0x80 * (random() & 1) : random());
            }
            const auto exponent = static_cast<std::uint8_t>(random());
            SourceRow row;
            unpack_row(formats, std::as_bytes(std::span(bytes)).data(), exponent, row);
            for (unsigned i = 0; i < row_size; ++i) {
                std::uint32_t number = 0;
                std::memcpy(&number, &bytes[i * bits / 8], (bits + 7) / 8);
                if (bits < 8) number = number >> (i * bits % 8) & ((1u << bits) - 1);
                ASSERT_EQ(row[i], unpacked(formats, number, exponent))
                    << name_of(formats.in) << " to " << name_of(formats.out) << ": " << number;
            }
        }
    }
}

/// What an instruction unpacks: numbers from `first` on, to a place of the unpacker's.
struct Unpacking {
    UnpackFormats formats;
    unsigned unpacker;
    std::uint32_t first, count;
    std::uint32_t place;
    bool transpose, zero, forced_exponent;
};

void configure(Pipeline& pipeline, const Unpacking& what) {
    const unsigned unpacker = what.unpacker;
    pipeline.configure_unpacker(unpacker, what.formats.in, what.formats.out, 0x1000, 4);
    pipeline.set(unpacker == 0 ? config::a_unsigned : config::b_unsigned, what.formats.is_unsigned);
    pipeline.set_section(unpacker, 7, 22, 1, what.formats.short_fp8);
    pipeline.set_section(unpacker, 8, 11, 1, what.formats.to_dst);
    pipeline.set_section(unpacker, 8, 8, 1, what.transpose);
    pipeline.set_section(unpacker, 9, 8, 1, what.forced_exponent);
    pipeline.set(config::unpack0_shared_exponent, 120);
    pipeline.set(config::unpack1_shared_exponent, 130);
}

void unpack(Pipeline& pipeline, const Unpacking& what, std::uint32_t first, std::uint32_t count) {
    const std::uint32_t out =
        (what.place + first - what.first) * Pipeline::bytes_of(what.formats.out);
    pipeline.set(what.unpacker == 0 ? config::unpack0_out_base : config::unpack1_out_base, out);
    pipeline.run(Op::setadcxx,
                 {{"units", 1u << what.unpacker}, {"start", first}, {"end", first + count - 1}});
    pipeline.run(Op::unpacr, {{"unpacker", what.unpacker}, {"zero", what.zero}});
}

/// Each 16 rows.
void transpose(SourceBank& bank) {
    for (unsigned first = 0; first < source_rows; first += row_size) {
        for (unsigned row = 0; row < row_size; ++row) {
            for (unsigned column = 0; column < row; ++column) {
                std::swap(bank.rows[first + row][column], bank.rows[first + column][row]);
            }
        }
    }
}

class UnpackRowsOf : public testing::TestWithParam<Architecture> {};

TEST_P(UnpackRowsOf, AnInstructionIsManyOfANumberEach) {
    std::mt19937 random{4};
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    const std::vector<UnpackFormats> conversions = all_conversions();
    for (unsigned n = 0; n < 400; ++n) {
        Unpacking what{};
        do what.formats = conversions[random() % conversions.size()];
        while (what.formats.blackhole != (GetParam() == Architecture::blackhole) ||
               (what.formats.short_fp8 && !what.formats.blackhole));
        what.unpacker = what.formats.to_dst ? 0 : random() % 2;
        what.transpose = what.unpacker == 0 && !what.formats.to_dst && one_in(3);
        // A transpose begins at a multiple of 16 bytes.
        const bool whole = what.transpose || one_in(2);
        what.first = whole ? 64 * (random() % 3) : random() % 40;
        what.count = one_in(3) ? 1 + random() % 100 : 16 * (1 + random() % 8);
        what.place = (what.unpacker == 0 ? 16 * (3 + random() % 3) : 16 * (random() % 64)) +
                     (one_in(3) ? random() % 16 : 0);
        what.zero = one_in(8);
        what.forced_exponent = one_in(4);
        Pipeline at_once(GetParam()), one_by_one(GetParam());
        for (std::uint32_t address = 0x1000; address < 0x3000; address += 4) {
            const auto bits = static_cast<std::uint32_t>(random());
            at_once.store(address, bits);
            one_by_one.store(address, bits);
        }
        configure(at_once, what);
        unpack(at_once, what, what.first, what.count);
        Unpacking straight = what;
        straight.transpose = false;
        configure(one_by_one, straight);
        for (std::uint32_t i = 0; i < what.count; ++i) {
            unpack(one_by_one, straight, what.first + i, 1);
        }
        if (what.transpose) transpose(one_by_one.state->a.banks[0]);
        for (unsigned row = 0; row < source_rows; ++row) {
            ASSERT_EQ(at_once.state->a.banks[0].rows[row], one_by_one.state->a.banks[0].rows[row]);
            ASSERT_EQ(at_once.state->b.banks[0].rows[row], one_by_one.state->b.banks[0].rows[row]);
        }
        ASSERT_EQ(at_once.state->dst.rows, one_by_one.state->dst.rows);
    }
}

INSTANTIATE_TEST_SUITE_P(Chips, UnpackRowsOf, testing::ValuesIn(both_chips), [](const auto& info) {
    return std::string(info.param == Architecture::wormhole ? "Wormhole" : "Blackhole");
});

}  // namespace
}  // namespace tilewright::tensix
