#include "runtime/vector_values.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <span>

#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/lines.hpp"
#include "tilewright/runtime/compile_error.hpp"

namespace tilewright {
namespace {

constexpr int first_clang = 20;           ///< takes fixed-length vectors as operands of asm
constexpr std::uint32_t group = 4;        ///< registers of V that stand for one of the unit
constexpr std::uint32_t all_of_zero = 9;  ///< the unit's register that holds 0

constexpr std::uint32_t field(std::uint32_t word, unsigned low, unsigned width) {
    return word >> low & ((1u << width) - 1);
}

/// SFPMOV for all lanes, whether they take part or not, as it lies in a core's stream.
constexpr std::uint32_t move_all_lanes(std::uint32_t to, std::uint32_t from) {
    constexpr std::uint32_t sfpmov = 0x7c, all_lanes = 2;
    return std::rotl(sfpmov << 24 | from << 8 | to << 4 | all_lanes, 2);
}

/// What stands for an instruction of the V extension; nothing if it reaches memory, or is one that
/// was not to be expected. Other instructions are what they are.
std::optional<std::uint32_t> replaced(std::uint32_t word) {
    constexpr std::uint32_t load = 0x07, store = 0x27, arithmetic = 0x57, nop = 0x13;
    const std::uint32_t opcode = field(word, 0, 7);
    if (opcode == load || opcode == store) return std::nullopt;
    if (opcode != arithmetic) return word;
    const std::uint32_t kind = field(word, 12, 3), to = field(word, 7, 5) / group;
    constexpr std::uint32_t configure = 7, immediate = 3;
    // Copies and zeros come behind one of them, which the unit does not need.
    if (kind == configure) return nop;
    constexpr std::uint32_t copy_of_registers = 0b1001111, copy_of_number = 0b0101111;
    const std::uint32_t function = field(word, 25, 7), operand = field(word, 15, 5);
    if (kind != immediate) return std::nullopt;
    if (function == copy_of_registers && operand == group - 1)
        return move_all_lanes(to, field(word, 20, 5) / group);
    if (function == copy_of_number && operand == 0) return move_all_lanes(to, all_of_zero);
    return std::nullopt;
}

[[noreturn]] void fail(const std::string& source, const std::set<std::string>& places) {
    std::string text = source + " does not compile:\n";
    for (const std::string& place : places) text += place + '\n';
    throw CompileError(text +
                       "More values of sfpi (vFloat, vInt, ...) are needed at once there than the "
                       "vector unit has registers, which are eight; or one goes through memory: in "
                       "an array, or to a function that is not inlined, which inline "
                       "__attribute__((always_inline)) makes sure of.");
}

}  // namespace

std::string vector_value_extensions(const Toolchain& toolchain) {
    return toolchain.zig || toolchain.clang_version >= first_clang ? "_zve32x_zvl256b" : "";
}

void replace_vector_copies(std::string& elf, const std::string& source) {
    const riscv::ElfImage image = riscv::parse_elf(std::as_bytes(std::span(elf)), source);
    const riscv::LineTable lines(image);
    std::set<std::string> places;
    for (const riscv::ElfFunction& function : image.functions) {
        for (const riscv::ElfSegment& segment : image.segments) {
            const std::uint32_t first = function.address - segment.address;
            if (function.address < segment.address || first >= segment.bytes.size()) continue;
            const auto start =
                static_cast<std::size_t>(segment.bytes.data() - image.bytes.data()) + first;
            const std::size_t bytes =
                std::min<std::size_t>(function.bytes, segment.bytes.size() - first);
            for (std::size_t at = 0; at + 4 <= bytes; at += 4) {
                std::uint32_t word = 0;
                std::memcpy(&word, elf.data() + start + at, sizeof word);
                if (const auto instead = replaced(word)) {
                    std::memcpy(elf.data() + start + at, &*instead, sizeof word);
                } else {
                    const auto address = static_cast<std::uint32_t>(function.address + at);
                    places.insert(riscv::to_string(lines.find(address)));
                }
            }
        }
    }
    if (!places.empty()) fail(source, places);
}

}  // namespace tilewright
