// The device registers of a tile as a table: what stands at which of a core's addresses, and what
// can be done there.
//
// A new device is a class like those in tile/core_registers.cpp and a row of the chip's table
// (DeviceKind). Its loads, stores and waits go through the bus, off the interpreter's fast path;
// all else about it (snapshots, counters, reports, the memory map) is a loop over the table.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tilewright/base/archive.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/sim/event_queue.hpp"
#include "tilewright/tile/surroundings.hpp"

namespace tilewright {

/// One device of one tile. Offsets are those of words from its base; cores are numbered in the
/// tile.
class RegisterDevice {
public:
    virtual ~RegisterDevice() = default;

    // --- What cores do --------------------------------------------------------------------------
    /// At `cycle` as the core counts it. `cause` if there is nothing to load.
    virtual riscv::Access load(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) = 0;
    virtual riscv::Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                               std::uint32_t value, std::uint64_t cycle) = 0;
    /// From the issue of a load to the use of its value; 0: as of device registers.
    virtual std::uint32_t latency(std::uint32_t /*offset*/) const { return 0; }

    // --- Waiting for a word ---------------------------------------------------------------------
    enum class Word : std::uint8_t {
        other,     ///< no polling loop is parked on it
        constant,  ///< only the core itself changes it
        counter,   ///< changes by itself, and register_changed() is called then
    };
    virtual Word word(std::uint32_t offset) const = 0;
    /// A counter as it stands, without effect.
    virtual std::uint32_t value(std::uint32_t core, std::uint32_t offset) const = 0;
    /// Whether it can change while the core waits.
    virtual bool can_change(std::uint32_t core, std::uint32_t offset) const = 0;
    /// It is the host that changes it: who waits for it is idle, not deadlocked.
    virtual bool host_changes(std::uint32_t /*offset*/) const { return false; }
    /// What a core waits for, after "waits for ".
    virtual std::string describe_word(std::uint32_t core, std::uint32_t offset) const = 0;

    // --- As a part of the chip (sim/component.hpp) ----------------------------------------------
    virtual void save(ArchiveWriter&) const {}
    virtual void load_state(ArchiveReader&) {}
    /// SnapshotError unless what was read can be.
    virtual void check() const {}
    virtual void handle(const ScheduledEvent&) {}
    virtual void count(const CountSink&) const {}
    /// A line for each thing that is under way.
    virtual std::string describe() const { return {}; }
    virtual std::uint32_t busy() const { return 0; }
    /// The core's kernel, which has ended, does not retire before this is over; then the device
    /// calls try_retire().
    virtual bool pending(std::uint32_t /*core*/) const { return false; }
    /// The core has left words at its PushPort, of which the device has to know before anything
    /// else happens that others can see.
    virtual void pushed(std::uint32_t /*core*/) {}
    /// Who looks on, or what is checked, may be another now.
    virtual void remapped(std::uint32_t /*core*/) {}
    /// A kernel begins on this core.
    virtual void launched(std::uint32_t /*core*/) {}
    /// The tile begins a program of kernels; none of the last one runs there any more.
    virtual void program_begins() {}
    /// A kernel of this core, or an image that one has called, has ended and is not pending.
    virtual void retired(std::uint32_t /*core*/) {}
    virtual void abort() {}
};

/// A row of the table.
struct DeviceKind {
    std::string name;  ///< in the memory map
    std::uint32_t base = 0;
    std::uint32_t bytes = 0;
    std::string loads;  ///< what can be done there: "words", "no", ...
    std::string stores;
    bool synchronises = true;  ///< loads and stores wait for their turn in the global order
    std::function<std::unique_ptr<RegisterDevice>(Tile&)> make;
    /// Offset of the register that takes words of the cores' own stream (riscv/isa.hpp, xtttensix).
    std::optional<std::uint32_t> instructions{};
};

}  // namespace tilewright
