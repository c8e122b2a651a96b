// Element formats and architectures.
#pragma once

#include <fmt/base.h>
#include <fmt/format.h>
#include <tt-metalium/shared_types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace tt {

std::string to_string(DataFormat format);
bool is_integer_format(DataFormat format);
/// Bytes of one element; std::invalid_argument for formats that share exponents, and for others
/// that have no size in memory.
std::uint32_t datum_size(const DataFormat& format);
/// Bytes of a tile of 32 x 32 elements, shared exponents included.
std::uint32_t tile_size(const DataFormat& format);
std::ostream& operator<<(std::ostream& out, const DataFormat& format);

/// What a simulated device stands for.
enum class ARCH : std::uint8_t { Invalid, WORMHOLE_B0, BLACKHOLE };
std::ostream& operator<<(std::ostream& out, ARCH arch);
std::string arch_to_str(ARCH arch);

}  // namespace tt

template <>
struct fmt::formatter<tt::DataFormat> : fmt::formatter<std::string_view> {
    template <class Context>
    auto format(tt::DataFormat value, Context& context) const {
        return fmt::formatter<std::string_view>::format(tt::to_string(value), context);
    }
};
