// The vector unit's source of random numbers: in each lane a shift register of 32 bits.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

/// The register moves down by a bit; above it comes the complement of the parity of its taps.
constexpr std::uint32_t next_random(std::uint32_t state) {
    const auto taps = static_cast<std::uint32_t>(std::popcount(state & 0x8020'0003u));
    return (~taps & 1) << 31 | state >> 1;
}

/// The lane's number, of which the next is drawn.
inline std::uint32_t draw_random(VectorState& vector, unsigned lane) {
    return std::exchange(vector.random[lane], next_random(vector.random[lane]));
}

/// The seed goes through the register's whole length, then two steps part a lane from the next, the
/// last lane first.
inline void seed_random(VectorState& vector, std::uint32_t seed) {
    for (int step = 0; step < 32; ++step) seed = next_random(seed);
    for (unsigned lane = lane_count; lane-- > 0;) {
        seed = next_random(next_random(seed));
        vector.random[lane] = seed;
    }
}

}  // namespace tilewright::tensix
