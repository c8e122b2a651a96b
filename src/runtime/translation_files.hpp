// Translations of programs (riscv/translation.hpp) as files: found by content among those that ship
// and in the cache of compiled kernels, and made by the compiler of kernels.
//
// A program is translated in parts, some of its functions each; they are numbered from 0 on in each
// folder. Which functions a part has is no part of its key: any will do. A damaged file, or one of
// another version of the translator or for another kind of host, is as if it were not there.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/process.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/translation.hpp"
#include "tilewright/runtime/toolchain.hpp"

namespace tilewright {

/// A program that can be translated.
struct TranslatedProgram {
    TranslatedProgram(const riscv::ElfImage& program, const riscv::Code& decoded);

    const riscv::ElfImage* elf;
    const riscv::Code* code;
    std::vector<std::uint32_t> functions;  ///< where they begin, in ascending order
    std::string key;                       ///< of its content and of what translates it

    std::string part_key(unsigned part) const { return key + "." + std::to_string(part); }
    /// Of one of its functions, with what lies between it and the next one.
    std::uint32_t instructions(std::uint32_t function) const;
};

/// Where translations that ship lie, below the folder of device files.
inline constexpr char shipped_translations[] = "translations";

/// The parts that a folder has.
std::vector<std::shared_ptr<const riscv::Translation>> find_translations(
    const TranslatedProgram& program, const std::filesystem::path& folder);

/// Instructions, at most, in a part of several functions: the compiler takes about 2 ms of
/// processor time for each of them.
inline constexpr std::uint32_t most_in_part = 6 * 1024;

/// The object of a part with these functions, in ascending order. CompileError, with what the
/// compiler said, if it cannot be made; nothing if it was cancelled.
std::optional<std::string> compile_translation(const TranslatedProgram& program,
                                               std::span<const std::uint32_t> functions,
                                               const std::string& key, const Toolchain& toolchain,
                                               const ProcessLimits& limits = {});
/// An object in memory; nullptr if it is damaged, or another's.
std::shared_ptr<const riscv::Translation> load_translation(const std::string& object,
                                                           const std::string& key);
/// Does nothing if the folder cannot be written to: then it is made again next time.
void store_translation(const std::string& object, const std::string& key,
                       const std::filesystem::path& folder);

/// C to a shared object, likewise.
std::optional<std::string> compile_shared_object(const std::string& source,
                                                 const Toolchain& toolchain,
                                                 const ProcessLimits& limits = {});

}  // namespace tilewright
