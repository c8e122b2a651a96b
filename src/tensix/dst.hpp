// Reading and writing Dst. A row that is not defined reads as what does nothing to the instruction:
// zero, or all bits set where a maximum is taken.
#pragma once

#include <cstdint>

#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

inline constexpr unsigned low_half_distance = 8;  ///< in rows

/// Where the upper half of a row of 32 bits lies.
constexpr unsigned wide_row(unsigned row) {
    return (row & 0x1f8) << 1 | (row & 0x207);
}

inline std::uint16_t read16(const Dst& dst, unsigned row, unsigned column,
                            std::uint16_t undefined = 0) {
    return dst.defined[row] ? dst.rows[row][column] : undefined;
}
inline void write16(Dst& dst, unsigned row, unsigned column, std::uint16_t value) {
    dst.rows[row][column] = value;
    dst.defined[row] = true;
}
inline std::uint32_t read32(const Dst& dst, unsigned row, unsigned column,
                            std::uint32_t undefined = 0) {
    const unsigned upper = wide_row(row);
    if (!dst.defined[upper]) return undefined;
    return std::uint32_t{dst.rows[upper][column]} << 16 |
           dst.rows[upper + low_half_distance][column];
}
/// Without making the row defined, for who reads the rest of it first.
inline void put32(Dst& dst, unsigned row, unsigned column, std::uint32_t value) {
    const unsigned upper = wide_row(row);
    dst.rows[upper][column] = static_cast<std::uint16_t>(value >> 16);
    dst.rows[upper + low_half_distance][column] = static_cast<std::uint16_t>(value);
}
inline void write32(Dst& dst, unsigned row, unsigned column, std::uint32_t value) {
    put32(dst, row, column, value);
    dst.defined[wide_row(row)] = true;
}

}  // namespace tilewright::tensix
