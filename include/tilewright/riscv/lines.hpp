// Which line of the source an address of a program comes from, for messages.
//
// Reads the `.debug_line` section (DWARF 2 to 5, 32-bit form) and the symbol table. Damaged or
// missing debug information is no error: those addresses then have no known line.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "tilewright/riscv/elf.hpp"

namespace tilewright::riscv {

/// What is known about an address; what is not is empty or 0. Code that the compiler merged from
/// several places has a file but no line.
struct SourceLocation {
    std::string file;
    std::uint32_t line = 0;
    std::string function;
    bool operator==(const SourceLocation&) const = default;
};

/// "scale.cpp:12 in scale(unsigned int)", or what of it is known; empty if nothing is.
std::string to_string(const SourceLocation& location);

/// The line table of one program. The section is decoded at the first look-up; look-ups from
/// several threads at once are fine.
class LineTable {
public:
    explicit LineTable(ElfImage image);
    ~LineTable();

    /// The location of the instruction at a core address.
    SourceLocation find(std::uint32_t address) const;

private:
    struct Decoded;

    ElfImage image_;
    mutable std::once_flag once_;
    mutable std::unique_ptr<const Decoded> decoded_;
};

}  // namespace tilewright::riscv
