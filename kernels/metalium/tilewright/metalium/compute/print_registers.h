// Dst, SrcA and SrcB as text, for who looks for mistakes: dprint_tensix_dest_reg() and what
// belongs to it. The core that computes prints, once the engine has done what it was told; nothing
// is changed. Call them between tile_regs_acquire() and tile_regs_commit().
#pragma once

#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/metalium/compute/operands.h"
#include "tilewright/metalium/dprint.h"

namespace tilewright::metalium::compute {

/// Whether all of the kernel's buffers have integers, which then are in Dst.
inline constexpr bool integers_in_dst = [] {
    bool any = false;
    for (std::uint32_t cb = 0; cb < abi::circular_buffer_count; ++cb) {
        if (!has_format(cb)) continue;
        const Format format = format_of(cb);
        any = format == Format::int32 || format == Format::int16 || format == Format::int8;
        if (!any) return false;
    }
    return any;
}();

/// What the numbers of Dst are in this kernel.
inline constexpr DataFormat format_in_dst =
    integers_in_dst ? (dst_use.wide ? DataFormat::Int32 : DataFormat::UInt16)
    : dst_use.wide  ? DataFormat::Float32
    : fp16_in_dst   ? DataFormat::Float16
                    : DataFormat::Float16_b;

/// 16 bits of Dst, or the upper half of 32, in the order of bits that BF16 and FP32 have.
constexpr std::uint32_t ordered(std::uint32_t upper) {
    return (upper & 0x8000) | (upper & 0xff) << 7 | (upper >> 8 & 0x7f);
}
/// FP16 of Dst: sign, 10 bits of mantissa, 5 of exponent.
[[gnu::noinline]] inline float half_number(std::uint32_t bits) {
    const auto exponent = static_cast<std::int32_t>(bits & 0x1f);
    float value = static_cast<float>(bits >> 5 & 0x3ff) * 0x1p-10f + (exponent != 0 ? 1.f : 0.f);
    for (std::int32_t e = exponent == 0 ? 1 : exponent; e < 15; ++e) value *= 0.5f;
    for (std::int32_t e = exponent; e > 15; --e) value *= 2;
    return (bits & 0x8000) != 0 ? -value : value;
}

template <DataFormat format>
void print_dst_number(std::uint32_t bits) {
    if constexpr (format == DataFormat::Int32 || format == DataFormat::UInt32) {
        const std::uint32_t number = ordered(bits >> 16) << 16 | (bits & 0xffff);
        if constexpr (format == DataFormat::Int32) {
            put_value(static_cast<std::int32_t>(number), NumberStyle{});
        } else {
            put_value(number, NumberStyle{});
        }
    } else if constexpr (format == DataFormat::Float32) {
        put_value(float_of_bits(ordered(bits >> 16) << 16 | (bits & 0xffff)), NumberStyle{});
    } else if constexpr (format == DataFormat::Float16) {
        put_value(half_number(bits), NumberStyle{});
    } else if constexpr (format == DataFormat::Float16_b) {
        put_value(float_of_bits(ordered(bits) << 16), NumberStyle{});
    } else {
        put_value(bits, NumberStyle{});
    }
}

/// `rows` rows of 16 numbers from a place of the engine's registers on.
template <class Print>
[[gnu::noinline]] void print_rows(std::uint32_t place, std::uint32_t rows, bool by_face,
                                  Print print) {
    const auto* word =
        reinterpret_cast<const volatile std::uint32_t*>(abi::compute_registers + place);
    for (std::uint32_t row = 0; row < rows; ++row) {
        for (std::uint32_t column = 0; column < 16; ++column) {
            if (column != 0) kernel::device::put(' ');
            print(*word++);
        }
        kernel::device::put('\n');
        if (by_face && row % 16 == 15) kernel::device::put('\n');
    }
}

template <DataFormat format>
void print_dst(std::uint32_t tile, bool by_face) {
    namespace reg = abi::compute_register;
    static_assert(dst_use.wide == (format == DataFormat::Float32 || format == DataFormat::Int32 ||
                                   format == DataFormat::UInt32),
                  "Dst has numbers of another width in this kernel's configuration");
    check_dst_index(tile);
    engine::wait_until_done();
    DebugPrinter()("Tile ID = {}\n", tile);
    const std::uint32_t row = engine::matrix::first_row + tile * engine::tile_rows;
    print_rows((dst_use.wide ? reg::wide_dst : reg::dst) + row * reg::number_row_bytes,
               engine::tile_rows, by_face, print_dst_number<format>);
}

inline void print_source(const char* name, std::uint32_t place) {
    engine::wait_until_done();
    DebugPrinter()("{}\n", name);
    print_rows(place, abi::compute_register::source_rows, false, [](std::uint32_t bits) {
        // From the top sign, 8 bits of exponent and 10 of mantissa; FP16 has its own bias.
        std::uint32_t exponent = bits >> 10 & 0xff;
        if (fp16_in_dst && exponent != 0) exponent += 127 - 15;
        put_value(float_of_bits((bits >> 18 & 1) << 31 | exponent << 23 | (bits & 0x3ff) << 13),
                  NumberStyle{});
    });
}

}  // namespace tilewright::metalium::compute

/// A tile of Dst, 64 rows of 16 numbers as its four faces have them, in a line each.
template <bool print_by_face = false>
void dprint_tensix_dest_reg([[maybe_unused]] int tile = 0) {
    using namespace tilewright::metalium::compute;
    MATH((print_dst<format_in_dst>(static_cast<std::uint32_t>(tile), print_by_face)));
}
/// The same, of numbers that are known to be of another format of the same width.
template <DataFormat format>
void dprint_tensix_dest_reg_as([[maybe_unused]] int tile = 0) {
    using namespace tilewright::metalium::compute;
    MATH((print_dst<format>(static_cast<std::uint32_t>(tile), false)));
}
/// What the matrix unit had last in SrcA, and in SrcB.
TILEWRIGHT_DEVICE void dprint_tensix_srca_reg() {
    MATH((tilewright::metalium::compute::print_source(
        "SrcA", tilewright::abi::compute_register::source_a)));
}
TILEWRIGHT_DEVICE void dprint_tensix_srcb_reg() {
    MATH((tilewright::metalium::compute::print_source(
        "SrcB", tilewright::abi::compute_register::source_b)));
}
