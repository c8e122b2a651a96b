// Executables from assembled words, for tests that need to know each instruction.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "riscv/assembler.hpp"

namespace tilewright::riscv::test {

using Sections = std::vector<std::pair<std::string, std::string>>;  // names, bytes

/// An ELF file with one segment of code at `base`, where it begins to run, and with sections of its
/// own.
inline std::string assembled_elf(const Program& program, Word base, const Sections& sections = {}) {
    constexpr Word headers = 52 + 32;
    std::string contents;
    std::string names(1, '\0');
    std::string table(40, '\0');
    const auto put = [](std::string& bytes, std::initializer_list<Word> values) {
        for (const Word v : values) {
            for (Word i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(v >> 8 * i));
        }
    };
    const Word start = headers + program.size();
    const auto section = [&](const std::string& name, Word type, const std::string& bytes) {
        const auto at = static_cast<Word>(names.size());
        names += name + '\0';
        put(table, {at, type, 0, 0, start + static_cast<Word>(contents.size()),
                    static_cast<Word>(bytes.size()), 0, 0, 1, 0});
        contents += bytes;
    };
    for (const auto& [name, bytes] : sections) section(name, 1, bytes);
    const auto names_at = static_cast<Word>(names.size());
    names += std::string(".shstrtab") + '\0';
    put(table, {names_at, 3, 0, 0, start + static_cast<Word>(contents.size()),
                static_cast<Word>(names.size()), 0, 0, 1, 0});
    contents += names;
    const auto count = static_cast<Word>(table.size() / 40);

    std::string file(
        "\x7F"
        "ELF\x01\x01\x01",
        7);
    file.resize(16);
    put(file, {2 | 243 << 16, 1, base, 52, start + static_cast<Word>(contents.size()), 0,
               52 | 32 << 16, 1 | 40 << 16, count | (count - 1) << 16});
    put(file, {1, headers, base, base, program.size(), program.size(), 5, 4});
    file.append(reinterpret_cast<const char*>(program.words.data()), program.size());
    return file + contents + table;
}

}  // namespace tilewright::riscv::test
