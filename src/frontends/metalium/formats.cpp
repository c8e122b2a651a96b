// Element formats and architectures by name and size.
#include <stdexcept>
#include <tt-metalium/constants.hpp>
#include <tt-metalium/tt_backend_api_types.hpp>

namespace tt {
namespace {

using constants::TILE_HW;

struct Format {
    const char* name;
    std::uint32_t bits;  // of an element; 0: it has no size in memory
    DataFormat format;
    bool shares_exponents;  // 16 elements have one of 8 bits
    bool integer;
};

constexpr Format formats[] = {
    {"Float32", 32, DataFormat::Float32, false, false},
    {"Float16", 16, DataFormat::Float16, false, false},
    {"Float16_b", 16, DataFormat::Float16_b, false, false},
    {"Bfp8", 8, DataFormat::Bfp8, true, false},
    {"Bfp8_b", 8, DataFormat::Bfp8_b, true, false},
    {"Bfp4", 4, DataFormat::Bfp4, true, false},
    {"Bfp4_b", 4, DataFormat::Bfp4_b, true, false},
    {"Bfp2", 2, DataFormat::Bfp2, true, false},
    {"Bfp2_b", 2, DataFormat::Bfp2_b, true, false},
    {"Tf32", 0, DataFormat::Tf32, false, false},
    {"Lf8", 8, DataFormat::Lf8, false, false},
    {"Fp8_e4m3", 8, DataFormat::Fp8_e4m3, false, false},
    {"Int8", 8, DataFormat::Int8, false, true},
    {"Int32", 32, DataFormat::Int32, false, true},
    {"UInt8", 8, DataFormat::UInt8, false, true},
    {"UInt16", 16, DataFormat::UInt16, false, true},
    {"UInt32", 32, DataFormat::UInt32, false, true},
    {"RawUInt8", 8, DataFormat::RawUInt8, false, true},
    {"RawUInt16", 16, DataFormat::RawUInt16, false, true},
    {"RawUInt32", 32, DataFormat::RawUInt32, false, true},
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
