#include "tilewright/riscv/code_counts.hpp"

#include <cstdlib>
#include <new>

#include "block.hpp"
#include "schedule.hpp"

namespace tilewright::riscv {
namespace {

/// Costs by place, while they are summed up.
class Sums {
public:
    explicit Sums(const Code& code) : code_(code), costs_(code.bytes() / 2 + 1) {}

    /// The instructions of a block that lie before `end`, `times` over.
    void add_block(std::uint32_t entry, std::uint32_t end, std::int64_t times) {
        const Block* const block = code_.block(entry);
        if (block == nullptr) return;
        std::vector<Decoded> decoded;
        for (std::uint32_t i = 0; i < block->count; ++i) {
            const std::uint32_t pc = entry + block->slots[i].offset;
            decoded.push_back(decode(code_.word(pc).value_or(0), code_.isa()));
        }
        std::vector<Stall> stalls;
        schedule(decoded, code_.timing(), &stalls);
        for (std::uint32_t i = 0; i < block->count; ++i) {
            const std::uint32_t pc = entry + block->slots[i].offset;
            if (pc >= end) break;
            at(pc).executed += static_cast<std::uint64_t>(times);
        }
        for (const Stall& stall : stalls) {
            // A hart that stands before an instruction has waited for what that needs.
            const std::uint32_t pc = entry + block->slots[stall.waits].offset;
            if (pc > end || (pc == end && stall.by == stall.waits)) continue;
            add(entry + block->slots[stall.by].offset, stall.reason, stall.cycles, times);
        }
    }

    void add(std::uint32_t pc, Lost reason, std::uint64_t cycles, std::int64_t times = 1) {
        at(pc).lost[static_cast<std::size_t>(reason)] += cycles * static_cast<std::uint64_t>(times);
    }

    std::vector<InstructionCost> take() {
        std::vector<InstructionCost> result;
        for (std::size_t place = 0; place < costs_.size(); ++place) {
            InstructionCost& cost = costs_[place];
            cost.cycles = cost.executed;
            for (const std::uint64_t cycles : cost.lost) cost.cycles += cycles;
            if (cost.executed == 0 && cost.cycles == 0) continue;
            cost.address = code_.base() + static_cast<std::uint32_t>(place * 2);
            cost.word = code_.word(cost.address).value_or(0);
            result.push_back(cost);
        }
        return result;
    }

private:
    InstructionCost& at(std::uint32_t pc) { return costs_[(pc - code_.base()) / 2]; }

    const Code& code_;
    std::vector<InstructionCost> costs_;
};

/// What PlaceCounts::beyond means for the instruction there.
Lost beyond(Op op) {
    if (op == Op::illegal) return Lost::far_memory;
    switch (row(op).unit) {
        case Unit::divide:
            return Lost::divide;
        case Unit::jump:
            return Lost::fetch;
        default:
            return Lost::far_memory;
    }
}

}  // namespace

CodeCounts::CodeCounts(const Code& code) : size_(code.bytes() / 2 + 1) {
    // Of the C library, which maps zeros lazily.
    places_.reset(static_cast<PlaceCounts*>(std::calloc(size_, sizeof(PlaceCounts))));
    if (!places_) throw std::bad_alloc();
}

void CodeCounts::Free::operator()(PlaceCounts* counts) const {
    std::free(counts);
}

void CodeCounts::add_part(std::uint32_t block, std::uint32_t pc, std::int64_t times) {
    if (pc != block) parts_[{block, pc}] += times;
}

void CodeCounts::add_wait(std::uint32_t pc, std::uint32_t address, std::uint64_t cycles,
                          std::uint64_t instructions) {
    Wait& wait = waits_[{pc, address}];
    ++wait.times;
    wait.cycles += cycles;
    wait.instructions += instructions;
}

std::string_view name_of(Lost reason) {
    constexpr std::array<std::string_view, lost_reasons> names = {
        "local memory", "L1",     "direct memory", "registers",  "multiplication",
        "division",     "floats", "atomics",       "prediction", "fetch"};
    return names[static_cast<std::size_t>(reason)];
}

std::vector<InstructionCost> instruction_costs(const Code& code, const CodeCounts& counts) {
    Sums sums(code);
    const std::span<const PlaceCounts> places = counts.all();
    for (std::size_t place = 0; place < places.size(); ++place) {
        const PlaceCounts& count = places[place];
        const std::uint32_t pc = code.base() + static_cast<std::uint32_t>(place * 2);
        if (const std::uint64_t left = count.left[0] + count.left[1]; left != 0) {
            const Block& block = *code.block(pc);
            sums.add_block(pc, block.fall_target, static_cast<std::int64_t>(left));
            const std::uint32_t last = pc + block.slots[block.count - 1].offset;
            const std::uint64_t mispredict = code.timing().mispredict;
            sums.add(last, Lost::prediction, count.left[1] * mispredict);
            // A jump to where a register says is not predicted, returns aside.
            const std::uint64_t always = block.taken_cost - block.fall_cost;
            sums.add(last, Lost::prediction, left * always);
        }
        if ((count.beyond | count.direct | count.device) == 0) continue;
        const Op op = decode(code.word(pc).value_or(0), code.isa()).op;
        sums.add(pc, beyond(op), count.beyond);
        sums.add(pc, Lost::direct_memory, count.direct);
        sums.add(pc, Lost::device, count.device);
    }
    for (const auto& [where, times] : counts.parts()) {
        sums.add_block(where.first, where.second, times);
    }
    return sums.take();
}

}  // namespace tilewright::riscv
