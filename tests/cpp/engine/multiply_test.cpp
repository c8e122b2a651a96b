// The arithmetic of passes against the array register by register: equal to the bit, for every
// type, dataflow and instruction set of the host.
#include "tilewright/engine/systolic/multiply.hpp"

#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "engine/systolic/kernels.hpp"
#include "tilewright/engine/systolic/array_model.hpp"

using namespace tilewright;

namespace {

constexpr Dataflow all_dataflows[] = {Dataflow::output_stationary, Dataflow::weight_stationary,
                                      Dataflow::input_stationary};

struct Product {
    DataType type;
    GemmShape shape;
    std::vector<std::byte> a, b;
    std::uint64_t a_row, b_row;  // bytes
};

Product random_product(DataType type, GemmShape shape, std::mt19937_64& random) {
    Product p{type, shape, {}, {}, 0, 0};
    const std::uint64_t size = size_of(type);
    p.a_row = (shape.k + random() % 5) * size;
    p.b_row = (shape.n + random() % 5) * size;
    p.a.resize(shape.m * p.a_row);
    p.b.resize(shape.k * p.b_row);
    const auto fill = [&](std::vector<std::byte>& bytes) {
        for (std::uint64_t i = 0; i < bytes.size(); i += size) {
            const float value = std::normal_distribution<float>(0, 3)(random);
            std::uint16_t half = 0;
            switch (type) {
                case DataType::float32:
                case DataType::int32:
                    std::memcpy(&bytes[i], &value, 4);
                    break;
                case DataType::bfloat16:
                    half = float_to_bfloat16(value);
                    std::memcpy(&bytes[i], &half, 2);
                    break;
                case DataType::float16:
                    half = float_to_float16(value);
                    std::memcpy(&bytes[i], &half, 2);
                    break;
                case DataType::int8:
                    bytes[i] = static_cast<std::byte>(random());
                    break;
            }
        }
    };
    fill(p.a);
    fill(p.b);
    return p;
}

template <class T>
T widened(DataType type, const std::byte* p) {
    std::uint16_t half = 0;
    T value{};
    switch (type) {
        case DataType::int8:
            return static_cast<T>(static_cast<std::int8_t>(*p));
        case DataType::bfloat16:
            std::memcpy(&half, p, 2);
            return static_cast<T>(bfloat16_to_float(half));
        case DataType::float16:
            std::memcpy(&half, p, 2);
            return static_cast<T>(float16_to_float(half));
        case DataType::float32:
        case DataType::int32:
            std::memcpy(&value, p, 4);
    }
    return value;
}

template <class T>
std::vector<T> tile(DataType type, const std::vector<std::byte>& from, std::uint64_t row_bytes,
                    std::uint64_t row, std::uint64_t rows, std::uint64_t column,
                    std::uint64_t columns) {
    std::vector<T> values;
    for (std::uint64_t i = 0; i < rows; ++i) {
        for (std::uint64_t j = 0; j < columns; ++j) {
            values.push_back(
                widened<T>(type, &from[(row + i) * row_bytes + (column + j) * size_of(type)]));
        }
    }
    return values;
}

// The whole product, pass by pass, through the registers.
template <class T>
std::vector<T> by_registers(const Product& p, ArrayShape array, Dataflow dataflow,
                            std::vector<T> sums) {
    for (std::uint64_t i = 0; i < pass_count(array, p.shape, dataflow); ++i) {
        const Pass pass = pass_at(array, p.shape, dataflow, i);
        const auto a = tile<T>(p.type, p.a, p.a_row, pass.first_m, pass.m, pass.first_k, pass.k);
        const auto b = tile<T>(p.type, p.b, p.b_row, pass.first_k, pass.k, pass.first_n, pass.n);
        std::vector<T> part;
        for (std::uint64_t m = 0; m < pass.m; ++m) {
            for (std::uint64_t n = 0; n < pass.n; ++n) {
                part.push_back(sums[(pass.first_m + m) * p.shape.n + pass.first_n + n]);
            }
        }
        ArrayModel<T> model(array, dataflow);
        model.begin(a, b, part, static_cast<std::uint32_t>(pass.m),
                    static_cast<std::uint32_t>(pass.n), static_cast<std::uint32_t>(pass.k));
        model.run();
        for (std::uint64_t m = 0; m < pass.m; ++m) {
            for (std::uint64_t n = 0; n < pass.n; ++n) {
                sums[(pass.first_m + m) * p.shape.n + pass.first_n + n] = part[m * pass.n + n];
            }
        }
    }
    return sums;
}

template <class T>
void expect_equal_bits(const std::vector<T>& one, const std::vector<T>& other) {
    ASSERT_EQ(one.size(), other.size());
    ASSERT_EQ(std::memcmp(one.data(), other.data(), one.size() * sizeof(T)), 0);
}

template <class T>
void compare(DataType type) {
    std::mt19937_64 random(7);
    MultiplyScratch scratch;
    for (int i = 0; i < 40; ++i) {
        const ArrayShape array{static_cast<std::uint32_t>(1 + random() % 20),
                               static_cast<std::uint32_t>(1 + random() % 20)};
        const GemmShape shape{1 + random() % 40, 1 + random() % 40, 1 + random() % 40};
        const Product p = random_product(type, shape, random);
        std::vector<T> sums(shape.m * shape.n);
        for (T& sum : sums) sum = static_cast<T>(static_cast<int>(random() % 100)) / 3;
        std::vector<T> fast = sums;
        multiply_accumulate(type, {p.a.data(), p.a_row}, {p.b.data(), p.b_row},
                            {reinterpret_cast<std::byte*>(fast.data()), shape.n}, shape.m, shape.n,
                            shape.k, scratch);
        for (const Dataflow dataflow : all_dataflows) {
            expect_equal_bits(by_registers(p, array, dataflow, sums), fast);
        }
    }
}

}  // namespace

TEST(Multiply, Float32EqualsTheRegisters) {
    compare<float>(DataType::float32);
}
TEST(Multiply, BFloat16EqualsTheRegisters) {
    compare<float>(DataType::bfloat16);
}
TEST(Multiply, Float16EqualsTheRegisters) {
    compare<float>(DataType::float16);
}
TEST(Multiply, Int8EqualsTheRegisters) {
    compare<std::int32_t>(DataType::int8);
}

TEST(Multiply, EveryInstructionSetGivesTheSameBits) {
    std::mt19937_64 random(9);
    const std::uint64_t m = 37, n = 48, k = 301;
    for (const bool integers : {false, true}) {
        std::vector<float> a(m * k), b(k * n), start(m * n);
        for (auto* values : {&a, &b, &start}) {
            for (float& v : *values) v = std::normal_distribution<float>()(random);
        }
        std::vector<float> first;
        for (const MultiplyKernel kernel : multiply_kernels()) {
            std::vector<float> sums = start;
            kernel({reinterpret_cast<const std::byte*>(a.data()),
                    reinterpret_cast<const std::byte*>(b.data()),
                    reinterpret_cast<std::byte*>(sums.data()), k, n, n, m, n, k, integers});
            if (first.empty()) first = sums;
            expect_equal_bits(first, sums);
        }
        if (integers) continue;
        std::vector<float> expected = start;
        for (std::uint64_t i = 0; i < m; ++i) {
            for (std::uint64_t j = 0; j < n; ++j) {
                for (std::uint64_t x = 0; x < k; ++x) {
                    const volatile float product = a[i * k + x] * b[x * n + j];
                    expected[i * n + j] += product;
                }
            }
        }
        expect_equal_bits(first, expected);
    }
}

TEST(Multiply, Int32SumsWrap) {
    const std::vector<std::int8_t> a(1, -128), b(1, -128);
    std::vector<std::int32_t> sums = {std::numeric_limits<std::int32_t>::max()};
    MultiplyScratch scratch;
    multiply_accumulate(DataType::int8, {reinterpret_cast<const std::byte*>(a.data()), 1},
                        {reinterpret_cast<const std::byte*>(b.data()), 1},
                        {reinterpret_cast<std::byte*>(sums.data()), 1}, 1, 1, 1, scratch);
    EXPECT_EQ(sums[0], std::numeric_limits<std::int32_t>::min() + 16383);
}

TEST(Multiply, TheHostsRoundingModeIsNotSeen) {
    const std::vector<float> a(1, 1.0F / 3), b(1, 1.0F / 3);
    std::vector<float> sums[2] = {{0.1F}, {0.1F}};
    MultiplyScratch scratch;
    for (const int mode : {FE_TONEAREST, FE_UPWARD}) {
        std::fesetround(mode);
        auto& target = sums[mode == FE_UPWARD ? 1 : 0];
        multiply_accumulate(DataType::float32, {reinterpret_cast<const std::byte*>(a.data()), 4},
                            {reinterpret_cast<const std::byte*>(b.data()), 4},
                            {reinterpret_cast<std::byte*>(target.data()), 1}, 1, 1, 1, scratch);
        EXPECT_EQ(std::fegetround(), mode);
    }
    std::fesetround(FE_TONEAREST);
    expect_equal_bits(sums[0], sums[1]);
}
