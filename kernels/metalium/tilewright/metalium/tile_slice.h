// TileSlice: some elements of a tile in a circular buffer, for DPRINT.
#pragma once

#include <cstdint>

#include "tilewright/metalium/circular_buffers.h"
#include "tilewright/metalium/number_text.h"

/// Rows h0 to h1 - 1 in steps of hs, columns w0 to w1 - 1 in steps of ws.
struct SliceRange {
    std::uint16_t h0, h1, hs, w0, w1, ws;

    static constexpr SliceRange hw0_32_16() { return {0, 32, 16, 0, 32, 16}; }
    static constexpr SliceRange hw0_32_8() { return {0, 32, 8, 0, 32, 8}; }
    static constexpr SliceRange hw0_32_4() { return {0, 32, 4, 0, 32, 4}; }
    static constexpr SliceRange h0_w0_32() { return {0, 1, 1, 0, 32, 1}; }
    static constexpr SliceRange h0_32_w0() { return {0, 32, 1, 0, 1, 1}; }
    static constexpr SliceRange h0_32_w1() { return {0, 32, 1, 1, 2, 1}; }
    static constexpr SliceRange h1_w0_32() { return {1, 2, 1, 0, 32, 1}; }
    static constexpr SliceRange hw041() { return {0, 4, 1, 0, 4, 1}; }
};

inline constexpr bool TSLICE_INPUT_CB = true;
inline constexpr bool TSLICE_OUTPUT_CB = false;
inline constexpr bool TSLICE_RD_PTR = true;
inline constexpr bool TSLICE_WR_PTR = false;

/// All of the slice is printed: there is no buffer for the host that `max_count` could keep small.
template <int max_count = 64>
class TileSlice {
public:
    /// Tile `tile` from this core's read or write position in the buffer. `untilized` counts rows
    /// and columns of the tile, whose elements lie in faces of 16x16; otherwise they are taken to
    /// lie row by row.
#ifdef COMPILE_FOR_TRISC
    /// A core of a compute kernel reads at the front, but for the one that packs.
    TILEWRIGHT_DEVICE TileSlice(std::uint32_t cb, std::uint32_t tile, const SliceRange& range,
                                bool ends_rows = true, bool untilized = true)
        : TileSlice(!tilewright::metalium::makes_pages, cb, tile, range, ends_rows, untilized) {}
#else
    TILEWRIGHT_DEVICE TileSlice(std::uint32_t cb, std::uint32_t tile, const SliceRange& range,
                                bool /*input*/ = TSLICE_INPUT_CB, bool read_pointer = TSLICE_RD_PTR,
                                bool ends_rows = true, bool untilized = true)
        : TileSlice(read_pointer, cb, tile, range, ends_rows, untilized) {}
#endif

    [[gnu::noinline]] void print() const {
        for (std::uint32_t h = range_.h0; h < range_.h1; h += range_.hs) {
            for (std::uint32_t w = range_.w0; w < range_.w1; w += range_.ws) {
                if (w != range_.w0) tilewright::kernel::device::put(' ');
                print_element(place(h, w));
            }
            tilewright::kernel::device::put(ends_rows_ ? '\n' : ' ');
        }
    }

private:
    // The order of the arguments keeps it apart from those above.
    TILEWRIGHT_DEVICE TileSlice(bool at_front, std::uint32_t cb, std::uint32_t tile,
                                const SliceRange& range, bool ends_rows, bool untilized)
        : range_(range),
          address_((at_front ? get_read_ptr(cb) : get_write_ptr(cb)) +
                   tile * tilewright::metalium::tile_formats[cb].bytes),
          cb_(cb),
          format_(get_dataformat(cb)),
          ends_rows_(ends_rows),
          untilized_(untilized) {}

    std::uint32_t place(std::uint32_t h, std::uint32_t w) const {
        if (!untilized_) return h * 32 + w;
        return (h / 16 * 2 + w / 16) * 256 + h % 16 * 16 + w % 16;
    }

    template <typename T>
    T element(std::uint32_t place) const {
        return reinterpret_cast<const volatile T*>(address_)[place];
    }

    /// Numbers of a sign and `bits` of magnitude, whose first counts 1; 16 of a row of a face have
    /// an exponent in common, of all exponents that lie before the numbers.
    float block_element(std::uint32_t place, std::uint32_t bits) const {
        const std::uint32_t exponents = (get_tile_hw(cb_) + 15) / 16;
        const std::uint32_t in_byte = 8 / (bits + 1);
        const std::uint32_t byte = element<std::uint8_t>(exponents + place / in_byte);
        const std::uint32_t number = byte >> place % in_byte * (bits + 1);
        const float scale = tilewright::metalium::float_of_bits(
            std::uint32_t{element<std::uint8_t>(place / 16)} << 23);
        const std::uint32_t magnitude = number & ((1u << bits) - 1);
        const float value =
            static_cast<float>(magnitude) / static_cast<float>(1u << (bits - 1)) * scale;
        return (number >> bits & 1) != 0 ? -value : value;
    }

    void print_element(std::uint32_t place) const {
        using namespace tilewright::metalium;
        const NumberStyle style;
        switch (format_) {
            case DataFormat::Float32:
                return put_real(float_of_bits(element<std::uint32_t>(place)), style);
            case DataFormat::Float16_b:
                return put_real(BF16(element<std::uint16_t>(place)).real(), style);
            case DataFormat::Bfp8_b:
                return put_real(block_element(place, 7), style);
            case DataFormat::Bfp4_b:
                return put_real(block_element(place, 3), style);
            case DataFormat::Bfp2_b:
                return put_real(block_element(place, 1), style);
            case DataFormat::UInt32:
                return put_value(element<std::uint32_t>(place), style);
            case DataFormat::Int32:
                return put_value(element<std::int32_t>(place), style);
            case DataFormat::UInt16:
                return put_value(element<std::uint16_t>(place), style);
            case DataFormat::UInt8:
                return put_value(std::uint32_t{element<std::uint8_t>(place)}, style);
            case DataFormat::Int8:
                return put_value(std::int32_t{element<std::int8_t>(place)}, style);
            default:
                return put_string("?", style);  // a format that is not printed
        }
    }

    SliceRange range_;
    std::uint32_t address_;
    std::uint32_t cb_;
    DataFormat format_;
    bool ends_rows_;
    bool untilized_;
};

/// The published names.
using TSLICE8 = TileSlice<8>;
using TSLICE16 = TileSlice<16>;
using TSLICE32 = TileSlice<32>;
using TSLICE = TileSlice<64>;
