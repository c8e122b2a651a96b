// Processors and networks, by the names that kernel configurations use.
#pragma once

#include <cstdint>
#include <tt-metalium/tt_backend_api_types.hpp>

namespace tt::tt_metal {

/// The two data-movement cores of a tile: processors 0 and 4 of ours.
enum class DataMovementProcessor { RISCV_0 = 0, RISCV_1 = 1 };

enum NOC : std::uint8_t { RISCV_0_default = 0, RISCV_1_default = 1, NOC_0 = 0, NOC_1 = 1 };
enum NOC_MODE : std::uint8_t { DM_DEDICATED_NOC = 0, DM_DYNAMIC_NOC = 1 };
enum Eth : std::uint8_t { SENDER = 0, RECEIVER = 1, IDLE = 2 };

namespace detail {
inline NOC preferred_noc_for_dram_read(ARCH) {
    return NOC::NOC_0;
}
inline NOC preferred_noc_for_dram_write(ARCH) {
    return NOC::NOC_1;
}
// Names that older programs use.
inline NOC GetPreferredNOCForDRAMRead(ARCH arch) {
    return preferred_noc_for_dram_read(arch);
}
inline NOC GetPreferredNOCForDRAMWrite(ARCH arch) {
    return preferred_noc_for_dram_write(arch);
}
}  // namespace detail

}  // namespace tt::tt_metal
