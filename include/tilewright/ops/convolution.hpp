// Convolutions on the systolic arrays: shapes, and how they become matmuls.
#pragma once

#include <cstdint>

#include "tilewright/ops/matmul.hpp"

namespace tilewright {

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
    std::uint64_t stride = 1;
    std::uint64_t padding = 0;  ///< zeros around each image, fewer than the filter is wide and high
    Method method = Method::direct;

    std::uint64_t output_height() const {
        return (height + 2 * padding - kernel_height) / stride + 1;
    }
    std::uint64_t output_width() const { return (width + 2 * padding - kernel_width) / stride + 1; }
    /// The matmul that it is: a row for each place of the output, a column for each filter.
    GemmShape gemm() const {
        return {images * output_height() * output_width(), filters,
                kernel_height * kernel_width * channels};
    }
};

}  // namespace tilewright
