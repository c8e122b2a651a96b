// The chip as its user sees it: opened once, kept open, driven like hardware.
//
//     tilewright::Device device(tilewright::preset("blackhole"));
//     tilewright::Buffer x = device.allocate(4096);
//     x.write(std::as_bytes(std::span(host_data)));
//     tilewright::Run run = device.run(kernel, {{.tile = {0, 0}}}, {x, std::int64_t{1024}});
//
// One thread at a time may use a device: a call while another thread is in one throws BusyError.
// Filling its queues, asking buffers where they lie and dropping them is allowed from any thread at
// any time. Different devices are independent of each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tilewright/base/error.hpp"
#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/engine/command.hpp"
#include "tilewright/firmware/program_memory.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/runtime/buffer.hpp"
#include "tilewright/runtime/device_options.hpp"
#include "tilewright/runtime/kernel.hpp"
#include "tilewright/runtime/lease.hpp"
#include "tilewright/runtime/queue.hpp"
#include "tilewright/sim/run_error.hpp"
#include "tilewright/sim/run_report.hpp"
#include "tilewright/tile/checks.hpp"

namespace tilewright {

class Observer;
class ProfileObserver;
struct MemoryWatch;
struct Convolution;
struct GemmShape;
struct MatmulOptions;
struct MatmulReport;
class Device;
namespace tensix {
class InstructionWatch;
}

namespace detail {
class DeviceLock;
DeviceLock lock_device(const Device& device);
}  // namespace detail

/// A range of L1 that a launch uses on each of its tiles. Launches may share it, as they take place
/// one after another; nothing else may lie there.
struct L1Range {
    std::uint32_t address = 0;  ///< at or above abi::l1_user_base
    std::uint32_t bytes = 0;
    std::string user;  ///< for messages, such as "circular buffer 3"
};

/// Bytes that lie somewhere in the memories of the chip when a launch starts.
struct Contents {
    GlobalAddress place;
    std::vector<std::byte> bytes;
    Buffer keep{};  ///< the buffer that they lie in, if it is not to be given back before
};

/// A kernel on some cores, each with the same arguments.
struct Launch {
    Kernel kernel;
    std::vector<CoreId> cores;
    std::vector<Argument> arguments;
    /// Put into each tile of `cores` before any core of the same call starts: circular buffers,
    /// semaphores (firmware/program_memory.hpp makes them).
    std::vector<L1Words> setup{};
    /// What it uses of the L1 of each tile, from now to its end.
    std::vector<L1Range> l1{};
    /// Of the core, the tile or the L1 that it uses, if somebody has leased that.
    Lease lease{};
    /// Written outside simulated time, like `setup`, before any core of the same call starts.
    std::vector<Contents> contents{};
};

struct RunOptions {
    /// CycleLimitError if the kernels have not ended this many cycles after the start.
    std::uint64_t cycle_limit = ~0ull;
    /// Asked a few hundred times a second while a run lasts; true stops it with Interrupted.
    std::function<bool()> stop_requested;
    /// Told a few times a second how far the run has come, once it has lasted for a second.
    std::function<void(const RunProgress&)> progress{};
};

/// What one core did in a run.
struct CoreReport {
    CoreId core;
    Cycle start{};                     ///< when its kernel was launched
    Cycle end{};                       ///< when it had ended and its transfers had landed
    std::uint64_t instructions = 0;    ///< retired
    std::uint64_t waiting_cycles = 0;  ///< parked in wrs
    /// Of the instructions, those that translated code has carried out and not the interpreter. It
    /// depends on the host and on what ran before; nothing that is simulated does.
    std::uint64_t translated = 0;
    std::string output;  ///< what it printed
};

/// What a run did.
struct TILEWRIGHT_API Run {
    Cycle start{};
    Cycle end{};
    std::uint64_t cycles = 0;        ///< end - start
    std::uint64_t instructions = 0;  ///< retired by all its cores
    std::uint64_t translated = 0;    ///< of them, by translated code: see CoreReport
    double simulated_seconds = 0;    ///< cycles at the chip's clock
    double host_seconds = 0;         ///< what simulating them took
    std::vector<CoreReport> cores;   ///< in the order of their ids
    std::string output() const;      ///< of all cores, one after another
};

/// All of a device at one cycle, as bytes: memory, cores, packets in flight, images, allocations.
struct Snapshot {
    std::vector<std::byte> bytes;
};

/// What changed from one snapshot to a later one, as bytes: all but the pages of memory that both
/// have in common.
struct SnapshotChanges {
    std::vector<std::byte> bytes;
};
/// SnapshotError if one of the snapshots is damaged.
TILEWRIGHT_API SnapshotChanges changes(const Snapshot& base, const Snapshot& later);
/// The later snapshot, to the byte. SnapshotError if something is damaged, or `base` is another
/// one.
TILEWRIGHT_API Snapshot apply(const Snapshot& base, const SnapshotChanges& changes);

/// Counters by dotted name, e.g. "noc0.packets" or "dram3.row_hits"; docs/architecture.md has
/// units.
using Counters = std::map<std::string, std::uint64_t>;

class TILEWRIGHT_API Device {
public:
    /// ConfigError if the chip cannot be, for a number of threads that cannot be, and for a
    /// TILEWRIGHT_THREADS that is not one.
    explicit Device(const ChipConfig& config, const DeviceOptions& options = {});
    explicit Device(std::string_view preset_name, const DeviceOptions& options = {})
        : Device(preset(preset_name), options) {}
    ~Device();
    Device(Device&&) noexcept;
    Device& operator=(Device&&) noexcept;

    /// Gives everything back; harmless when done twice. All later calls throw Error.
    void close();
    bool is_open() const;
    /// No other device that this process ever opens has it.
    std::uint64_t serial() const;

    const ChipConfig& config() const;
    /// Of the host, that simulate it.
    std::uint32_t threads() const;
    Cycle cycle() const;  ///< now

    /// OutOfMemoryError if the memory is full, AddressError if the placement does not exist.
    /// Contents are undefined.
    Buffer allocate(std::uint64_t bytes, const Placement& placement = {});
    /// At a place of one's own choice. AddressError if it is taken, or not a multiple of 64.
    Buffer allocate_at(std::uint64_t address, std::uint64_t bytes, const Placement& placement);
    /// The lowest address from `from` on at which `bytes` of a tile's L1 are free; nothing if there
    /// is none. Nothing is allocated.
    std::optional<std::uint32_t> find_l1(TileId tile, std::uint32_t bytes,
                                         std::uint32_t from) const;
    /// Let kernels read and write this memory of the host over the network, in place and without a
    /// copy, for as long as the handle or a copy of it lives; the memory must stay as long, and
    /// `owner`, if there is one, is kept to that end. UnsupportedError on a chip whose host is not
    /// on its network. Snapshots refuse while memory is pinned.
    Buffer pin(std::span<std::byte> memory, std::shared_ptr<const void> owner = nullptr);
    /// Handles of everything that is allocated, e.g. after restoring another process's snapshot;
    /// what nobody else holds is given back with them.
    std::vector<Buffer> buffers() const;
    /// What is allocated in the direct memory of the chip, in one DRAM bank each: the address as
    /// cores see it, and the bytes; ascending. These are no handles.
    std::vector<std::pair<CoreAddress, std::uint64_t>> direct_allocations() const;
    /// Take a tile, a core, a flag or a range of L1 until the handle and all its copies are gone.
    /// Launches on what is leased need the lease (Launch::lease). AddressError if there is no such
    /// thing; BusyError names whoever has it or a part of it.
    Lease lease(const Resource& resource, std::string holder);
    /// Who has what now: leases, buffers in L1, semaphores, flags, and what launches that are
    /// queued or under way need.
    std::vector<Holding> leases() const;
    /// Give back what nobody here has a handle of, after restoring another process's snapshot.
    /// Error if there is no such lease.
    void release(const Holding& holding);
    /// A new semaphore with this value in every tile. BusyError when all are taken.
    Semaphore semaphore(std::uint32_t initial = 0);
    /// A semaphore that the host rings: kernels that wait on it wait for the host, which is no
    /// deadlock, and neither is waiting for them.
    Semaphore doorbell(std::uint32_t initial = 0);
    /// Add to a tile's word of a semaphore, now; wakes the kernels that wait on it.
    void ring(const Semaphore& bell, TileId tile, std::uint32_t increment = 1);
    /// A new queue; independent of all others.
    Queue queue();
    /// Handles of all queues, e.g. after restoring another process's snapshot.
    std::vector<Queue> queues() const;

    /// Start kernels now, without letting time pass. AddressError for a core that does not exist or
    /// is busy, for arguments that do not fit, for buffers of another or a closed device.
    void launch(std::span<const Launch> launches);
    /// Let time pass until all launched kernels have ended, their transfers have landed, and the
    /// engines are idle.
    /// KernelFault, DeadlockError, CycleLimitError, Interrupted; after the first three the launched
    /// kernels are gone and the device is idle; after Interrupted, finish() goes on.
    Run finish(const RunOptions& options = {});
    /// Let time pass until `target`, or until everything has ended. True if kernels still run.
    bool advance_to(Cycle target, const RunOptions& options = {});
    /// Let one cycle pass, also if nothing happens in it: what is due in the next cycle has
    /// happened afterwards. Errors as advance_to().
    void step(const RunOptions& options = {});
    /// Let time pass until all that is left waits for the host, or has ended. True if kernels
    /// still run. Errors as finish().
    bool run_until_idle(const RunOptions& options = {});
    /// The old name of run_until_idle().
    bool settle(const RunOptions& options = {}) { return run_until_idle(options); }
    /// launch() and finish().
    Run run(std::span<const Launch> launches, const RunOptions& options = {});
    Run run(const Kernel& kernel, std::vector<CoreId> cores, std::vector<Argument> arguments,
            const RunOptions& options = {});
    /// C (m x n) = A (m x k) * B (k x n) on the systolic arrays, with bias and activation if the
    /// options say so; all row-major, in memory of this device. On a chip without arrays on the
    /// compute engines of its tiles: all as tiles (ops/matmul.hpp). Lets time pass until C is
    /// there; kernels and queues go on meanwhile. ConfigError on a chip with neither, ArgumentError
    /// for buffers of other sizes, UnsupportedError for what compute engines do not do, BusyError
    /// while the engines or cores are busy; nothing has happened then. Interrupted and
    /// CycleLimitError stop everything on the device.
    MatmulReport matmul(const Buffer& a, const Buffer& b, const Buffer& c, const GemmShape& shape,
                        const MatmulOptions& options, const Buffer* bias = nullptr,
                        const RunOptions& run = {});
    /// A convolution, likewise (ops/convolution.hpp); temporary memory comes from DRAM bank 0.
    MatmulReport conv2d(const Buffer& images, const Buffer& filters, const Buffer& output,
                        const Convolution& conv, const MatmulOptions& options,
                        const Buffer* bias = nullptr, const RunOptions& run = {});
    /// The cores that wait now, each on its own, the longest first. Which of them wait for ever
    /// nobody can tell while others run: any core may write any word of any L1.
    std::vector<CoreWait> waiting() const;
    /// The cores whose kernels are under way and do not wait: where each is, and how far.
    std::vector<CoreRunning> running() const;
    bool busy() const;  ///< kernels are launched and have not ended, or engines have commands
    /// Stop all kernels and engines where they are and drop their transfers and commands.
    void abort();

    // --- Engines and the memories that they move data between (docs/engines.md) ------------------

    /// Where each memory lies among the global addresses.
    const AddressMap& map() const;
    /// Bytes at a global address, outside simulated time. AddressError unless all of them lie in
    /// one memory; nothing is written then.
    void write(GlobalAddress address, std::span<const std::byte> data);
    void read(GlobalAddress address, std::span<std::byte> data) const;

    /// Append a command to the queue of an engine, without letting time pass: finish(), wait(),
    /// run_until_idle() and advance_to() do that. AddressError if there is no such engine or the
    /// command is not in order; nothing has happened then. `on_done` is called in the cycle of its
    /// end, between two events, and may call the device; what it throws reaches whoever lets time
    /// pass, and the rest goes on at the next call.
    void submit(EngineId engine, EngineCommand command, std::function<void()> on_done = nullptr);
    bool idle(EngineId engine) const;
    /// Let time pass until the engine is idle. Errors as finish().
    void wait(EngineId engine, const RunOptions& options = {});

    /// A flag that is not in use yet: commands wait for flags and add to them. BusyError when
    /// all are taken.
    std::uint32_t flag(std::uint32_t initial = 0);
    /// A flag that the host sets: engines that wait for it wait for the host, which is no deadlock.
    std::uint32_t host_flag(std::uint32_t initial = 0);
    std::uint32_t flag_value(std::uint32_t flag) const;
    void set_flag(std::uint32_t flag, std::uint32_t value);
    void add_to_flag(std::uint32_t flag, std::uint32_t increment = 1);

    /// Let running programs call this kernel by the number that is returned
    /// (abi::environment_call_image), until forbid_calls() has been called as often: from any
    /// thread, where it counts from the end of what the device does.
    std::uint32_t allow_calls(const Kernel& kernel);
    void forbid_calls(std::uint32_t number);

    /// Raw access to the L1 of a tile, outside simulated time. AddressError if it does not fit.
    void write_l1(TileId tile, std::uint32_t address, std::span<const std::byte> data);
    void read_l1(TileId tile, std::uint32_t address, std::span<std::byte> data) const;

    /// Likewise of a DRAM bank.
    void write_dram(std::uint32_t bank, std::uint64_t offset, std::span<const std::byte> data);
    void read_dram(std::uint32_t bank, std::uint64_t offset, std::span<std::byte> data) const;

    Snapshot snapshot() const;
    /// The same, written once and in place: `memory` is called with the number of bytes and returns
    /// as many, which are fresh if possible. ArgumentError if it returns another number.
    void snapshot(const std::function<std::span<std::byte>(std::size_t)>& memory) const;
    /// SnapshotError if it is damaged or of another chip; nothing is changed then. Buffers that the
    /// snapshot does not know are freed.
    void restore(const Snapshot& snapshot) { restore(snapshot.bytes); }
    void restore(std::span<const std::byte> snapshot);

    /// Which checks of kernels are made from now on (tile/checks.hpp). They cost host time, no
    /// cycles.
    void set_checks(const Checks& checks);
    Checks checks() const;

    Counters counters() const;
    /// Why programs are not translated although they could be: what the compiler said, once;
    /// nothing if there is no reason, or it has been told.
    std::optional<std::string> take_translation_failure();
    /// The compiler that makes translations, a zig or clang++; without: see find_toolchain().
    void set_translation_compiler(const std::filesystem::path& compiler);
    /// Called at events of the chip (sim/observer.hpp) until forget(). Several may look on; none is
    /// owned.
    void observe(Observer& observer);
    void forget(const Observer& observer);  ///< harmless for one that does not look on
    /// Called for each program that cores run until end_profile() (trace/profile.hpp). BusyError if
    /// a profile is being made.
    void start_profile(ProfileObserver& profile);
    void end_profile();  ///< harmless if none is being made
    /// Who is told from now on of what programs read and write (sim/memory_observer.hpp); a watch
    /// without an observer ends it. AddressError for a range outside direct memory.
    void watch_memory(const MemoryWatch& watch);
    /// Who follows the instructions of a tile's compute engine from now on (tensix/watch.hpp), in
    /// place of whoever did, on any tile; nullptr: nobody. AddressError if there is no such tile,
    /// UnsupportedError if the chip has no compute engines.
    void watch_engine(TileId tile, tensix::InstructionWatch* watch);

private:
    std::shared_ptr<detail::DeviceState> state_;
    void check_open() const;
    detail::DeviceLock open_state() const;
    friend detail::DeviceLock detail::lock_device(const Device& device);
};

}  // namespace tilewright
