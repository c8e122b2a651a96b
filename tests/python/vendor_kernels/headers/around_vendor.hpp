// What stands around the vendor's low-level headers in a kernel of ours: an assembler macro for the
// engine's words, the places that its linker script names, and its globals.
#pragma once

#include <cstdint>

// A word of the engine in a core's stream is rotated, so that its lowest two bits are not 11.
asm(R"(
.macro .ttinsn word
    .4byte ((\word) << 2 | ((\word) >> 30 & 3)) & 0xffffffff
.endm
.globl __instrn_buffer
.set __instrn_buffer, 0xffe40000
)");

#pragma clang diagnostic ignored "-Wunknown-attributes"
#include "ckernel.h"
#include "ckernel_defs.h"
#include "ckernel_helper.h"
#include "tensor_shape.h"

std::uint32_t unp_cfg_context = 0;
std::uint32_t pack_sync_tile_dst_ptr = 0;
std::uint32_t math_sync_tile_dst_index = 0;
