// Programs translated to machine code of the host: the second way to run what a Code holds, with
// the same cycles, instructions, memory and stops as the interpreter.
//
//  - translate() writes C, one function for each of the program's, over the blocks of the Code. A C
//    compiler (a clang; nothing is included, nothing linked) makes a shared object of it, which
//    Translation::load() reads and Code::adopt() takes.
//  - Translated code carries out whole blocks of plain instructions and looks at the end of the
//    window at each block's entry, as the interpreter does. What is not plain (the bus, atomics,
//    CSRs, fences, floats, words of a coprocessor, polling loops) it leaves to the interpreter,
//    which comes back at the next block where translated code can be entered: where functions
//    begin, where calls return to, at heads of loops, at targets of tables.
//  - All that it reads and writes are the hart's registers and its branch history, the Context, and
//    guest memory through the windows of MemoryMap with the interpreter's tests.
//  - A program can be translated in parts: some of its functions, then others. A Code adopts
//    several translations; to each, what lies elsewhere is left to the interpreter.
//  - A Code that tells calls (functions were given) adopts no translation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/riscv/timing.hpp"

namespace tilewright::riscv {

class Code;
struct Context;

/// Where the windows of memories begin that programs mostly use: constants in translated code,
/// which a hart with others does not enter.
struct WindowPlaces {
    std::uint32_t near = 0;
    std::uint32_t far = 0;
    bool operator==(const WindowPlaces&) const = default;
};

/// A block where translated code can be entered.
struct TranslatedEntry {
    /// Runs from here. Progress counts instructions in its low bits and cycles above them, so that
    /// one addition does for both; `check` is compared with it at each block entry. Returns the
    /// progress; where the hart stands then is in the Context.
    using Enter = std::uint64_t (*)(Context* context, std::uint32_t* registers, std::uint64_t check,
                                    const TranslatedEntry* entry);
    static constexpr unsigned count_bits = 20;
    static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;
    /// In one call: as no instruction takes less than a cycle, the count does not overflow.
    static constexpr std::uint64_t most_cycles = std::uint64_t{1} << (count_bits - 1);
    /// With the index of an instruction that translated code has left undone.
    static constexpr std::uint32_t resumes = std::uint32_t{1} << 31;

    Enter enter = nullptr;
    void (*function)() = nullptr;  ///< with a calling convention of its own
    std::uint32_t place = 0;       ///< in that function
    WindowPlaces places;
};

/// Where a program may be entered beside its first instruction. Addresses in ascending order.
struct ProgramEntries {
    std::vector<std::uint32_t> functions;
    std::vector<std::uint32_t> targets;  ///< other places whose addresses the program holds
};
/// The functions of the symbol table and the entry point, in ascending order.
std::vector<std::uint32_t> program_functions(const ElfImage& program, const Code& code);
/// Those, and what in the program's bytes may be an address of its text.
ProgramEntries program_entries(const ElfImage& program, const Code& code);

/// The one of these functions, in ascending order and one at least, that pc lies in: the last that
/// begins before it, or the first one.
std::uint32_t function_at(std::span<const std::uint32_t> functions, std::uint32_t pc);

/// All that the C of a translation with program_entries() depends on but which functions it has, as
/// a text to make keys of.
std::string translation_inputs(const ElfImage& program, const Code& code,
                               const WindowPlaces& places);

/// These functions, some of `entries` in ascending order, as C, with a key by which it is known
/// again. Makes their blocks in `code`.
std::string translate(const Code& code, const ProgramEntries& entries, const WindowPlaces& places,
                      std::string_view key, std::span<const std::uint32_t> functions);

class Translation {
public:
    /// Throws FileError if the file is no shared object of translate()'s making for this version.
    static std::shared_ptr<const Translation> load(const std::filesystem::path& path);
    ~Translation();
    Translation(const Translation&) = delete;
    Translation& operator=(const Translation&) = delete;

    /// As translate() was given it.
    const std::string& key() const { return key_; }
    /// Of the block that begins at pc, or nullptr.
    const TranslatedEntry* find(std::uint32_t pc) const {
        const auto found = entries_.find(pc);
        return found == entries_.end() ? nullptr : found->second;
    }
    /// That it was asked for, in ascending order.
    std::span<const std::uint32_t> functions() const { return functions_; }

private:
    Translation() = default;
    void* library_ = nullptr;
    std::string key_;
    std::vector<std::uint32_t> functions_;
    std::unordered_map<std::uint32_t, const TranslatedEntry*> entries_;
};

}  // namespace tilewright::riscv
