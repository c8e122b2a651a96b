// Races in words: both accesses, the bytes, and what would order them.
#pragma once

#include <string>

#include "tilewright/chip/chip.hpp"
#include "tilewright/race/race_check.hpp"
#include "tilewright/riscv/kernel_fault.hpp"

namespace tilewright::diagnose {

/// `buffer`: what the bytes are of, if somebody knows.
KernelFault race_fault(const Chip& chip, const Race& race, const std::string& buffer);

}  // namespace tilewright::diagnose
