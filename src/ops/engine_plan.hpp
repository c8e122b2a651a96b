// How a matmul is cut for the compute engines of a chip's tiles.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tilewright/ops/matmul.hpp"
#include "tilewright/tensix/format.hpp"

namespace tilewright::detail {

inline constexpr std::uint64_t tile_side = 32;
/// Tiles along k of the first step, at most, of so many in all: the sooner it is there, the sooner
/// engines begin, but the sooner they need the next one.
constexpr std::uint64_t first_step(std::uint64_t k) {
    return std::clamp<std::uint64_t>(k / 16, 4, 8);
}
/// A page of the bias: kernels/matmul/blocks.hpp.
inline constexpr std::uint64_t bias_page_bytes = 512;

tensix::Format format_of(DataType type);
std::uint64_t tile_bytes(DataType type);

/// The circular buffers of each tile, in pages of one tile; `bias` in pages of its own.
struct EngineRings {
    std::uint64_t left, right, sums, bias, out;
    static EngineRings of(const MatmulPlan& plan);
    std::uint64_t bytes(const MatmulOptions& options) const;
};

/// plan_matmul() for a chip without systolic arrays.
MatmulPlan plan_on_engines(const ChipConfig& config, const GemmShape& shape,
                           const MatmulOptions& options);

}  // namespace tilewright::detail
