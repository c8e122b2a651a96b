// What the owner of a hart keeps between calls of run(), so that entering and leaving cost little:
// the program and the memories, made ready for the interpreter. It holds nothing of the hart's
// state, so that it may be dropped at any time and made again.
#pragma once

#include <memory>

#include "tilewright/base/undo_log.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/push_port.hpp"
#include "tilewright/riscv/translation.hpp"

namespace tilewright::riscv {

class CodeCounts;
struct Context;

/// Program and memories are changed by the functions alone. Those of the memories may be called
/// from inside a bus call, too: what they set holds from the next access on. set_code() may not.
class RunContext {
public:
    RunContext();
    RunContext(const Code& code, const MemoryMap& memory);
    RunContext(RunContext&&) noexcept;
    RunContext& operator=(RunContext&&) noexcept;
    ~RunContext();

    /// nullptr before the first set_code().
    const Code* code() const { return code_; }
    /// The Code has to outlive its use here.
    void set_code(const Code& code);
    /// Where a code that is decoded for counting counts, from now to the next set_code(); nullptr:
    /// nowhere.
    void set_counts(CodeCounts* counts);

    /// Where translated code has to know the windows.
    WindowPlaces window_places() const { return {memory_.near.base, memory_.far.base}; }
    /// Instructions that translated code has carried out, of all that were run with this context.
    std::uint64_t translated() const;
    void set_translated(std::uint64_t instructions);

    const MemoryMap& memory() const { return memory_; }
    void set_memory(const MemoryMap& memory);
    void set_image(const Region& image);
    /// How much of the region stores may hit directly from now on; 0 sends all to the bus.
    void set_far_store_bytes(std::uint32_t bytes);
    /// Of the hart's coprocessor; nullptr: it has none, or every word goes to the bus.
    void set_push_port(PushPort* port);

    /// Advance the hart until something stops it; `limit` comes before `edge` where both are
    /// reached. The code must have been set. A pc that does not lie in the block that `block`
    /// begins is taken for a block entry. `fault` is written when the result is Stop::fault.
    /// Exceptions of the bus pass through with the state before the instruction that caused them.
    Stop run(HartState& hart, Bus& bus, const Limits& limits, Fault& fault);

    /// The part of that which concerns nobody else: plain instructions that reach `near`, `far` and
    /// `image` only, up to `edge`. It stops before any other, and a run() from there gives what a
    /// run() from the start would have given. True: it has come to the edge, where run() would stop
    /// at once. The bytes that it stores to are saved before. While no other thread touches the
    /// hart and its memories; harts with memories of their own may do so at once.
    bool run_privately(HartState& hart, std::uint64_t edge, UndoLog& undo);

private:
    const Code* code_ = nullptr;
    MemoryMap memory_;
    std::unique_ptr<Context> context_;
};

}  // namespace tilewright::riscv
