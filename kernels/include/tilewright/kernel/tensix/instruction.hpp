// Instructions of the tile's compute engine, from a kernel on one of the cores that feed it
// (processors 1 to 3 for threads 0 to 2): op::mvmul{.dst = 8} and so on, from the engine's own
// table of instructions.
#pragma once

#include <cstdint>

#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/kernel/device.hpp"

namespace tilewright::kernel::tensix {

/// Which generation of the engine the kernel is compiled for; 0 and 1 as the tables number them.
#ifdef ARCH_WORMHOLE
inline constexpr bool wormhole = true;
#else
inline constexpr bool wormhole = false;
#endif
inline constexpr bool blackhole = !wormhole;

namespace op {
#define BOTH(name, high, low) std::uint32_t name = 0;
#define EACH(name, wormhole_high, wormhole_low, blackhole_high, blackhole_low) \
    std::uint32_t name = 0;
#define WORMHOLE(name, high, low) std::uint32_t name = 0;
#define BLACKHOLE(name, high, low) std::uint32_t name = 0;
#define TENSIX_INSTRUCTION(op, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    struct op {                                                                              \
        fields                                                                               \
    };
#include "tilewright/tensix/instructions.def"
}  // namespace op

/// A value in its place in a word. Bits that do not fit are left out.
constexpr std::uint32_t placed(std::uint32_t value, int high, int low) {
    return (value & ((2u << (high - low)) - 1)) << low;
}

#define BOTH(name, high, low) | placed(i.name, high, low)
#define EACH(name, wormhole_high, wormhole_low, blackhole_high, blackhole_low) \
    | (wormhole ? placed(i.name, wormhole_high, wormhole_low)                  \
                : placed(i.name, blackhole_high, blackhole_low))
#define WORMHOLE(name, high, low) | (wormhole ? placed(i.name, high, low) : 0)
#define BLACKHOLE(name, high, low) | (blackhole ? placed(i.name, high, low) : 0)
#define TENSIX_INSTRUCTION(name, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    constexpr std::uint32_t word_of([[maybe_unused]] const op::name& i) {                      \
        return std::uint32_t{opcode} << 24 fields;                                             \
    }
#include "tilewright/tensix/instructions.def"

/// Gives the engine an instruction: in the core's own stream if all of it is known to the
/// compiler, else by a store. Either way the core goes on at once while the thread's queue has
/// room, and the engine carries out the thread's instructions in order.
TILEWRIGHT_DEVICE void issue_word(std::uint32_t word) {
    if (__builtin_constant_p(word)) {
        // In the stream it lies rotated, so that it is no instruction of RISC-V.
        asm volatile(".4byte %0" ::"i"(word << 2 | word >> 30) : "memory");
    } else {
        device::write_register(abi::compute_registers + abi::compute_register::instructions, word);
    }
}
template <class Instruction>
TILEWRIGHT_DEVICE void issue(const Instruction& instruction) {
    issue_word(word_of(instruction));
}

/// Waits until the engine has done all that this thread was told.
TILEWRIGHT_DEVICE void wait_until_done() {
    static_cast<void>(*reinterpret_cast<const volatile std::uint32_t*>(
        abi::compute_registers + abi::compute_register::done));
}

}  // namespace tilewright::kernel::tensix
