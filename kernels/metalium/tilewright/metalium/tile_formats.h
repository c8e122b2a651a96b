// What is known of the circular buffers when a kernel is compiled.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/firmware/abi.hpp"

namespace tilewright::metalium {

/// What the host told of the tiles in a circular buffer.
struct TileFormat {
    std::uint32_t index;
    std::uint32_t data_format;
    std::uint32_t bytes;
    std::uint32_t height;
    std::uint32_t width;
    bool unpack_to_dst;      ///< numbers of 32 bits, whole
    bool in_buffer = false;  ///< lies where a buffer of the host does
};

#ifdef TILEWRIGHT_TILE_FORMATS
inline constexpr TileFormat given_formats[] = {TILEWRIGHT_TILE_FORMATS};
#else
inline constexpr std::array<TileFormat, 0> given_formats{};
#endif

inline constexpr auto tile_formats = [] {
    std::array<TileFormat, abi::circular_buffer_count> all{};
    for (TileFormat& format : all) format.data_format = 0xFF;
    for (const TileFormat& format : given_formats) all[format.index] = format;
    return all;
}();

/// A ring over a buffer's memory finds pages there that no core has pushed; kernels take them
/// without waiting.
constexpr bool has_pages_from_the_start(std::uint32_t cb) {
    return tile_formats[cb].in_buffer;
}

}  // namespace tilewright::metalium
