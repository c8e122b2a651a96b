// The element types of matrices, and the conversions between them.
//
// Floats of 16 bits are widened exactly and narrowed to the nearest, ties to even, as IEEE 754
// says; a NaN that is narrowed or published is the one quiet NaN 0x7fc00000 (0x7fc0, 0x7e00), so
// that results do not depend on how the host's own unit propagates them.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "tilewright/base/export.hpp"

namespace tilewright {

enum class DataType : std::uint8_t { float32, bfloat16, float16, int8, int32 };
constexpr DataType last_of(DataType) {
    return DataType::int32;
}

/// Bytes of one element.
constexpr std::uint32_t size_of(DataType type) {
    switch (type) {
        case DataType::float32:
        case DataType::int32:
            return 4;
        case DataType::bfloat16:
        case DataType::float16:
            return 2;
        case DataType::int8:
            break;
    }
    return 1;
}
constexpr bool is_integer(DataType type) {
    return type == DataType::int8 || type == DataType::int32;
}
/// What products of this type are summed in: int32 for integers, else float32.
constexpr DataType accumulator_of(DataType type) {
    return is_integer(type) ? DataType::int32 : DataType::float32;
}

TILEWRIGHT_API std::string_view name_of(DataType type);
/// The type with this name; ArgumentError lists the known names otherwise.
TILEWRIGHT_API DataType data_type(std::string_view name);

/// The same number, but for a NaN: that becomes 0x7fc00000.
constexpr float with_one_nan(float value) {
    return value == value ? value : std::bit_cast<float>(0x7fc00000U);
}

constexpr float bfloat16_to_float(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16);
}
constexpr std::uint16_t float_to_bfloat16(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    if (value != value) return 0x7fc0;
    return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16) & 1)) >> 16);
}

constexpr float float16_to_float(std::uint16_t bits) {
    const std::uint32_t sign = (std::uint32_t{bits} & 0x8000U) << 16;
    const std::uint32_t magnitude = bits & 0x7fffU;
    if (magnitude >= 0x7c00U) {  // infinity and NaN
        return std::bit_cast<float>(sign | 0x7f800000U | ((magnitude & 0x3ffU) << 13));
    }
    if (magnitude < 0x400U) {  // zero and subnormals: so many times 2^-24
        const float value = static_cast<float>(magnitude) * 0x1p-24F;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
    }
    return std::bit_cast<float>(sign | ((magnitude << 13) + ((127U - 15U) << 23)));
}
constexpr std::uint16_t float_to_float16(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
    const std::uint32_t magnitude = bits & 0x7fffffffU;
    if (magnitude > 0x7f800000U) return 0x7e00;
    if (magnitude >= 0x477ff000U) return sign | 0x7c00U;  // 65520 and more: infinity
    if (magnitude >= 0x38800000U) {                       // 2^-14 and more: a normal number
        const std::uint32_t rounded = magnitude + 0xfffU + ((magnitude >> 13) & 1);
        return static_cast<std::uint16_t>(sign | ((rounded - ((127U - 15U) << 23)) >> 13));
    }
    // Adding 0.5 leaves the multiple of 2^-24 in the lowest bits, rounded as every sum is.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) & 0x7ffU));
}

}  // namespace tilewright
