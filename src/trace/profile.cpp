#include "tilewright/trace/profile.hpp"

#include <algorithm>

#include "tilewright/riscv/code.hpp"
#include "trace/awaited_word.hpp"

namespace tilewright {
namespace {

std::uint64_t order(CoreId core) {
    return std::uint64_t{core.tile.y} << 32 | std::uint64_t{core.tile.x} << 16 | core.processor;
}

}  // namespace

struct Profile::Counted {
    CoreId core;
    std::string name;
    std::shared_ptr<const riscv::ElfImage> elf;
    const riscv::Code* code;
    riscv::CodeCounts counts;
};

std::string_view lost_name(riscv::Lost reason) {
    return riscv::name_of(reason);
}

std::vector<riscv::SourceLocation> locate(const ProgramProfile& program,
                                          std::span<const std::uint32_t> addresses) {
    const riscv::LineTable lines(*program.elf);
    std::vector<riscv::SourceLocation> result;
    for (const std::uint32_t address : addresses) result.push_back(lines.find(address));
    return result;
}

Profile::Profile() = default;
Profile::~Profile() = default;

riscv::CodeCounts* Profile::on_program(CoreId core, const ProfiledCode& program) {
    Counted*& known = by_core_[{order(core), program.code}];
    if (known != nullptr) return &known->counts;
    counted_.push_back(
        std::make_unique<Counted>(Counted{core, std::string(program.name), program.elf,
                                          program.code, riscv::CodeCounts(*program.code)}));
    known = counted_.back().get();
    return &known->counts;
}

std::vector<ProgramProfile> Profile::programs() const {
    std::vector<ProgramProfile> result;
    for (const auto& counted : counted_) {
        ProgramProfile& program = result.emplace_back();
        program.core = counted->core;
        program.name = counted->name;
        program.elf = counted->elf;
        program.instructions = riscv::instruction_costs(*counted->code, counted->counts);
        for (const auto& [where, wait] : counted->counts.waits()) {
            const auto& [pc, address] = where;
            program.waits.push_back({pc, address != 0 ? detail::awaited_word(address) : "",
                                     wait.times, wait.cycles, wait.instructions});
        }
    }
    std::ranges::stable_sort(
        result, [](const auto& a, const auto& b) { return order(a.core) < order(b.core); });
    return result;
}

}  // namespace tilewright
