// Tables of the tiles in circular buffers, by number, under the names of the vendor's generated
// headers, which some kernels read.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/metalium/tile_formats.h"

namespace tilewright::metalium {

template <class F>
consteval auto table_of(F f) {
    std::array<decltype(f(TileFormat{})), abi::circular_buffer_count> table{};
    for (std::uint32_t cb = 0; cb < table.size(); ++cb) table[cb] = f(tile_formats[cb]);
    return table;
}
inline constexpr auto format_table =
    table_of([](TileFormat f) { return static_cast<std::uint8_t>(f.data_format); });
inline constexpr auto bytes_table = table_of([](TileFormat f) { return f.bytes; });
inline constexpr auto rows_table = table_of([](TileFormat f) { return f.height; });
inline constexpr auto columns_table = table_of([](TileFormat f) { return f.width; });
inline constexpr auto faces_table =
    table_of([](TileFormat f) { return (f.height * f.width + 255) / 256; });
inline constexpr auto face_rows_table =
    table_of([](TileFormat f) { return f.height < 16 ? f.height : 16; });
inline constexpr auto partial_table =
    table_of([](TileFormat f) { return static_cast<std::uint32_t>(f.height < 16); });
inline constexpr auto narrow_table =
    table_of([](TileFormat f) { return static_cast<std::uint32_t>(f.width < 32); });

}  // namespace tilewright::metalium

inline constexpr auto& unpack_src_format = tilewright::metalium::format_table;
inline constexpr auto& pack_dst_format = tilewright::metalium::format_table;
inline constexpr auto& unpack_tile_size = tilewright::metalium::bytes_table;
inline constexpr auto& pack_tile_size = tilewright::metalium::bytes_table;
inline constexpr auto& unpack_tile_r_dim = tilewright::metalium::rows_table;
inline constexpr auto& pack_tile_r_dim = tilewright::metalium::rows_table;
inline constexpr auto& unpack_tile_c_dim = tilewright::metalium::columns_table;
inline constexpr auto& pack_tile_c_dim = tilewright::metalium::columns_table;
inline constexpr auto& unpack_tile_num_faces = tilewright::metalium::faces_table;
inline constexpr auto& pack_tile_num_faces = tilewright::metalium::faces_table;
inline constexpr auto& unpack_tile_face_r_dim = tilewright::metalium::face_rows_table;
inline constexpr auto& pack_tile_face_r_dim = tilewright::metalium::face_rows_table;
inline constexpr auto& unpack_partial_face = tilewright::metalium::partial_table;
inline constexpr auto& pack_partial_face = tilewright::metalium::partial_table;
inline constexpr auto& unpack_narrow_tile = tilewright::metalium::narrow_table;
inline constexpr auto& pack_narrow_tile = tilewright::metalium::narrow_table;
