// The shape of a tile: 32 x 32 elements in four faces of 16 x 16.
#pragma once

#include <cstdint>

namespace tt::constants {

inline constexpr std::uint32_t TILE_HEIGHT = 32;
inline constexpr std::uint32_t TILE_WIDTH = 32;
inline constexpr std::uint32_t TILE_HW = TILE_HEIGHT * TILE_WIDTH;
inline constexpr std::uint32_t FACE_HEIGHT = 16;
inline constexpr std::uint32_t FACE_WIDTH = 16;
inline constexpr std::uint32_t FACE_HW = FACE_HEIGHT * FACE_WIDTH;
/// Bytes of a tile in the block formats: elements, then 64 shared exponents.
inline constexpr std::uint32_t BFLOAT8_B_TILE_HW = TILE_HW + 64;
inline constexpr std::uint32_t BFLOAT4_B_TILE_HW = TILE_HW / 2 + 64;

}  // namespace tt::constants
