// A small assembler for tests: words from the instruction table's encodings and given operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "riscv/opcodes.hpp"

namespace tilewright::riscv::test {

using Word = std::uint32_t;

/// Operands by the names of the manual; `imm` is what Operands::imm says (the displacement in
/// branches and jumps, the value of the upper bits in lui and auipc, the number of a CSR, a
/// rounding mode).
struct With {
    Word rd = 0;
    Word rs1 = 0;
    Word rs2 = 0;
    std::int32_t imm = 0;
    Word rs3 = 0;
};

inline Word encode(Op op, With w = {}) {
    const auto i = static_cast<Word>(w.imm);
    const Word rd = w.rd << 7;
    const Word rs1 = w.rs1 << 15;
    const Word rs2 = w.rs2 << 20;
    Word fields = 0;
    switch (row(op).format) {
        case Format::none:
            break;
        case Format::binary:
        case Format::atomic:
        case Format::float_binary:
        case Format::float_compare:
            fields = rd | rs1 | rs2;
            break;
        case Format::float_fused:
            fields = w.rs3 << 27 | rd | rs1 | rs2 | (i & 7) << 12;
            break;
        case Format::float_arithmetic:
            fields = rd | rs1 | rs2 | (i & 7) << 12;
            break;
        case Format::float_root:
        case Format::float_to_integer:
        case Format::integer_to_float:
            fields = rd | rs1 | (i & 7) << 12;
            break;
        case Format::float_inspect:
        case Format::float_move:
        case Format::unary:
        case Format::reserve:
            fields = rd | rs1;
            break;
        case Format::immediate:
        case Format::indexed:
        case Format::float_indexed:
        case Format::csr:
        case Format::csr_immediate:
            fields = rd | rs1 | i << 20;
            break;
        case Format::shift:
            fields = rd | rs1 | (i & 31) << 20;
            break;
        case Format::store:
        case Format::float_store:
            fields = rs1 | rs2 | (i & 31) << 7 | (i >> 5 & 127) << 25;
            break;
        case Format::branch:
            fields = rs1 | rs2 | (i >> 11 & 1) << 7 | (i >> 1 & 15) << 8 | (i >> 5 & 63) << 25 |
                     (i >> 12 & 1) << 31;
            break;
        case Format::upper:
            fields = rd | (i & 0xFFFF'F000);
            break;
        case Format::jump:
            fields = rd | (i & 0xFF000) | (i >> 11 & 1) << 20 | (i >> 1 & 1023) << 21 |
                     (i >> 20 & 1) << 31;
            break;
        case Format::word:
        case Format::fence:
            fields = (i & 255) << 20;
            break;
    }
    return row(op).match | fields;
}

/// Words in the making. Every member function adds one instruction (li: two).
class Program {
public:
    Program& add(Op op, With w = {}) {
        words.push_back(encode(op, w));
        return *this;
    }
    Program& raw(Word word) {
        words.push_back(word);
        return *this;
    }
    /// lui and addi, always both, so that addresses can be counted.
    Program& li(Word rd, Word value) {
        const Word upper = (value + 0x800) & 0xFFFF'F000;
        add(Op::lui, {.rd = rd, .imm = static_cast<std::int32_t>(upper)});
        return add(Op::addi,
                   {.rd = rd, .rs1 = rd, .imm = static_cast<std::int32_t>(value - upper)});
    }
    Program& addi(Word rd, Word rs1, std::int32_t imm) {
        return add(Op::addi, {.rd = rd, .rs1 = rs1, .imm = imm});
    }
    Program& ecall() { return add(Op::ecall); }

    std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words)); }
    Word size() const { return static_cast<Word>(words.size() * 4); }

    std::vector<Word> words;
};

}  // namespace tilewright::riscv::test
