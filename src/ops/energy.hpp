// What a matmul costs in energy, by a table; docs/timing-model.md has the sources.
#pragma once

#include "tilewright/ops/matmul.hpp"

namespace tilewright::detail {

/// Picojoules of one multiply-accumulate with operands of this type.
double mac_picojoules(DataType type);
/// Picojoules of a byte read from or written to a memory on the chip of so many bytes.
double sram_picojoules(std::uint64_t memory_bytes);
/// Picojoules of a byte read from or written to DRAM.
inline constexpr double dram_picojoules = 1300.0 / 8;

}  // namespace tilewright::detail
