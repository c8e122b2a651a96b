// Between row-major matrices and tiles of 32 x 32 elements, each in four faces of 16 x 16.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <tt-metalium/constants.hpp>
#include <tt_stl/assert.hpp>
#include <tt_stl/span.hpp>
#include <vector>

namespace tilewright::metalium {

/// Where element (row, column) of a matrix with `columns` columns lies among its tiles.
inline std::size_t tiled_index(std::size_t row, std::size_t column, std::size_t columns,
                               bool faces) {
    using namespace tt::constants;
    const std::size_t tile = row / TILE_HEIGHT * (columns / TILE_WIDTH) + column / TILE_WIDTH;
    const std::size_t r = row % TILE_HEIGHT;
    const std::size_t c = column % TILE_WIDTH;
    if (!faces) return tile * TILE_HW + r * TILE_WIDTH + c;
    const std::size_t face = r / FACE_HEIGHT * (TILE_WIDTH / FACE_WIDTH) + c / FACE_WIDTH;
    return tile * TILE_HW + face * FACE_HW + r % FACE_HEIGHT * FACE_WIDTH + c % FACE_WIDTH;
}

/// One matrix after another; throws std::runtime_error unless tiles divide it and it divides the
/// input.
template <class T>
std::vector<T> retile(const std::vector<T>& input, std::uint32_t m, std::uint32_t n, bool faces,
                      bool to_tiles) {
    TT_FATAL(
        m % tt::constants::TILE_HEIGHT == 0 && n % tt::constants::TILE_WIDTH == 0 && m * n != 0,
        "a matrix of {} x {}; expected multiples of 32", m, n);
    const std::size_t size = std::size_t{m} * n;
    TT_FATAL(input.size() % size == 0, "{} elements are not matrices of {} x {}", input.size(), m,
             n);
    std::vector<T> output(input.size());
    for (std::size_t base = 0; base < input.size(); base += size) {
        for (std::uint32_t row = 0; row < m; ++row) {
            for (std::uint32_t column = 0; column < n; ++column) {
                const std::size_t flat = base + std::size_t{row} * n + column;
                const std::size_t tiled = base + tiled_index(row, column, n, faces);
                output[to_tiles ? tiled : flat] = input[to_tiles ? flat : tiled];
            }
        }
    }
    return output;
}

}  // namespace tilewright::metalium

template <class T>
std::vector<T> tilize_nfaces(const std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    return tilewright::metalium::retile(input, m, n, true, true);
}
template <class T>
std::vector<T> untilize_nfaces(const std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    return tilewright::metalium::retile(input, m, n, true, false);
}
/// Tiles without faces.
template <class T>
std::vector<T> tilize_swizzled(const std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    return tilewright::metalium::retile(input, m, n, false, true);
}
template <class T>
std::vector<T> untilize_swizzled(const std::vector<T>& input, std::uint32_t m, std::uint32_t n) {
    return tilewright::metalium::retile(input, m, n, false, false);
}

/// How the elements of a matrix lie: row by row, or tile after tile, each tile row by row or face
/// by face.
enum class TensorLayoutType { LIN_ROW_MAJOR = 0, TILED_SWIZZLED = 1, TILED_NFACES = 2 };

using PhysicalSize = std::array<std::uint32_t, 2>;

/// From one layout to another, for any number of matrices of this shape. std::runtime_error for
/// shapes that tiles of 32 x 32 do not divide, and for other tiles or faces.
template <class T>
std::vector<T> convert_layout(tt::stl::Span<const T> data, const PhysicalSize& shape,
                              TensorLayoutType from, TensorLayoutType to,
                              std::optional<PhysicalSize> tile_shape = std::nullopt,
                              std::optional<PhysicalSize> face_shape = std::nullopt,
                              bool transpose_within_face = false, bool transpose_of_faces = false) {
    const bool usual = tile_shape.value_or(PhysicalSize{32, 32}) == PhysicalSize{32, 32} &&
                       face_shape.value_or(PhysicalSize{16, 16}) == PhysicalSize{16, 16};
    TT_FATAL(usual && !transpose_within_face && !transpose_of_faces,
             "convert_layout: expected tiles of 32 x 32 with faces of 16 x 16, not transposed");
    std::vector<T> values(data.begin(), data.end());
    if (from == to) return values;
    const auto convert = [&](TensorLayoutType tiled, bool to_tiles) {
        values = tilewright::metalium::retile(values, shape[0], shape[1],
                                              tiled == TensorLayoutType::TILED_NFACES, to_tiles);
    };
    if (from != TensorLayoutType::LIN_ROW_MAJOR) convert(from, false);
    if (to != TensorLayoutType::LIN_ROW_MAJOR) convert(to, true);
    return values;
}
/// The last extent of a shape is a row; all others are rows below each other.
template <class T>
std::vector<T> convert_layout(tt::stl::Span<const T> data, tt::stl::Span<const std::uint32_t> shape,
                              TensorLayoutType from, TensorLayoutType to,
                              std::optional<PhysicalSize> tile_shape = std::nullopt,
                              std::optional<PhysicalSize> face_shape = std::nullopt,
                              bool transpose_within_face = false, bool transpose_of_faces = false) {
    TT_FATAL(!shape.empty(), "convert_layout: a shape without extents");
    PhysicalSize matrix{1, shape.back()};
    for (const std::uint32_t extent : shape.first(shape.size() - 1)) matrix[0] *= extent;
    return convert_layout(data, matrix, from, to, tile_shape, face_shape, transpose_within_face,
                          transpose_of_faces);
}

/// Where the elements of a tensor of four extents lie in row-major order.
struct TensAddr {
    std::vector<std::uint32_t> sh;

    explicit TensAddr(const std::vector<std::uint32_t>& shape) : sh(shape) {
        TT_FATAL(sh.size() == 4, "TensAddr: {} extents; expected 4", sh.size());
    }
    std::uint32_t numel() const { return sh[0] * sh[1] * sh[2] * sh[3]; }
    /// std::runtime_error outside the shape.
    int offs(int n, int c, int h, int w) const {
        const std::array<int, 4> index{n, c, h, w};
        int offset = 0;
        for (std::size_t i = 0; i < index.size(); ++i) {
            TT_FATAL(index[i] >= 0 && static_cast<std::uint32_t>(index[i]) < sh[i],
                     "TensAddr: index {} of extent {}", index[i], sh[i]);
            offset = offset * static_cast<int>(sh[i]) + index[i];
        }
        return offset;
    }
};

constexpr std::uint32_t round_up_to_tile(int value, int tile) {
    return static_cast<std::uint32_t>((value + tile - 1) / tile * tile);
}
constexpr std::uint32_t round_up_to_mul16(std::uint32_t value) {
    return (value + 15) & ~15u;
}
constexpr std::uint32_t round_up_to_mul32(std::uint32_t value) {
    return (value + 31) & ~31u;
}
