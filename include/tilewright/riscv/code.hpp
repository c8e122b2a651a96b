// A decoded program, shared by all harts (and devices, each on its own thread) that run the image.
//
// Blocks are made when control first arrives at their entry, and live as long as the Code, or until
// update(). Where a block ends is a function of the text and its entry alone:
//  - after a branch, jal or jalr;
//  - before and after a serialising instruction: lr, sc, amo*, wrs.*, fence, fence.i, CSR
//    accesses, ecall, ebreak;
//  - before a polling loop (below);
//  - after an illegal instruction, at the end of the text;
//  - where max_block instructions have no end among them, at the last address there that is a
//    multiple of what max_block instructions take at least: long straight code that is entered in
//    many places runs into the same blocks, and no entry costs more memory than one block.
//
// The cost of a block is that of an in-order, single-issue core with a scoreboard that is empty on
// block entry:
//  - An instruction issues one cycle after its predecessor, or when its sources are ready if later.
//    A result is ready 1 cycle after issue; of a load Timing::load_near; of a multiplication
//    Timing::multiply; of a float operation Timing::float_result, of a float division or square
//    root Timing::float_divide. fflags is not waited for.
//  - The block costs the issue cycle of its last instruction, plus one. What is still pending then
//    is not waited for. An atomic instruction costs Timing::atomic: its result is waited for.
//    Fences, wrs.*, CSR accesses, ecall cost 1.
//  - A load from elsewhere than near memory adds max(0, latency - slack), where slack is the
//    distance from its issue to that of the first instruction in the block that reads the result,
//    or to the end of the block if nothing overwrites it; it is at least load_near. That distance
//    is taken with all the block's loads but those relative to sp in far memory, so that loads
//    which overlap are waited for once; of loads from far memory, no more than loads_in_flight
//    begin within load_far - 1 cycles.
//  - A store to far memory waits for the store queue: it holds store_queue writes, one leaves in
//    store_far cycles, or in 1 if it is of 16 whole bytes. A store joins the write before it if
//    both are relative to the same register and lie in the same 16 bytes, the starts at most 4
//    apart. The queue is empty on block entry. Other stores never wait.
//  - A division holds the issue for divide_trivial cycles if the divisor is 0 or 1 or the result
//    overflows, else for divide_min plus 4 for each digit of four bits of |dividend| but the
//    lowest, at most divide_max, which more than 28 above divide_min is out of reach.
//  - Branches and jal backward (or to themselves) are predicted taken, forward ones as they went
//    last (BranchHistory, in HartState), at first not taken; `ret` (jalr x0, rs1 = ra) is
//    predicted. What goes against its prediction and any other jalr add Timing::mispredict.
//  - Fetching costs nothing where loops fit the instruction cache. A loop that a jal without a link
//    closes from further away than Timing::fetch_cache bytes pays Timing::fetch_miss for each line
//    of 16 bytes that a cache of that size, of two ways and with the longest unused line leaving,
//    has lost when the loop comes to it again. The lines are as many as lie between, but no more
//    than the instructions since the last such jump (HartState::looped) can have filled.
// Source of the model and of the default numbers: Tenstorrent's public ISA documentation, the pages
// on the "baby RISC-V" cores of Wormhole and Blackhole.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/isa.hpp"

namespace tilewright::riscv {

struct Block;
struct Decoded;
struct Instruction;
class Translation;

/// At most `longest` instructions, from `first` to `end`, with a branch or jump back to
/// `first` as its last one, in which
///  - there are only integer arithmetic, integer loads (one at least), fences, branches and jumps
///    that keep no return address;
///  - whatever goes back goes to `first`;
///  - no register that an iteration reads before it writes it is written in the loop.
/// So everything an iteration computes is a function of registers that the loop leaves alone and of
/// the words it loads: while those do not change, each iteration does what the last one did.
struct PollingLoop {
    static constexpr std::uint32_t longest = 32;

    std::uint32_t first = 0;
    std::uint32_t end = 0;         ///< behind the last jump back
    std::uint32_t first_load = 0;  ///< address of the load that comes first in the text
};

class Code {
public:
    /// The longest block, in instructions.
    static constexpr std::uint32_t max_block = 64;

    /// Copies `text`, which a core sees at `base`; bytes beyond a multiple of 4 (with
    /// 16-bit instructions: of 2) are left out. Throws ConfigError if base is not a multiple of 4,
    /// the text does not fit below 2^32, or a latency is out of its range (visit_fields of Timing).
    /// With `functions`, where functions begin in ascending order, the bus is told of calls,
    /// returns and tail calls (Bus::changed_functions); cycles and blocks are the same.
    /// `counted`: what runs it counts for a profile (RunContext::set_counts).
    Code(std::span<const std::byte> text, std::uint32_t base, Isa isa, Timing timing,
         std::optional<std::vector<std::uint32_t>> functions = std::nullopt, bool counted = false);
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;

    std::uint32_t base() const { return base_; }
    std::uint32_t bytes() const { return static_cast<std::uint32_t>(halves_.size() * 2); }
    /// What addresses of instructions are multiples of: 4, or with 16-bit instructions 2.
    std::uint32_t alignment() const { return isa_.has(Extension::c) ? 2 : 4; }
    const Isa& isa() const { return isa_; }
    const Timing& timing() const { return timing_; }

    /// The instruction at pc (of a 16-bit one the upper half is 0); nothing if it does not lie in
    /// the text as a whole or pc is not aligned.
    std::optional<std::uint32_t> word(std::uint32_t pc) const;

    /// The block that begins at pc, made if it is new; nullptr where word(pc) has nothing.
    /// Threads may call this at once.
    const Block* block(std::uint32_t pc) const {
        const std::size_t index = (pc - base_) / 2;
        if (index < table_.size() && pc % 2 == 0) {
            if (const Block* made = table_[index].load(std::memory_order_acquire)) return made;
        }
        return new_block(pc);
    }
    /// No block costs more cycles, accesses to device registers left out.
    std::uint64_t longest_block() const { return longest_block_; }

    /// The polling loop that the instruction at pc belongs to, or nullptr.
    const PollingLoop* polling_loop(std::uint32_t pc) const;

    /// The text is now this, of the same length. Whether it has changed: then blocks are made anew.
    /// Not while anybody runs it.
    bool update(std::span<const std::byte> text);

    /// Runs by this translation of the program from now on, where it has one and none that was
    /// adopted before; threads may be running it. Not if calls are told. update() ends it.
    void adopt(std::shared_ptr<const Translation> translation) const;
    std::vector<std::shared_ptr<const Translation>> translations() const;
    /// Addresses of the blocks that are made: where the interpreter has been. In no order.
    std::vector<std::uint32_t> made_blocks() const;
    std::vector<std::byte> text() const;
    /// Whether its bus is told of calls.
    bool tells_calls() const { return functions_.has_value(); }
    bool counted() const { return counted_; }

    /// For the interpreter: block by (pc - base) / 2, nullptr where none was made yet.
    const std::atomic<const Block*>* table() const { return table_.data(); }

private:
    const Block* new_block(std::uint32_t pc) const;
    Block* make_block(std::uint32_t entry) const;
    static void take_translation(Block& block, const Translation& translation);
    void note_call(Instruction& jump, const Decoded& decoded, std::uint32_t pc) const;
    CallRecord::Kind call_kind(const Decoded& jump, std::uint32_t pc) const;

    std::uint32_t base_;
    Isa isa_;
    Timing timing_;
    std::uint64_t longest_block_;
    std::vector<std::uint16_t> halves_;
    mutable std::vector<std::atomic<const Block*>> table_;
    std::vector<PollingLoop> loops_;                       ///< by `first`; no two overlap
    std::optional<std::vector<std::uint32_t>> functions_;  ///< where they begin, if calls are told
    bool counted_;
    mutable std::mutex making_;  ///< guards the arena, the list and the translations
    mutable std::vector<std::shared_ptr<const Translation>> translations_;
    mutable std::vector<std::size_t> made_;              ///< places in the table that hold a block
    mutable std::pmr::monotonic_buffer_resource arena_;  ///< blocks, never freed one by one
};

}  // namespace tilewright::riscv
