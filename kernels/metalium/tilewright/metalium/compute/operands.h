// Circular buffers as operands of the engine: formats, and where the tiles lie.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/pack.hpp"
#include "tilewright/kernel/tensix/unpack.hpp"
#include "tilewright/metalium/compute/common.h"
#include "tilewright/metalium/compute/notes.h"

/// Which source a kernel's first operand comes by: SrcA, or (reversed, as for matmuls) SrcB.
enum class SrcOrder : std::uint8_t { Regular, Reverse };

namespace tilewright::metalium::compute {

using engine::Format;

/// The engine's format of a buffer's data. Unsigned integers have the code of signed ones.
constexpr Format format_of(std::uint32_t cb) {
    return static_cast<Format>(tile_formats[cb].data_format & 0xf);
}
constexpr bool is_unsigned(std::uint32_t cb) {
    const auto format = static_cast<DataFormat>(tile_formats[cb].data_format);
    return format == DataFormat::UInt8 || format == DataFormat::UInt32;
}
constexpr bool has_format(std::uint32_t cb) {
    return cb < abi::circular_buffer_count && tile_formats[cb].data_format != 0xff;
}

[[gnu::noinline, noreturn]] inline void fail_format(std::uint32_t cb) {
    kernel::print("circular buffer ", cb, " has no data format on this core\n");
    kernel::device::stop();
}
TILEWRIGHT_DEVICE void check_format(std::uint32_t cb) {
    if (!has_format(cb)) [[unlikely]]
        fail_format(cb);
}

/// Numbers of 32 bits go straight to Dst where the host says so, and integers of 32 bits always.
constexpr bool goes_to_dst(std::uint32_t cb) {
    return tile_formats[cb].unpack_to_dst || format_of(cb) == Format::int32;
}
/// Whether any buffer of the kernel does.
inline constexpr bool any_goes_to_dst = [] {
    for (std::uint32_t cb = 0; cb < abi::circular_buffer_count; ++cb) {
        if (has_format(cb) && goes_to_dst(cb)) return true;
    }
    return false;
}();

constexpr bool is_fp16(std::uint32_t cb) {
    switch (format_of(cb)) {
        case Format::fp16:
        case Format::bfp8a:
        case Format::bfp4a:
        case Format::bfp2a:
        case Format::fp8:
            return has_format(cb);
        default:
            return false;
    }
}
/// Dst of 16 bits has 5 of exponent if the kernel's numbers have them: what the vendor's build
/// decides by all of a kernel's buffers, too.
inline constexpr bool fp16_in_dst = [] {
    for (std::uint32_t cb = 0; cb < abi::circular_buffer_count; ++cb) {
        if (is_fp16(cb)) return true;
    }
    return false;
}();

/// As an operand in SrcA or SrcB, or in Dst where it goes there and the call allows it.
TILEWRIGHT_DEVICE engine::UnpackFormat unpack_format(std::uint32_t cb, bool may_go_to_dst) {
    check_format(cb);
    const Format in = format_of(cb);
    const bool to_dst = may_go_to_dst && goes_to_dst(cb);
    return {.in = in,
            .out = engine::unpacked_format(in, to_dst, dst_use.wide),
            .to_dst = to_dst,
            .is_unsigned = is_unsigned(cb)};
}
TILEWRIGHT_DEVICE Format source_format(std::uint32_t cb) {
    return engine::unpacked_format(format_of(cb), false, dst_use.wide);
}
TILEWRIGHT_DEVICE bool is_integer(std::uint32_t cb) {
    return format_of(cb) == Format::int8;
}
TILEWRIGHT_DEVICE engine::PackFormat pack_format(std::uint32_t cb) {
    check_format(cb);
    const Format out = format_of(cb);
    return {.intermediate = engine::intermediate_format(out, dst_use.wide, fp16_in_dst),
            .out = out};
}

/// Where the index-th page from the front of a buffer lies, which has been waited for.
TILEWRIGHT_DEVICE std::uint32_t front_address(std::uint32_t cb, std::uint32_t index) {
    const abi::CircularBuffer& ring = ring_of(cb);
    return ring.address + ring_positions[cb].read + index * ring.page_bytes;
}

/// A tile to SrcA (0) or SrcB (1), or tiles to both. The look at what is under way takes longest,
/// and the addresses are computed meanwhile.
TILEWRIGHT_DEVICE void unpack_operand(unsigned which, std::uint32_t cb, std::uint32_t tile) {
    const engine::UnpackCall call;
    const std::uint32_t address = front_address(cb, tile);
    note(What::reads, 0, which == 0 ? noted(cb) : no_buffer, which == 0 ? no_buffer : noted(cb));
    engine::unpack_tile(call, which, address);
}
TILEWRIGHT_DEVICE void unpack_operands(std::uint32_t cb_a, std::uint32_t tile_a, std::uint32_t cb_b,
                                       std::uint32_t tile_b) {
    const engine::UnpackCall call;
    const std::uint32_t a = front_address(cb_a, tile_a);
    const std::uint32_t b = front_address(cb_b, tile_b);
    note(What::reads, 0, noted(cb_a), noted(cb_b));
    engine::unpack_tiles(call, a, b);
}

}  // namespace tilewright::metalium::compute
