#include "runtime/translation_plan.hpp"

#include <algorithm>

namespace tilewright {

void TranslationPlan::interpreted(std::uint32_t pc, std::uint64_t instructions) {
    interpreted_ += instructions;
    seen_[riscv::function_at(program_->functions, pc)] += instructions;
}

void TranslationPlan::cover(std::span<const std::uint32_t> functions) {
    covered_.insert(functions.begin(), functions.end());
}

std::vector<std::uint32_t> TranslationPlan::next_part(std::span<const std::uint32_t> blocks) {
    std::set<std::uint32_t> open;
    for (const std::uint32_t pc : blocks) {
        const std::uint32_t function = riscv::function_at(program_->functions, pc);
        const bool small = program_->instructions(function) <= largest_function;
        if (small && !covered_.contains(function)) open.insert(function);
    }
    std::vector<std::uint32_t> order(open.begin(), open.end());
    const auto seen = [&](std::uint32_t function) {
        const auto found = seen_.find(function);
        return found == seen_.end() ? 0 : found->second;
    };
    std::ranges::stable_sort(order, std::ranges::greater{}, seen);
    std::vector<std::uint32_t> part;
    const std::uint64_t affordable = interpreted_ / for_each;
    std::uint64_t size = 0;
    for (const std::uint32_t function : order) {
        const std::uint32_t more = program_->instructions(function);
        if (size + more > affordable) break;
        if (size + more > most_in_part && !part.empty()) break;
        size += more;
        part.push_back(function);
    }
    interpreted_ -= size * for_each;
    next_ = std::max(least, part.empty() ? 2 * interpreted_ : interpreted_ + least);
    std::ranges::sort(part);
    cover(part);
    return part;
}

std::vector<std::vector<std::uint32_t>> TranslationPlan::all_parts() const {
    std::vector<std::vector<std::uint32_t>> parts;
    std::uint64_t size = most_in_part;
    for (const std::uint32_t function : program_->functions) {
        const std::uint32_t more = program_->instructions(function);
        if (covered_.contains(function) || more > largest_function) continue;
        if (size + more > most_in_part) {
            parts.emplace_back();
            size = 0;
        }
        size += more;
        parts.back().push_back(function);
    }
    return parts;
}

}  // namespace tilewright
