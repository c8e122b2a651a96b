// bfloat16: the upper half of a float32, rounded to nearest even; and vectors of them, two in a
// word.
#pragma once

#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <type_traits>
#include <utility>
#include <vector>

class bfloat16 {
public:
    constexpr bfloat16() = default;
    template <class T>
    requires std::is_arithmetic_v<T>
    constexpr bfloat16(T value) noexcept : bits_(rounded(static_cast<float>(value))) {}
    static constexpr bfloat16 from_bits(std::uint16_t bits) {
        bfloat16 result;
        result.bits_ = bits;
        return result;
    }
    /// Without rounding.
    static constexpr bfloat16 truncate(float value) {
        return from_bits(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
    }

    constexpr operator float() const {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16);
    }
    constexpr float to_float() const { return *this; }
    constexpr std::uint16_t to_packed() const { return bits_; }
    constexpr std::uint16_t to_uint16() const { return bits_; }

    constexpr bool operator==(bfloat16 other) const {
        return static_cast<float>(*this) == static_cast<float>(other);
    }
    constexpr std::partial_ordering operator<=>(bfloat16 other) const {
        return static_cast<float>(*this) <=> static_cast<float>(other);
    }
    bfloat16& operator+=(bfloat16 other) { return *this = *this + other; }
    bfloat16& operator-=(bfloat16 other) { return *this = *this - other; }
    bfloat16& operator*=(bfloat16 other) { return *this = *this * other; }
    bfloat16& operator/=(bfloat16 other) { return *this = *this / other; }
    constexpr bfloat16 operator+(bfloat16 other) const { return to_float() + other.to_float(); }
    constexpr bfloat16 operator-(bfloat16 other) const { return to_float() - other.to_float(); }
    constexpr bfloat16 operator*(bfloat16 other) const { return to_float() * other.to_float(); }
    constexpr bfloat16 operator/(bfloat16 other) const { return to_float() / other.to_float(); }

private:
    static constexpr std::uint16_t rounded(float value) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        const bool nan = (bits & 0x7FFF'FFFF) > 0x7F80'0000;
        if (nan) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
        return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    std::uint16_t bits_ = 0;
};
static_assert(sizeof(bfloat16) == 2);

std::ostream& operator<<(std::ostream& out, const bfloat16& value);

/// The first of the pair in the low half.
std::uint32_t pack_two_bfloat16_into_uint32(std::pair<bfloat16, bfloat16> two_bfloats);
std::pair<bfloat16, bfloat16> unpack_two_bfloat16_from_uint32(std::uint32_t packed);
std::vector<std::uint32_t> pack_bfloat16_vec_into_uint32_vec(const std::vector<bfloat16>& data);
std::vector<bfloat16> unpack_uint32_vec_into_bfloat16_vec(const std::vector<std::uint32_t>& data);
/// Each element as `transform` makes it.
template <class Transform>
std::vector<bfloat16> unpack_uint32_vec_into_bfloat16_vec(const std::vector<std::uint32_t>& data,
                                                          Transform transform) {
    std::vector<bfloat16> unpacked = unpack_uint32_vec_into_bfloat16_vec(data);
    for (bfloat16& value : unpacked) value = transform(value);
    return unpacked;
}

/// The bits of both elements of each word, the lower ones first, and back.
std::vector<std::uint16_t> u16_from_u32_vector(const std::vector<std::uint32_t>& words);
std::vector<std::uint32_t> u32_from_u16_vector(const std::vector<std::uint16_t>& bits);

// Vectors of `num_bytes` bytes, two elements in a word.
std::vector<std::uint32_t> create_arange_vector_of_bfloat16(std::size_t num_bytes,
                                                            bool print = true);
/// Uniform from offset to rand_max_float + offset.
std::vector<std::uint32_t> create_random_vector_of_bfloat16(std::size_t num_bytes,
                                                            int rand_max_float, int seed,
                                                            float offset = 0);
std::vector<bfloat16> create_random_vector_of_bfloat16_native(std::size_t num_bytes,
                                                              float rand_max_float, int seed,
                                                              float offset = 0);
std::vector<std::uint32_t> create_constant_vector_of_bfloat16(std::size_t num_bytes, float value);
/// Ones on the first `num_ones` places of the diagonal.
std::vector<bfloat16> create_identity_matrix(int rows, int cols, int num_ones);

bool is_close(float a, float b, float rtol = 0.01f, float atol = 0.001f);
bool packed_uint32_t_vector_comparison(const std::vector<std::uint32_t>& a,
                                       const std::vector<std::uint32_t>& b,
                                       const std::function<bool(float, float)>& comparison,
                                       int* argfail = nullptr);
