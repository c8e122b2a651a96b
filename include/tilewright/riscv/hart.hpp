// One RISC-V hart: its state as plain data, and the interpreter that advances it.
//
// The hart knows no chip. It reads its registers from HartState, its memories from MemoryMap, its
// decoded program from Code, and everything else from a Bus that its owner supplies. Who runs a
// hart again and again keeps a RunContext (run_context.hpp).
//
// Contracts (docs/architecture.md gives the reasons, tests/cpp/riscv/ holds them):
//  - A block starts where control arrives and ends at the first control transfer, before and after
//    a synchronising instruction, a CSR access or an ecall, or at Code::max_block instructions. The
//    cycles of an instruction are a function of (block entry, index) plus penalties that only data
//    can tell (the rule is in code.hpp).
//  - `edge` is looked at on block entry only, so that where a run is cut is a function of simulated
//    state.
//  - A polling loop (riscv/polling.hpp) synchronises at the entry of each of its blocks that load.
//  - A synchronising operation happens at its exact cycle and only while that cycle < `horizon`
//    (arbitration, which is the owner's: in the order of global time); otherwise run() returns
//    Stop::synchronise with the operation not yet begun.
//  - Stopping anywhere and running on gives the state that running through gives.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tilewright/base/dirty_chunks.hpp"
#include "tilewright/riscv/branch_history.hpp"
#include "tilewright/riscv/timing.hpp"

namespace tilewright::riscv {

/// All that a hart remembers between two instructions.
struct HartState {
    std::array<std::uint32_t, 32> x{};
    std::array<std::uint32_t, 32> f{};  ///< f registers, as bits; unused without F
    std::uint32_t sink = 0;     ///< behind x and f, for the interpreter: what goes to x0; else 0
    std::uint32_t fcsr = 0;     ///< rounding mode << 5 | flags
    std::uint32_t pc = 0;       ///< the next instruction
    std::uint32_t block = 0;    ///< entry of the block that pc lies in; equals pc on block entry
    std::uint64_t cycles = 0;   ///< local time: when the next instruction issues
    std::uint64_t retired = 0;  ///< instructions completed
    std::uint32_t hart_id = 0;  ///< mhartid
    std::uint32_t scratch = 0;  ///< mscratch
    std::uint32_t reservation = 0;  ///< address of the reserved word
    bool reserved = false;          ///< the reservation still holds
    BranchHistory branches;
    std::uint64_t looped = 0;  ///< `retired` behind the last jump back over more than the
                               ///< instruction cache holds
    bool operator==(const HartState&) const = default;
};

/// Memory that the interpreter reaches without asking the bus. Bases are word aligned.
struct Region {
    std::uint32_t base = 0;
    std::uint32_t bytes = 0;
    std::byte* host = nullptr;
    bool operator==(const Region&) const = default;
};
struct MemoryMap {
    Region near;       ///< private memory: never synchronises, never watched
    Region far;        ///< shared memory, for loads
    Region far_store;  ///< where stores may hit directly; bytes = 0 sends all to the bus
    Region image;      ///< the program's own constants, for loads
    Region direct;     ///< large and distant memory: loads take Timing::load_direct
    DirtyChunks* direct_stored = nullptr;  ///< is told of stores to `direct`, which it covers
    bool operator==(const MemoryMap&) const = default;
};

enum class Cause : std::uint8_t {
    none,
    illegal_instruction,
    fetch_unmapped,
    fetch_misaligned,  ///< a jump to an address that is not a multiple of 4 (never with C); stands
                       ///< on the jump
    load_misaligned,
    load_unmapped,
    store_misaligned,
    store_unmapped,
    store_read_only,  ///< reserved L1, or the image
    breakpoint,
    retry,  ///< only from a bus's loads and stores, but for atomics and sc.w: not now; run()
            ///< returns Stop::synchronise before it
};

/// Why an instruction could not be carried out. The state stands before that instruction.
struct Fault {
    Cause cause = Cause::none;
    std::uint32_t pc = 0;
    std::uint32_t address = 0;  ///< the data or fetch address
    std::uint32_t instruction =
        0;  ///< its encoding (16-bit ones in the lower half), 0 if it could not be fetched
};

/// Result of a bus access: a value, or the cause for which it cannot be.
struct Access {
    std::uint32_t value = 0;
    Cause cause = Cause::none;
    std::uint32_t latency = 0;  ///< cycles from issue to use of a load, 0: Timing::load_far; of an
                                ///< atomic what it takes in all, if more than Timing::atomic
};

enum class AtomicOp : std::uint8_t { swap, add, bit_xor, bit_and, bit_or, min, max, minu, maxu };

/// What an atomic leaves in memory; for buses that implement Bus::atomic.
std::uint32_t apply(AtomicOp op, std::uint32_t old, std::uint32_t operand);

/// A change from one function to another, as the calling convention marks it: told by programs that
/// were decoded with their functions (Code). No initial values: the interpreter fills many of them.
struct CallRecord {
    enum class Kind : std::uint8_t {
        none,
        call,       ///< jal or jalr that keeps a return address in ra or t0
        come_back,  ///< jalr to what ra or t0 holds, without keeping one
        tail_call,  ///< jal or jalr that keeps none, to where another function begins
    };
    std::uint64_t cycle;   ///< when the first instruction at `target` issues, limits aside
    std::uint32_t target;  ///< where control goes
    std::uint32_t link;    ///< the return address, of a call
    std::uint32_t sp;
    Kind kind;
};

/// What the hart cannot reach through MemoryMap, and all that other harts can observe.
/// Called off the fast path only. `cycle` is the exact local time of the operation. During a call
/// the HartState stands before the instruction. The owner may clear `reserved` then and change
/// nothing else of it.
class Bus {
public:
    virtual ~Bus() = default;
    /// True if an access there synchronises: it waits for arbitration (device registers).
    virtual bool synchronising(std::uint32_t address) const {
        static_cast<void>(address);
        return false;
    }
    /// True if a store there waits for the store queue as one to `far` memory does.
    virtual bool queues_stores(std::uint32_t address) const {
        static_cast<void>(address);
        return false;
    }
    virtual Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) = 0;
    virtual Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                        std::uint64_t cycle) = 0;
    /// A word of the stream for the coprocessor (Extension::xtttensix).
    virtual Cause instruct(std::uint32_t word, std::uint64_t cycle) {
        static_cast<void>(word), static_cast<void>(cycle);
        return Cause::illegal_instruction;
    }
    /// Read-modify-write of an aligned word; the value returned is the old one. A bus without
    /// atomics leaves this one and the next two as they are: there is nothing for them.
    virtual Access atomic(AtomicOp op, std::uint32_t address, std::uint32_t operand,
                          std::uint64_t cycle) {
        static_cast<void>(op), static_cast<void>(address);
        static_cast<void>(operand), static_cast<void>(cycle);
        return {0, Cause::store_unmapped, 0};
    }
    /// lr.w: read the word; the hart sets its own reservation, the bus keeps watch on it.
    virtual Access load_reserved(std::uint32_t address, std::uint64_t cycle) {
        static_cast<void>(address), static_cast<void>(cycle);
        return {0, Cause::load_unmapped, 0};
    }
    /// sc.w of a hart whose reservation holds: the store itself.
    virtual Cause store_conditional(std::uint32_t address, std::uint32_t value,
                                    std::uint64_t cycle) {
        static_cast<void>(address), static_cast<void>(value), static_cast<void>(cycle);
        return Cause::store_unmapped;
    }
    /// A synchronising operation has won arbitration, and does what it does next.
    virtual void granted(std::uint64_t cycle) { static_cast<void>(cycle); }
    /// The hart, just granted, stands where a polling loop begins to load. True: stop there, with
    /// Stop::poll and nothing done.
    virtual bool poll() { return false; }
    /// The hart has left words at its PushPort that the bus has not been told of.
    virtual void pushed() {}
    /// Changes of function since the last time, in their order: before any other call that could
    /// come behind them, and when run() returns.
    virtual void changed_functions(std::span<const CallRecord> records) {
        static_cast<void>(records);
    }
};

/// How far run() may go. The owner may change it from inside a bus call: it is read again at every
/// block entry and synchronising operation.
struct Limits {
    std::uint64_t edge = ~0ull;         ///< stop at the first block entry with cycles >= edge
    std::uint64_t horizon = ~0ull;      ///< synchronising operations need cycles < horizon
    std::uint64_t max_retired = ~0ull;  ///< stop exactly when retired reaches this
    std::uint64_t max_cycles = ~0ull;   ///< stop before the first instruction with cycles >= this
    bool plain_only = false;  ///< stop before serialising instructions, with Stop::synchronise
};

enum class Stop : std::uint8_t {
    edge,         ///< the window ended
    limit,        ///< max_retired or max_cycles reached
    synchronise,  ///< the next operation must wait for arbitration
    wait,         ///< wrs.nto with a reservation that holds; pc is after it
    wait_short,   ///< wrs.sto likewise: wake after Timing::wait_short at the latest
    poll,         ///< Bus::poll said so
    environment,  ///< ecall; pc is after it
    fault,        ///< see Fault
};

class Code;

/// RunContext::run() with a context made for this one call.
Stop run(HartState& hart, const Code& code, const MemoryMap& memory, Bus& bus, const Limits& limits,
         Fault& fault);

}  // namespace tilewright::riscv
