// Random programs that end: straight lines, forward branches, counted loops, calls, loads and
// stores in one page, atomics, floats; with 16-bit instructions if wanted, among which those of 32
// bits then also begin at odd halves of words. The same seed gives the same program everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "flat_machine.hpp"

namespace tilewright::riscv::test {

struct RandomProgram {
    /// Registers with a fixed role; all others hold whatever the program makes.
    static constexpr Word page_register = 31;   ///< the middle of the page
    static constexpr Word loop_register = 30;   ///< counts loops
    static constexpr Word call_register = 29;   ///< targets of jalr
    static constexpr Word alone_register = 28;  ///< addresses of atomics
    static constexpr Word page_bytes = 4096;

    Program program;
    Word end = 0;  ///< offset of the first instruction after the random part
};

class RandomProgramMaker {
public:
    RandomProgramMaker(std::uint64_t seed, Word text, Word page, bool with_short = false)
        : random_(seed), text_(text), page_(page), with_short_(with_short) {}

    /// About `size` instructions, then nothing: the caller adds an ending.
    RandomProgram make(std::size_t size) {
        for (Word r = 0; r < 32; ++r) {
            result_.program.li(1, float_value());
            result_.program.add(Op::fmv_w_x, {.rd = r, .rs1 = 1});
        }
        for (Word r = 1; r < RandomProgram::alone_register; ++r) result_.program.li(r, value());
        result_.program.li(RandomProgram::page_register, page_ + RandomProgram::page_bytes / 2);
        while (words().size() < size) piece();
        result_.end = result_.program.size();
        return std::move(result_);
    }

    /// Operands that find corner cases more often than chance does.
    Word value() {
        static constexpr std::array<Word, 12> corners = {
            0, 1, 2, 31, 32, 0x7F, 0x80, 0xFFFF, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFE, ~0u};
        const Word kind = below(4);
        if (kind == 0) return corners[below(corners.size())];
        if (kind == 1) return static_cast<Word>(random_()) >> below(32);
        return static_cast<Word>(random_());
    }

    /// Likewise for floats, most of them of like size, so that sums and differences are not
    /// trivial.
    Word float_value() {
        static constexpr std::array<Word, 14> corners = {
            0,           0x8000'0000, 1,           0x807F'FFFF, 0x0080'0000,
            0x3F80'0000, 0xBF80'0001, 0x7F7F'FFFF, 0xFF80'0000, 0x7F80'0000,
            0x7FC0'0000, 0x7F80'0001, 0xFFFF'FFFF, 0x4F00'0000};
        const auto any = static_cast<Word>(random_());
        const Word kind = below(4);
        if (kind == 0) return corners[below(corners.size())];
        if (kind == 1) return any;
        const Word exponent = kind == 2 ? 120 + below(16) : below(30);
        return (any & 0x807F'FFFF) | exponent << 23;
    }

private:
    std::vector<Word>& words() { return result_.program.words; }
    Word below(std::size_t n) { return static_cast<Word>(random_() % n); }
    Word target() { return below(RandomProgram::alone_register); }
    Word source() { return below(12) == 0 ? RandomProgram::page_register : target(); }

    void piece() {
        if (with_short_ && below(3) == 0) return short_instructions();
        switch (below(10)) {
            case 8:
                return floats();
            case 9:
                return rounding();
            case 0:
                return loop();
            case 1:
                return call();
            case 2:
                return reservation();
            default:
                return line(1 + below(12));
        }
    }

    void line(Word n) {
        const std::size_t end = words().size() + n;
        while (words().size() < end) plain();
        if (below(2) == 0) skip();
    }

    /// One instruction that goes on to the next.
    void plain() {
        static const std::vector<Op> candidates = [] {
            std::vector<Op> ops;
            for (std::size_t i = 0; i < instruction_count; ++i) {
                const Unit unit = rows[i].unit;
                if (!transfers_control(unit) && !is_serialising(unit) &&
                    unit != Unit::coprocessor) {
                    ops.push_back(static_cast<Op>(i));
                }
            }
            return ops;
        }();
        if (below(24) == 0) return atomic();
        const Op op = candidates[below(candidates.size())];
        With w{.rd = target(), .rs1 = source(), .rs2 = source(), .imm = 0};
        const Unit unit = row(op).unit;
        if (unit == Unit::load || unit == Unit::store) {
            w.rs1 = RandomProgram::page_register;
            w.imm = static_cast<std::int32_t>(below(RandomProgram::page_bytes) & ~3u) - 2048;
            if (op == Op::lb || op == Op::lbu || op == Op::sb) w.imm += static_cast<int>(below(4));
            if (op == Op::lh || op == Op::lhu || op == Op::sh)
                w.imm += static_cast<int>(below(2)) * 2;
        } else if (row(op).format == Format::upper) {
            w.imm = static_cast<std::int32_t>(value() & 0xFFFF'F000);
        } else if (rounds(row(op).format)) {
            w.rs3 = below(32);
            w.imm = static_cast<std::int32_t>(std::array{0u, 1u, 2u, 3u, 4u, 7u}[below(6)]);
        } else {
            w.imm = static_cast<std::int32_t>(below(4096)) - 2048;
        }
        result_.program.add(op, w);
    }

    /// Fresh floats: what arithmetic leaves behind soon is NaN and infinity everywhere.
    void floats() {
        const Word count = 1 + below(6);
        for (Word n = 0; n < count; ++n) {
            const Word r = target();
            result_.program.li(r, float_value());
            result_.program.add(Op::fmv_w_x, {.rd = below(32), .rs1 = r});
        }
    }

    /// Sets a rounding mode that is one, or looks at the flags.
    void rounding() {
        constexpr std::int32_t fflags = 1;
        constexpr std::int32_t frm = 2;
        constexpr std::int32_t fcsr = 3;
        switch (below(3)) {
            case 0:
                result_.program.add(Op::csrrwi, {.rd = target(), .rs1 = below(5), .imm = frm});
                return;
            case 1:
                result_.program.add(Op::csrrci, {.rd = target(), .rs1 = below(32), .imm = fflags});
                return;
            default:
                result_.program.add(Op::csrrs, {.rd = target(), .rs1 = 0, .imm = fcsr});
        }
    }

    /// Halves that fill whole words: 16-bit instructions, and others of 32 bits between them.
    void short_instructions() {
        constexpr Word sp = 2;
        result_.program.addi(sp, RandomProgram::page_register, 0);
        result_.program.addi(short_base, RandomProgram::page_register, 0);
        std::vector<std::uint16_t> halves;
        for (Word n = 2 + below(12); n > 0; --n) {
            if (below(5) == 0) short_branch(halves);
            if (below(3) == 0) {
                const std::size_t before = words().size();
                plain_but(short_base);
                const Word word = words().back();
                words().resize(before);
                if ((word >> 7 & 31) == sp) continue;
                halves.push_back(static_cast<std::uint16_t>(word));
                halves.push_back(static_cast<std::uint16_t>(word >> 16));
            } else {
                halves.push_back(short_instruction());
            }
        }
        if (halves.size() % 2 != 0) halves.push_back(1);  // c.nop
        for (std::size_t i = 0; i < halves.size(); i += 2) {
            result_.program.raw(halves[i] | Word{halves[i + 1]} << 16);
        }
    }

    /// One that is legal, goes on to the next and leaves registers with a role alone.
    std::uint16_t short_instruction() {
        static const Isa isa = everything_short();
        for (;;) {
            const ShortRow& r = short_rows[below(short_rows.size())];
            const Word half = (static_cast<Word>(random_()) & 0xFFFF & ~r.mask) | r.match;
            const Decoded d = decode(half, isa);
            if (d.op == Op::illegal) continue;
            const Unit unit = row(d.op).unit;
            if (transfers_control(unit) || is_serialising(unit)) continue;
            const Word rd = d.operands.rd;
            if (rd == 2 || rd == short_base) continue;
            if (rd >= RandomProgram::alone_register && rd < 32) continue;
            const bool accesses = unit == Unit::load || unit == Unit::store;
            if (accesses && d.operands.rs1 != short_base && d.operands.rs1 != 2) continue;
            return static_cast<std::uint16_t>(half);
        }
    }

    /// c.j, c.beqz or c.bnez over one more 16-bit instruction.
    void short_branch(std::vector<std::uint16_t>& halves) {
        constexpr Word four_on = 1 << 4;       // offset 4 in c.beqz and c.bnez ...
        constexpr Word jump_four_on = 1 << 4;  // ... and in c.j
        static constexpr std::array<Word, 3> codes = {0xA001, 0xC001, 0xE001};
        const Word code = codes[below(3)];
        halves.push_back(static_cast<std::uint16_t>(
            code == 0xA001 ? code | jump_four_on : code | four_on | below(8) << 7));
        halves.push_back(short_instruction());
    }

    /// A branch or jal over a few instructions.
    void skip() {
        static constexpr std::array<Op, 7> ops = {Op::beq,  Op::bne,  Op::blt, Op::bge,
                                                  Op::bltu, Op::bgeu, Op::jal};
        const Op op = ops[below(ops.size())];
        const Word over = below(6);
        const auto distance = static_cast<std::int32_t>(4 * (over + 1));
        result_.program.add(op,
                            {.rd = target(), .rs1 = source(), .rs2 = source(), .imm = distance});
        for (Word i = 0; i < over; ++i) plain();
    }

    void loop() {
        const Word counter = RandomProgram::loop_register;
        result_.program.addi(counter, 0, static_cast<std::int32_t>(1 + below(8)));
        const std::size_t start = words().size();
        for (Word n = below(4); n > 0; --n) line(1 + below(8));
        result_.program.addi(counter, counter, -1);
        const auto back = -static_cast<std::int32_t>(4 * (words().size() - start));
        result_.program.add(Op::bne, {.rs1 = counter, .rs2 = 0, .imm = back});
    }

    /// jal over a function to a call of it, in both of its spellings.
    void call() {
        const Word returns = below(2) == 0 ? 1 : 5;
        const Word body = 1 + below(4);
        result_.program.add(Op::jal, {.rd = 0, .imm = static_cast<std::int32_t>(4 * (body + 2))});
        const Word function = text_ + result_.program.size();
        for (Word i = 0; i < body; ++i) plain_but(returns);
        result_.program.add(Op::jalr, {.rd = 0, .rs1 = returns});
        if (below(2) == 0) {
            const auto back = static_cast<std::int32_t>(function - text_ - result_.program.size());
            result_.program.add(Op::jal, {.rd = returns, .imm = back});
        } else {
            const Word odd = below(2);  // jalr clears the lowest bit
            result_.program.li(RandomProgram::call_register, function - 16 + odd);
            result_.program.add(Op::jalr,
                                {.rd = returns, .rs1 = RandomProgram::call_register, .imm = 16});
        }
    }

    /// One instruction that does not write a register.
    void plain_but(Word kept) {
        for (;;) {
            const std::size_t before = words().size();
            plain();
            bool writes = false;
            for (std::size_t i = before; i < words().size(); ++i) {
                writes = writes || (words()[i] >> 7 & 31) == kept;
            }
            if (!writes && words().size() == before + 1) return;
            words().resize(before);
        }
    }

    void address() {
        const Word offset = below(RandomProgram::page_bytes) & ~3u;
        result_.program.addi(RandomProgram::alone_register, RandomProgram::page_register,
                             static_cast<std::int32_t>(offset) - 2048);
    }

    void atomic() {
        // Below the table's first and last read-modify-write lies nothing else.
        const auto first = static_cast<std::size_t>(Op::amoswap_w);
        const auto last = static_cast<std::size_t>(Op::amomaxu_w);
        const auto op = static_cast<Op>(first + below(last - first + 1));
        // Without an instruction of its own for the address: skip() counts instructions.
        result_.program.add(op,
                            {.rd = target(), .rs1 = RandomProgram::page_register, .rs2 = source()});
    }

    void reservation() {
        address();
        const Word at = RandomProgram::alone_register;
        if (below(4) != 0) result_.program.add(Op::lr_w, {.rd = target(), .rs1 = at});
        if (below(4) == 0) address();
        result_.program.add(Op::sc_w, {.rd = target(), .rs1 = at, .rs2 = source()});
    }

    std::mt19937_64 random_;
    Word text_;
    Word page_;
    bool with_short_;
    RandomProgram result_;

    static constexpr Word short_base = 9;  ///< the page, where 16-bit loads and stores reach it
};

}  // namespace tilewright::riscv::test
