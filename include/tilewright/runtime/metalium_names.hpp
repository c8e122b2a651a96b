// Names that a host program gives to what a kernel uses, for kernels that say get_arg(args::x),
// DataflowBuffer(dfb::x), Semaphore(sem::x), TensorAccessor(tensor::x), Scratchpad(scratch::x).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// A tensor: the compile-time argument that what TensorAccessorArgs appends begins at.
struct MetaliumTensorName {
    std::string name;
    std::uint32_t compile_word = 0;
};

/// Memory in L1 for the kernel's own use.
struct MetaliumScratchpadName {
    std::string name;
    std::uint32_t bytes = 0;
};

/// The kernel's own runtime arguments are those with names, then others, which get_vararg(i)
/// reads. Its common ones are those with names, the address of each tensor, the address of each
/// scratchpad, then those that get_common_vararg(i) reads. Named compile-time arguments have their
/// names in args::, too.
struct MetaliumNames {
    std::vector<std::string> arguments{};
    std::vector<std::string> common_arguments{};
    std::map<std::string, std::uint32_t> dataflow_buffers{};  ///< numbers of circular buffers
    std::map<std::string, std::uint32_t> semaphores{};        ///< their numbers
    std::vector<MetaliumTensorName> tensors{};
    std::vector<MetaliumScratchpadName> scratchpads{};
};

/// Declarations of all names, in C++, as the kernels' headers take them. ArgumentError if one is
/// not an identifier, or twice in its namespace.
TILEWRIGHT_API std::string declare_metalium_names(
    const MetaliumNames& names, const std::map<std::string, std::uint32_t>& compile_args);

/// `void kernel_main()` for a kernel whose body is a function marked TT_KERNEL: it calls that with
/// the arguments that have its parameters' names. Empty if the source has none. ArgumentError if a
/// parameter has the name of no argument.
TILEWRIGHT_API std::string metalium_entry_point(
    std::string_view source, const MetaliumNames& names,
    const std::map<std::string, std::uint32_t>& compile_args);

}  // namespace tilewright
