// One call of run(): what is done around the inner loop (run.cpp), and the instructions that the
// inner loop leaves (carry_out.cpp).
//
// Wherever these have control, the hart stands before instruction `index_` of `block_`, and the
// Context counts cycles and instructions as of the entry of that block (penalties included).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "execute.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright::riscv {

constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    return a + b < a ? ~std::uint64_t{0} : a + b;
}
constexpr std::uint64_t saturating_sub(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

class Runner {
public:
    Runner(Context& context, HartState& hart, const Code& code, Bus& bus, DirtyChunks* dirty,
           const Limits& limits, Fault& fault)
        : context_(context),
          hart_(hart),
          x_(registers(hart)),
          code_(code),
          bus_(bus),
          dirty_(dirty),
          limits_(limits),
          fault_(fault) {
        context.hart = &hart;
        context.calls = calls_.data();
        context.call_count = 0;
        resume();
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    Stop run();

private:
    // --- Position (run.cpp) ---------------------------------------------------------------------

    // There is a block where an index is not 0, which the analyzer does not see.
    // NOLINTBEGIN(clang-analyzer-core.NullDereference)
    std::uint32_t pc() const { return entry_ + (index_ != 0 ? block_->slots[index_].offset : 0); }
    std::uint64_t cycles() const {
        return context_.cycles + (index_ != 0 ? block_->slots[index_].issue : 0);
    }
    // NOLINTEND(clang-analyzer-core.NullDereference)
    std::uint64_t retired() const { return context_.retired + index_; }

    void save() {
        hart_.sink = 0;
        hart_.pc = pc();
        hart_.block = entry_;
        hart_.cycles = cycles();
        hart_.retired = retired();
    }
    Stop stop(Stop reason) {
        save();
        return reason;
    }
    /// With the state saved before the instruction.
    Stop fail(Cause cause, std::uint32_t address) {
        fault_ = {cause, hart_.pc, address, code_.word(hart_.pc).value_or(0)};
        return Stop::fault;
    }

    void resume();
    /// Leaves the block for a target, `against` the prediction or as predicted.
    void enter(std::uint32_t target, std::uint32_t cost, std::atomic<const Block*>* link,
               bool against = false) {
        count_left(context_, *block_, against);
        context_.cycles += cost;
        context_.retired += block_->count;
        entry_ = target;
        index_ = 0;
        block_ = link != nullptr ? link->load(std::memory_order_acquire) : nullptr;
        if (block_ == nullptr) find_block(link);
    }
    void find_block(std::atomic<const Block*>* link);
    void enter_next() { enter(block_->fall_target, block_->fall_cost, &block_->fall); }

    // --- The inner loop (run.cpp) ---------------------------------------------------------------

    Exit advance();
    Exit leave_code();
    Exit step(const Instruction& instruction);
    /// Up to here every block can be run whole. An instruction takes a cycle or more, so that many
    /// cycles are also room for as many instructions.
    std::uint64_t next_check() const {
        const std::uint64_t left =
            saturating_sub(limits_.max_retired - context_.retired, Code::max_block);
        const std::uint64_t whole = saturating_sub(limits_.max_cycles, code_.longest_block());
        return std::min(std::min(limits_.edge, whole), saturating_add(context_.cycles, left));
    }
    std::optional<Stop> transfer();
    void note_call(CallRecord::Kind kind, std::uint32_t link);
    void tell_calls();
    void tell_pushes() {
        const PushPort* const port = context_.port;
        if (port != nullptr && port->count != port->told) bus_.pushed();
    }

    /// Which memory has answered, by how long that took.
    std::uint64_t PlaceCounts::*kind_of(const Access& a) const;
    /// Cycles that the instruction takes beyond the schedule.
    void lose(std::uint64_t PlaceCounts::*field, std::uint64_t cycles) {
        context_.cycles += cycles;
        count_beyond(context_, *block_, block_->instructions()[index_], field, cycles);
    }

    // --- Instructions off the fast path (carry_out.cpp) -----------------------------------------

    /// False: the operation that the hart stands before must wait.
    bool arbitrate() {
        if (hart_.cycles >= limits_.horizon) return false;
        bus_.granted(hart_.cycles);
        return true;
    }
    /// The instruction is serialising, so that after it comes a block entry.
    Stop stop_after(Stop reason) {
        enter_next();
        return stop(reason);
    }
    std::optional<Stop> done() {
        ++index_;
        return std::nullopt;
    }
    std::optional<Stop> done(const Instruction& i, std::uint32_t result) {
        x_[i.rd] = result;
        return done();
    }

    std::optional<Stop> poll();
    std::optional<Stop> carry_out();
    std::optional<Stop> load(const Instruction& i);
    std::optional<Stop> store(const Instruction& i);
    std::optional<Stop> instruct(const Instruction& i);
    std::optional<Stop> load_reserved(const Instruction& i);
    std::optional<Stop> store_conditional(const Instruction& i);
    std::optional<Stop> atomic(const Instruction& i);
    std::optional<Stop> wait(Stop reason);
    std::optional<Stop> access_csr(const Instruction& i);
    std::optional<Stop> loop_far_back();

    Context& context_;
    HartState& hart_;
    std::uint32_t* x_;  ///< of hart_
    const Code& code_;
    Bus& bus_;
    DirtyChunks* dirty_;
    const Limits& limits_;
    Fault& fault_;
    std::uint32_t entry_ = 0;  ///< of block_, or where control went if there is no code
    std::uint32_t index_ = 0;
    const Block* block_ = nullptr;
    std::array<CallRecord, most_calls> calls_;
};

}  // namespace tilewright::riscv
