#include "runtime/launches.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/race/race_check.hpp"

namespace tilewright::detail {
namespace {

std::string kernel_text(const Launch& launch) {
    return "kernel '" + launch.kernel.name() + "'";
}

void check_arguments(const std::shared_ptr<DeviceState>& state, const Launch& launch) {
    for (const Argument& argument : launch.arguments) {
        const auto* buffer = std::get_if<Buffer>(&argument);
        const auto* semaphore = std::get_if<Semaphore>(&argument);
        if ((buffer != nullptr && !buffer->belongs_to(state)) ||
            (semaphore != nullptr && semaphore->device != state->serial)) {
            throw ArgumentError(kernel_text(launch) + ", argument " +
                                std::to_string(&argument - launch.arguments.data()) +
                                ": it belongs to another device");
        }
    }
}

/// Whether the launch itself has this range of L1: by its lease, or in a buffer that is its
/// argument.
bool has_already(const Launch& launch, const Resource& range) {
    const auto inside = [&](std::uint64_t address, std::uint64_t bytes) {
        return address <= range.address && range.address + range.bytes <= address + bytes;
    };
    if (launch.lease.valid() && launch.lease.resource().core.tile == range.core.tile) {
        const Resource& own = launch.lease.resource();
        if (own.kind == Resource::Kind::tile) return true;
        if (own.kind == Resource::Kind::l1 && inside(own.address, own.bytes)) return true;
    }
    return std::ranges::any_of(launch.arguments, [&](const Argument& argument) {
        const auto* buffer = std::get_if<Buffer>(&argument);
        if (buffer == nullptr) return false;
        const Placement& placement = buffer->placement();
        const bool here =
            placement.kind == Placement::Kind::all_l1 ||
            (placement.kind == Placement::Kind::l1 && placement.tile == range.core.tile);
        return here && inside(buffer->address(), buffer->bytes_in_each());
    });
}

bool has_already(const Launch& launch, CoreId core) {
    if (!launch.lease.valid()) return false;
    const Resource& own = launch.lease.resource();
    return own == Resource::of_core(core) || own == Resource::tile(core.tile);
}

void check_setup(const Launch& launch, const Chip& chip) {
    const std::uint64_t l1_bytes = chip.config().l1_bytes;
    for (const L1Words& setup : launch.setup) {
        if (setup.address % 4 == 0 &&
            setup.address + std::uint64_t{4} * setup.words.size() <= l1_bytes) {
            continue;
        }
        throw AddressError(kernel_text(launch) + ": " + std::to_string(setup.words.size()) +
                           " words of setup at " + std::to_string(setup.address) +
                           "; expected a multiple of 4, and room in L1 up to " +
                           std::to_string(l1_bytes));
    }
    for (const Contents& part : launch.contents) chip.map().resolve(part.place, part.bytes.size());
    for (const L1Range& range : launch.l1) {
        if (range.bytes != 0 && range.address >= abi::l1_user_base && range.address <= l1_bytes &&
            range.bytes <= l1_bytes - range.address) {
            continue;
        }
        throw AddressError(kernel_text(launch) + ": " + range.user + " of " +
                           std::to_string(range.bytes) + " bytes at " +
                           std::to_string(range.address) + "; expected a range of L1 from " +
                           std::to_string(abi::l1_user_base) + " to " + std::to_string(l1_bytes));
    }
}

// What the launch needs on the tile of one of its cores.
void add_tile(const Launch& launch, TileId id, std::uint32_t tile, Claim& claim) {
    const auto add = [&](std::uint64_t address, std::uint64_t bytes, const std::string& user) {
        if (has_already(launch, Resource::l1(id, address, bytes))) return;
        claim.l1.push_back({tile, address, bytes, user + " of " + kernel_text(launch)});
    };
    for (const L1Range& range : launch.l1) add(range.address, range.bytes, range.user);
    for (const L1Words& setup : launch.setup) {
        if (setup.address < abi::l1_user_base || setup.words.empty()) continue;
        add(setup.address, std::uint64_t{4} * setup.words.size(), "the setup");
    }
    if (!launch.setup.empty()) claim.tiles.push_back(tile);
}

// The semaphores of the device are those of whoever got them.
void check_semaphores(const DeviceState& state, const Launch& launch) {
    const std::uint64_t taken = abi::semaphore_base + std::uint64_t{4} * state.leases.semaphores();
    for (const L1Words& setup : launch.setup) {
        const std::uint64_t end = setup.address + std::uint64_t{4} * setup.words.size();
        if (end <= abi::semaphore_base || setup.address >= taken || setup.words.empty()) continue;
        refuse_second("word " + std::to_string(setup.address) + " of L1", kernel_text(launch),
                      "the semaphores of the device");
    }
}

/// The first kernel that the launch has on that core, or on a core of that tile.
std::string kernel_on(const DeviceState& state, std::uint64_t launch, std::uint32_t core) {
    const auto found = state.launches.find(launch);
    if (found == state.launches.end()) return "a kernel";
    for (const Claim::OfCore& each : found->second.held->claim().cores) {
        if (each.core == core) return each.kernel;
    }
    return "kernel '" + found->second.name + "'";
}

/// If the argument is one.
std::optional<std::uint64_t> number_of(const Argument& argument) {
    if (const auto* given = std::get_if<std::int64_t>(&argument)) {
        return static_cast<std::uint64_t>(*given);
    }
    const auto* large = std::get_if<std::uint64_t>(&argument);
    return large != nullptr ? std::optional(*large) : std::nullopt;
}

// L1 that was freed is the kernel's own now, unless the host gave it a number that lies in it: then
// that is likely to be an address of what was there. What it claims it has in any case.
void open_l1(DeviceState& state, const RunCommand& command) {
    if (!state.chip.checks().buffers) return;
    for (const Launch& launch : command.launches) {
        const auto named = [&](const Closed& range) {
            return std::ranges::any_of(launch.arguments, [&](const Argument& argument) {
                const auto number = number_of(argument);
                return number && *number - range.begin.offset < range.bytes;
            });
        };
        for (const CoreId& id : launch.cores) {
            state.chip.open_freed(
                {MemoryKind::tile_l1, state.chip.tile_index(id.tile), abi::l1_user_base},
                state.chip.config().l1_bytes - abi::l1_user_base, named);
        }
    }
    for (const Claim::OfL1& range : command.held->claim().l1) {
        state.chip.open({MemoryKind::tile_l1, range.tile, range.address}, range.bytes);
    }
}

// Whoever was given buffers as such is held to what arguments name; numbers may be addresses.
void begin_rights(DeviceState& state, const Launch& launch, std::uint64_t number) {
    if (!state.chip.checks().buffers) return;
    std::vector<std::uint64_t> given;
    bool confined = false;
    for (const Argument& argument : launch.arguments) {
        if (const auto* buffer = std::get_if<Buffer>(&argument)) {
            confined = true;
            const auto id = state.memory.number_of(buffer->placement(), buffer->address());
            if (id) given.push_back(*id);
        } else if (const auto value = number_of(argument)) {
            const auto named = state.memory.named_by(*value);
            given.insert(given.end(), named.begin(), named.end());
        }
    }
    // Circular buffers may lie in a buffer.
    for (const L1Words& part : launch.setup) {
        for (const std::uint32_t word : part.words) {
            const auto named = state.memory.named_by(word);
            given.insert(given.end(), named.begin(), named.end());
        }
    }
    for (const CoreId& id : launch.cores) {
        state.chip.write_rights().begin(state.chip.core_index(id),
                                        {number, confined, given, state.memory.next_id - 1});
    }
}

}  // namespace

void ClaimHolder::booked(const std::shared_ptr<DeviceState>& state) {
    state_ = state;
    edition_ = state->leases.edition();
}

ClaimHolder::~ClaimHolder() {
    const auto state = state_.lock();
    if (!state) return;
    const std::lock_guard lock(state->tables);
    state->leases.end_claim(claim_, edition_);
}

RunCommand check_launches(const std::shared_ptr<DeviceState>& state,
                          std::span<const Launch> launches) {
    const Chip& chip = state->chip;
    std::set<std::uint32_t> cores;
    RunCommand command{{launches.begin(), launches.end()}, {}, nullptr};
    Claim claim;
    for (const Launch& launch : launches) {
        check_arguments(state, launch);
        command.words.push_back(encode_arguments(launch.kernel, launch.arguments));
        check_setup(launch, chip);
        if (launch.cores.empty()) {
            throw ArgumentError(kernel_text(launch) + ": no cores to run on");
        }
        for (const CoreId& id : launch.cores) {
            const std::uint32_t core = chip.core_index(id);
            if (!cores.insert(core).second) {
                throw ArgumentError(describe(Resource::of_core(id)) +
                                    " is named twice in one launch");
            }
            claim.cores.push_back({core, kernel_text(launch), has_already(launch, id)});
            add_tile(launch, id.tile, chip.tile_index(id.tile), claim);
        }
    }
    const std::lock_guard lock(state->tables);
    for (const Launch& launch : launches) check_semaphores(*state, launch);
    state->leases.claim(claim);
    command.held = std::make_shared<ClaimHolder>(std::move(claim));
    command.held->booked(state);
    return command;
}

bool is_free(const DeviceState& state, const Claim& claim) {
    return std::ranges::all_of(claim.cores,
                               [&](const auto& each) { return state.chip.core_idle(each.core); }) &&
           std::ranges::all_of(claim.tiles, [&](std::uint32_t tile) {
               return state.leases.launch_setting_up(tile) == 0;
           });
}

void check_free(const DeviceState& state, const Claim& claim) {
    for (const Claim::OfCore& each : claim.cores) {
        if (state.chip.core_idle(each.core)) continue;
        refuse_second(state.leases.core_text(each.core) + " is busy", each.kernel,
                      kernel_on(state, state.leases.launch_on(each.core), each.core));
    }
    for (const std::uint32_t tile : claim.tiles) {
        const std::uint64_t first = state.leases.launch_setting_up(tile);
        if (first == 0) continue;
        refuse_second("the circular buffers and semaphores of " + state.leases.tile_text(tile) +
                          " are in use",
                      claim.cores.front().kernel, "kernel '" + state.launches.at(first).name + "'");
    }
}

void start_launches(DeviceState& state, const RunCommand& command, std::uint32_t queue) {
    const std::uint64_t number = state.next_launch++;
    UnderWay launch{.queue = queue,
                    .name = command.launches.empty() ? "" : command.launches.front().kernel.name(),
                    .held = command.held,
                    .ended = {.start = state.chip.now()}};
    open_l1(state, command);
    for (const Launch& each : command.launches) {
        for (const Contents& part : each.contents) {
            state.chip.write(state.chip.map().resolve(part.place, part.bytes.size()), part.bytes);
        }
        if (each.setup.empty()) continue;
        for (const CoreId& id : each.cores) {
            const std::uint32_t tile = state.chip.tile_index(id.tile);
            // Each program has its own semaphores; those of the one before are none of it.
            state.chip.mark_undefined({MemoryKind::tile_l1, tile, abi::program_semaphore_base},
                                      abi::program_semaphore_count * abi::program_semaphore_stride);
            for (const L1Words& setup : each.setup) {
                state.chip.write({MemoryKind::tile_l1, tile, setup.address},
                                 std::as_bytes(std::span(setup.words)));
            }
        }
    }
    for (std::size_t i = 0; i < command.launches.size(); ++i) {
        begin_rights(state, command.launches[i], number);
        for (const CoreId& id : command.launches[i].cores) {
            state.chip.launch(state.chip.core_index(id), command.launches[i].kernel.image(),
                              command.words[i]);
            ++launch.left;
        }
    }
    state.leases.begin_launch(number, command.held->claim());
    if (launch.left != 0) state.launches.emplace(number, std::move(launch));
}

void core_ended(DeviceState& state, std::uint32_t index) {
    const auto found = state.launches.find(state.leases.launch_on(index));
    if (found == state.launches.end()) return;
    state.leases.end_core(index);
    UnderWay& launch = found->second;
    if (RaceCheck* const races = state.chip.races()) races->queue_saw_core(launch.queue, index);
    const Core& core = state.chip.core(index);
    launch.ended.cores.push_back({.core = state.chip.core_id(index),
                                  .start = Cycle{core.launch_cycle},
                                  .end = Cycle{core.end_cycle},
                                  .instructions = core.hart.retired - core.retired_at_launch,
                                  .waiting_cycles = core.waiting_cycles,
                                  .translated = state.chip.translated(index),
                                  .output = core.output});
    if (--launch.left != 0) return;
    state.chip.write_rights().end(found->first);
    state.leases.end_launch(launch.held->claim());
    UnderWay done = std::move(launch);
    state.launches.erase(found);
    state.queues.launch_ended(state, std::move(done));
}

std::string printed(const DeviceState& state, bool full) {
    diagnose::CoreGroups texts;
    const auto add = [&](CoreId core, const std::string& text) {
        if (!text.empty()) texts.add(core, text, 0);
    };
    for (const auto& [number, launch] : state.launches) {
        for (const CoreReport& core : launch.ended.cores) add(core.core, core.output);
    }
    for (std::uint32_t c = 0; c < state.chip.core_count(); ++c) {
        const Core& core = state.chip.core(c);
        if (core.status != CoreStatus::idle) add(state.chip.core_id(c), core.output);
    }
    return diagnose::printed(texts, full);
}

Run report(const DeviceState& state, std::span<const EndedLaunch> launches) {
    Run run;
    std::uint64_t start = ~std::uint64_t{0};
    for (const EndedLaunch& launch : launches) {
        start = std::min(start, launch.start);
        run.cores.insert(run.cores.end(), launch.cores.begin(), launch.cores.end());
    }
    run.start = run.end = Cycle{launches.empty() ? state.chip.now() : start};
    std::ranges::stable_sort(run.cores, {}, [](const CoreReport& r) {
        return std::tuple(r.core.tile.y, r.core.tile.x, r.core.processor);  // row by row
    });
    for (const CoreReport& core : run.cores) {
        run.end = std::max(run.end, core.end);
        run.instructions += core.instructions;
        run.translated += core.translated;
    }
    run.cycles = count(run.end - run.start);
    run.simulated_seconds = static_cast<double>(run.cycles) / (state.chip.config().clock_mhz * 1e6);
    return run;
}

}  // namespace tilewright::detail
