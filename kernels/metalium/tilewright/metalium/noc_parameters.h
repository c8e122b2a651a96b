// Names of the network's parameters that kernels write, and of the one register that they set to
// what it has at the start.
#pragma once

#include <cstdint>

#include "tilewright/metalium/noc.h"

#define NOC_L1_READ_ALIGNMENT_BYTES L1_ALIGNMENT
#define NOC_L1_WRITE_ALIGNMENT_BYTES L1_ALIGNMENT
#define NOC_DRAM_READ_ALIGNMENT_BYTES DRAM_ALIGNMENT
#define NOC_DRAM_WRITE_ALIGNMENT_BYTES L1_ALIGNMENT
#define NOC_MAX_TRANSACTION_ID 0xF
#define NCRISC_WR_CMD_BUF 0
#define NCRISC_RD_CMD_BUF 1
#define NCRISC_WR_REG_CMD_BUF 2
#define NCRISC_AT_CMD_BUF 3

// Bits of a command: which kind, and its channel, which changes nothing here.
#define NOC_CMD_CPY 0
#define NOC_CMD_RD 0
#define NOC_CMD_AT 1
#define NOC_CMD_WR 2
#define NOC_CMD_RESP_MARKED 16
#define NOC_CMD_VC_STATIC 128
#define NOC_CMD_STATIC_VC(vc) ((vc) << 14)
#define NOC_RESP_STATIC_VC(vc) ((vc) << 9)
#define NOC_CTRL 0x1C
#define NOC_CTRL_LO NOC_CTRL
#ifndef ARCH_WORMHOLE
/// Coordinates of the first tile; there are columns between the tiles.
#define VIRTUAL_TENSIX_START_X 1
#define VIRTUAL_TENSIX_START_Y 2
#endif
inline constexpr std::uint32_t READ_RESPONSE_STATIC_VC = 12;

namespace tilewright::metalium {

/// Kinds and channels of commands can be written again: calls set their own. Addresses cannot.
template <std::uint32_t reg>
TILEWRIGHT_DEVICE void write_command_register(std::uint32_t, std::uint32_t, std::uint32_t) {
    static_assert(reg == NOC_CTRL,
                  "of the network's registers kernels may write NOC_CTRL only; "
                  "use the noc_async_ calls");
}

}  // namespace tilewright::metalium

#define NOC_CMD_BUF_WRITE_REG(noc, buffer, reg, value) \
    ::tilewright::metalium::write_command_register<reg>(noc, buffer, value)
