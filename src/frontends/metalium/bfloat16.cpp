// Vectors of bfloat16.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <tt-metalium/bfloat16.hpp>

namespace {

std::vector<std::uint32_t> pack(const std::vector<bfloat16>& data) {
    return pack_bfloat16_vec_into_uint32_vec(data);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const bfloat16& value) {
    return out << static_cast<float>(value);
}

std::uint32_t pack_two_bfloat16_into_uint32(std::pair<bfloat16, bfloat16> two_bfloats) {
    return two_bfloats.first.to_packed() |
           static_cast<std::uint32_t>(two_bfloats.second.to_packed()) << 16;
}

std::pair<bfloat16, bfloat16> unpack_two_bfloat16_from_uint32(std::uint32_t packed) {
    return {bfloat16::from_bits(static_cast<std::uint16_t>(packed)),
            bfloat16::from_bits(static_cast<std::uint16_t>(packed >> 16))};
}

std::vector<std::uint32_t> pack_bfloat16_vec_into_uint32_vec(const std::vector<bfloat16>& data) {
    std::vector<std::uint32_t> packed(data.size() / 2);
    for (std::size_t i = 0; i < packed.size(); ++i) {
        packed[i] = pack_two_bfloat16_into_uint32({data[2 * i], data[2 * i + 1]});
    }
    return packed;
}

std::vector<bfloat16> unpack_uint32_vec_into_bfloat16_vec(const std::vector<std::uint32_t>& data) {
    std::vector<bfloat16> unpacked;
    unpacked.reserve(data.size() * 2);
    for (std::uint32_t word : data) {
        const auto [low, high] = unpack_two_bfloat16_from_uint32(word);
        unpacked.push_back(low);
        unpacked.push_back(high);
    }
    return unpacked;
}

std::vector<std::uint32_t> create_arange_vector_of_bfloat16(std::size_t num_bytes, bool print) {
    std::vector<bfloat16> data(num_bytes / sizeof(bfloat16));
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<float>(i);
        if (print) fmt::print("{}: {}\n", i, static_cast<float>(data[i]));
    }
    return pack(data);
}

std::vector<bfloat16> create_random_vector_of_bfloat16_native(std::size_t num_bytes,
                                                              float rand_max_float, int seed,
                                                              float offset) {
    std::mt19937 random(static_cast<unsigned>(seed));
    std::uniform_real_distribution<float> uniform(0.0f, rand_max_float);
    std::vector<bfloat16> data(num_bytes / sizeof(bfloat16));
    for (bfloat16& value : data) value = uniform(random) + offset;
    return data;
}

std::vector<std::uint32_t> create_random_vector_of_bfloat16(std::size_t num_bytes,
                                                            int rand_max_float, int seed,
                                                            float offset) {
    return pack(create_random_vector_of_bfloat16_native(
        num_bytes, static_cast<float>(rand_max_float), seed, offset));
}

std::vector<std::uint32_t> create_constant_vector_of_bfloat16(std::size_t num_bytes, float value) {
    return pack(std::vector<bfloat16>(num_bytes / sizeof(bfloat16), bfloat16(value)));
}

std::vector<std::uint16_t> u16_from_u32_vector(const std::vector<std::uint32_t>& words) {
    std::vector<std::uint16_t> bits;
    bits.reserve(2 * words.size());
    for (const std::uint32_t word : words) {
        bits.push_back(static_cast<std::uint16_t>(word));
        bits.push_back(static_cast<std::uint16_t>(word >> 16));
    }
    return bits;
}
std::vector<std::uint32_t> u32_from_u16_vector(const std::vector<std::uint16_t>& bits) {
    std::vector<std::uint32_t> words((bits.size() + 1) / 2);
    for (std::size_t i = 0; i < bits.size(); ++i) {
        words[i / 2] |= static_cast<std::uint32_t>(bits[i]) << i % 2 * 16;
    }
    return words;
}

std::vector<bfloat16> create_identity_matrix(int rows, int cols, int num_ones) {
    std::vector<bfloat16> matrix(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
    for (int i = 0; i < std::min({rows, cols, num_ones}); ++i) {
        matrix[static_cast<std::size_t>(i) * static_cast<std::size_t>(cols) +
               static_cast<std::size_t>(i)] = 1;
    }
    return matrix;
}

bool is_close(float a, float b, float rtol, float atol) {
    return std::fabs(a - b) <= std::max(rtol * std::max(std::fabs(a), std::fabs(b)), atol);
}

bool packed_uint32_t_vector_comparison(const std::vector<std::uint32_t>& a,
                                       const std::vector<std::uint32_t>& b,
                                       const std::function<bool(float, float)>& comparison,
                                       int* argfail) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto [a0, a1] = unpack_two_bfloat16_from_uint32(a[i]);
        const auto [b0, b1] = unpack_two_bfloat16_from_uint32(b[i]);
        if (comparison(a0, b0) && comparison(a1, b1)) continue;
        if (argfail != nullptr) *argfail = static_cast<int>(i);
        return false;
    }
    return true;
}
