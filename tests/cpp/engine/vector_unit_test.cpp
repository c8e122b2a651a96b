// Activations against the host's long double functions, and what the vector unit does to sums.
#include "tilewright/engine/systolic/vector_unit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tilewright/base/error.hpp"

using namespace tilewright;

namespace {

long double exact(Activation activation, long double x) {
    switch (activation) {
        case Activation::none:
            break;
        case Activation::relu:
            return x > 0 ? x : 0;
        case Activation::gelu:
            return x * 0.5L * std::erfc(-x / std::sqrt(2.0L));
        case Activation::sigmoid:
            return 1 / (1 + std::exp(-x));
        case Activation::tanh:
            return std::tanh(x);
        case Activation::silu:
            return x / (1 + std::exp(-x));
    }
    return x;
}

// The distance of `got` from the exact value, in units of the last place of a float there.
long double ulps(float got, long double expected) {
    const long double magnitude =
        std::max(std::abs(expected), static_cast<long double>(std::numeric_limits<float>::min()));
    const long double unit = std::ldexp(1.0L, std::ilogb(magnitude) - 23);
    return std::abs(got - expected) / unit;
}

}  // namespace

TEST(Activation, IsWithinHalfAUnitAndALittleOfTheExactValue) {
    for (const auto activation : {Activation::relu, Activation::gelu, Activation::sigmoid,
                                  Activation::tanh, Activation::silu}) {
        for (const float limit : {1e-6F, 0.4F, 5.0F, 30.0F, 120.0F}) {
            for (int i = -5000; i <= 5000; ++i) {
                const float x = limit * static_cast<float>(i) / 5000.0F;
                ASSERT_LE(ulps(activate(activation, x), exact(activation, x)), 0.51L)
                    << name_of(activation) << " of " << x;
            }
        }
    }
}

TEST(Activation, TakesInfinitiesToTheLimitsAndKeepsNaN) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(activate(Activation::sigmoid, infinity), 1.0F);
    EXPECT_EQ(activate(Activation::sigmoid, -infinity), 0.0F);
    EXPECT_EQ(activate(Activation::tanh, -infinity), -1.0F);
    for (const auto a : {Activation::relu, Activation::gelu, Activation::silu}) {
        EXPECT_EQ(activate(a, infinity), infinity);
        EXPECT_EQ(activate(a, -infinity), 0.0F);
        EXPECT_EQ(activate(a, 3e38F), 3e38F);
        EXPECT_TRUE(std::isnan(activate(a, std::nanf(""))));
    }
    EXPECT_THROW(activation("softmax"), ArgumentError);
}

TEST(VectorUnit, CyclesAreStepsForEachVector) {
    EXPECT_EQ(vector_cycles({}, 1000, 16), 0U);
    EXPECT_EQ(vector_cycles({Activation::none, true, DataType::float32}, 33, 16), 3U);
    EXPECT_EQ(vector_cycles({Activation::gelu, true, DataType::float32}, 256, 16), 16U * 9);
}

TEST(VectorUnit, PublishesBiasActivationAndNarrowing) {
    const std::vector<float> sums = {1, -2, 3, 99, -4, 5, -6, 99};  // 2 x 3, rows of 4
    const std::vector<float> bias = {0.5F, 0.5F, -9};
    std::vector<std::uint16_t> out(6);
    publish({Activation::relu, true, DataType::float16},
            {reinterpret_cast<std::byte*>(const_cast<float*>(sums.data())), 4},
            reinterpret_cast<const std::byte*>(bias.data()),
            reinterpret_cast<std::byte*>(out.data()), 6, 2, 3);
    std::vector<float> values;
    for (const std::uint16_t bits : out) values.push_back(float16_to_float(bits));
    EXPECT_EQ(values, (std::vector<float>{1.5F, 0, 0, 0, 5.5F, 0}));
}

TEST(VectorUnit, PublishesOneNaN) {
    std::uint32_t bits = 0xffc12345;
    std::uint32_t out = 0;
    publish({}, {reinterpret_cast<std::byte*>(&bits), 1}, nullptr,
            reinterpret_cast<std::byte*>(&out), 4, 1, 1);
    EXPECT_EQ(out, 0x7fc00000U);
}

TEST(VectorUnit, RefusesWhatSumsCannotBecome) {
    EXPECT_NO_THROW(check_epilogue(DataType::int8, {Activation::relu, true, DataType::int32}));
    EXPECT_NO_THROW(
        check_epilogue(DataType::bfloat16, {Activation::gelu, true, DataType::bfloat16}));
    EXPECT_THROW(check_epilogue(DataType::int8, {Activation::gelu, false, DataType::int32}),
                 ArgumentError);
    EXPECT_THROW(check_epilogue(DataType::int8, {Activation::none, false, DataType::float32}),
                 ArgumentError);
    EXPECT_THROW(check_epilogue(DataType::float32, {Activation::none, false, DataType::int32}),
                 ArgumentError);
    EXPECT_THROW(check_epilogue(DataType::int32, {Activation::none, false, DataType::int32}),
                 ArgumentError);
}
