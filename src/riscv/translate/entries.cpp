// Where a program may be entered: what no edge between its blocks tells.
#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <optional>

#include "riscv/opcodes.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {
namespace {

void sort(std::vector<std::uint32_t>& addresses) {
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
}

class Collector {
public:
    explicit Collector(const Code& code) : code_(code) {}

    void add(std::vector<std::uint32_t>& to, std::uint32_t address) const {
        if (code_.word(address)) to.push_back(address);
    }

    /// Words of the file that are addresses of the text: tables of functions and of jumps.
    void scan_words(std::span<const std::byte> bytes) {
        for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
            std::uint32_t word = 0;
            std::memcpy(&word, bytes.data() + i, 4);
            if (word - code_.base() < code_.bytes()) add(entries.targets, word);
        }
    }

    /// Addresses that the text makes by lui or auipc, and what it adds to those soon after.
    void scan_text() {
        std::array<std::optional<std::uint32_t>, 32> known{};
        for (std::uint32_t pc = code_.base(); pc - code_.base() < code_.bytes();) {
            const auto word = code_.word(pc);
            if (!word) break;
            const Decoded d = decode(*word, code_.isa());
            const Operands& o = d.operands;
            std::optional<std::uint32_t> value;
            const auto imm = static_cast<std::uint32_t>(o.imm);
            if (d.op == Op::lui) value = imm;
            if (d.op == Op::auipc) value = pc + imm;
            const bool adds = d.op == Op::addi || d.op == Op::jalr;
            if (adds && known[o.rs1]) {
                const std::uint32_t sum = *known[o.rs1] + imm;
                if (sum - code_.base() < code_.bytes()) add(entries.targets, sum & ~1u);
                if (d.op == Op::addi) value = sum;
            }
            if (d.op == Op::illegal || transfers_control(row(d.op).unit)) known = {};
            if (d.op != Op::illegal && writes_rd(row(d.op).format) && o.rd != 0 && o.rd < 32) {
                known[o.rd] = value;
            }
            pc += d.bytes;
        }
    }

    ProgramEntries finish() {
        sort(entries.targets);
        return std::move(entries);
    }

    ProgramEntries entries;

private:
    const Code& code_;
};

}  // namespace

std::vector<std::uint32_t> program_functions(const ElfImage& program, const Code& code) {
    std::vector<std::uint32_t> functions;
    const auto add = [&](std::uint32_t address) {
        if (code.word(address)) functions.push_back(address);
    };
    add(program.entry);
    for (const ElfFunction& f : program.functions) add(f.address);
    sort(functions);
    return functions;
}

ProgramEntries program_entries(const ElfImage& program, const Code& code) {
    Collector found(code);
    found.entries.functions = program_functions(program, code);
    for (const ElfSegment& segment : program.segments) found.scan_words(segment.bytes);
    found.scan_text();
    return found.finish();
}

std::uint32_t function_at(std::span<const std::uint32_t> functions, std::uint32_t pc) {
    const auto after = std::ranges::upper_bound(functions, pc);
    return after == functions.begin() ? functions.front() : *std::prev(after);
}

}  // namespace tilewright::riscv
