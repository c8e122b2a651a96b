#include "tilewright/runtime/device.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/abi.hpp"

namespace tilewright {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string core_text(CoreId id) {
    return "(" + std::to_string(id.tile.x) + ", " + std::to_string(id.tile.y) + ", " +
           std::to_string(id.processor) + ")";
}

}  // namespace

Device::Device(const ChipConfig& config) : state_(std::make_shared<detail::DeviceState>(config)) {}
Device::~Device() = default;
Device::Device(Device&&) noexcept = default;
Device& Device::operator=(Device&&) noexcept = default;

void Device::close() {
    state_.reset();
}
bool Device::is_open() const {
    return state_ != nullptr;
}

detail::DeviceState& Device::open_state() const {
    if (!state_) throw Error("the device is closed");
    return *state_;
}

const ChipConfig& Device::config() const {
    return open_state().chip.config();
}
Cycle Device::cycle() const {
    return Cycle{open_state().chip.now()};
}

// --- Memory -------------------------------------------------------------------------------------

Buffer Device::allocate(std::uint64_t bytes, const Placement& placement) {
    detail::DeviceState& state = open_state();
    const std::uint64_t id = state.allocate(bytes, placement);
    return Buffer(std::make_shared<detail::Allocation>(state_, id, state.records.at(id)));
}

std::vector<Buffer> Device::buffers() const {
    std::vector<Buffer> all;
    for (const auto& [id, record] : open_state().records) {
        all.push_back(Buffer(std::make_shared<detail::Allocation>(state_, id, record)));
    }
    return all;
}

Semaphore Device::semaphore(std::uint32_t initial) {
    detail::DeviceState& state = open_state();
    if (state.semaphores == abi::semaphore_count) {
        throw AddressError("all " + std::to_string(abi::semaphore_count) +
                           " semaphores of the device are taken");
    }
    const std::uint32_t address = abi::semaphore_base + 4 * state.semaphores++;
    // L1 that nothing wrote reads as zero: leave it untouched where that is the wish.
    for (std::uint32_t t = 0; initial != 0 && t < config().tile_count(); ++t) {
        state.chip.write_l1(t, address, std::as_bytes(std::span(&initial, 1)));
    }
    return {.address = address, .device = reinterpret_cast<std::uintptr_t>(state_.get())};
}

void Device::write_l1(TileId tile, std::uint32_t address, std::span<const std::byte> data) {
    Chip& chip = open_state().chip;
    chip.write_l1(chip.tile_index(tile), address, data);
}

void Device::read_l1(TileId tile, std::uint32_t address, std::span<std::byte> data) const {
    const Chip& chip = open_state().chip;
    chip.read_l1(chip.tile_index(tile), address, data);
}

// --- Running ------------------------------------------------------------------------------------

void Device::launch(std::span<const Launch> launches) {
    detail::DeviceState& state = open_state();

    // Everything is looked at before anything starts.
    std::set<std::uint32_t> cores;
    std::vector<std::vector<std::uint32_t>> words;
    for (const Launch& launch : launches) {
        for (const Argument& argument : launch.arguments) {
            const auto* buffer = std::get_if<Buffer>(&argument);
            const auto* semaphore = std::get_if<Semaphore>(&argument);
            const bool foreign =
                (buffer != nullptr && buffer->live().device.lock() != state_) ||
                (semaphore != nullptr &&
                 semaphore->device != reinterpret_cast<std::uintptr_t>(state_.get()));
            if (foreign) {
                throw AddressError("kernel '" + launch.kernel.name() + "', argument " +
                                   std::to_string(&argument - launch.arguments.data()) +
                                   ": it belongs to another device");
            }
        }
        words.push_back(encode_arguments(launch.kernel, launch.arguments));
        if (launch.cores.empty()) {
            throw AddressError("kernel '" + launch.kernel.name() + "': no cores to run on");
        }
        for (const CoreId& id : launch.cores) {
            const std::uint32_t core = state.chip.core_index(id);
            if (!state.chip.core_idle(core)) {
                throw AddressError("core " + core_text(id) + " is busy with another kernel");
            }
            if (!cores.insert(core).second) {
                throw AddressError("core " + core_text(id) + " is named twice in one launch");
            }
        }
    }

    for (std::size_t i = 0; i < launches.size(); ++i) {
        for (const CoreId& id : launches[i].cores) {
            const std::uint32_t core = state.chip.core_index(id);
            state.chip.launch(core, launches[i].kernel.image(), words[i]);
            state.launched.push_back(core);
        }
    }
}

Run Device::finish(const RunOptions& options) {
    detail::DeviceState& state = open_state();
    Chip& chip = state.chip;
    const auto host_start = Clock::now();
    std::uint64_t start = chip.now();
    for (std::uint32_t core : state.launched) start = std::min(start, chip.core(core).launch_cycle);
    const std::uint64_t last = ~std::uint64_t{0};
    const std::uint64_t deadline =
        options.cycle_limit > last - start ? last : start + options.cycle_limit;

    Chip::Outcome outcome;
    try {
        outcome = chip.run(deadline, options.stop_requested);
    } catch (...) {
        state.launched.clear();
        throw;
    }
    if (outcome == Chip::Outcome::stopped) {
        throw Interrupted("the run was interrupted at cycle " + std::to_string(chip.now()) +
                          "; finish() goes on with it, abort() ends it");
    }
    if (outcome == Chip::Outcome::reached) {
        std::string busy;
        std::uint32_t more = 0;
        for (std::uint32_t core : state.launched) {
            if (chip.core_idle(core)) continue;
            if (more++ < 8) busy += "\n  " + chip.describe(core);
        }
        if (more > 8) busy += "\n  and " + std::to_string(more - 8) + " more";
        abort();
        throw CycleLimitError("the kernels had not ended after " +
                              std::to_string(options.cycle_limit) +
                              " cycles; still running:" + busy);
    }

    Run run;
    run.start = Cycle{start};
    run.end = run.start;
    std::ranges::sort(state.launched);
    for (std::uint32_t index : state.launched) {
        const Core& core = chip.core(index);
        run.cores.push_back({.core = chip.core_id(index),
                             .start = Cycle{core.launch_cycle},
                             .end = Cycle{core.end_cycle},
                             .instructions = core.hart.retired - core.retired_at_launch,
                             .waiting_cycles = core.waiting_cycles,
                             .output = core.output});
        run.end = std::max(run.end, run.cores.back().end);
        run.instructions += run.cores.back().instructions;
    }
    state.launched.clear();
    run.cycles = count(run.end - run.start);
    run.simulated_seconds = static_cast<double>(run.cycles) / (chip.config().clock_mhz * 1e6);
    run.host_seconds = seconds_since(host_start);
    return run;
}

bool Device::advance_to(Cycle target, const RunOptions& options) {
    detail::DeviceState& state = open_state();
    try {
        if (state.chip.run(count(target), options.stop_requested) == Chip::Outcome::stopped) {
            throw Interrupted("the run was interrupted at cycle " +
                              std::to_string(state.chip.now()));
        }
    } catch (const Interrupted&) {
        throw;
    } catch (...) {
        state.launched.clear();
        throw;
    }
    return busy();
}

Run Device::run(std::span<const Launch> launches, const RunOptions& options) {
    launch(launches);
    return finish(options);
}

Run Device::run(const Kernel& kernel, std::vector<CoreId> cores, std::vector<Argument> arguments,
                const RunOptions& options) {
    const Launch one{kernel, std::move(cores), std::move(arguments)};
    return run(std::span(&one, 1), options);
}

bool Device::busy() const {
    return open_state().chip.busy_cores() != 0;
}

void Device::abort() {
    detail::DeviceState& state = open_state();
    state.chip.abort();
    state.launched.clear();
}

std::string Run::output() const {
    std::string all;
    for (const CoreReport& core : cores) all += core.output;
    return all;
}

// --- Looking ------------------------------------------------------------------------------------

Counters Device::counters() const {
    const Chip& chip = open_state().chip;
    Counters all;
    all["cycle"] = chip.now();
    all["simulator.events"] = chip.events_handled();
    std::uint64_t instructions = 0;
    for (std::uint32_t c = 0; c < chip.config().core_count(); ++c) {
        instructions += chip.core(c).hart.retired;
    }
    all["cores.instructions"] = instructions;
    for (std::uint32_t n = 0; n < abi::noc_count; ++n) {
        const NocCounters& noc = chip.noc().counters(n);
        const std::string name = "noc" + std::to_string(n) + ".";
        all[name + "packets"] = noc.packets;
        all[name + "flits"] = noc.flits;
        all[name + "data_bytes"] = noc.data_bytes;
        all[name + "hops"] = noc.hops;
        all[name + "blocked_cycles"] = noc.blocked_cycles;
    }
    for (std::uint32_t b = 0; b < chip.config().dram.size(); ++b) {
        const DramBank& bank = chip.dram_bank(b);
        const std::string name = "dram" + std::to_string(b) + ".";
        all[name + "reads"] = bank.reads;
        all[name + "writes"] = bank.writes;
        all[name + "bytes_read"] = bank.bytes_read;
        all[name + "bytes_written"] = bank.bytes_written;
        all[name + "row_hits"] = bank.row_hits;
        all[name + "row_misses"] = bank.row_misses;
        all[name + "busy_cycles"] = bank.busy_cycles;
        all[name + "queued_cycles"] = bank.queued_cycles;
    }
    return all;
}

void Device::observe(Observer* observer) {
    open_state().chip.observe(observer);
}

}  // namespace tilewright
