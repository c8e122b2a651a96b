// What programs for graphs say of themselves, by the names of symbols: a worker program has a table
// of functions and its length (TILEWRIGHT_TASKS in tilewright/kernel/tasks.hpp), a scheduler two
// words (TILEWRIGHT_SCHEDULER in tilewright/kernel/scheduling.hpp).
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/riscv/elf.hpp"

namespace tilewright {
namespace {

constexpr std::uint32_t most_functions = 0x7FFF;
constexpr std::size_t longest_name = 256;

struct Entry {  // tilewright::kernel::TaskFunction
    std::uint32_t name;
    std::uint32_t call;
    std::uint16_t kind;
    std::uint16_t arguments;
};

/// What the file holds of the program from this address on.
std::span<const std::byte> bytes_at(const riscv::ElfImage& elf, std::uint32_t address) {
    for (const riscv::ElfSegment& segment : elf.segments) {
        const std::uint32_t offset = address - segment.address;
        if (offset < segment.bytes.size()) return segment.bytes.subspan(offset);
    }
    return {};
}

template <class T>
T value_at(const riscv::ElfImage& elf, std::uint32_t address) {
    const std::span<const std::byte> bytes = bytes_at(elf, address);
    if (bytes.size() < sizeof(T)) {
        throw ElfError(elf.name + ": what it says of itself reaches outside the file");
    }
    T value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

std::string text_at(const riscv::ElfImage& elf, std::uint32_t address) {
    std::string text;
    for (std::byte letter : bytes_at(elf, address)) {
        if (letter == std::byte{0} || text.size() == longest_name) break;
        text.push_back(static_cast<char>(letter));
    }
    return text;
}

}  // namespace

std::vector<TaskFunction> task_functions(const Kernel& worker_program) {
    const riscv::ElfImage elf = riscv::parse_elf(worker_program.elf(), worker_program.name());
    const auto table = elf.symbol("tilewright_task_functions");
    const auto count_at = elf.symbol("tilewright_task_function_count");
    if (!table || !count_at) {
        throw ElfError(elf.name +
                       " is no worker program: it has no table of task functions "
                       "(TILEWRIGHT_TASKS of tilewright/kernel/tasks.hpp makes one)");
    }
    const auto count = value_at<std::uint32_t>(elf, *count_at);
    if (count > most_functions) {
        throw ElfError(elf.name + ": a table of " + std::to_string(count) + " task functions");
    }
    std::vector<TaskFunction> functions;
    for (std::uint32_t f = 0; f < count; ++f) {
        const std::uint32_t at = *table + f * static_cast<std::uint32_t>(sizeof(Entry));
        const auto entry = value_at<Entry>(elf, at);
        const bool known = entry.kind <= static_cast<std::uint32_t>(CoreKind::control) ||
                           entry.kind == kind_of_function;
        if (!known) {
            throw ElfError(elf.name + ": task function " + std::to_string(f) + " is of the kind " +
                           std::to_string(entry.kind) + ", which is none");
        }
        functions.push_back(
            {text_at(elf, entry.name), static_cast<std::uint8_t>(entry.kind), entry.arguments});
    }
    return functions;
}

bool leads_programs(const Kernel& worker_program) {
    const riscv::ElfImage elf = riscv::parse_elf(worker_program.elf(), worker_program.name());
    return elf.symbol("tilewright_leads_programs").has_value();
}

std::uint32_t scheduler_features(const Kernel& scheduler) {
    const riscv::ElfImage elf = riscv::parse_elf(scheduler.elf(), scheduler.name());
    const auto at = elf.symbol("tilewright_scheduler");
    if (!at) return 0;
    const auto version = value_at<std::uint32_t>(elf, *at);
    if (version != graph::layout_version) {
        throw GraphError(elf.name + ": a scheduler for version " + std::to_string(version) +
                         " of the layout of graphs; this is version " +
                         std::to_string(graph::layout_version) + ", build it again");
    }
    return value_at<std::uint32_t>(elf, *at + 4);
}

}  // namespace tilewright
