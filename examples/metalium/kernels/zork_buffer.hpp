// How a game lies in its DRAM buffer: the interpreter's Machine, with the text that a batch printed
// moved to the front, where the host reads it together with the control block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tilewright/zmachine/protocol.hpp>

namespace zork {

using tilewright::zmachine::Machine;
using tilewright::zmachine::Output;

inline constexpr std::uint32_t page_bytes = 32 * 1024;
inline constexpr std::uint32_t text_at = offsetof(Machine, memory);  // also: bytes of the front
inline constexpr std::uint32_t moved = (sizeof(Output) + 63) / 64 * 64;

/// Where a byte of the Machine lies in the buffer. Both agree modulo 64, as transfers want it.
constexpr std::uint32_t place_of(std::uint32_t offset) {
    constexpr std::uint32_t output = offsetof(Machine, output);
    if (offset < text_at) return offset;
    if (offset < output) return offset + moved;
    return offset < output + sizeof(Output) ? offset - output + text_at : offset;
}
static_assert(offsetof(Machine, pristine) == offsetof(Machine, output) + moved);
static_assert(text_at % 64 == 0 && offsetof(Machine, output) % 64 == 0);

inline constexpr std::uint32_t pages = (sizeof(Machine) + page_bytes - 1) / page_bytes;

}  // namespace zork
