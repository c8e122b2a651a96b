// Conversions between element types: every bit pattern there and back, and rounding against long
// double.
#include "tilewright/engine/systolic/data_type.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "tilewright/base/error.hpp"

using namespace tilewright;

namespace {

// By its definition: the value of 16 bits, from sign, exponent and fraction.
double float16_value(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class Widen, class Narrow>
void check_rounding(Widen widen, Narrow narrow, std::uint16_t largest) {
    std::mt19937 random(5);
    for (int i = 0; i < 200000; ++i) {
        // Between two neighbours: below the middle, at it, above it.
        const auto lower = static_cast<std::uint16_t>(random() % largest);
        const double a = widen(lower), b = widen(static_cast<std::uint16_t>(lower + 1));
        const auto middle = static_cast<float>((a + b) / 2);
        const std::uint16_t even = lower % 2 == 0 ? lower : static_cast<std::uint16_t>(lower + 1);
        ASSERT_EQ(narrow(middle), even);
        ASSERT_EQ(narrow(std::nextafter(middle, 0.0F)), lower);
        ASSERT_EQ(narrow(std::nextafter(middle, INFINITY)), lower + 1);
        ASSERT_EQ(narrow(-middle), even | 0x8000);
    }
}

}  // namespace

TEST(DataType, EveryFloat16HasItsValueAndComesBack) {
    for (std::uint32_t i = 0; i < 0x10000; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        const float wide = float16_to_float(bits);
        if ((bits & 0x7fff) > 0x7c00) {
            ASSERT_TRUE(std::isnan(wide));
            ASSERT_EQ(float_to_float16(wide), 0x7e00);
            continue;
        }
        if ((bits & 0x7fff) == 0x7c00) {
            ASSERT_TRUE(std::isinf(wide));
        } else {
            ASSERT_EQ(wide, float16_value(bits));
        }
        ASSERT_EQ(float_to_float16(wide), bits);
    }
}

TEST(DataType, EveryBFloat16ComesBack) {
    for (std::uint32_t i = 0; i < 0x10000; ++i) {
        const auto bits = static_cast<std::uint16_t>(i);
        const float wide = bfloat16_to_float(bits);
        ASSERT_EQ(float_to_bfloat16(wide), std::isnan(wide) ? 0x7fc0 : bits);
    }
}

TEST(DataType, NarrowingRoundsToTheNearestTiesToEven) {
    check_rounding(float16_to_float, float_to_float16, 0x7bff);
    check_rounding(bfloat16_to_float, float_to_bfloat16, 0x7f7e);
    EXPECT_EQ(float_to_float16(65519.99F), 0x7bff);
    EXPECT_EQ(float_to_float16(65520.0F), 0x7c00);
    EXPECT_EQ(float_to_float16(1e-30F), 0);
    EXPECT_EQ(float_to_float16(-1e-30F), 0x8000);
}

TEST(DataType, NamesAreReadBackAndUnknownOnesAreListed) {
    for (const char* name : {"float32", "bfloat16", "float16", "int8", "int32"}) {
        EXPECT_EQ(name_of(data_type(name)), name);
    }
    EXPECT_THROW(data_type("float64"), ArgumentError);
}
