// Tiles of block formats, of which 16 numbers of a face's row share an exponent: Bfp8_b (1088 bytes
// a tile), and by bfloat4.hpp Bfp4_b (576).
//
// As the vendor's host does it: magnitudes are cut to 24 bits under the shared exponent, then
// rounded to 7 (or 3), halves to even, never up to the next exponent; one of 0 has no sign. The
// packers of the compute engine round otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tt-metalium/bfloat16.hpp>
#include <tt_stl/span.hpp>
#include <vector>

namespace tilewright::metalium {

/// Numbers of whole tiles, 1024 each: as rows of 32, or face by face as they lie in memory.
/// std::runtime_error for a number that is none of whole tiles.
std::vector<std::uint32_t> pack_block_float(std::span<const float> numbers, std::uint32_t bits,
                                            bool row_major);
std::vector<float> unpack_block_float(std::span<const std::uint32_t> tiles, std::uint32_t bits,
                                      bool row_major);
/// std::runtime_error, for formats with an exponent of 5 bits.
void refuse_exponent_a(bool is_exp_a);

template <class T>
std::vector<std::uint32_t> pack_block_float_of(std::span<const T> numbers, std::uint32_t bits,
                                               bool row_major, bool is_exp_a) {
    refuse_exponent_a(is_exp_a);
    if constexpr (std::is_same_v<T, float>) {
        return pack_block_float(numbers, bits, row_major);
    } else {
        std::vector<float> floats;
        floats.reserve(numbers.size());
        for (const T& number : numbers) floats.push_back(static_cast<float>(number));
        return pack_block_float(floats, bits, row_major);
    }
}

}  // namespace tilewright::metalium

// The fourth parameter, a tile of another shape than 32 x 32, is not there.
template <class T>
std::vector<std::uint32_t> pack_as_bfp8_tiles(std::span<const T> data, bool row_major_input,
                                              bool is_exp_a, std::nullopt_t = std::nullopt) {
    return tilewright::metalium::pack_block_float_of<T>(data, 8, row_major_input, is_exp_a);
}
inline std::vector<std::uint32_t> pack_fp32_vec_as_bfp8_tiles(std::span<const float> data,
                                                              bool row_major_input, bool is_exp_a,
                                                              std::nullopt_t = std::nullopt) {
    return pack_as_bfp8_tiles<float>(data, row_major_input, is_exp_a);
}
inline std::vector<float> unpack_bfp8_tiles_into_float_vec(std::span<const std::uint32_t> tiles,
                                                           bool row_major_output, bool is_exp_a,
                                                           std::nullopt_t = std::nullopt) {
    tilewright::metalium::refuse_exponent_a(is_exp_a);
    return tilewright::metalium::unpack_block_float(tiles, 8, row_major_output);
}

/// Tiles of `num_bytes` bytes, of numbers from offset to rand_max_float + offset.
std::vector<std::uint32_t> create_random_vector_of_bfp8(std::uint32_t num_bytes, bool is_exp_a,
                                                        int rand_max_float, int seed,
                                                        float offset = 0);
std::vector<std::uint32_t> create_constant_vector_of_bfp8(std::uint32_t num_bytes, float value,
                                                          bool is_exp_a);

namespace tt::tt_metal {
using ::pack_as_bfp8_tiles;
using ::pack_fp32_vec_as_bfp8_tiles;
using ::unpack_bfp8_tiles_into_float_vec;
}  // namespace tt::tt_metal
