// What touches which bytes, and what puts that in an order, told to whoever checks the one against
// the other. Each call comes at its place in the order of simulation; none changes anything.
//
// Cores, engines and queues are meant by their numbers in the chip; queue 0 is the host itself.
#pragma once

#include <cstdint>
#include <span>

#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

/// An instruction of a core.
struct CodeSite {
    static constexpr std::uint32_t nobody = ~0u;

    std::uint32_t core = nobody;
    std::uint32_t image = 0;  ///< index among the chip's images
    std::uint32_t pc = 0;
    std::uint64_t cycle = 0;
};

/// A command to a network interface.
struct TransferCommand {
    enum class Kind : std::uint8_t { read, write, atomic };

    Kind kind = Kind::read;
    std::uint32_t noc = 0;
    std::uint32_t bytes = 0;
    bool has_local = false;  ///< `local` is where a read lands, or the source of a write
    bool multicast = false;
    bool append = false;  ///< an atomic that adds a word to a queue
    MemoryRef local;
    /// The receivers; none if the far end is memory of the host.
    std::span<const MemoryRef> remote;
};

/// The counters of a network interface that cores wait for.
enum class TransferCounter : std::uint8_t { unsent, writes, reads, atomics };

/// Bytes that a command of an engine reads or writes.
struct EngineAccess {
    MemoryRef place;
    std::uint64_t bytes = 0;
    bool writes = false;
};

class OrderObserver {
public:
    virtual ~OrderObserver() = default;

    // --- Cores ----------------------------------------------------------------------------------
    /// Plain ones, in L1 or in direct memory.
    virtual void on_load(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) = 0;
    virtual void on_store(const CodeSite& site, const MemoryRef& place, std::uint32_t bytes) = 0;
    /// lr.w, and loads of recognised polling loops: of a word.
    virtual void on_acquire(std::uint32_t core, const MemoryRef& word) = 0;
    /// A store that waits for its turn: sc.w, and to a synchronising word of reserved L1.
    virtual void on_release(std::uint32_t core, const MemoryRef& word) = 0;
    /// amo*: both.
    virtual void on_atomic(std::uint32_t core, const MemoryRef& word) = 0;
    virtual void on_fence(std::uint32_t core) = 0;
    /// A kernel begins, for the queue that acts; it has ended with all its transfers; an image that
    /// it called has.
    virtual void on_launched(std::uint32_t core, std::uint64_t cycle) = 0;
    virtual void on_ended(std::uint32_t core) = 0;
    virtual void on_returned(std::uint32_t core) = 0;

    // --- Transfers ------------------------------------------------------------------------------
    /// Returns a number by which the transfer is meant below; never 0.
    virtual std::uint64_t on_command(const CodeSite& site, const TransferCommand& command) = 0;
    /// It takes effect at a memory: of a write or an atomic that of a receiver, of a read that of
    /// its own tile. `added` is the word that an `append` puts into its ring; otherwise `place`.
    virtual void on_effect(std::uint64_t transfer, const MemoryRef& place, std::uint32_t bytes,
                           const MemoryRef& added) = 0;
    /// A core has seen that none is left.
    virtual void on_none_pending(std::uint32_t core, std::uint32_t noc,
                                 TransferCounter counter) = 0;

    // --- Engines and their flags ----------------------------------------------------------------
    /// A core, or the queue that acts, submits a command.
    virtual void on_submitted(const CodeSite& site, std::uint32_t engine) = 0;
    virtual void on_begun(std::uint32_t engine, std::uint64_t cycle,
                          std::span<const std::uint32_t> flags,
                          std::span<const EngineAccess> accesses) = 0;
    /// `flag` is abi::no_flag if it raises none.
    virtual void on_command_ended(std::uint32_t engine, std::uint32_t flag) = 0;
    virtual void on_flag_seen(std::uint32_t core, std::uint32_t flag) = 0;
    /// By a core, or by the queue that acts.
    virtual void on_flag_changed(std::uint32_t core, std::uint32_t flag, bool added) = 0;

    // --- Compute engines, by the numbers of their tiles -----------------------------------------
    /// A core has loaded from a register of its tile's engine; or it waited for the engine, or its
    /// kernel ends with what it told its thread there to do.
    virtual void on_coprocessor_seen(std::uint32_t core, std::uint32_t tile) = 0;
    /// A core has stored to a register of it, or given it an instruction.
    virtual void on_coprocessor_changed(std::uint32_t core, std::uint32_t tile) = 0;
    /// An instruction of that thread reads or writes bytes.
    virtual void on_coprocessor_access(std::uint32_t tile, std::uint32_t thread,
                                       std::uint64_t cycle, const EngineAccess& access) = 0;

    /// What it was told last ends the run.
    bool wants_stop() const { return wants_stop_; }

protected:
    bool wants_stop_ = false;
};

}  // namespace tilewright
