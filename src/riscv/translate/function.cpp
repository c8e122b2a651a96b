#include "riscv/translate/function.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <span>

#include "riscv/execute.hpp"

namespace tilewright::riscv {
namespace {

const Instruction& last_of(const Block& block) {
    return block.instructions()[block.count - 1];
}

std::vector<Edge> edges_of(const Block& block) {
    const Instruction& last = last_of(block);
    if (last.op == Op::illegal) return {};
    switch (row(last.op).unit) {
        case Unit::branch:
            return {{block.taken_target}, {block.fall_target}};
        case Unit::jump:
            if (last.rd == sink) return {{block.taken_target}};
            return {{block.taken_target, true}};
        case Unit::jump_register:
            return {};
        default:
            return {{block.fall_target}};
    }
}

bool calls(const Block& block) {
    const Instruction& last = last_of(block);
    return (last.op == Op::jal || last.op == Op::jalr) && last.rd != sink;
}

RegisterSet written_by(const Block& block) {
    RegisterSet set;
    for (const Instruction& i : std::span(block.instructions(), block.count)) {
        if (writes_rd(row(i.op).format) && i.rd != sink) set.set(i.rd);
    }
    return set;
}

RegisterSet used_by(const Block& block) {
    RegisterSet set = written_by(block);
    for (const Instruction& i : std::span(block.instructions(), block.count)) {
        const Format format = row(i.op).format;
        if (reads_rs1(format) && i.rs1 != 0) set.set(i.rs1);
        if (reads_rs2(format) && i.rs2 != 0) set.set(i.rs2);
    }
    return set;
}

/// In one function of the C.
constexpr std::uint32_t most_instructions = 400;

class Finder {
public:
    Finder(const Code& code, const ProgramEntries& entries,
           std::span<const std::uint32_t> asked_for)
        : code_(code), entries_(entries), asked_for_(asked_for) {
        starts_.insert(entries.functions.begin(), entries.functions.end());
        for (const std::uint32_t pc : entries.functions) add(pc, true);
        for (const std::uint32_t pc : entries.targets) add(pc, true);
    }

    Functions find() {
        while (!open_.empty()) {
            const std::uint32_t pc = open_.back();
            open_.pop_back();
            visit(pc, found_.nodes.at(pc));
        }
        divide();
        find_lengths();
        for (Function& f : found_.functions) find_changed(f);
        return std::move(found_);
    }

private:
    bool is_asked_for(std::uint32_t pc) const {
        return std::ranges::binary_search(asked_for_, function_at(entries_.functions, pc));
    }

    Node& add(std::uint32_t pc, bool entry) {
        const auto [at, is_new] = found_.nodes.try_emplace(pc);
        Node& node = at->second;
        if (is_new && is_asked_for(pc)) {
            node.block = pc % code_.alignment() == 0 ? code_.block(pc) : nullptr;
            node.plain = node.block != nullptr && is_plain(*node.block);
            if (node.block != nullptr) open_.push_back(pc);
        }
        node.entry = node.entry || (entry && node.plain);
        return node;
    }

    void visit(std::uint32_t pc, Node& node) {
        const Block& block = *node.block;
        node.edges = edges_of(block);
        for (const Edge& edge : node.edges) {
            const bool back = edge.target <= pc;
            add(edge.target, edge.call || back || !node.plain);
            if (edge.call) starts_.insert(edge.target);
        }
        if (calls(block)) add(block.fall_target, true);
        if (node.plain) node.written = written_by(block);
    }

    // A function reaches from where it starts to where the next one does.
    void divide() {
        std::uint32_t instructions = 0;
        auto start = starts_.begin();
        for (auto& [pc, node] : found_.nodes) {
            if (!node.plain) continue;
            bool begins = found_.functions.empty();
            for (; start != starts_.end() && *start <= pc; ++start) begins = true;
            // What the compiler takes grows faster than a function.
            begins = begins || instructions >= most_instructions;
            if (begins) {
                found_.functions.emplace_back().first = pc;
                instructions = 0;
            }
            instructions += node.block->count;
            Function& f = found_.functions.back();
            node.function = static_cast<std::uint32_t>(found_.functions.size() - 1);
            f.nodes.push_back(pc);
            f.used |= used_by(*node.block);
            f.written |= node.written;
        }
        for (auto& [pc, node] : found_.nodes) {
            if (!node.plain) continue;
            for (const Edge& edge : node.edges) {
                Node& target = found_.nodes.at(edge.target);
                target.entry = target.entry || (target.plain && target.function != node.function);
            }
        }
        for (const std::uint32_t pc : entries_.targets) {
            const Node& node = found_.nodes.at(pc);
            if (node.plain) found_.functions[node.function].targets.push_back(pc);
        }
        for (auto& [pc, node] : found_.nodes) {
            if (!node.entry) continue;
            auto& entries = found_.functions[node.function].entries;
            node.place = static_cast<std::uint32_t>(entries.size());
            entries.push_back(pc);
        }
    }

    // Branches back are mostly taken, others as often as not.
    void find_lengths() {
        constexpr int sweeps = 16;
        constexpr double most = 1000;
        constexpr double beyond = 20;  // where a jump to a register leads nobody knows
        constexpr double back = 0.9;
        for (int sweep = 0; sweep < sweeps; ++sweep) {
            for (auto& [pc, node] : std::views::reverse(found_.nodes)) {
                if (!node.plain) continue;
                double after = node.edges.empty() ? beyond : 0;
                double share = 1;
                for (std::size_t i = 0; i < node.edges.size(); ++i) {
                    const bool last = i + 1 == node.edges.size();
                    const double part = last ? share : node.edges[i].target <= pc ? back : 0.5;
                    after += part * found_.nodes.at(node.edges[i].target).length;
                    share -= part;
                }
                node.length = std::min(most, node.block->count + after);
            }
        }
    }

    // What may have been written since the function was entered, forwards until nothing is new.
    void find_changed(Function& f) {
        const std::uint32_t number = found_.nodes.at(f.nodes.front()).function;
        for (bool more = true; more;) {
            more = false;
            for (const std::uint32_t pc : f.nodes) {
                const Node& node = found_.nodes.at(pc);
                const RegisterSet after = node.changed | node.written;
                const auto reach = [&](RegisterSet& there) {
                    more = more || (after & ~there).any();
                    there |= after;
                };
                for (const Edge& edge : node.edges) {
                    Node& target = found_.nodes.at(edge.target);
                    const bool own = target.plain && target.function == number;
                    reach(own ? target.changed : f.beyond[edge.target]);
                }
                if (!jumps_by_table(*node.block)) continue;
                for (const std::uint32_t target : f.targets) {
                    reach(found_.nodes.at(target).changed);
                }
            }
        }
    }

    const Code& code_;
    const ProgramEntries& entries_;
    std::span<const std::uint32_t> asked_for_;
    Functions found_;
    std::set<std::uint32_t> starts_;
    std::vector<std::uint32_t> open_;
};

}  // namespace

bool jumps_by_table(const Block& block) {
    const Instruction& last = last_of(block);
    return last.op == Op::jalr && last.rd == sink && last.rs1 != 1;
}

Functions find_functions(const Code& code, const ProgramEntries& entries,
                         std::span<const std::uint32_t> asked_for) {
    return Finder(code, entries, asked_for).find();
}

}  // namespace tilewright::riscv
