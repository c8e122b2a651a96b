// The disassembler: mnemonics and operand formats come from the instruction table.
#include "tilewright/riscv/disassemble.hpp"

#include <array>
#include <cstdio>

#include "csr.hpp"
#include "opcodes.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::array<const char*, 32> register_names = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};

std::string reg(std::uint32_t number) {
    return register_names[number];
}

std::string hex(std::uint32_t value, int digits = 0) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%0*x", digits, value);
    return text.data();
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

std::string operand_text(Format format, std::uint32_t word, std::uint32_t pc) {
    const Operands o = operands(format, word);
    const std::string rd = reg(o.rd);
    const std::string rs1 = reg(o.rs1);
    const std::string rs2 = reg(o.rs2);
    const std::string target = hex(pc + static_cast<std::uint32_t>(o.imm));
    switch (format) {
        case Format::none:
            break;
        case Format::binary:
            return rd + ", " + rs1 + ", " + rs2;
        case Format::unary:
            return rd + ", " + rs1;
        case Format::immediate:
        case Format::shift:
            return rd + ", " + rs1 + ", " + std::to_string(o.imm);
        case Format::indexed:
            return rd + ", " + std::to_string(o.imm) + "(" + rs1 + ")";
        case Format::store:
            return rs2 + ", " + std::to_string(o.imm) + "(" + rs1 + ")";
        case Format::branch:
            return rs1 + ", " + rs2 + ", " + target;
        case Format::upper:
            return rd + ", " + hex(word >> 12);
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
        case Format::fence:
            return accesses(word >> 24 & 15) + ", " + accesses(word >> 20 & 15);
    }
    return {};
}

}  // namespace

std::string disassemble(std::uint32_t word, std::uint32_t pc, const Isa& isa) {
    const Op op = identify(word, isa);
    if (op == Op::illegal) return ".word " + hex(word, 8);
    const Row& r = row(op);
    std::string text(r.mnemonic);
    if (r.format == Format::atomic || r.format == Format::reserve) text += ordering(word);
    const std::string list = operand_text(r.format, word, pc);
    return list.empty() ? text : text + " " + list;
}

}  // namespace tilewright::riscv
