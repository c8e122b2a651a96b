#include "tilewright/runtime/device.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "runtime/device_state.hpp"
#include "runtime/turn.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Device::Device(const ChipConfig& config) : state_(std::make_shared<detail::DeviceState>(config)) {}
Device::~Device() = default;
Device::Device(Device&&) noexcept = default;
Device& Device::operator=(Device&&) noexcept = default;

void Device::close() {
    if (!state_) return;
    const detail::Turn turn(state_);
    state_.reset();
}
bool Device::is_open() const {
    return state_ != nullptr;
}

void Device::check_open() const {
    if (!state_) throw ClosedError("the device is closed");
}

detail::Turn Device::open_state() const {
    check_open();
    return detail::Turn(state_);
}

detail::Turn detail::turn_of(const Device& device) {
    return device.open_state();
}

const ChipConfig& Device::config() const {
    check_open();
    return state_->chip.config();
}
Cycle Device::cycle() const {
    return Cycle{open_state()->chip.now()};
}

// --- Memory -------------------------------------------------------------------------------------

Buffer Device::allocate(std::uint64_t bytes, const Placement& placement) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const std::uint64_t id = state.allocate(bytes, placement);
    return Buffer(detail::handle(state_, id));
}

Buffer Device::allocate_at(std::uint64_t address, std::uint64_t bytes, const Placement& placement) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const std::uint64_t id = state.allocate(bytes, placement, address);
    return Buffer(detail::handle(state_, id));
}

std::optional<std::uint32_t> Device::find_l1(TileId tile, std::uint32_t bytes,
                                             std::uint32_t from) const {
    const detail::Turn turn = open_state();
    const detail::DeviceState& state = *turn;
    const std::lock_guard lock(state.tables);
    const auto place = state.l1s[state.chip.tile_index(tile)].find(bytes, from);
    return place ? std::optional(static_cast<std::uint32_t>(*place)) : std::nullopt;
}

Buffer Device::pin(std::span<std::byte> memory, std::shared_ptr<const void> owner) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const std::uint64_t id = state.pin(memory, std::move(owner));
    return Buffer(detail::handle(state_, id));
}

std::vector<Buffer> Device::buffers() const {
    const detail::Turn turn = open_state();
    std::vector<std::uint64_t> ids;
    {
        const std::lock_guard lock(turn->tables);
        for (const auto& [id, record] : turn->records) ids.push_back(id);
    }
    std::vector<Buffer> all;
    for (const std::uint64_t id : ids) {
        if (auto allocation = detail::handle(state_, id)) {
            all.push_back(Buffer(std::move(allocation)));
        }
    }
    return all;
}

std::vector<std::pair<CoreAddress, std::uint64_t>> Device::direct_allocations() const {
    const detail::Turn turn = open_state();
    const detail::DeviceState& state = *turn;
    const ChipConfig& config = state.chip.config();
    std::vector<std::pair<CoreAddress, std::uint64_t>> all;
    const std::lock_guard lock(state.tables);
    for (const auto& [id, record] : state.records) {
        using Kind = Placement::Kind;
        const Kind kind = record.placement.kind;
        const bool one_bank = kind == Kind::interleaved && config.dram_bank_count == 1;
        const std::uint64_t offset =
            record.placement.bank * config.dram_bank_bytes + record.address;
        if ((kind != Kind::bank && !one_bank) ||
            offset + record.bytes > config.direct_memory_bytes) {
            continue;
        }
        all.emplace_back(CoreAddress{abi::direct_base + static_cast<std::uint32_t>(offset)},
                         record.bytes);
    }
    std::sort(all.begin(), all.end());
    return all;
}

Semaphore Device::semaphore(std::uint32_t initial) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    if (state.semaphores == abi::semaphore_count) {
        throw BusyError("all " + std::to_string(abi::semaphore_count) +
                        " semaphores of the device are taken");
    }
    const std::uint32_t address = abi::semaphore_base + 4 * state.semaphores++;
    // L1 that nothing wrote reads as zero: leave it untouched where that is the wish.
    for (std::uint32_t t = 0; initial != 0 && t < config().all_tile_count(); ++t) {
        state.chip.write({MemoryKind::tile_l1, t, address}, std::as_bytes(std::span(&initial, 1)));
    }
    return {.address = address, .device = reinterpret_cast<std::uintptr_t>(state_.get())};
}

Semaphore Device::doorbell(std::uint32_t initial) {
    const Semaphore bell = semaphore(initial);
    state_->chip.make_doorbell(bell.address);
    return bell;
}

void Device::ring(const Semaphore& bell, TileId tile, std::uint32_t increment) {
    const detail::Turn turn = open_state();
    Chip& chip = turn->chip;
    if (bell.device != reinterpret_cast<std::uintptr_t>(state_.get())) {
        throw ArgumentError("ring: the semaphore belongs to another device");
    }
    const MemoryRef word{MemoryKind::tile_l1, chip.tile_index(tile), bell.address};
    std::uint32_t value = 0;
    chip.read(word, std::as_writable_bytes(std::span(&value, 1)));
    value += increment;
    chip.write(word, std::as_bytes(std::span(&value, 1)));
}

Queue Device::queue() {
    return Queue(state_, open_state()->queues.add_queue());
}

std::vector<Queue> Device::queues() const {
    std::vector<Queue> all;
    const std::uint32_t count = open_state()->queues.count();
    for (std::uint32_t number = 0; number < count; ++number) all.push_back(Queue(state_, number));
    return all;
}

void Device::write_l1(TileId tile, std::uint32_t address, std::span<const std::byte> data) {
    const detail::Turn turn = open_state();
    Chip& chip = turn->chip;
    chip.write({MemoryKind::tile_l1, chip.tile_index(tile), address}, data);
}

void Device::read_l1(TileId tile, std::uint32_t address, std::span<std::byte> data) const {
    const detail::Turn turn = open_state();
    const Chip& chip = turn->chip;
    chip.read({MemoryKind::tile_l1, chip.tile_index(tile), address}, data);
}

void Device::write_dram(std::uint32_t bank, std::uint64_t offset, std::span<const std::byte> data) {
    const detail::Turn turn = open_state();
    Chip& chip = turn->chip;
    chip.write({MemoryKind::dram, bank, offset}, data);
}

void Device::read_dram(std::uint32_t bank, std::uint64_t offset, std::span<std::byte> data) const {
    const detail::Turn turn = open_state();
    const Chip& chip = turn->chip;
    chip.read({MemoryKind::dram, bank, offset}, data);
}

// --- Running ------------------------------------------------------------------------------------

void Device::launch(std::span<const Launch> launches) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const auto words = detail::check_launches(state_, launches, true);
    detail::start_group(state, launches, words, detail::Group::direct);
}

Run Device::finish(const RunOptions& options) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const auto host_start = Clock::now();
    const auto direct = [](const detail::Group& g) { return g.queue == detail::Group::direct; };
    const bool engines_work = state.chip.engines().busy() != 0;
    const auto ended = [&] {
        return state.chip.engines().busy() == 0 &&
               std::ranges::all_of(state.groups, [&](const detail::Group& g) {
                   return !direct(g) || g.running.empty();
               });
    };
    std::uint64_t start = state.chip.now();
    for (const detail::Group& g : state.groups) start = std::min(start, g.start);

    const Chip::Outcome outcome =
        detail::pass_time(state, detail::cycles_after(start, options.cycle_limit), options, ended);
    detail::refuse_outcome(state, outcome, options);
    if (outcome == Chip::Outcome::idle) {
        throw StateError(
            "finish: what is left waits for the host: ring its doorbell, set its flag, or "
            "abort()" +
            state.chip.describe_waiting());
    }
    std::vector<detail::Group> groups;
    std::ranges::copy_if(state.groups, std::back_inserter(groups), direct);
    std::erase_if(state.groups, direct);
    Run run = detail::report(state, groups);
    if (engines_work) detail::extend(run, state, start);
    run.host_seconds = seconds_since(host_start);
    return run;
}

bool Device::advance_to(Cycle target, const RunOptions& options) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const Chip::Outcome outcome =
        detail::pass_time(state, count(target), options, [] { return false; });
    if (outcome == Chip::Outcome::stopped) detail::refuse_outcome(state, outcome, options);
    return is_open() && busy();
}

void Device::step(const RunOptions& options) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const std::uint64_t target = state.chip.now() + 1;
    const Chip::Outcome outcome =
        detail::pass_time(state, target + 1, options, [] { return false; });
    if (outcome == Chip::Outcome::stopped) detail::refuse_outcome(state, outcome, options);
    state.chip.rest_at(target);
}

bool Device::settle(const RunOptions& options) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    const std::uint64_t deadline = detail::cycles_after(state.chip.now(), options.cycle_limit);
    const Chip::Outcome outcome = detail::pass_time(state, deadline, options, [] { return false; });
    detail::refuse_outcome(state, outcome, options);
    return is_open() && busy();
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

std::vector<CoreWait> Device::waiting() const {
    const detail::Turn turn = open_state();
    const Chip& chip = turn->chip;
    std::vector<CoreWait> all;
    for (const std::uint32_t core : chip.waiting_cores()) {
        all.push_back({.core = chip.core_id(core),
                       .since = Cycle{chip.core(core).parked_at},
                       .place = chip.describe_place(core),
                       .what = chip.describe_wait(core)});
    }
    return all;
}

bool Device::busy() const {
    const detail::Turn turn = open_state();
    const Chip& chip = turn->chip;
    return chip.busy_cores() != 0 || chip.engines().busy() != 0;
}

void Device::abort() {
    open_state()->stop_everything();
}

std::string Run::output() const {
    std::string all;
    for (const CoreReport& core : cores) all += core.output;
    return all;
}

std::uint32_t Device::allow_calls(const Kernel& kernel) {
    return open_state()->chip.allow_calls(kernel.image());
}
void Device::forbid_calls(std::uint32_t number) {
    check_open();
    state_->forbid_calls(number);
}

// --- Looking ------------------------------------------------------------------------------------

void Device::set_checks(const Checks& checks) {
    open_state()->chip.set_checks(checks);
}
Checks Device::checks() const {
    return open_state()->chip.checks();
}

Counters Device::counters() const {
    const detail::Turn turn = open_state();
    Counters all;
    turn->chip.count([&](std::string name, std::string_view, std::string_view,
                         std::uint64_t value) { all.emplace(std::move(name), value); });
    return all;
}

void Device::observe(Observer& observer) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    state.observers.add(observer);
    state.chip.observe(state.observers.front());
}

void Device::forget(const Observer& observer) {
    const detail::Turn turn = open_state();
    detail::DeviceState& state = *turn;
    state.observers.remove(observer);
    state.chip.observe(state.observers.front());
}

void Device::watch_memory(const MemoryWatch& watch) {
    open_state()->chip.watch_memory(watch);
}

}  // namespace tilewright
