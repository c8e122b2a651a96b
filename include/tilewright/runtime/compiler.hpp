// Kernels from C++ source, at run time, with a cache by content.
//
// The key of a cached result is made of the source, the flags, the instruction set, the compiler
// and the start-up code; the headers that were reached are compared at each look-up. Headers of the
// toolchain itself, and those found through -isystem, are not watched: the compiler's identity
// stands for them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/runtime/compile_error.hpp"
#include "tilewright/runtime/device_files.hpp"
#include "tilewright/runtime/toolchain.hpp"

namespace tilewright {

/// The instruction set of the cores of all presets.
inline constexpr char default_isa[] = "rv32im_zicsr_zaamo_zalrsc_zawrs_zba_zbb";

struct CompileOptions {
    std::vector<std::string> defines{};  ///< "NAME" or "NAME=VALUE"
    std::vector<std::filesystem::path> include_paths{};
    std::string isa = default_isa;
    std::string optimisation = "2";          ///< what follows -O
    std::vector<std::string> extra_flags{};  ///< handed to clang after all others
    std::filesystem::path compiler{};        ///< a zig or clang++; empty: see find_toolchain()
    /// Values of a compute engine's vector unit can live in its registers (sfpi::vFloat); needs zig
    /// or clang 20.
    bool vector_values = false;
    /// Name the source in debug lines by its file name alone, for executables that are shipped.
    bool hide_source_folder = false;
};

struct Compiled {
    std::vector<std::byte> elf;
    std::filesystem::path path;  ///< the same bytes as a file in the cache
    std::string output;          ///< what the compiler said: warnings
    bool from_cache = false;     ///< nothing had to be compiled or linked
};

/// $TILEWRIGHT_CACHE, or tilewright/ in $XDG_CACHE_HOME or in ~/.cache; where that cannot be
/// written to, a folder for this user among the temporary files. Grows to 512 MiB; then what was
/// used longest ago goes.
TILEWRIGHT_API std::filesystem::path cache_folder();

/// Where a compilation takes its parts from.
struct CompileSetup {
    Toolchain toolchain;
    DeviceFiles files;
    std::filesystem::path cache;
};
/// The toolchain (see find_toolchain), device files and cache folder of this environment.
CompileSetup find_compile_setup(const std::filesystem::path& compiler = {});

/// Compiles source files and links them into one kernel. CompileError, whose text is the
/// compiler's own, if that fails, or if a file is missing or an option makes no sense.
TILEWRIGHT_API Compiled compile_kernel(std::span<const std::filesystem::path> sources,
                                       const CompileOptions& options, const CompileSetup& setup);
/// Compiles one source that is in memory; messages and debug lines call it `name`.
Compiled compile_kernel_text(std::string_view text, const std::string& name,
                             const CompileOptions& options, const CompileSetup& setup);

/// The same with what this environment has.
TILEWRIGHT_API Compiled compile_kernel(const std::filesystem::path& source,
                                       const CompileOptions& options = {});
Compiled compile_kernel_text(std::string_view text, const std::string& name,
                             const CompileOptions& options = {});

}  // namespace tilewright
