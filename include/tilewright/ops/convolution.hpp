// Convolutions on the systolic arrays: shapes, and how they become matmuls.
#pragma once

#include <cstdint>

#include "tilewright/ops/matmul.hpp"

namespace tilewright {

/// How far apart the places of a filter are; a single number holds for both directions.
struct Strides {
    std::uint64_t down = 1;
    std::uint64_t right = 1;
    constexpr Strides() = default;
    constexpr Strides(std::uint64_t both) : down(both), right(both) {}
    constexpr Strides(std::uint64_t d, std::uint64_t r) : down(d), right(r) {}
};

/// Rows and columns of zeros around each image; a single number holds for all four edges.
struct Padding {
    std::uint64_t top = 0;
    std::uint64_t bottom = 0;
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    constexpr Padding() = default;
    constexpr Padding(std::uint64_t all) : top(all), bottom(all), left(all), right(all) {}
    constexpr Padding(std::uint64_t t, std::uint64_t b, std::uint64_t l, std::uint64_t r)
        : top(t), bottom(b), left(l), right(r) {}
};

/// images (images x height x width x channels) with filters (kernel_height x kernel_width x
/// channels x filters) to (images x output_height x output_width x filters), all row-major.
struct Convolution {
    enum class Method : std::uint8_t {
        direct,  ///< the rows of the matmul's matrix are gathered from the images as it goes along
        im2col,  ///< they are written to DRAM first, and read from there
    };
    std::uint64_t images = 1;
    std::uint64_t height = 0;
    std::uint64_t width = 0;
    std::uint64_t channels = 0;
    std::uint64_t filters = 0;
    std::uint64_t kernel_height = 0;
    std::uint64_t kernel_width = 0;
    Strides stride{};
    Padding padding{};  ///< fewer than the filter is high (top, bottom) or wide (left, right)
    Method method = Method::direct;

    std::uint64_t padded_height() const { return padding.top + height + padding.bottom; }
    std::uint64_t padded_width() const { return padding.left + width + padding.right; }
    std::uint64_t output_height() const {
        return (padded_height() - kernel_height) / stride.down + 1;
    }
    std::uint64_t output_width() const {
        return (padded_width() - kernel_width) / stride.right + 1;
    }
    /// The matmul that it is: a row for each place of the output, a column for each filter.
    GemmShape gemm() const {
        return {images * output_height() * output_width(), filters,
                kernel_height * kernel_width * channels};
    }
};

}  // namespace tilewright
