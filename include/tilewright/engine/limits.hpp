// How many flags the engines have, and how many commands each of them queues. Kernels are compiled
// against it too: nothing here but constants.
#pragma once

#include <cstdint>

namespace tilewright::abi {

/// Flags: 32-bit counters which commands of engines wait for and add to.
inline constexpr std::uint32_t engine_flag_count = 1024;
/// Where a command names a flag: none.
inline constexpr std::uint32_t no_flag = 0xFFFF'FFFF;

/// Commands that one engine holds before a core that submits another one has to wait.
inline constexpr std::uint32_t engine_queue_commands = 64;

}  // namespace tilewright::abi
