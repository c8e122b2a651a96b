// The assembled chip: memories, cores, network, DRAM and engines, and the loop that lets time pass.
//
// It knows no host: the runtime above it allocates, launches and reads. Everything that happens is
// an event; docs/architecture.md has the rules by which cores run ahead, synchronise and park, and
// src/chip/parts.hpp the table of the chip's parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/units.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/chip/memory_map.hpp"
#include "tilewright/engine/engines.hpp"
#include "tilewright/memory/closed_ranges.hpp"
#include "tilewright/memory/dram_bank.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/sim/memory_observer.hpp"
#include "tilewright/sim/observer.hpp"
#include "tilewright/sim/profile_observer.hpp"
#include "tilewright/tile/checks.hpp"
#include "tilewright/tile/conventions.hpp"
#include "tilewright/tile/core.hpp"
#include "tilewright/tile/lap.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/register_device.hpp"

namespace tilewright {

struct Parts;
struct Race;
class RaceCheck;
class TranslationPort;
namespace tensix {
class InstructionWatch;
}

class Chip {
public:
    /// ConfigError if the configuration cannot be. `devices` stand in every tile beside its own.
    explicit Chip(const ChipConfig& config, const Conventions& conventions = {},
                  std::span<const DeviceKind> devices = {});
    ~Chip();
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    const ChipConfig& config() const;
    const Conventions& conventions() const;
    std::uint64_t now() const;
    // Names; AddressError if there is no such tile or processor.
    std::uint32_t tile_index(TileId tile) const;
    std::uint32_t core_index(CoreId core) const;
    CoreId core_id(std::uint32_t core) const;
    std::uint32_t core_count() const;
    const TileSite& site(std::uint32_t tile) const;

    // Memory, outside simulated time.
    const AddressMap& map() const;  ///< where the memories lie among the global addresses
    /// AddressError unless the range lies inside the memory. Writes wake whoever waits for them.
    void write(const MemoryRef& place, std::span<const std::byte> data);
    void read(const MemoryRef& place, std::span<std::byte> data) const;
    /// The bytes themselves, until the next snapshot; keep_memory() keeps them mapped.
    std::span<std::byte> in_place(const MemoryRef& place, std::uint64_t bytes);
    std::shared_ptr<const void> keep_memory() const;
    /// The bytes hold nothing any more, and nobody has touched them: for checks.
    void mark_undefined(const MemoryRef& place, std::uint64_t bytes);
    /// Not everybody may use these bytes, or everybody again: as of ClosedRanges, for checks.
    void close(const Closed& range);
    void open(const MemoryRef& place, std::uint64_t bytes);
    void open_freed(const MemoryRef& place, std::uint64_t bytes,
                    const std::function<bool(const Closed&)>& keep);
    WriteRights& write_rights();                                     ///< for checks
    std::vector<MemoryMapRow> memory_map(std::uint32_t core) const;  ///< by address

    // The host on the network.
    /// Let kernels reach this memory of the host, which must stay until unpin(). Returns its
    /// address at the host's node.
    std::uint32_t pin(std::span<std::byte> memory);
    void unpin(std::uint32_t address);  ///< a transfer that is under way becomes a KernelFault
    std::span<std::byte> pinned_memory(std::uint64_t address) const;  ///< what was pinned there
    /// The cycle in which `bytes` have crossed the host link, from `cycle` on.
    std::uint64_t cross_host_link(std::uint64_t cycle, std::uint64_t bytes);

    // Engines.
    const Engines& engines() const;
    /// Now. AddressError unless the engine exists and the command is in order.
    void submit(EngineId engine, const EngineCommand& command);
    std::uint32_t flag(std::uint32_t number) const;
    void set_flag(std::uint32_t flag, std::uint32_t value);
    void add_to_flag(std::uint32_t flag, std::uint32_t increment);
    void make_host_flag(std::uint32_t flag);  ///< who waits for it waits for the host
    std::uint64_t ended_command() const;      ///< its number, after Outcome::command_ended

    // Cores.
    /// Threads of the host that simulate cores, this one included. ConfigError as of WorkPool.
    /// Nothing that is simulated depends on it.
    void set_threads(std::uint32_t threads);
    std::uint32_t threads() const;
    /// Whom to tell what cores run, from now on; nullptr: nobody. It has to outlive that.
    void set_translations(TranslationPort* translations);
    void launch(std::uint32_t core, const std::shared_ptr<const Image>& image,
                std::span<const std::uint32_t> arguments);
    /// Let programs call the image by the number that is returned (Conventions::call_image); as
    /// often as it was let, it must be forbidden again.
    std::uint32_t allow_calls(const std::shared_ptr<const Image>& image);
    void forbid_calls(std::uint32_t number);
    const Core& core(std::uint32_t index) const;
    bool core_idle(std::uint32_t index) const { return core(index).status == CoreStatus::idle; }
    /// Instructions that translated code has carried out for it since its last launch.
    std::uint64_t translated(std::uint32_t core) const;
    std::uint32_t busy_cores() const;           ///< whose kernel or transfers have not ended
    void make_doorbell(std::uint32_t address);  ///< a word of any L1; likewise
    void notify_at(std::uint64_t cycle, std::uint32_t number);  ///< by Outcome::notified
    /// From now on; `guard` is what checks circular buffers, as software's conventions have them.
    void set_checks(const Checks& checks, std::unique_ptr<AccessGuard> guard = nullptr);
    const Checks& checks() const;
    RaceCheck* races();        ///< while races are checked
    const Race* race() const;  ///< that was found; the outcome is `faulted` then
    void forget_order();       ///< all that has happened was before all that follows

    // Time.
    enum class Outcome : std::uint8_t {
        ended,          ///< no core and no engine is busy any more, and no notice is due
        core_ended,     ///< it is the cycle in which the core `notice()` ended
        notified,       ///< it is the cycle for the notice with the number `notice()`
        command_ended,  ///< it is the cycle in which the command `ended_command()` ended
        idle,        ///< nothing is left to happen until the host rings a doorbell or sets a flag
        reached,     ///< everything before `stop` has happened
        stopped,     ///< stop_requested said so
        deadlocked,  ///< cores or engines wait, or repeat themselves as `laps()` says, and nothing
                     ///< is left that could change that
        stuck,       ///< `stuck_core()` waits for what cannot happen, whatever the others do
        faulted,     ///< `race()`, or if there is none `fault()`, tells what a core did
    };
    /// Let everything before the cycle `stop` happen, unless something is to be told sooner. After
    /// the last three outcomes all stands as it was, to be looked at, until abort().
    /// Cores that repeat themselves for ever are looked for if livelocks are to be told; a run from
    /// the outcome to the same one again may tell them at another cycle than a run in one.
    Outcome run(std::uint64_t stop, const std::function<bool()>& stop_requested,
                bool tell_livelocks = true);
    std::uint32_t notice() const;
    const CoreFault& fault() const;
    std::uint32_t stuck_core() const;
    const std::vector<CoreLap>& laps() const;  ///< of Outcome::deadlocked; none if all sleep
    void rest_at(std::uint64_t cycle);         ///< everything that was due until then has happened
    void abort();                              ///< all cores idle, no transfers in flight

    // Looking.
    const Image* image(std::uint32_t core) const;       ///< that it runs or ran last; nullptr: none
    const riscv::Code& code(std::uint32_t core) const;  ///< likewise; there must be an image
    const Image* image_numbered(std::uint32_t number) const;  ///< nullptr: there is none
    /// The word at an aligned address of the core, without effect; nothing if there is none, or if
    /// it is a register that changes unseen.
    std::optional<std::uint32_t> peek(std::uint32_t core, std::uint32_t address) const;
    const RegisterDevice* device_at(std::uint32_t core, std::uint32_t address,
                                    std::uint32_t& offset) const;  ///< as of Tile
    /// Cores that wait for a word to change, the longest first; Core::parked_at says since when.
    std::vector<std::uint32_t> waiting_cores() const;
    std::string describe_parts() const;  ///< all that is under way but the cores, a line each
    const DramBank& dram_bank(std::uint32_t bank) const;
    void count(const CountSink& sink) const;  ///< the counters of all parts
    void observe(Observer* observer);         ///< until another one takes its place, or nullptr
    void profile(ProfileObserver* observer);  ///< likewise
    ProfileObserver* profile() const;
    Observer* observer() const;
    void watch_memory(const MemoryWatch& watch);  ///< from now on, instead of the one before
    /// The instructions of a tile's compute engine, instead of those watched before; nullptr: none.
    void watch_engine(std::uint32_t tile, tensix::InstructionWatch* watch);

    // Snapshots.
    /// Returns how many pages of memory, each with its offset in front, stand at the end before
    /// the eight bytes that end them.
    std::uint32_t save(ArchiveWriter& archive) const;
    /// SnapshotError, and nothing changed, if the bytes do not fit this chip. `verified` is called
    /// when everything has been read and nothing has been changed, with the numbers of the notices
    /// that are due and what engines are in the middle of; it may throw to refuse.
    void load(
        ArchiveReader& archive,
        const std::function<void(std::span<const std::uint32_t>, const EngineState&)>& verified);

private:
    std::unique_ptr<Parts> parts_;
};

}  // namespace tilewright
