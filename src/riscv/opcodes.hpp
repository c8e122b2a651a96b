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
    poll,          ///< a block that polls begins; not an instruction
    j,             ///< jal and jalr that keep no return address; not instructions
    jr,
    noted_jal,  ///< jal and jalr that are to be told to the bus; not instructions
    noted_jalr,
    translated,  ///< a block that machine code of the host carries out; not an instruction
};
inline constexpr std::size_t instruction_count = static_cast<std::size_t>(Op::illegal);
inline constexpr std::size_t op_count = static_cast<std::size_t>(Op::translated) + 1;

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
    word,           ///< all of it, rotated right by two
    // With f registers; rm is a rounding mode:
    float_indexed,     ///< fd, imm(rs1)
    float_store,       ///< fs2, imm(rs1)
    float_fused,       ///< fd, fs1, fs2, fs3, rm
    float_arithmetic,  ///< fd, fs1, fs2, rm
    float_root,        ///< fd, fs1, rm
    float_binary,      ///< fd, fs1, fs2
    float_compare,     ///< rd, fs1, fs2
    float_inspect,     ///< rd, fs1
    float_to_integer,  ///< rd, fs1, rm
    integer_to_float,  ///< fd, rs1, rm
    float_move,        ///< fd, rs1
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
    floating,
    float_divide,
    coprocessor,  ///< takes a cycle, and waits for its turn
};

/// A block of its own: what comes before it is over, and nothing behind it has begun.
constexpr bool is_serialising(Unit u) {
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

constexpr bool is_float_operation(Op op) {
    return op < Op::illegal &&
           (row(op).unit == Unit::floating || row(op).unit == Unit::float_divide);
}

/// Where the operands of a 16-bit instruction lie; "low" registers are x8 to x15.
enum class ShortFormat : std::uint8_t {
    none,
    add_to_sp_wide,  ///< low rd; x2 + scaled immediate
    add_to_sp,       ///< x2 += scaled immediate
    word_indexed,    ///< low rd, low rs1
    word_store,      ///< low rs2, low rs1
    immediate,       ///< rd = rs1
    immediate_low,   ///< low rd = rs1
    load_immediate,  ///< rd, x0
    upper,           ///< rd
    shift,           ///< rd = rs1
    shift_low,       ///< low rd = rs1
    binary,          ///< rd = rs1, rs2
    binary_low,      ///< low rd = rs1, low rs2
    move,            ///< rd, x0, rs2
    jump,            ///< x0
    call,            ///< x1
    jump_register,   ///< x0, rs1
    call_register,   ///< x1, rs1
    branch,          ///< low rs1, x0
    from_sp,         ///< rd, imm(x2)
    to_sp,           ///< rs2, imm(x2)
};

struct ShortRow {
    Op op;
    ShortFormat format;
    std::uint32_t match;
    std::uint32_t mask;
    Extension extension;  ///< beside c
};

inline constexpr auto short_rows = std::to_array<ShortRow>({
#define TILEWRIGHT_COMPRESSED(name, format, match, mask, extension) \
    {Op::name, ShortFormat::format, match, mask, Extension::extension},
#include "instructions.def"
#undef TILEWRIGHT_COMPRESSED
});

/// Bytes of the instruction that begins with this half word. Without c all have 4.
constexpr std::uint32_t instruction_bytes(std::uint32_t first_half, const Isa& isa) {
    return isa.has(Extension::c) && (first_half & 3) != 3 ? 2 : 4;
}

/// In Operands and in the interpreter f registers follow the x registers, as in HartState.
inline constexpr std::uint8_t first_float = 32;
inline constexpr std::uint8_t sink = 64;  ///< writes to x0 go here; nothing reads it
inline constexpr std::size_t register_count = 65;

/// The instruction that a 32-bit word encodes, or Op::illegal.
Op identify(std::uint32_t word, const Isa& isa);

/// The operands of a 32-bit word. Registers that the format does not have are 0. `imm` is
/// sign-extended; for csr formats it is the CSR's number, for `upper` the value that goes to the
/// upper 20 bits, for formats with rm that, for `word` the coprocessor's.
struct Operands {
    std::uint8_t rd = 0;
    std::uint8_t rs1 = 0;  ///< the 5-bit immediate in csr_immediate
    std::uint8_t rs2 = 0;
    std::uint8_t rs3 = 0;  ///< in float_fused
    std::int32_t imm = 0;
};
Operands operands(Format format, std::uint32_t word);

/// A word with its operands taken apart.
struct Decoded {
    Op op = Op::illegal;
    Operands operands;
    std::uint32_t bytes = 4;
};
/// Of a 16-bit instruction only the lower half of the word counts.
Decoded decode(std::uint32_t word, const Isa& isa);

constexpr bool reads_rs1(Format f) {
    return f != Format::none && f != Format::upper && f != Format::jump &&
           f != Format::csr_immediate && f != Format::fence && f != Format::word;
}
constexpr bool reads_rs2(Format f) {
    return f == Format::binary || f == Format::store || f == Format::branch ||
           f == Format::atomic || f == Format::float_store || f == Format::float_fused ||
           f == Format::float_arithmetic || f == Format::float_binary || f == Format::float_compare;
}
constexpr bool writes_rd(Format f) {
    return f != Format::none && f != Format::store && f != Format::branch && f != Format::fence &&
           f != Format::float_store && f != Format::word;
}
constexpr bool rounds(Format f) {
    return f == Format::float_fused || f == Format::float_arithmetic || f == Format::float_root ||
           f == Format::float_to_integer || f == Format::integer_to_float;
}
constexpr bool rd_is_float(Format f) {
    return f == Format::float_indexed || f == Format::float_fused ||
           f == Format::float_arithmetic || f == Format::float_root || f == Format::float_binary ||
           f == Format::integer_to_float || f == Format::float_move;
}
constexpr bool rs1_is_float(Format f) {
    return f == Format::float_fused || f == Format::float_arithmetic || f == Format::float_root ||
           f == Format::float_binary || f == Format::float_compare || f == Format::float_inspect ||
           f == Format::float_to_integer;
}
constexpr bool rs2_is_float(Format f) {
    return reads_rs2(f) && (f == Format::float_store || rs1_is_float(f));
}

}  // namespace tilewright::riscv
