// Between row-major matrices and tiles of 32 x 32 elements, each in four faces of 16 x 16.
#pragma once

#include <cstdint>
#include <tt-metalium/constants.hpp>
#include <tt_stl/assert.hpp>
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
