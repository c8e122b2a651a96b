// Kernels that are written for TT-Metalium: how they are compiled, and how their arguments travel.
//
// The headers that such a kernel includes come with the library (share/tilewright/metalium); they
// stand on the native kernel API, so the result is a Kernel like any other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/runtime/kernel.hpp"
#include "tilewright/runtime/metalium_names.hpp"

namespace tilewright {

/// The core of a tile that a kernel is compiled for; its value is the processor to launch it on. A
/// compute kernel is compiled three times, for the last three.
enum class MetaliumProcessor : std::uint16_t {
    data_movement_0 = 0,
    compute_unpack = 1,
    compute_math = 2,
    compute_pack = 3,
    data_movement_1 = 4,
};

/// What get_dataformat() and get_tile_size() tell of a circular buffer.
struct MetaliumTileFormat {
    std::uint8_t data_format = 0xFF;  ///< as tt::DataFormat numbers them; 0xFF: none
    std::uint32_t tile_bytes = 0;     ///< of one tile
    std::uint32_t tile_height = 32;   ///< elements
    std::uint32_t tile_width = 32;    ///< elements
    bool in_buffer = false;           ///< lies where a buffer does, whose pages are there already
};

/// How a compute kernel uses the tile's compute engine.
struct MetaliumComputeOptions {
    std::uint32_t fidelity_phases = 4;  ///< of products: 1 (LoFi) to 4 (HiFi4)
    bool wide_dst = false;              ///< Dst has 32 bits
    bool full_dst = false;              ///< Dst is handed over whole, not in halves
    bool approximate = false;           ///< functions of the vector unit
    /// Circular buffers whose numbers of 32 bits go straight to Dst.
    std::set<std::uint32_t> unpack_to_dst{};
};

struct MetaliumKernelOptions {
    MetaliumProcessor processor = MetaliumProcessor::data_movement_0;
    std::uint32_t noc = 0;                      ///< that it uses where it names none
    std::vector<std::uint32_t> compile_args{};  ///< get_compile_time_arg_val(i)
    std::map<std::string, std::uint32_t> named_compile_args{};
    std::map<std::string, std::string> defines{};
    std::vector<std::filesystem::path> include_paths{};
    std::map<std::uint32_t, MetaliumTileFormat> circular_buffers{};  ///< by index, of its tile
    MetaliumComputeOptions compute{};
    /// What the kernel calls its arguments, circular buffers, ...; none: it has no names.
    std::optional<MetaliumNames> names{};
    std::string optimisation = "2";    ///< what follows -O
    std::filesystem::path compiler{};  ///< a zig or clang++; empty: see find_toolchain()
};

/// Compile a kernel for the cores of such a chip, through the cache. CompileError has the
/// compiler's own text; ArgumentError if the chip's tiles have no such processor.
TILEWRIGHT_API Kernel compile_metalium_kernel(const std::filesystem::path& source,
                                              const MetaliumKernelOptions& options,
                                              const ChipConfig& chip);
TILEWRIGHT_API Kernel compile_metalium_source(std::string_view text, const std::string& name,
                                              const MetaliumKernelOptions& options,
                                              const ChipConfig& chip);

/// The launch arguments of such a kernel: get_arg_val() reads `unique`, get_common_arg_val()
/// `common`. Their counts go along, so that reading past them is a fault. ArgumentError if they are
/// more than a launch can carry (abi::max_argument_words - 1).
TILEWRIGHT_API std::vector<Argument> metalium_arguments(std::span<const std::uint32_t> unique,
                                                        std::span<const std::uint32_t> common);

/// Flags in the first word that TensorAccessorArgs appends to the compile-time arguments. The words
/// that follow: page bytes; and if the tensor is sharded, its rank, the number of banks, its shape
/// in pages, the shape of a shard in pages (outermost dimension first), and for each bank its
/// abi::node. Shards go round the banks in the order of their numbers. Further flags
/// (hostdevcommon/tensor_accessor/arg_config.hpp) move some of these, in the same order, to the
/// common runtime arguments.
enum MetaliumTensorFlag : std::uint32_t {
    metalium_sharded = 1,
    metalium_dram = 2,
};

}  // namespace tilewright
