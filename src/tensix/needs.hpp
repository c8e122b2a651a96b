// What an instruction waits for by itself before it begins.
#pragma once

#include <cstdint>

#include "tilewright/tensix/execute.hpp"

namespace tilewright::tensix {

struct Needs {
    static constexpr std::uint8_t no_mutex = 0xff;
    bool matrix_a = false;  ///< the matrix unit's bank of SrcA, unpacked
    bool matrix_b = false;
    bool unpack_a = false;  ///< the unpacker's bank of SrcA, free
    bool unpack_b = false;
    /// The bank that the matrix unit stands at, free: UNPACR_NOP clears it.
    bool free_matrix_a = false;
    bool free_matrix_b = false;
    std::uint8_t mutex = no_mutex;  ///< that no other thread holds
};

/// Of a word that has been decoded as this instruction.
Needs needs_of(Architecture architecture, const Instruction& instruction, std::uint32_t word);
/// Whether an instruction may wait for anything of that.
constexpr bool has_needs(const Instruction& instruction) {
    return instruction.unit == Unit::matrix || instruction.unit == Unit::unpack ||
           instruction.op == Op::atgetm;
}

/// The first of them that is not there, or Wait::none.
Wait missing(const Needs& needs, const State& state, unsigned thread);

}  // namespace tilewright::tensix
