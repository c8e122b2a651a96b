// The instruction words of the compute engine: what instructions.def says, as types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tilewright/base/export.hpp"
#include "tilewright/tensix/fault.hpp"

namespace tilewright::tensix {

/// Generations of the engine. They agree in most, but not in all, encodings and values.
enum class Architecture : std::uint8_t { wormhole, blackhole };
constexpr Architecture last_of(Architecture) {
    return Architecture::blackhole;
}

inline constexpr std::size_t thread_count = 3;

/// What carries an instruction out.
enum class Unit : std::uint8_t {
    expander,  ///< MOP expander or replay buffer: it never reaches a unit behind them
    sync,
    unpack,
    matrix,
    pack,
    vector,
    scalar,
    configuration,
    misc,
};
inline constexpr std::size_t unit_count = static_cast<std::size_t>(Unit::misc) + 1;
std::string_view name_of(Unit unit);

enum class Chips : std::uint8_t { wormhole = 1, blackhole = 2, both = 3 };
constexpr bool has(Chips chips, Architecture architecture) {
    return (static_cast<unsigned>(chips) >> static_cast<unsigned>(architecture) & 1) != 0;
}

/// Where function and cost of an instruction come from (instructions.def).
enum class Provenance : std::uint8_t { documented, derived };

enum class Op : std::uint8_t {
#define BOTH(...)
#define EACH(...)
#define WORMHOLE(...)
#define BLACKHOLE(...)
#define TENSIX_INSTRUCTION(op, ...) op,
#include "tilewright/tensix/instructions.def"
};

/// The upper byte of an instruction's words.
constexpr std::uint8_t opcode_of(Op op) {
    constexpr std::uint8_t opcodes[] = {
#define BOTH(...)
#define EACH(...)
#define WORMHOLE(...)
#define BLACKHOLE(...)
#define TENSIX_INSTRUCTION(op, mnemonic, opcode, ...) opcode,
#include "tilewright/tensix/instructions.def"
    };
    return opcodes[static_cast<std::size_t>(op)];
}

/// Bits of a word; none of them where `high` < `low`.
struct Bits {
    int high = -1;
    int low = 0;
    constexpr std::uint32_t mask() const {
        return high < low ? 0 : (std::uint32_t{2} << (high - low)) - 1;
    }
    constexpr std::uint32_t of(std::uint32_t word) const { return word >> low & mask(); }
    constexpr std::uint32_t place(std::uint32_t value) const { return (value & mask()) << low; }
};

/// A field of an instruction and where it lies on each architecture.
struct Field {
    std::string_view name;
    std::array<Bits, 2> bits;
    constexpr Bits on(Architecture a) const { return bits[static_cast<std::size_t>(a)]; }
};

struct Instruction {
    Op op;
    std::string_view mnemonic;
    std::uint8_t opcode;
    Unit unit;
    std::uint8_t busy;     ///< cycles; 0: its data decide
    std::uint8_t latency;  ///< cycles; 0: its data decide
    Chips chips;
    Provenance source;
    std::span<const Field> fields;
};

/// All instructions, in the order of Op.
std::span<const Instruction> instructions();
const Instruction& instruction(Op op);

/// The instruction of this word, which the architecture has, with no bit set outside its fields.
/// Throws TensixFault.
const Instruction& decode(Architecture architecture, std::uint32_t word);
/// Like decode(), by the opcode alone; nullptr if the architecture has none of it.
const Instruction* find_opcode(Architecture architecture, std::uint32_t word);

using FieldValue = std::pair<std::string_view, std::uint32_t>;
/// The word of an instruction; fields that are not named are 0. TensixFault for a field that it
/// does not have on this architecture, or a value that does not fit.
std::uint32_t encode(Architecture architecture, Op op, std::initializer_list<FieldValue> values);

/// "MVMUL dst=8 flip=1": fields that are 0 are left out; ".tensix 0x????????" for a word that is no
/// instruction.
TILEWRIGHT_API std::string disassemble(Architecture architecture, std::uint32_t word);

/// The operands of each instruction as a type: op::mvmul has `dst`, `addr_mod` and so on.
namespace op {
#define BOTH(name, high, low) std::uint32_t name;
#define EACH(name, wormhole_high, wormhole_low, blackhole_high, blackhole_low) std::uint32_t name;
#define WORMHOLE(name, high, low) std::uint32_t name;
#define BLACKHOLE(name, high, low) std::uint32_t name;
#define TENSIX_INSTRUCTION(op, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    struct op {                                                                              \
        fields                                                                               \
    };
#include "tilewright/tensix/instructions.def"
}  // namespace op

/// The operands of a word of that instruction.
template <class Operands>
Operands operands_of(Architecture architecture, std::uint32_t word);

#define BOTH(name, high, low) Bits{high, low}.of(word),
#define EACH(name, wormhole_high, wormhole_low, blackhole_high, blackhole_low)     \
    (architecture == Architecture::wormhole ? Bits{wormhole_high, wormhole_low}    \
                                            : Bits{blackhole_high, blackhole_low}) \
        .of(word),
#define WORMHOLE(name, high, low) \
    architecture == Architecture::wormhole ? Bits{high, low}.of(word) : 0u,
#define BLACKHOLE(name, high, low) \
    architecture == Architecture::blackhole ? Bits{high, low}.of(word) : 0u,
#define TENSIX_INSTRUCTION(name, mnemonic, opcode, unit, busy, latency, chips, source, fields) \
    template <>                                                                                \
    inline op::name operands_of<op::name>([[maybe_unused]] Architecture architecture,          \
                                          [[maybe_unused]] std::uint32_t word) {               \
        return {fields};                                                                       \
    }
#include "tilewright/tensix/instructions.def"

}  // namespace tilewright::tensix
