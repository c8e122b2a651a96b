// Element formats and architectures by name and size.
#include <stdexcept>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/tt_backend_api_types.hpp>

namespace tt {
namespace {

using constants::TILE_HW;

struct Format {
    DataFormat format;
    const char* name;
    std::uint32_t bits;     // of an element; 0: it has no size in memory
    bool shares_exponents;  // 16 elements have one of 8 bits
    bool integer;
};

constexpr Format formats[] = {
    {DataFormat::Float32, "Float32", 32, false, false},
    {DataFormat::Float16, "Float16", 16, false, false},
    {DataFormat::Float16_b, "Float16_b", 16, false, false},
    {DataFormat::Bfp8, "Bfp8", 8, true, false},
    {DataFormat::Bfp8_b, "Bfp8_b", 8, true, false},
    {DataFormat::Bfp4, "Bfp4", 4, true, false},
    {DataFormat::Bfp4_b, "Bfp4_b", 4, true, false},
    {DataFormat::Bfp2, "Bfp2", 2, true, false},
    {DataFormat::Bfp2_b, "Bfp2_b", 2, true, false},
    {DataFormat::Tf32, "Tf32", 0, false, false},
    {DataFormat::Lf8, "Lf8", 8, false, false},
    {DataFormat::Fp8_e4m3, "Fp8_e4m3", 8, false, false},
    {DataFormat::Int8, "Int8", 8, false, true},
    {DataFormat::Int32, "Int32", 32, false, true},
    {DataFormat::UInt8, "UInt8", 8, false, true},
    {DataFormat::UInt16, "UInt16", 16, false, true},
    {DataFormat::UInt32, "UInt32", 32, false, true},
    {DataFormat::RawUInt8, "RawUInt8", 8, false, true},
    {DataFormat::RawUInt16, "RawUInt16", 16, false, true},
    {DataFormat::RawUInt32, "RawUInt32", 32, false, true},
};

const Format& find(DataFormat wanted) {
    for (const Format& format : formats) {
        if (format.format == wanted) return format;
    }
    throw std::invalid_argument("data format " + std::to_string(static_cast<int>(wanted)) +
                                " does not exist");
}

}  // namespace

std::string to_string(DataFormat format) {
    return format == DataFormat::Invalid ? "Invalid" : find(format).name;
}

bool is_integer_format(DataFormat format) {
    return format != DataFormat::Invalid && find(format).integer;
}

std::uint32_t datum_size(const DataFormat& format) {
    const Format& f = find(format);
    if (f.bits == 0 || f.shares_exponents) {
        throw std::invalid_argument(std::string("an element of ") + f.name +
                                    " has no size in bytes");
    }
    return f.bits / 8;
}

std::uint32_t tile_size(const DataFormat& format) {
    const Format& f = find(format);
    if (f.bits == 0) {
        throw std::invalid_argument(std::string("a tile of ") + f.name + " has no size in bytes");
    }
    return TILE_HW * f.bits / 8 + (f.shares_exponents ? TILE_HW / 16 : 0);
}

std::ostream& operator<<(std::ostream& out, const DataFormat& format) {
    return out << to_string(format);
}

std::string arch_to_str(ARCH arch) {
    switch (arch) {
        case ARCH::WORMHOLE_B0:
            return "wormhole_b0";
        case ARCH::BLACKHOLE:
            return "blackhole";
        case ARCH::Invalid:
            break;
    }
    return "invalid";
}

std::ostream& operator<<(std::ostream& out, ARCH arch) {
    return out << arch_to_str(arch);
}

}  // namespace tt
