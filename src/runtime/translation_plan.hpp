// Which functions of a program are worth a compilation: those that the interpreter has been in, the
// ones that it was seen in most often first, as soon as interpreting has cost about half of what
// compiling them will.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "runtime/translation_files.hpp"

namespace tilewright {

class TranslationPlan {
public:
    /// Instructions that are interpreted before anything is compiled.
    static constexpr std::uint64_t least = std::uint64_t{1} << 27;
    /// Instructions that are interpreted for each one that is compiled: 1 ms of host time.
    static constexpr std::uint64_t for_each = std::uint64_t{1} << 18;
    /// Functions of more instructions are not compiled.
    static constexpr std::uint32_t largest_function = 32 * 1024;

    explicit TranslationPlan(const TranslatedProgram& program) : program_(&program) {}

    /// So many instructions were interpreted, and then the core stood at pc.
    void interpreted(std::uint32_t pc, std::uint64_t instructions);
    /// These functions are translated, or will be.
    void cover(std::span<const std::uint32_t> functions);
    bool may_be_due() const { return interpreted_ >= next_; }
    /// The functions of the next part in ascending order, which are paid for and covered now; empty
    /// if it is not worth it yet. `blocks`: where the interpreter has been.
    std::vector<std::uint32_t> next_part(std::span<const std::uint32_t> blocks);
    /// All that are not covered, cut into parts.
    std::vector<std::vector<std::uint32_t>> all_parts() const;

private:
    const TranslatedProgram* program_;
    std::set<std::uint32_t> covered_;
    std::unordered_map<std::uint32_t, std::uint64_t> seen_;  ///< instructions, by function
    std::uint64_t interpreted_ = 0;                          ///< and not paid out for a part
    std::uint64_t next_ = least;                             ///< when to look again
};

}  // namespace tilewright
