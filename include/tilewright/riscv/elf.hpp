// Executables for the cores: 32-bit little-endian RISC-V ELF files, read from bytes.
//
// Nothing in a file is believed: every offset and size is checked against the file, so that a
// damaged one ends in ElfError, which names the file, what was found and what was expected.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/riscv/elf_error.hpp"

namespace tilewright::riscv {

/// A part of the program that is loaded. Addresses are core addresses in bytes.
struct ElfSegment {
    std::uint32_t address = 0;       ///< where it runs
    std::uint32_t load_address = 0;  ///< where its initial bytes are put (ELF's physical address)
    std::uint32_t memory_bytes = 0;  ///< size when running; what exceeds `bytes` starts as zero
    bool executable = false;         ///< by its flags, or as the entry point lies in it
    bool writable = false;
    std::span<const std::byte> bytes;  ///< what the file holds; lives as long as the image
};

struct ElfSection {
    std::string_view name;             ///< lives as long as the image
    std::span<const std::byte> bytes;  ///< empty for sections without bytes in the file
};

/// A function of the program.
struct ElfFunction {
    std::uint32_t address = 0;
    std::uint32_t bytes = 0;
    std::string name;  ///< as in the source, for C++ with parameter types
};

/// A name that other files of the program can use.
struct ElfSymbol {
    std::uint32_t address = 0;
    std::string_view name;  ///< as the file has it; lives as long as the image
};

/// A parsed executable. Copies share the bytes.
struct ElfImage {
    std::string name;  ///< what messages call it
    std::uint32_t entry = 0;
    std::uint32_t flags = 0;             ///< e_flags: bit 0 compressed code, bits 1-2 float ABI
    std::vector<ElfSegment> segments;    ///< those to load, in the order of the file
    std::vector<ElfSection> sections;    ///< in the order of the file
    std::vector<ElfFunction> functions;  ///< by address
    std::vector<ElfSymbol> symbols;      ///< global ones, in the order of the file
    std::span<const std::byte> bytes;    ///< the whole file
    std::shared_ptr<const std::vector<std::byte>> storage;  ///< what all spans point into

    /// The bytes of the first section of that name; nothing if there is none.
    std::optional<std::span<const std::byte>> section(std::string_view section_name) const;
    /// The address of the global symbol of that name; nothing if there is none.
    std::optional<std::uint32_t> symbol(std::string_view symbol_name) const;
    /// The function whose bytes hold this address, or nullptr.
    const ElfFunction* function_at(std::uint32_t address) const;
};

/// Throws ElfError unless `file` is a complete executable for a 32-bit RISC-V core. `name` is for
/// messages.
ElfImage parse_elf(std::span<const std::byte> file, std::string_view name);

/// The initial bytes of all segments laid out by load address, from `base` to the last one.
/// Throws ElfError if a segment lies outside [base, base + limit).
std::vector<std::byte> image_bytes(const ElfImage& image, std::uint32_t base, std::uint32_t limit);

}  // namespace tilewright::riscv
