// Carrying out one instruction of the compute engine, at once and completely: what it does, not
// when.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

/// Bytes of L1.
struct L1Range {
    std::uint32_t address = 0;
    std::uint32_t size = 0;
    bool operator==(const L1Range&) const = default;
};

/// L1 as instructions reach it. Who has to know what they do there overrides the functions; a
/// TensixFault from these ends the instruction, and one from writing() leaves L1 as it was.
class L1Port {
public:
    explicit L1Port(std::span<std::byte> bytes) : bytes(bytes) {}
    virtual ~L1Port() = default;
    L1Port(const L1Port&) = delete;
    L1Port& operator=(const L1Port&) = delete;

    /// Bytes that an instruction reads, and those that it is about to change.
    virtual void reading(const L1Range& /*range*/) {}
    virtual void writing(const L1Range& /*range*/) {}

    std::span<std::byte> bytes;
};

/// A load or store of a device register of the tile that a scalar instruction asks for. A load's
/// value is written to the thread's general register by who answers it.
struct RegisterAccess {
    bool load = false;
    std::uint32_t address = 0;
    std::uint32_t value = 0;
    std::uint8_t general_register = 0;
    bool operator==(const RegisterAccess&) const = default;
};

/// Rows of Dst, as the instruction counts them; a number that goes beyond the last goes on from 0.
struct DstRows {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    bool operator==(const DstRows&) const = default;
};

/// What an instruction did beside changing the state.
struct Effects {
    std::array<L1Range, 2> read;  ///< in L1, from the first byte to the last: numbers, exponents
    std::uint32_t bytes_unpacked = 0;
    std::array<std::uint32_t, packer_count> numbers_packed{};
    std::array<std::uint32_t, packer_count> bytes_packed{};  ///< of these numbers alone
    bool added_in_l1 = false;
    /// By each packer; the matrix unit uses the first.
    std::array<DstRows, packer_count> dst_read;
    DstRows dst_written;  ///< by the matrix unit
    std::optional<RegisterAccess> access;
};

/// Why an instruction cannot begin yet.
enum class Wait : std::uint8_t {
    none,
    // What it waits for itself:
    source_a,  ///< the matrix unit waits for SrcA
    source_b,  ///< the matrix unit waits for SrcB
    bank_a,    ///< unpacker 0 waits for a free bank of SrcA
    bank_b,    ///< unpacker 1 waits for a free bank of SrcB
    mutex,
    // What holds it back in time:
    condition,  ///< STALLWAIT, FLUSHDMA
    semaphore,  ///< SEMWAIT
    unit,       ///< its unit is at work on another
    dst,        ///< rows of Dst that were just written
    own,        ///< the thread's last instruction keeps it
};
inline constexpr std::size_t wait_count = static_cast<std::size_t>(Wait::own) + 1;
constexpr Wait last_of(Wait) {
    return Wait::own;
}
std::string_view name_of(Wait wait);  ///< for messages
std::string_view key_of(Wait wait);   ///< for names of counters

/// Carry out an instruction that has what it waits for itself. Throws TensixFault and then may have
/// changed part of the state. Not for MOP, MOP_CFG and REPLAY, which never reach a unit, nor what
/// stands in front of the units: STALLWAIT, SEMWAIT and FLUSHDMA only have their operands checked.
Effects execute(State& state, Architecture architecture, L1Port& l1, unsigned thread,
                std::uint32_t word);
/// The same for a word that has been decoded as this instruction.
Effects execute(State& state, Architecture architecture, L1Port& l1, unsigned thread,
                const Instruction& instruction, std::uint32_t word);

}  // namespace tilewright::tensix
