// A decoded block as the interpreter walks it: a header, then its instructions in one piece.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "opcodes.hpp"
#include "tilewright/riscv/branch_history.hpp"

namespace tilewright::riscv {

struct TranslatedEntry;

struct Instruction {
    const void* handler;  ///< of the first one of a block, changed when the block is translated
    Op op;
    std::uint8_t rd;
    std::uint8_t rs1;
    std::uint8_t rs2;  ///< in jal and jalr: CallRecord::Kind
    std::int32_t imm;  ///< in loads and stores: offset << 16 | penalty of one of far memory; in
                       ///< float_fused: rs3 << 8 | rm
};
static_assert(sizeof(Instruction) == 16);

constexpr std::int32_t pack_access(std::int32_t offset, std::uint32_t far_penalty) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(offset) << 16 | far_penalty);
}
constexpr std::int32_t access_offset(const Instruction& i) {
    return std::bit_cast<std::array<std::int16_t, 2>>(i.imm)[1];
}
constexpr std::uint32_t far_penalty(const Instruction& i) {
    return static_cast<std::uint32_t>(i.imm) & 0xFFFF;
}

/// What the schedule says of one instruction; kept apart, as only stops and slow accesses ask.
struct Slot {
    std::uint32_t issue = 0;   ///< cycles from block entry to issue, without penalties
    std::uint32_t slack = 0;   ///< of a load: latency that costs nothing
    std::uint32_t stall = 0;   ///< of a store to far memory: cycles until the store queue takes it
    std::uint32_t offset = 0;  ///< bytes from block entry
};

/// `count` instructions follow the header, then one of Op::fall_through if no transfer ends it.
/// Links are set when an edge is first taken; null until then.
struct Block {
    std::uint32_t entry = 0;
    std::uint32_t count = 0;
    std::uint32_t taken_target = 0;  ///< of a branch or jal
    std::uint32_t taken_cost = 0;    ///< of the whole block, when left by its transfer as predicted
    /// The costs with `count` in the upper half, and with the misprediction: what the inner loop
    /// adds when it leaves the block, by whether the branch was predicted to be taken.
    std::array<std::uint64_t, 2> taken_progress{};
    std::array<std::uint64_t, 2> fall_progress{};
    std::uint32_t fall_target = 0;  ///< the address after the block
    std::uint32_t fall_cost = 0;
    std::uint32_t place = BranchHistory::backward;  ///< of its branch or jal in the history
    std::uint32_t place_if_not_taken = BranchHistory::nowhere;  ///< where that is noted
    std::uint32_t bound =
        0;  ///< cost at most: every load from the slowest memory, every division longest
    /// What a polling loop does here. Where it polls, the first instruction has the handler of
    /// Op::poll in place of its own.
    enum class Polls : std::uint8_t {
        no,
        word,   ///< loads: synchronises on entry
        first,  ///< and is the first block of its loop to load: where the loop may be parked
    } polls = Polls::no;
    bool serialising = false;      ///< one instruction, which needs more than the inner loop
    bool far_back = false;         ///< its jump pays for what the instruction cache has lost
    bool function = false;         ///< a function begins here, as far as the Code knows any
    std::uint32_t counted_at = 0;  ///< of the counts of a profile: places from the text's base
    const Slot* slots = nullptr;  ///< count + 1 of them; the last one issues when the block is over
    const void* plain = nullptr;  ///< the handler of the first instruction by itself
    /// Where translated code goes on; set before the first handler is that of Op::translated.
    mutable std::atomic<const TranslatedEntry*> translated = nullptr;
    mutable std::atomic<const Block*> taken = nullptr;
    mutable std::atomic<const Block*> fall = nullptr;

    const Instruction* instructions() const {
        return reinterpret_cast<const Instruction*>(this + 1);
    }
    Instruction* instructions() { return reinterpret_cast<Instruction*>(this + 1); }
};
static_assert(sizeof(Block) % alignof(Instruction) == 0);

/// Translated code can carry the block out whole, accesses aside that need the bus.
bool is_plain(const Block& block);

}  // namespace tilewright::riscv
