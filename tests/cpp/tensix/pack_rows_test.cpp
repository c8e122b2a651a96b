// Packers convert rows at once: it is the same number by number.
#include <gtest/gtest.h>

#include <random>

#include "tensix/context.hpp"
#include "tensix/pack_number.hpp"

namespace tilewright::tensix {
namespace {

TEST(PackRows, NumbersOfARowAreThoseOfSingleNumbers) {
    std::mt19937 generator{6};
    const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
    unsigned conversions = 0;
    for (unsigned n = 0; n < 200'000; ++n) {
        const PackFormats formats{.intermediate = static_cast<Format>(random() % 16),
                                  .out = static_cast<Format>(random() % 16),
                                  .wide = random() % 2 == 0,
                                  .raw = random() % 2 == 0,
                                  .is_unsigned = random() % 2 == 0,
                                  .rounds_to_10_bits = random() % 4 == 0,
                                  .short_fp8 = true,
                                  .blackhole = random() % 2 == 0,
                                  .relu_mode = random() % 8 < 4 ? random() % 4 : 0,
                                  .relu_threshold = random() & 0x7fff};
        try {
            check_formats(formats);
        } catch (const TensixFault&) {
            continue;
        }
        ++conversions;
        std::array<std::uint32_t, row_size> dst, row{};
        for (std::uint32_t& x : dst) {
            const std::uint32_t bits = random() % 8 == 0 ? 0 : random();
            x = formats.wide ? bits : bits & 0xffff;
        }
        const std::size_t count = 1 + random() % row_size;
        pack_row(formats, dst, std::span(row).first(count));
        for (std::size_t i = 0; i < row_size; ++i) {
            ASSERT_EQ(row[i], i < count ? packed(formats, dst[i]) : 0)
                << name_of(formats.intermediate) << " to " << name_of(formats.out);
        }
    }
    EXPECT_GT(conversions, 5000u);
}

}  // namespace
}  // namespace tilewright::tensix
