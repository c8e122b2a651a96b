#include "tensix/vector_dst.hpp"

#include "tensix/dst.hpp"
#include "tensix/lanes.hpp"
#include "tensix/number.hpp"
#include "tensix/row_counters.hpp"

namespace tilewright::tensix {
namespace {

/// Modes of SFPLOAD and SFPSTORE: how a number lies in Dst.
enum DstMode : std::uint32_t {
    by_source_b = 0,  ///< FP16, BF16 or FP32, as the format of SrcB and FP32 mode say
    fp16 = 1,
    bf16 = 2,
    fp32 = 3,
    int32 = 4,
    int8 = 5,  ///< sign and magnitude
    uint16 = 6,
    high16 = 7,
    int16 = 8,
    low16 = 9,
    int32_all_lanes = 10,
    zero = 11,
    int32_twos_complement = 12,
    int8_twos_complement = 13,
    low16_only = 14,
    high16_only = 15,
};

std::uint32_t resolved(const Context& context, std::uint32_t mode) {
    if (mode != by_source_b) return mode;
    const ConfigView& config = context.config;
    if (config.is(config::fp32_vector)) return fp32;
    const auto format = static_cast<Format>(config(
        config.is(config::b_format_override) ? config::b_format_override_value : config::b_format));
    return style_of(format) == SourceStyle::fp16 ? fp16 : bf16;
}

/// Where lanes lie in Dst: 8 in each of four rows, in even or in odd columns.
struct Region {
    unsigned row;
    unsigned column;
    unsigned row_of(unsigned lane) const { return row + lane / 8; }
    unsigned column_of(unsigned lane) const { return 2 * (lane & 7) + column; }
};

Region region_of(const Context& context, std::uint32_t dst, std::uint32_t mode) {
    std::uint32_t address = dst_row(context, dst);
    if (mode == int32_all_lanes) {
        const std::uint32_t counters =
            context.own().rows.dst.value + context.config(config::dst_base);
        address = (dst + context.config.own(thread_config::math_offset) + (counters & 3)) &
                  (dst_rows - 1);
    }
    return {address & ~3u, (address & 2) != 0 ? 1u : 0u};
}

std::uint32_t lanes_of(const Context& context, std::uint32_t mode) {
    return mode == int32_all_lanes ? all_lanes : enabled_lanes(context.state.vector);
}

std::uint32_t widened_fp16(std::uint16_t bits, bool infinity) {
    const std::uint32_t number = fp16_from_dst(bits);
    const std::uint32_t sign = (number & 0x8000) << 16;
    const std::uint32_t magnitude = number & 0x7fff;
    if (infinity && magnitude == 0x7fff) return sign | fp32_infinity;
    const std::uint32_t bias = magnitude >= 0x400 ? std::uint32_t{fp16_to_fp32_bias} << 23 : 0;
    return sign | ((magnitude << 13) + bias);
}

std::uint32_t loaded(const Context& context, std::uint32_t mode, unsigned row, unsigned column,
                     std::uint32_t before) {
    const Dst& dst = context.state.dst;
    const VectorState& vector = context.state.vector;
    const std::uint16_t narrow = read16(dst, row, column);
    const std::uint32_t sign = (narrow & 0x8000u) << 16;
    switch (mode) {
        case fp16:
            return widened_fp16(narrow, (vector.lane_config & lane_config::fp16_infinity) != 0);
        case bf16:
            return std::uint32_t{bf16_from_dst(narrow)} << 16;
        case fp32:
        case int32:
        case int32_all_lanes:
            return fp32_from_dst(read32(dst, row, column));
        case int32_twos_complement: {
            // Blackhole leaves it as it is.
            const std::uint32_t number = fp32_from_dst(read32(dst, row, column));
            return context.blackhole() ? number
                                       : static_cast<std::uint32_t>(twos_complement(number));
        }
        case int8:
            return sign | (narrow >> 5 & 0x7f);
        case int8_twos_complement:
            return static_cast<std::uint32_t>(twos_complement(sign | (narrow >> 5 & 0x3ff)));
        case int16:
            return sign | (narrow & 0x7fff);
        case uint16:
        case low16:
            return narrow;
        case high16:
            return std::uint32_t{narrow} << 16;
        case low16_only:
            return (before & 0xffff'0000) | narrow;
        case high16_only:
            return std::uint32_t{narrow} << 16 | (before & 0xffff);
        default:
            return 0;
    }
}

/// FP32 to FP16, truncated: too large becomes the largest, too small zero.
std::uint16_t narrowed_fp16(std::uint32_t x) {
    const int exponent = static_cast<int>(x >> 23 & 0xff) - fp16_to_fp32_bias;
    return exponent <= 0 ? static_cast<std::uint16_t>(x >> 16 & 0x8000) : fp16_from_fp32(x);
}

std::uint16_t fp16_of_integer(std::uint32_t sign_and_magnitude) {
    return static_cast<std::uint16_t>((sign_and_magnitude >> 16 & 0x8000) | 16u << 10 |
                                      (sign_and_magnitude & 0x3ff));
}

void stored(const Context& context, std::uint32_t mode, unsigned row, unsigned column,
            std::uint32_t x) {
    Dst& dst = context.state.dst;
    const auto narrow = [&](std::uint32_t bits) {
        write16(dst, row, column, static_cast<std::uint16_t>(bits));
    };
    const std::uint32_t sign_first = sign_magnitude(static_cast<std::int32_t>(x));
    switch (mode) {
        case fp16:
            narrow(dst_from_fp16(narrowed_fp16(x)));
            break;
        case bf16:
            narrow(dst_from_bf16(static_cast<std::uint16_t>(flushed(x) >> 16)));
            break;
        case fp32:
            write32(dst, row, column, dst_from_fp32(flushed(x)));
            break;
        case int32:
        case int32_all_lanes:
            write32(dst, row, column, dst_from_fp32(x));
            break;
        case int32_twos_complement:
            write32(dst, row, column, dst_from_fp32(context.blackhole() ? x : sign_first));
            break;
        case int8:
            narrow(dst_from_fp16(fp16_of_integer(x)));
            break;
        case int8_twos_complement:
            narrow(dst_from_fp16(fp16_of_integer(sign_first)));
            break;
        case int16:
            narrow((x >> 16 & 0x8000) | (x & 0x7fff));
            break;
        case uint16:
        case low16_only:
            narrow(x);
            break;
        case high16_only:
            narrow(x >> 16);
            break;
        case low16:
            write32(dst, row, column, x << 16 | x >> 16);
            break;
        case high16:
            write32(dst, row, column, x);
            break;
        default:
            narrow(0);
            break;
    }
}

}  // namespace

std::optional<unsigned> lane_of(const Context& context, std::uint32_t dst, std::uint32_t mode,
                                unsigned row, unsigned column) {
    const Region region = region_of(context, dst, resolved(context, mode));
    if (row < region.row || row >= region.row + 4 || column % 2 != region.column) {
        return std::nullopt;
    }
    return (row - region.row) * 8 + column / 2;
}

void execute(const Context& context, const op::sfpload& i) {
    const std::uint32_t mode = resolved(context, i.mode);
    VectorState& vector = context.state.vector;
    const Region region = region_of(context, i.dst, mode);
    const bool captures = (vector.lane_config & lane_config::index) != 0 &&
                          (vector.lane_config & lane_config::capture_index) != 0;
    each_lane(i.vd < written_registers ? lanes_of(context, mode) : 0, [&](unsigned lane) {
        const unsigned row = region.row_of(lane);
        const unsigned column = region.column_of(lane);
        std::uint32_t& own = vector.registers[i.vd][lane];
        own = loaded(context, mode, row, column, own);
        if (i.vd < 4 && captures) vector.registers[i.vd + 4][lane] = row << 4 | column;
    });
    apply_address_mode(context, i.addr_mod, false);
}

void execute(const Context& context, const op::sfpstore& i) {
    const std::uint32_t mode = resolved(context, i.mode);
    check_result(context, "SFPSTORE", i.vd);
    const VectorState& vector = context.state.vector;
    const Region region = region_of(context, i.dst, mode);
    each_lane(lanes_of(context, mode), [&](unsigned lane) {
        stored(context, mode, region.row_of(lane), region.column_of(lane),
               vector.registers[i.vd][lane]);
    });
    apply_address_mode(context, i.addr_mod, false);
}

}  // namespace tilewright::tensix
