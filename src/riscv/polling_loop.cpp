#include "polling_loop.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "opcodes.hpp"

namespace tilewright::riscv {
namespace {

struct Line {
    std::uint32_t pc;
    Decoded decoded;
    std::uint32_t target;  ///< of a branch or jump
    bool jumps;
    bool always;  ///< jumps and never goes on behind it
};

bool loads_integer(const Decoded& d) {
    return row(d.op).unit == Unit::load && !rd_is_float(row(d.op).format);
}

/// True if a polling loop may contain it.
bool may_poll(const Decoded& d) {
    if (d.op == Op::illegal) return false;
    switch (row(d.op).unit) {
        case Unit::alu:
        case Unit::multiply:
        case Unit::divide:
        case Unit::branch:
            return true;
        case Unit::load:
            return loads_integer(d);
        case Unit::jump:
            return d.operands.rd == 0;
        case Unit::synchronise:
            return d.op == Op::fence || d.op == Op::fence_i;
        default:
            return false;
    }
}

/// What follows pc in the text, up to what a polling loop cannot contain.
std::vector<Line> read(const Code& code, std::uint32_t pc) {
    std::vector<Line> lines;
    while (lines.size() < PollingLoop::longest) {
        const auto word = code.word(pc);
        if (!word) break;
        const Decoded d = decode(*word, code.isa());
        if (!may_poll(d)) break;
        const Unit unit = row(d.op).unit;
        lines.push_back({pc, d, pc + static_cast<std::uint32_t>(d.operands.imm),
                         unit == Unit::branch || unit == Unit::jump, unit == Unit::jump});
        pc += d.bytes;
    }
    return lines;
}

std::uint32_t mask(std::uint8_t reg) {
    return reg == 0 ? 0 : std::uint32_t{1} << reg;
}
std::uint32_t written(const Decoded& d) {
    return writes_rd(row(d.op).format) ? mask(d.operands.rd) : 0;
}
std::uint32_t read_registers(const Decoded& d) {
    const Format format = row(d.op).format;
    return (reads_rs1(format) ? mask(d.operands.rs1) : 0) |
           (reads_rs2(format) ? mask(d.operands.rs2) : 0);
}

/// Registers that one iteration reads before it writes them. Inside, all jumps go forward.
std::uint32_t read_first(const std::vector<Line>& loop) {
    std::vector<std::uint32_t> wanted(loop.size() + 1, 0);
    for (std::size_t i = loop.size(); i-- > 0;) {
        const Line& line = loop[i];
        std::uint32_t after = line.always ? 0 : wanted[i + 1];
        const auto target = std::ranges::find(loop, line.target, &Line::pc);
        if (line.jumps && target > loop.begin() + static_cast<std::ptrdiff_t>(i)) {
            after |= wanted[static_cast<std::size_t>(target - loop.begin())];
        }
        wanted[i] = read_registers(line.decoded) | (after & ~written(line.decoded));
    }
    return wanted[0];
}

std::optional<PollingLoop> loop_from(const Code& code, std::uint32_t first) {
    std::vector<Line> lines = read(code, first);
    std::size_t count = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!lines[i].jumps || lines[i].target > lines[i].pc) continue;
        if (lines[i].target != first) break;
        count = i + 1;
    }
    if (count == 0) return std::nullopt;
    lines.resize(count);

    PollingLoop loop{first, lines.back().pc + lines.back().decoded.bytes, 0};
    std::uint32_t changed = 0;
    bool loads = false;
    for (const Line& line : lines) {
        changed |= written(line.decoded);
        if (!loads_integer(line.decoded)) continue;
        if (!loads) loop.first_load = line.pc;
        loads = true;
    }
    if (!loads || (changed & read_first(lines)) != 0) return std::nullopt;
    return loop;
}

// A branch or jump as far as the lowest bits tell, so that most of a text need not be decoded.
bool may_go_back(std::uint32_t word) {
    const std::uint32_t short_form = word & 0xE003;
    return (word & 0x7F) == 0x63 || (word & 0xFFF) == 0x6F || short_form == 0xA001 ||
           short_form == 0xC001 || short_form == 0xE001;
}

}  // namespace

std::vector<PollingLoop> polling_loops(const Code& code) {
    std::vector<PollingLoop> loops;
    const std::uint32_t end = code.base() + code.bytes();
    for (std::uint32_t pc = code.base(); pc != end; pc += code.alignment()) {
        const auto word = code.word(pc);
        if (!word || !may_go_back(*word)) continue;
        const Decoded d = decode(*word, code.isa());
        if (d.op == Op::illegal || d.operands.imm > 0) continue;
        if (row(d.op).unit != Unit::branch && row(d.op).unit != Unit::jump) continue;
        const auto loop = loop_from(code, pc + static_cast<std::uint32_t>(d.operands.imm));
        if (loop && (loops.empty() || loop->first >= loops.back().end)) loops.push_back(*loop);
    }
    return loops;
}

}  // namespace tilewright::riscv
