// How a compute kernel uses the compute engine.
#pragma once

#include <cstdint>
#include <optional>
#include <tt-metalium/base_types.hpp>
#include <tt-metalium/experimental/metal2_host_api/advanced_options.hpp>

namespace tt::tt_metal {
using ::MathFidelity;
/// Fast, or near the true values.
enum class Precision : std::uint8_t { Approximate, Precise };
/// Where the unpacker puts numbers of 32 bits: whole to Dst, or shortened to SrcA and SrcB.
enum class UnpackMode : std::uint8_t { UnpackToSrc, UnpackToDest };
}  // namespace tt::tt_metal

namespace tt::tt_metal::experimental {

struct ComputeHardwareConfig {
    MathFidelity fpu_math_fidelity = MathFidelity::HiFi4;
    Precision sfpu_precision_mode = Precision::Precise;
    bool enable_32_bit_dest = false;
    /// Dst is handed over in halves; otherwise whole, twice as many tiles at once.
    bool double_buffer_dest = true;
    using ComputeUnpackModes = Table<DFBSpecName, UnpackMode>;
    ComputeUnpackModes unpack_modes{};
    /// Carried.
    struct Compute1XXConfig {
        Precision bfp_pack_precision_mode = Precision::Approximate;
    };
    std::optional<Compute1XXConfig> config_1xx{};
    struct Compute2XXConfig {};
    std::optional<Compute2XXConfig> config_2xx{};
};
using ComputeUnpackModes = ComputeHardwareConfig::ComputeUnpackModes;

}  // namespace tt::tt_metal::experimental
