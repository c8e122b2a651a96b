// The disassembler: mnemonics and operand formats come from the instruction table.
#include "tilewright/riscv/disassemble.hpp"

#include <array>

#include "csr.hpp"
#include "opcodes.hpp"
#include "tilewright/base/text.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::array<const char*, 32> register_names = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

constexpr std::array<const char*, 32> float_names = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1",  "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4",  "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

std::string reg(std::uint32_t number) {
    return number < first_float ? register_names[number] : float_names[number - first_float];
}

/// ", rtz" and the like; nothing for the mode that fcsr holds.
std::string rounding(std::int32_t mode) {
    constexpr std::array<const char*, 8> names = {", rne", ", rtz", ", rdn", ", rup",
                                                  ", rmm", "",      "",      ""};
    return names[static_cast<std::size_t>(mode)];
}

std::string csr(std::uint32_t number) {
    const std::string_view name = csr_name(number);
    return name.empty() ? hex(number) : std::string(name);
}

/// The accesses that a fence orders, four bits.
std::string accesses(std::uint32_t set) {
    std::string text;
    for (std::uint32_t bit = 0; bit < 4; ++bit) {
        if ((set >> (3 - bit) & 1) != 0) text += "iorw"[bit];
    }
    return text.empty() ? "0" : text;
}

std::string ordering(std::uint32_t word) {
    constexpr std::array<const char*, 4> suffixes = {"", ".rl", ".aq", ".aqrl"};
    return suffixes[word >> 25 & 3];
}

std::string operand_text(Format format, const Operands& o, std::uint32_t word, std::uint32_t pc) {
    const std::string rd = reg(o.rd);
    const std::string rs1 = reg(o.rs1);
    const std::string rs2 = reg(o.rs2);
    const std::string target = hex(pc + static_cast<std::uint32_t>(o.imm));
    switch (format) {
        case Format::none:
            break;
        case Format::binary:
        case Format::float_binary:
        case Format::float_compare:
            return rd + ", " + rs1 + ", " + rs2;
        case Format::unary:
        case Format::float_inspect:
        case Format::float_move:
            return rd + ", " + rs1;
        case Format::immediate:
        case Format::shift:
            return rd + ", " + rs1 + ", " + std::to_string(o.imm);
        case Format::indexed:
        case Format::float_indexed:
            return rd + ", " + std::to_string(o.imm) + "(" + rs1 + ")";
        case Format::store:
        case Format::float_store:
            return rs2 + ", " + std::to_string(o.imm) + "(" + rs1 + ")";
        case Format::branch:
            return rs1 + ", " + rs2 + ", " + target;
        case Format::upper:
            return rd + ", " + hex(static_cast<std::uint32_t>(o.imm) >> 12);
        case Format::jump:
            return rd + ", " + target;
        case Format::csr:
            return rd + ", " + csr(word >> 20) + ", " + rs1;
        case Format::csr_immediate:
            return rd + ", " + csr(word >> 20) + ", " + std::to_string(o.rs1);
        case Format::atomic:
            return rd + ", " + rs2 + ", (" + rs1 + ")";
        case Format::reserve:
            return rd + ", (" + rs1 + ")";
        case Format::float_fused:
            return rd + ", " + rs1 + ", " + rs2 + ", " + reg(o.rs3) + rounding(o.imm);
        case Format::float_arithmetic:
            return rd + ", " + rs1 + ", " + rs2 + rounding(o.imm);
        case Format::float_root:
        case Format::float_to_integer:
        case Format::integer_to_float:
            return rd + ", " + rs1 + rounding(o.imm);
        case Format::word:
            return hex(static_cast<std::uint32_t>(o.imm), 8);
        case Format::fence:
            return accesses(word >> 24 & 15) + ", " + accesses(word >> 20 & 15);
    }
    return {};
}

}  // namespace

std::string disassemble(std::uint32_t word, std::uint32_t pc, const Isa& isa) {
    const Decoded d = decode(word, isa);
    if (d.op == Op::illegal) {
        return d.bytes == 2 ? ".half " + hex(word & 0xFFFF, 4) : ".word " + hex(word, 8);
    }
    const Row& r = row(d.op);
    std::string text(r.mnemonic);
    if (r.format == Format::atomic || r.format == Format::reserve) text += ordering(word);
    const std::string list = operand_text(r.format, d.operands, word, pc);
    return list.empty() ? text : text + " " + list;
}

}  // namespace tilewright::riscv
