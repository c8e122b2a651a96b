// Trace hooks: what an observer of the chip is told.
//
// Called where something happens that the simulated chip could see too, never where the simulator
// happens to cut a run, so a trace is the same however the run was driven. Observers change
// nothing: cycles and values are those of a run without one. Calls come in the order of simulation,
// in which a core may be ahead of the others by a quantum; sort by cycle for a timeline.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tilewright/base/units.hpp"

namespace tilewright {

namespace riscv {
struct CallRecord;
struct ElfImage;
}  // namespace riscv

enum class CoreEvent : std::uint8_t {
    launched,
    parked,
    woken,
    ended,
    faulted,  ///< and then `aborted`
    aborted,  ///< the kernel is gone: something faulted, or the host gave the run up
};

/// One transfer over the network, seen when its answer has arrived.
struct TransferRecord {
    enum class Kind : std::uint8_t { read, write, atomic } kind = Kind::read;
    CoreId initiator;
    std::uint32_t noc = 0;
    std::uint32_t node = 0;     ///< physical abi::node of the remote end
    std::uint32_t address = 0;  ///< in the remote memory
    std::uint32_t bytes = 0;
    Cycle issued{};
    Cycle completed{};
};

/// One access of a DRAM bank: its bus is taken from `start` for `busy_cycles`.
struct DramRecord {
    std::uint32_t bank = 0;
    bool write = false;
    std::uint64_t address = 0;  ///< in the bank
    std::uint32_t bytes = 0;
    Cycle start{};
    std::uint64_t busy_cycles = 0;
};

/// One command of an engine, seen when it has ended.
struct EngineRecord {
    EngineId engine;
    std::string_view what;  ///< "copy", "transpose", ...
    GlobalAddress source{};
    GlobalAddress destination{};
    std::uint64_t bytes = 0;
    Cycle waited{};  ///< from then on it waited for its flag; the same as `start` if it did not
    Cycle start{};
    Cycle end{};
};

/// One command of a queue of the host, seen when it has ended.
struct QueueRecord {
    std::uint32_t queue = 0;
    std::string_view what;  ///< "write", "read", or the kernel
    std::uint64_t bytes = 0;
    Cycle start{};
    Cycle end{};
};

class Observer {
public:
    virtual ~Observer() = default;
    /// `address` is the word waited for (parked, woken), or the pc.
    virtual void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress address) = 0;
    virtual void on_transfer(const TransferRecord& transfer) = 0;
    /// Just before the core is launched: the name of its kernel.
    virtual void on_kernel(CoreId /*core*/, std::string_view /*name*/) {}
    /// The kernel entered a zone of that name, or left the one it entered last (no name).
    virtual void on_zone(CoreId /*core*/, Cycle /*cycle*/, std::string_view /*name*/) {}
    /// Whether on_functions() is wanted; asked when the observer is added. Recording them costs the
    /// interpreter something.
    virtual bool wants_functions() const { return false; }
    /// Changes of function of a program, in their order; among what is told of one core they stand
    /// where they happened.
    virtual void on_functions(CoreId /*core*/,
                              const std::shared_ptr<const riscv::ElfImage>& /*program*/,
                              std::span<const riscv::CallRecord> /*records*/) {}
    /// The chip continues from a snapshot, so that time may go back; before it was `until`.
    virtual void on_restored(Cycle /*until*/) {}
    virtual void on_dram(const DramRecord& /*access*/) {}
    virtual void on_engine(const EngineRecord& /*command*/) {}
    virtual void on_queue(const QueueRecord& /*command*/) {}
};

}  // namespace tilewright
