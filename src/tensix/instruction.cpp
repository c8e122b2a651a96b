#include "tilewright/tensix/instruction.hpp"

#include <algorithm>

#include "tilewright/base/text.hpp"

namespace tilewright::tensix {
namespace {

constexpr Bits nowhere{};

#define BOTH(name, high, low) Field{#name, {Bits{high, low}, Bits{high, low}}},
#define EACH(name, wormhole_high, wormhole_low, blackhole_high, blackhole_low) \
    Field{#name, {Bits{wormhole_high, wormhole_low}, Bits{blackhole_high, blackhole_low}}},
#define WORMHOLE(name, high, low) Field{#name, {Bits{high, low}, nowhere}},
#define BLACKHOLE(name, high, low) Field{#name, {nowhere, Bits{high, low}}},
// An array of no elements is no C++: each has one more, which no span reaches.
#define TENSIX_INSTRUCTION(op, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    constexpr Field fields_of_##op[] = {fields Field{}};
#include "tilewright/tensix/instructions.def"

constexpr std::array all{
#define BOTH(...)
#define EACH(...)
#define WORMHOLE(...)
#define BLACKHOLE(...)
#define TENSIX_INSTRUCTION(op, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    Instruction{Op::op,                                                                      \
                mnemonic,                                                                    \
                opcode,                                                                      \
                Unit::unit,                                                                  \
                busy,                                                                        \
                latency,                                                                     \
                Chips::chips,                                                                \
                Provenance::source,                                                          \
                std::span(fields_of_##op).first(std::size(fields_of_##op) - 1)},
#include "tilewright/tensix/instructions.def"
};

/// Index into `all` by opcode, or 0xff.
constexpr auto by_opcode = [] {
    static_assert(all.size() < 0xff);
    std::array<std::uint8_t, 256> index;
    index.fill(0xff);
    for (std::size_t i = 0; i < all.size(); ++i) {
        index[all[i].opcode] = static_cast<std::uint8_t>(i);
    }
    return index;
}();

/// The bits that an instruction gives a meaning to, by architecture and index into `all`.
constexpr auto meant_bits_of = [] {
    std::array<std::array<std::uint32_t, all.size()>, 2> bits{};
    for (std::size_t architecture = 0; architecture < bits.size(); ++architecture) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            bits[architecture][i] = 0xff00'0000;
            for (const Field& field : all[i].fields) {
                const Bits place = field.bits[architecture];
                bits[architecture][i] |= place.place(place.mask());
            }
        }
    }
    return bits;
}();

std::uint32_t meant_bits(Architecture architecture, const Instruction& one) {
    return meant_bits_of[static_cast<std::size_t>(architecture)][static_cast<std::size_t>(one.op)];
}

std::string_view name_of(Architecture architecture) {
    return architecture == Architecture::wormhole ? "Wormhole" : "Blackhole";
}

}  // namespace

std::string_view name_of(Unit unit) {
    constexpr std::array<std::string_view, unit_count> names{"expander", "sync",          "unpack",
                                                             "matrix",   "pack",          "vector",
                                                             "scalar",   "configuration", "misc"};
    return names[static_cast<std::size_t>(unit)];
}

std::span<const Instruction> instructions() {
    return all;
}

const Instruction& instruction(Op op) {
    return all[static_cast<std::size_t>(op)];
}

const Instruction* find_opcode(Architecture architecture, std::uint32_t word) {
    const std::uint8_t index = by_opcode[word >> 24];
    if (index == 0xff || !has(all[index].chips, architecture)) return nullptr;
    return &all[index];
}

namespace {

/// Why a word is none of the architecture.
[[noreturn]] void refuse_word(Architecture architecture, std::uint32_t word) {
    const Instruction* const one = find_opcode(architecture, word);
    if (one == nullptr) {
        const std::uint8_t index = by_opcode[word >> 24];
        const std::string what = index == 0xff
                                     ? "no instruction that the engine carries out"
                                     : std::string(all[index].mnemonic) + ", which " +
                                           std::string(name_of(architecture)) + " does not have";
        throw TensixFault("tensix word " + hex(word, 8) + ": opcode " + hex(word >> 24, 2) +
                          " is " + what);
    }
    throw TensixFault(std::string(one->mnemonic) + " (" + hex(word, 8) + "): bits " +
                      hex(word & ~meant_bits(architecture, *one)) +
                      " belong to no field of it on " + std::string(name_of(architecture)) +
                      " and have to be 0");
}

}  // namespace

const Instruction& decode(Architecture architecture, std::uint32_t word) {
    const Instruction* const one = find_opcode(architecture, word);
    if (one == nullptr || (word & ~meant_bits(architecture, *one)) != 0) {
        refuse_word(architecture, word);
    }
    return *one;
}

std::uint32_t encode(Architecture architecture, Op op, std::initializer_list<FieldValue> values) {
    const Instruction& one = instruction(op);
    const std::string mnemonic(one.mnemonic);
    if (!has(one.chips, architecture)) {
        throw TensixFault(mnemonic + ": " + std::string(name_of(architecture)) +
                          " does not have it");
    }
    std::uint32_t word = std::uint32_t{one.opcode} << 24;
    for (const auto& [name, value] : values) {
        const auto field = std::ranges::find(one.fields, name, &Field::name);
        if (field == one.fields.end() || field->on(architecture).mask() == 0) {
            throw TensixFault(mnemonic + ": no field '" + std::string(name) + "' on " +
                              std::string(name_of(architecture)));
        }
        const Bits bits = field->on(architecture);
        if (value > bits.mask()) {
            throw TensixFault(mnemonic + ": field '" + std::string(name) + "' is at most " +
                              hex(bits.mask()) + ", not " + hex(value));
        }
        word |= bits.place(value);
    }
    return word;
}

std::string disassemble(Architecture architecture, std::uint32_t word) {
    const Instruction* one = find_opcode(architecture, word);
    if (one == nullptr || (word & ~meant_bits(architecture, *one)) != 0) {
        return ".tensix " + hex(word, 8);
    }
    std::string text(one->mnemonic);
    for (const Field& field : one->fields) {
        const std::uint32_t value = field.on(architecture).of(word);
        if (value != 0)
            text.append(" ").append(field.name).append("=").append(std::to_string(value));
    }
    return text;
}

}  // namespace tilewright::tensix
