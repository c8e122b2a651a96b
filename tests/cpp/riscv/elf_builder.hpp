// Small ELF executables, written field by field from the specification, for tests of the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tilewright::riscv::test {

/// A file with one code segment, one data segment, three functions and a section of our own. The
/// offsets of its tables are members, so that tests can damage a field by name.
struct ElfFile {
    static constexpr std::uint32_t code_address = 0xFFC00000;
    static constexpr std::uint32_t data_address = 0xFFB00000;
    static constexpr std::uint32_t program_headers = 52;
    static constexpr std::uint32_t code = 52 + 2 * 32;
    static constexpr std::uint32_t code_bytes = 64;
    static constexpr std::uint32_t data_bytes = 8;

    std::string bytes;
    std::uint32_t section_headers = 0;
    std::uint32_t symbols = 0;
    std::uint32_t symbol_names = 0;

    ElfFile() {
        bytes = std::string(
                    "\x7F"
                    "ELF\x01\x01\x01",
                    7) +
                std::string(9, '\0');
        half(2), half(243), word(1);
        word(code_address + 4), word(program_headers), word(0);  // section table: filled in below
        word(0), half(52), half(32), half(2), half(40), half(6), half(5);
        segment(code, code_address, code_address, code_bytes, code_bytes, 5);
        segment(code + code_bytes, data_address, code_address + code_bytes, data_bytes, 100, 6);
        for (std::uint32_t i = 0; i < (code_bytes + data_bytes) / 4; ++i) word(0x1000 + i);

        symbols = size();
        symbol(0, 0, 0, 0, 0);
        symbol(1, code_address + 32, 16, 2, 1);  // plain
        symbol(7, code_address + 4, 28, 2, 1);   // _Z5scalei
        symbol(17, data_address, 4, 1, 2);       // variable: not a function
        symbol(26, 0, 0, 2, 0);                  // undefined: not here
        symbol(26, code_address + 48, 0, 2, 1);  // sizeless
        symbol_names = size();
        const std::string names("\0plain\0_Z5scalei\0variable\0sizeless\0", 35);
        bytes += names;
        const std::uint32_t own = size();
        bytes += "note";
        const std::uint32_t section_names = size();
        const std::string titles("\0.text\0.symtab\0.strtab\0.own\0.shstrtab\0", 38);
        bytes += titles;
        section_headers = size();
        put_word(32, section_headers);
        section(0, 0, 0, 0, 0);
        section(1, 1, code, code_bytes, 0);
        section(7, 2, symbols, symbol_names - symbols, 3);
        section(15, 3, symbol_names, static_cast<std::uint32_t>(names.size()), 0);
        section(23, 1, own, 4, 0);
        section(28, 3, section_names, static_cast<std::uint32_t>(titles.size()), 0);
    }

    std::span<const std::byte> span() const { return std::as_bytes(std::span(bytes)); }
    std::uint32_t size() const { return static_cast<std::uint32_t>(bytes.size()); }

    void put_half(std::uint32_t at, std::uint32_t value) {
        for (std::uint32_t i = 0; i < 2; ++i) bytes[at + i] = static_cast<char>(value >> 8 * i);
    }
    void put_word(std::uint32_t at, std::uint32_t value) {
        for (std::uint32_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> 8 * i);
    }

private:
    void half(std::uint32_t value) {
        bytes += "..";
        put_half(size() - 2, value);
    }
    void word(std::uint32_t value) {
        bytes += "....";
        put_word(size() - 4, value);
    }
    void segment(std::uint32_t offset, std::uint32_t address, std::uint32_t load,
                 std::uint32_t file_bytes, std::uint32_t memory_bytes, std::uint32_t flags) {
        word(1), word(offset), word(address), word(load);
        word(file_bytes), word(memory_bytes), word(flags), word(4);
    }
    void symbol(std::uint32_t name, std::uint32_t value, std::uint32_t length, std::uint32_t type,
                std::uint32_t section_index) {
        word(name), word(value), word(length), half(0x10 | type), half(section_index);
    }
    void section(std::uint32_t name, std::uint32_t type, std::uint32_t offset, std::uint32_t length,
                 std::uint32_t link) {
        word(name), word(type), word(0), word(0), word(offset);
        word(length), word(link), word(0), word(1), word(0);
    }
};

}  // namespace tilewright::riscv::test
