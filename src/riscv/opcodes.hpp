// What the instruction table says, as types: the Op enum, a Row for each, and the decoder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {

enum class Op : std::uint8_t {
#define TILEWRIGHT_INSTRUCTION(name, mnemonic, format, match, mask, extension, unit) name,
#include "instructions.def"
#undef TILEWRIGHT_INSTRUCTION
    illegal,       ///< no row fits, or its extension is not there
    fall_through,  ///< end of a block that no control transfer ends; not an instruction
    stop,          ///< leave the interpreter; not an instruction
};
inline constexpr std::size_t instruction_count = static_cast<std::size_t>(Op::illegal);
inline constexpr std::size_t op_count = static_cast<std::size_t>(Op::stop) + 1;

enum class Format : std::uint8_t {
    none,           ///< no operands
    binary,         ///< rd, rs1, rs2
    unary,          ///< rd, rs1
    immediate,      ///< rd, rs1, imm
    shift,          ///< rd, rs1, shamt
    indexed,        ///< rd, imm(rs1)
    store,          ///< rs2, imm(rs1)
    branch,         ///< rs1, rs2, target
    upper,          ///< rd, imm20
    jump,           ///< rd, target
    csr,            ///< rd, csr, rs1
    csr_immediate,  ///< rd, csr, uimm
    atomic,         ///< rd, rs2, (rs1)
    reserve,        ///< rd, (rs1)
    fence,          ///< pred, succ
};

enum class Unit : std::uint8_t {
    alu,
    load,
    store,
    branch,
    jump,
    jump_register,
    multiply,
    divide,
    atomic,       ///< a block of its own, synchronising
    synchronise,  ///< a block of its own, synchronising
    system,       ///< a block of its own
};

constexpr bool stands_alone(Unit u) {
    return u == Unit::atomic || u == Unit::synchronise || u == Unit::system;
}
constexpr bool transfers_control(Unit u) {
    return u == Unit::branch || u == Unit::jump || u == Unit::jump_register;
}

struct Row {
    std::string_view mnemonic;
    Format format;
    std::uint32_t match;
    std::uint32_t mask;
    Extension extension;
    Unit unit;
};

inline constexpr std::array<Row, instruction_count> rows = {{
#define TILEWRIGHT_INSTRUCTION(name, mnemonic, format, match, mask, extension, unit) \
    {mnemonic, Format::format, match, mask, Extension::extension, Unit::unit},
#include "instructions.def"
#undef TILEWRIGHT_INSTRUCTION
}};

constexpr const Row& row(Op op) {
    return rows[static_cast<std::size_t>(op)];
}

/// The instruction that a word encodes, or Op::illegal.
Op identify(std::uint32_t word, const Isa& isa);

/// The operands of a word. Registers that the format does not have are 0. `imm` is sign-extended;
/// for csr formats it is the CSR's number, for `upper` the value that goes to the upper 20 bits.
struct Operands {
    std::uint8_t rd = 0;
    std::uint8_t rs1 = 0;  ///< the 5-bit immediate in csr_immediate
    std::uint8_t rs2 = 0;
    std::int32_t imm = 0;
};
Operands operands(Format format, std::uint32_t word);

/// A word with its operands taken apart.
struct Decoded {
    Op op = Op::illegal;
    Operands operands;
};
Decoded decode(std::uint32_t word, const Isa& isa);

constexpr bool reads_rs1(Format f) {
    return f != Format::none && f != Format::upper && f != Format::jump &&
           f != Format::csr_immediate && f != Format::fence;
}
constexpr bool reads_rs2(Format f) {
    return f == Format::binary || f == Format::store || f == Format::branch || f == Format::atomic;
}
constexpr bool writes_rd(Format f) {
    return f != Format::none && f != Format::store && f != Format::branch && f != Format::fence;
}

}  // namespace tilewright::riscv
