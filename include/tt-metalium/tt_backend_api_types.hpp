// Element formats and architectures.
#pragma once

#include <fmt/base.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace tt {

enum class DataFormat : std::uint8_t {
    Float32 = 0,
    Float16 = 1,
    Bfp8 = 2,
    Bfp4 = 3,
    Tf32 = 4,
    Float16_b = 5,
    Bfp8_b = 6,
    Bfp4_b = 7,
    Int32 = 8,
    UInt16 = 9,
    Lf8 = 10,
    Bfp2 = 11,
    Int8 = 14,
    Bfp2_b = 15,
    UInt32 = 24,
    Fp8_e4m3 = 26,
    UInt8 = 30,
    RawUInt8 = 0xF0,
    RawUInt16 = 0xF1,
    RawUInt32 = 0xF2,
    Invalid = 0xFF,
};

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
