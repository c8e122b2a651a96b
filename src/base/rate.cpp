#include "tilewright/base/rate.hpp"

#include <cmath>
#include <numeric>
#include <utility>

namespace tilewright {

Rate make_rate(std::uint64_t bytes, std::uint64_t cycles) {
    const std::uint64_t common = std::gcd(bytes, cycles);
    return {static_cast<std::uint32_t>(bytes / common),
            static_cast<std::uint32_t>(cycles / common)};
}

// Convergents of the continued fraction, until one is close enough.
Rate rate_of(double bytes_per_cycle) {
    constexpr double tolerance = 1e-9;
    constexpr std::uint64_t most_cycles = 1 << 14;  // bytes stay below 2^31
    std::uint64_t bytes = 1, before_bytes = 0;
    std::uint64_t cycles = 0, before_cycles = 1;
    double rest = bytes_per_cycle;
    for (;;) {
        const double whole = std::floor(rest);
        const auto digit = static_cast<std::uint64_t>(whole);
        const std::uint64_t next_cycles = digit * cycles + before_cycles;
        if (next_cycles > most_cycles) break;
        before_bytes = std::exchange(bytes, digit * bytes + before_bytes);
        before_cycles = std::exchange(cycles, next_cycles);
        const double value = static_cast<double>(bytes) / static_cast<double>(cycles);
        if (std::abs(value - bytes_per_cycle) <= bytes_per_cycle * tolerance) break;
        rest = 1 / (rest - whole);
    }
    return make_rate(bytes, cycles);
}

}  // namespace tilewright
