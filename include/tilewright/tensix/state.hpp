// All that the compute engine of a tile remembers, as plain data that a snapshot holds.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/base/archive.hpp"
#include "tilewright/tensix/format.hpp"
#include "tilewright/tensix/instruction.hpp"

namespace tilewright::tensix {

inline constexpr std::size_t row_size = 16;
inline constexpr std::size_t source_rows = 64;
inline constexpr std::size_t dst_rows = 1024;
inline constexpr std::size_t lane_count = 32;
inline constexpr std::size_t register_count = 64;       ///< general registers of a thread
inline constexpr std::size_t config_words = 224;        ///< of a bank; Wormhole uses 188
inline constexpr std::size_t thread_config_words = 68;  ///< of a thread; Wormhole uses 57
inline constexpr std::size_t semaphore_count = 8;
inline constexpr std::size_t mutex_count = 8;
inline constexpr std::size_t packer_count = 4;

/// A counter and the value it carries on from ("CR").
struct Counter {
    std::uint32_t value = 0;
    std::uint32_t carry = 0;
    bool operator==(const Counter&) const = default;
};

/// Rows that instructions of the matrix and the vector unit address, for each thread ("RWC").
struct RowCounters {
    Counter a, b, dst;
    std::uint32_t fidelity = 0;
    std::uint32_t bias = 0;  ///< Wormhole: 1 selects the upper four address modes
};

/// Places that packers or an unpacker address, for each thread ("ADC"): two channels of X, Y, Z, W.
struct AddressCounters {
    std::array<std::array<Counter, 4>, 2> channel;
};
inline constexpr std::size_t counter_x = 0, counter_y = 1, counter_z = 2, counter_w = 3;

/// What exists once for each thread.
struct ThreadState {
    std::array<std::uint32_t, register_count> registers{};
    std::array<std::uint16_t, thread_config_words> config{};
    RowCounters rows;
    /// Of unpacker 0, unpacker 1 and the packers.
    std::array<AddressCounters, 3> counters;
    std::array<std::uint8_t, 2> unpack_context{};  ///< of each unpacker
};

/// A row of SrcA or SrcB: numbers of 19 bits, from the top sign, 8 bits of exponent, 10 of
/// mantissa.
using SourceRow = std::array<std::uint32_t, row_size>;

/// A bank of SrcA or SrcB.
struct SourceBank {
    std::array<SourceRow, source_rows> rows{};
    bool valid = false;            ///< the matrix unit has it, else the unpacker
    Format format = Format::fp32;  ///< Blackhole: of what was unpacked into it
};

/// SrcA or SrcB.
struct Source {
    std::array<SourceBank, 2> banks;
    std::uint8_t matrix_bank = 0;                        ///< where the matrix unit reads
    std::uint8_t unpack_bank = 0;                        ///< where the unpacker writes
    std::array<std::uint8_t, thread_count> first_row{};  ///< that each thread unpacks to

    SourceBank& of_matrix() { return banks[matrix_bank]; }
    const SourceBank& of_matrix() const { return banks[matrix_bank]; }
    SourceBank& of_unpacker() { return banks[unpack_bank]; }
    const SourceBank& of_unpacker() const { return banks[unpack_bank]; }
};

/// Dst: 1024 rows of 16 bits, or 512 of 32, whose halves lie in rows that are 8 apart.
struct Dst {
    std::array<std::array<std::uint16_t, row_size>, dst_rows> rows{};
    std::array<bool, dst_rows>
        defined{};  ///< else it reads as what the instruction does nothing with
};

/// Registers and flags of the vector unit.
struct VectorState {
    /// 0 to 7 are written by instructions, 11 to 14 by SFPCONFIG, the others are constants.
    std::array<std::array<std::uint32_t, lane_count>, 16> registers{};
    std::uint32_t flags = 0;      ///< a bit for each lane
    std::uint32_t use_flags = 0;  ///< lanes that are off without their flag
    struct Saved {
        std::uint32_t flags = 0;
        std::uint32_t use_flags = 0;
    };
    std::array<Saved, 8> stack;
    std::uint8_t depth = 0;
    std::uint32_t lane_config = 0;
    std::array<std::uint32_t, lane_count> random{};
};

/// Where a packer goes on until its instruction that says "last".
struct PackerState {
    bool continues = false;  ///< else its next instruction begins at a new place
    std::uint32_t data_address = 0;
    std::uint32_t exponent_address = 0;
    std::uint32_t x = 0;  ///< of the tile position generator
    std::uint32_t y = 0;
    std::uint32_t z = 0;
};

struct SyncState {
    struct Semaphore {
        std::uint8_t value = 0;
        std::uint8_t maximum = 0;
    };
    std::array<Semaphore, semaphore_count> semaphores;
    std::array<std::uint8_t, mutex_count>
        mutexes{};  ///< 0: free, else the thread that holds it + 1
};

/// What the units share, and the threads' own.
struct State {
    std::array<ThreadState, thread_count> threads;
    std::array<std::array<std::uint32_t, config_words>, 2> config{};
    Source a, b;
    Dst dst;
    VectorState vector;
    std::array<PackerState, packer_count> packers;
    SyncState sync;
};

/// The state after reset.
State reset_state();

void fields(auto& archive, Counter& c) {
    archive(c.value, c.carry);
}
void fields(auto& archive, RowCounters& r) {
    archive(r.a, r.b, r.dst, r.fidelity, r.bias);
}
void fields(auto& archive, AddressCounters& c) {
    archive(c.channel);
}
void fields(auto& archive, ThreadState& t) {
    archive(t.registers, t.config, t.rows, t.counters, t.unpack_context);
}
void fields(auto& archive, SourceBank& b) {
    archive(b.rows, b.valid, b.format);
}
void fields(auto& archive, Source& s) {
    archive(s.banks, s.matrix_bank, s.unpack_bank, s.first_row);
}
void fields(auto& archive, Dst& d) {
    archive(d.rows, d.defined);
}
void fields(auto& archive, VectorState::Saved& s) {
    archive(s.flags, s.use_flags);
}
void fields(auto& archive, VectorState& v) {
    archive(v.registers, v.flags, v.use_flags, v.stack, v.depth, v.lane_config, v.random);
}
void fields(auto& archive, PackerState& p) {
    archive(p.continues, p.data_address, p.exponent_address, p.x, p.y, p.z);
}
void fields(auto& archive, SyncState::Semaphore& s) {
    archive(s.value, s.maximum);
}
void fields(auto& archive, SyncState& s) {
    archive(s.semaphores, s.mutexes);
}
void fields(auto& archive, State& s) {
    archive(s.threads, s.config, s.a, s.b, s.dst, s.vector, s.packers, s.sync);
}

}  // namespace tilewright::tensix
