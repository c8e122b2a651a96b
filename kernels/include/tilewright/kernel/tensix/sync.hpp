// How the engine's threads and the cores that feed them wait for one another.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/instruction.hpp"

namespace tilewright::kernel::tensix {

/// The engine's semaphores, numbered as the vendor's kernels use them.
namespace semaphore {
inline constexpr std::uint32_t dst_ready = 1;  ///< halves of Dst that are computed and not packed
inline constexpr std::uint32_t unpack_to_dst = 2;  ///< tiles that an unpacker has put into Dst
inline constexpr std::uint32_t contexts = 5;       ///< unpacker contexts in use
}  // namespace semaphore

/// What an instruction of the sync unit holds back (a mask).
namespace block {
inline constexpr std::uint32_t sync = 0x002;
inline constexpr std::uint32_t pack = 0x004;
inline constexpr std::uint32_t unpack = 0x008;
inline constexpr std::uint32_t scalar = 0x020;
inline constexpr std::uint32_t matrix = 0x040;
inline constexpr std::uint32_t configuration = 0x080;
inline constexpr std::uint32_t vector = 0x100;
}  // namespace block

/// Until which units have done what the thread told them (a mask).
namespace until {
inline constexpr std::uint32_t scalar = 0x1;
inline constexpr std::uint32_t unpack = 0x6;
inline constexpr std::uint32_t pack = wormhole ? 0x78 : 0x8;
inline constexpr std::uint32_t matrix = wormhole ? 0x80 : 0x10;
inline constexpr std::uint32_t vector = wormhole ? 0x4000 : 0x800;
inline constexpr std::uint32_t a_unpacked = wormhole ? 0x400 : 0x80;
inline constexpr std::uint32_t b_unpacked = wormhole ? 0x800 : 0x100;
}  // namespace until

TILEWRIGHT_DEVICE void stall(std::uint32_t blocks, std::uint32_t conditions) {
    issue(op::stallwait{.conditions = conditions, .blocks = blocks});
}
/// Holds the blocks back while the semaphore is 0.
TILEWRIGHT_DEVICE void wait_while_zero(std::uint32_t blocks, std::uint32_t semaphore) {
    issue(op::semwait{.conditions = 1, .semaphores = 1u << semaphore, .blocks = blocks});
}
/// Holds the blocks back while the semaphore is at its maximum.
TILEWRIGHT_DEVICE void wait_while_full(std::uint32_t blocks, std::uint32_t semaphore) {
    issue(op::semwait{.conditions = 2, .semaphores = 1u << semaphore, .blocks = blocks});
}
TILEWRIGHT_DEVICE void init_semaphore(std::uint32_t semaphore, std::uint32_t maximum) {
    issue(op::seminit{.semaphores = 1u << semaphore, .value = 0, .maximum = maximum});
}
TILEWRIGHT_DEVICE void post(std::uint32_t semaphore) {
    issue(op::sempost{.semaphores = 1u << semaphore});
}
TILEWRIGHT_DEVICE void get(std::uint32_t semaphore) {
    issue(op::semget{.semaphores = 1u << semaphore});
}

// --- The same from the core, at once -------------------------------------------------------------

TILEWRIGHT_DEVICE std::uint32_t semaphore_register(std::uint32_t semaphore) {
    return abi::compute_registers + abi::compute_register::semaphores + 4 * semaphore;
}
TILEWRIGHT_DEVICE std::uint32_t semaphore_value(std::uint32_t semaphore) {
    return *reinterpret_cast<const volatile std::uint32_t*>(semaphore_register(semaphore));
}
TILEWRIGHT_DEVICE void post_now(std::uint32_t semaphore) {
    device::write_register(semaphore_register(semaphore), 0);
}

}  // namespace tilewright::kernel::tensix
