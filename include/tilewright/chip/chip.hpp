// The assembled chip: memories, cores, network and DRAM, and the loop that lets time pass.
//
// It knows no host: the runtime above it allocates, launches and reads. Everything that happens is
// an event; docs/architecture.md has the rules by which cores run ahead, synchronise and park.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/archive.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/base/lazy_table.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/chip/checks.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/chip/core.hpp"
#include "tilewright/chip/image.hpp"
#include "tilewright/chip/in_flight.hpp"
#include "tilewright/engine/engines.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/arena.hpp"
#include "tilewright/memory/dram_bank.hpp"
#include "tilewright/memory/shadow.hpp"
#include "tilewright/noc/noc.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/riscv/run_context.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/riscv/run_context.hpp"
#include "tilewright/sim/event_queue.hpp"
#include "tilewright/sim/memory_observer.hpp"
#include "tilewright/sim/observer.hpp"
#include "tilewright/sim/run_error.hpp"

namespace tilewright {

class Chip final : private NocEndpoints, private EngineEndpoints {
public:
    /// ConfigError if the configuration cannot be.
    explicit Chip(const ChipConfig& config);
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    const ChipConfig& config() const { return config_; }
    std::uint64_t now() const { return now_; }

    // --- Names ---------------------------------------------------------------------------------
    /// AddressError if there is no such tile or processor.
    std::uint32_t tile_index(TileId tile) const;
    std::uint32_t core_index(CoreId core) const;
    CoreId core_id(std::uint32_t core) const;

    // --- Memory, outside simulated time --------------------------------------------------------
    /// AddressError unless the range lies inside the memory. Writes wake whoever waits for them.
    void write(const MemoryRef& place, std::span<const std::byte> data);
    void read(const MemoryRef& place, std::span<std::byte> data) const;
    /// The bytes themselves, which whoever has them may change until the next snapshot; they stay
    /// mapped as long as somebody holds keep_memory().
    std::span<std::byte> in_place(const MemoryRef& place, std::uint64_t bytes);
    std::shared_ptr<const void> keep_memory() const { return arena_.keep(); }
    /// These bytes hold nothing any more, as far as checks are concerned.
    void mark_undefined(const MemoryRef& place, std::uint64_t bytes);

    // --- The host on the network ---------------------------------------------------------------
    /// Let kernels reach this memory of the host, which must stay until unpin(). Returns its
    /// address at the host's node. AddressError if the host is not on the network or its 4 GiB of
    /// addresses are taken.
    std::uint32_t pin(std::span<std::byte> memory);
    /// A transfer that is still under way with it then becomes a KernelFault.
    void unpin(std::uint32_t address);
    std::span<std::byte> pinned_memory(std::uint64_t address) const;  ///< what was pinned there
    /// Take `bytes` over the host link, first come, first served, at or after `cycle`: the cycle in
    /// which they are there.
    std::uint64_t cross_host_link(std::uint64_t cycle, std::uint64_t bytes);

    /// Where the memories lie among the global addresses.
    const AddressMap& map() const { return map_; }

    // --- Engines -------------------------------------------------------------------------------
    const Engines& engines() const { return engines_; }
    /// Append a command now; run() tells of its end if it has a notice. AddressError unless the
    /// engine exists and the command is in order; nothing has happened then.
    void submit(EngineId engine, const EngineCommand& command);
    std::uint32_t flag(std::uint32_t number) const;
    /// Set a flag, or add to it, now. AddressError if there is no such flag.
    void set_flag(std::uint32_t flag, std::uint32_t value);
    void add_to_flag(std::uint32_t flag, std::uint32_t increment);
    /// Declare that the host sets this flag: who waits for it waits for the host, not for the chip.
    void make_host_flag(std::uint32_t flag);
    /// The number of the command that ended, after Outcome::command_ended.
    std::uint64_t ended_command() const { return ended_command_; }

    // --- Cores ---------------------------------------------------------------------------------
    /// Start the image on an idle core now, with these words as its arguments.
    void launch(std::uint32_t core, const std::shared_ptr<const Image>& image,
                std::span<const std::uint32_t> arguments);
    /// Let programs call the image by the number that is returned (abi::environment_call_image);
    /// as often as it was let, it must be forbidden again.
    std::uint32_t allow_calls(const std::shared_ptr<const Image>& image);
    void forbid_calls(std::uint32_t number);
    const Core& core(std::uint32_t index) const { return cores_[index]; }
    bool core_idle(std::uint32_t index) const { return cores_[index].status == CoreStatus::idle; }
    /// Cores whose kernel or transfers have not ended.
    std::uint32_t busy_cores() const { return busy_; }
    /// Make the semaphore at this address a doorbell: a core that waits on it, in any tile, waits
    /// for the host and not for the chip.
    void make_doorbell(std::uint32_t address);
    /// Have run() return Outcome::notified at `cycle`, with this number as its notice.
    void notify_at(std::uint64_t cycle, std::uint32_t number);

    /// Which checks are made from now on; they change no cycle.
    void set_checks(const Checks& checks);
    const Checks& checks() const { return checks_; }

    enum class Outcome : std::uint8_t {
        ended,          ///< no core and no engine is busy any more, and no notice is due
        core_ended,     ///< it is the cycle in which the core `notice()` ended
        notified,       ///< it is the cycle for the notice with the number `notice()`
        command_ended,  ///< it is the cycle in which the command `ended_command()` ended
        idle,     ///< nothing is left to happen until the host rings a doorbell or sets a flag
        reached,  ///< everything before `stop` has happened
        stopped,  ///< stop_requested said so
    };
    /// Let everything before the cycle `stop` happen, unless something is to be told sooner.
    /// KernelFault or DeadlockError: all kernels are gone then, and the chip is idle.
    Outcome run(std::uint64_t stop, const std::function<bool()>& stop_requested);
    std::uint32_t notice() const { return notice_; }
    /// Time stands at `cycle`, in which everything that was due has happened.
    void rest_at(std::uint64_t cycle) { now_ = cycle; }
    /// All cores idle, no transfers in flight.
    void abort();

    // --- Looking -------------------------------------------------------------------------------
    /// The core by name and, if it has a kernel, where in its source it is.
    std::string describe(std::uint32_t core) const {
        return describe_core(core, cores_[core].hart.pc);
    }
    /// Cores that wait for a word or a register to change, the longest first; Core::parked_at says
    /// since when.
    std::vector<std::uint32_t> waiting_cores() const;
    /// Where in its source a waiting core waits, and for what.
    std::string describe_place(std::uint32_t core) const;
    std::string describe_wait(std::uint32_t core) const;
    /// All that is under way, and all that waits, the longest first: a line each, eight of a kind
    /// at most.
    std::string describe_busy() const;
    std::string describe_waiting() const;
    const Noc& noc() const { return noc_; }
    const DramBank& dram_bank(std::uint32_t bank) const { return dram_banks_[bank]; }
    /// Events handled since the chip was made; for those who tune the simulator.
    std::uint64_t events_handled() const { return events_handled_; }
    /// From now on; nullptr: nobody. It must stay until another one takes its place.
    void observe(Observer* observer);
    Observer* observer() const override { return observer_; }
    /// Tell of accesses to memory from now on, as `watch` says; it replaces the one before.
    void watch_memory(const MemoryWatch& watch);

    // --- Snapshots -----------------------------------------------------------------------------
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
    friend class TileBus;
    struct Place {  // what stands at a router
        enum class Kind : std::uint8_t { nothing, tile, dram, host } kind = Kind::nothing;
        std::uint32_t index = 0;
    };

    // Layout of the arena: all L1s, all local memories, all DRAM banks, and then the memories of
    // the hierarchy, kind by kind.
    std::byte* l1(std::uint32_t tile) const;
    std::byte* local(std::uint32_t core) const;
    std::byte* dram(std::uint32_t bank) const;
    std::byte* place_of(MemoryKind kind, std::uint32_t index) const {
        const auto k = static_cast<std::size_t>(kind);
        return first_place_[k] + index * map_.window(kind).bytes;
    }
    std::uint64_t offset(const std::byte* p) const {
        return static_cast<std::uint64_t>(p - arena_.data());
    }
    /// To be called before anything but a core writes there.
    void touch(const std::byte* p, std::uint64_t bytes) {
        arena_.touch(offset(p), bytes);
        if (shadow_ != nullptr) shadow_->mark_written(offset(p), bytes);
    }
    void map_memory(std::uint32_t core);
    bool has_run(std::uint32_t core) const { return contexts_.find(core) != nullptr; }

    const Place& place(std::uint32_t x, std::uint32_t y) const {
        return places_[y * config_.router_columns + x];
    }
    std::uint32_t tile_of(std::uint32_t core) const { return sites_[core].tile; }
    const CoreConfig& core_config(std::uint32_t core) const {
        return config_.cores_of(sites_[core].tile)[sites_[core].processor];
    }
    /// The cores of a tile: from first_core_[tile] to first_core_[tile + 1].
    std::uint32_t first_core(std::uint32_t tile) const { return first_core_[tile]; }
    std::uint32_t end_core(std::uint32_t tile) const { return first_core_[tile + 1]; }
    std::string tile_name(std::uint32_t tile) const;
    void note_direct_stores();
    std::uint32_t image_index(const std::shared_ptr<const Image>& image);
    /// The image decoded for that core, and as observers want it.
    const riscv::Code& code_of(const Image& image, std::uint32_t core) const {
        return image.code(core_config(core).isa, config_.core_timing, functions_observed_);
    }
    std::shared_ptr<const riscv::ElfImage> program_of(std::uint32_t core) const;

    // Running
    void schedule(std::uint32_t core, std::uint64_t cycle);
    Outcome run_events(std::uint64_t stop);
    bool handle_core(const ScheduledEvent& event);
    bool waits_for_host() const;
    void run_core(std::uint32_t core);
    void park(std::uint32_t core, bool bounded);
    void end_kernel(std::uint32_t core);
    void call_image(std::uint32_t core);
    void return_to_caller(std::uint32_t core);
    void note_call(std::uint32_t core, const riscv::CallRecord& record);
    void enter_image(std::uint32_t core, std::uint32_t image);
    void settle(std::uint32_t core, std::uint64_t cycle);
    void core_done(std::uint32_t core);
    std::uint64_t horizon(std::uint32_t core) const;
    void enter_zone(std::uint32_t core, std::uint32_t name, std::uint64_t cycle);
    bool stop_wanted();
    static std::uint64_t end_of_window(std::uint64_t cycle, std::uint32_t quantum) {
        return (cycle / quantum + 1) * quantum;
    }

    // Polling loops
    bool park_polling(std::uint32_t core);
    void resume_polling(std::uint32_t core, std::uint64_t cycle);
    /// A write became visible at this place of the global order.
    struct Moment {
        std::uint64_t cycle = 0;
        std::uint32_t component = 0;
    };
    void polled_word_written(std::uint32_t core, std::uint64_t address, std::uint64_t bytes,
                             Moment moment, std::uint32_t writer);
    bool can_change(std::uint32_t core, std::uint32_t address) const;
    bool can_wake(std::uint32_t core) const;

    // Waiting
    /// Breaks the reservations on these bytes of an L1, but for that of core `except`: a core's own
    /// stores keep its reservation, what comes back to it over the network does not.
    void written(std::uint32_t tile, std::uint64_t address, std::uint64_t bytes,
                 std::uint64_t cycle, std::uint32_t writer, std::uint32_t except = Core::nobody);
    void counter_changed(std::uint32_t core, std::uint32_t address, std::uint64_t cycle);
    void register_changed(std::uint32_t core, std::uint32_t address, std::uint64_t cycle,
                          std::uint32_t writer);
    void unblock(std::uint32_t core, std::uint64_t cycle);
    void wake(std::uint32_t core, std::uint64_t cycle, std::uint32_t writer);
    void update_watches(std::uint32_t tile);

    // Checks
    bool memory_checked() const {
        return checks_.stack || checks_.missing_barriers || shadow_ != nullptr;
    }
    void check_stack(std::uint32_t core) const;
    void check_load(const std::byte* memory, std::uint32_t tile, std::uint32_t address,
                    std::uint32_t bytes) const;
    void check_store(std::uint32_t tile, std::uint32_t address, std::uint32_t bytes) const;
    void check_semaphore(std::uint32_t tile, std::uint32_t address) const;
    void check_command(const Packet& packet) const;
    void check_read(const Packet& packet, const std::byte* memory, const Place& target) const;
    void check_flushed(std::uint32_t core) const;
    void restart_shadow();
    void restart_in_flight();
    void remap_memories();

    // Telling of accesses to memory
    bool all_watched() const { return watch_.observer != nullptr && watch_.everything; }
    void tell_access(std::uint32_t core, const std::byte* memory, std::uint32_t address,
                     std::uint32_t bytes, bool write, std::uint32_t stored);
    void tell_transfer(const Packet& packet);
    void tell_command(std::uint32_t core, const Work& work);

    // Transfers
    void start_transfer(std::uint32_t core, std::uint32_t noc, abi::NocCommand command,
                        std::uint64_t cycle);
    void capture(Packet& packet) override;
    void departed(const Packet& packet, std::uint64_t cycle) override;
    std::uint64_t serve(const Packet& packet, std::uint64_t cycle) override;
    void perform(Packet& packet, std::uint64_t cycle) override;
    void finish(Packet& packet, std::uint64_t cycle) override;
    std::byte* pinned(std::uint32_t address, std::uint32_t bytes) const;
    std::byte* remote_memory(const Packet& packet) const;

    // Engines
    std::byte* memory(MemoryKind kind, std::uint32_t index) override;
    DramBank& dram_bank(std::uint32_t index) override { return dram_banks_[index]; }
    void will_write(const MemoryRef& place, std::uint64_t bytes, std::uint64_t cycle) override;
    void flag_changed(std::uint32_t flag, std::uint64_t cycle) override;
    void command_ended(std::uint64_t cycle) override;

    // Reports
    std::string describe_core(std::uint32_t core, std::uint32_t pc) const;
    std::string describe_fault(std::uint32_t core, const riscv::Fault& fault) const;
    KernelFault make_fault(std::uint32_t core, std::uint32_t pc, const std::string& what) const;
    std::string describe_deadlock() const;
    std::string describe_endless_wait(std::uint32_t core) const;
    std::string describe_word(std::uint32_t core, std::uint32_t address) const;
    std::uint32_t waiting_pc(std::uint32_t core) const;
    std::string describe_makers(std::uint32_t core, abi::Effect effect, std::uint32_t object,
                                std::uint32_t first, std::uint32_t end) const;
    bool launched_with(std::uint32_t core, std::uint32_t other) const;
    std::string describe_waiter(std::uint32_t core) const;

    struct Site {  // where a core stands
        std::uint32_t tile = 0;
        std::uint32_t processor = 0;
    };

    ChipConfig config_;
    AddressMap map_;
    Arena arena_;
    std::array<std::byte*, memory_kind_count> first_place_{};  // by kind of memory; derived
    std::vector<Site> sites_;                                  // of each core; derived
    std::vector<std::uint32_t> first_core_;  // of each tile, and one more; derived
    riscv::DirtyChunks direct_stored_;  // stores of cores that the arena was not told of
    std::vector<Place> places_;
    EventQueue queue_;
    Noc noc_;
    DramTiming dram_timing_;
    std::vector<DramBank> dram_banks_;
    Engines engines_;
    std::vector<std::uint8_t> host_flags_;  // by number of the flag: 1 if the host sets it
    std::uint64_t ended_command_ = 0;
    bool cores_wait_for_engines_ = false;   // perhaps: some core is blocked by a full queue
    LazyTable<Core> cores_;                 // those that have run
    LazyTable<riscv::RunContext> contexts_;  // of each core that has run; derived
    std::vector<std::shared_ptr<const Image>> images_;
    std::vector<std::uint32_t> calls_allowed_;  // by image: how often allow_calls() was called
    std::vector<std::uint8_t> doorbells_;       // by number of the semaphore: 1 if it is one
    std::map<std::uint32_t, std::span<std::byte>> pinned_;  // by address at the host's node
    std::uint64_t host_link_free_at_ = 0;
    std::uint32_t busy_ = 0;
    std::uint32_t notices_due_ = 0;
    std::uint32_t notice_ = 0;
    std::uint64_t now_ = 0;
    Moment moment_;  ///< of what happens: an event's, or the last turn of the core that is run
    std::uint64_t events_handled_ = 0;
    Observer* observer_ = nullptr;
    bool functions_observed_ = false;
    MemoryWatch watch_;
    Checks checks_;
    std::unique_ptr<Shadow> shadow_;   // while unwritten reads are checked
    std::optional<InFlight> landing_;  // while missing barriers are checked: of reads
    std::optional<InFlight> leaving_;  // ... and of writes

    // While run() lasts:
    std::uint64_t stop_ = 0;
    riscv::Limits limits_;  // of the core that is being run
    const std::function<bool()>* stop_requested_ = nullptr;
    std::uint32_t until_poll_ = 0;
    bool stopped_ = false;
};

}  // namespace tilewright
