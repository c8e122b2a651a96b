// The types of a kernel's parameters, as its file tells them.
#pragma once

#include <optional>
#include <string>

#include "tilewright/firmware/abi.hpp"
#include "tilewright/riscv/elf.hpp"

namespace tilewright::firmware {

/// Letters of abi::Parameter; none if the kernel takes raw words (no signature section). ElfError
/// names the program if a letter is unknown.
std::optional<std::string> signature(const riscv::ElfImage& program, const std::string& name);

/// The type as it is written in C++.
std::string parameter_name(abi::Parameter parameter);

}  // namespace tilewright::firmware
