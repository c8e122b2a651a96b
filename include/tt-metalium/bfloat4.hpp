// Tiles of Bfp4_b: bfloat8.hpp with 3 bits of magnitude.
#pragma once

#include <tt-metalium/bfloat8.hpp>

template <class T>
std::vector<std::uint32_t> pack_as_bfp4_tiles(std::span<const T> data, bool row_major_input,
                                              bool is_exp_a, std::nullopt_t = std::nullopt) {
    return tilewright::metalium::pack_block_float_of<T>(data, 4, row_major_input, is_exp_a);
}
inline std::vector<std::uint32_t> pack_fp32_vec_as_bfp4_tiles(std::span<const float> data,
                                                              bool row_major_input, bool is_exp_a,
                                                              std::nullopt_t = std::nullopt) {
    return pack_as_bfp4_tiles<float>(data, row_major_input, is_exp_a);
}
inline std::vector<float> unpack_bfp4_tiles_into_float_vec(std::span<const std::uint32_t> tiles,
                                                           bool row_major_output, bool is_exp_a,
                                                           std::nullopt_t = std::nullopt) {
    tilewright::metalium::refuse_exponent_a(is_exp_a);
    return tilewright::metalium::unpack_block_float(tiles, 4, row_major_output);
}

namespace tt::tt_metal {
using ::pack_as_bfp4_tiles;
using ::pack_fp32_vec_as_bfp4_tiles;
using ::unpack_bfp4_tiles_into_float_vec;
}  // namespace tt::tt_metal
