// translate() (translation.hpp) with what decides where the interpreter enters its code.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {

/// Instructions that are as long for the interpreter as loading and storing registers around
/// translated code.
inline constexpr double least_run = 24;

/// The interpreter enters at blocks from which a run is at least so long, as far as that is known.
std::string emit(const Code& code, const ProgramEntries& entries, const WindowPlaces& places,
                 std::string_view key, std::span<const std::uint32_t> functions, double least);

}  // namespace tilewright::riscv
