// The C++ compiler and linker that make kernels: the clang in zig, or a system's clang with lld.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/runtime/compile_error.hpp"

namespace tilewright {

/// How to call a compiler and a linker that know RISC-V.
struct Toolchain {
    std::vector<std::string> compile;  ///< program and the arguments that always come first
    std::vector<std::string> link;     ///< likewise for the linker, in the manner of ld.lld
    /// Likewise for C of the host, made into objects and shared objects; empty: it cannot be.
    std::vector<std::string> host_compile;
    std::vector<std::string> host_link;
    bool zig = false;       ///< takes -mcpu=generic_rv32+... instead of -march
    int clang_version = 0;  ///< major version of a system clang; 0 for zig
    /// Folders of C++ headers, where the compiler has none of its own for RISC-V.
    std::vector<std::filesystem::path> system_headers;
    /// Folder whose files are named relative to `toolchain/` in debug lines; may be empty.
    std::filesystem::path root;
    std::string identity;     ///< changes when the programs do; part of cache keys
    std::string description;  ///< for people
};

/// The toolchain to use, the first that is there of: `preferred` (the path of a zig or clang++,
/// if not empty); $TILEWRIGHT_CXX; the package ziglang beside this library or in $VIRTUAL_ENV;
/// zig on the PATH; clang++ of version 16 or later with ld.lld. CompileError says what was looked
/// for, and how to get one.
TILEWRIGHT_API Toolchain find_toolchain(const std::filesystem::path& preferred = {});

}  // namespace tilewright
