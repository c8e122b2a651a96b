#include "tilewright/runtime/device.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "runtime/host_threads.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/circular_buffer_checks.hpp"
#include "tilewright/firmware/diagnose.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Where the host refuses as much address space as the chip's memories take (`ulimit -v`), with
// banks of DRAM that are smaller, down to what kernels see of it.
std::shared_ptr<detail::DeviceState> open_chip(ChipConfig config, const DeviceOptions& options) {
    constexpr std::uint64_t least = std::uint64_t{64} << 20;
    for (;;) {
        try {
            return std::make_shared<detail::DeviceState>(config, options);
        } catch (const OutOfMemoryError&) {
            const std::uint64_t smaller = config.dram_bank_bytes / 2 / least * least;
            if (smaller == 0 || config.direct_memory_bytes > config.dram_bank_count * smaller)
                throw;
            config.dram_bank_bytes = smaller;
        }
    }
}

}  // namespace

Device::Device(const ChipConfig& config, const DeviceOptions& options) {
    const std::uint32_t threads = options.threads ? *options.threads : detail::default_threads();
    state_ = open_chip(config, options);
    state_->chip.set_threads(threads);
}
Device::~Device() = default;
Device::Device(Device&&) noexcept = default;
Device& Device::operator=(Device&&) noexcept = default;

void Device::close() {
    if (!state_) return;
    const detail::DeviceLock held(state_);
    state_.reset();
}
bool Device::is_open() const {
    return state_ != nullptr;
}

void Device::check_open() const {
    if (!state_) throw ClosedError("the device is closed");
}

detail::DeviceLock Device::open_state() const {
    check_open();
    return detail::DeviceLock(state_);
}

detail::DeviceLock detail::lock_device(const Device& device) {
    return device.open_state();
}

std::uint64_t Device::serial() const {
    check_open();
    return state_->serial;
}
const ChipConfig& Device::config() const {
    check_open();
    return state_->chip.config();
}
std::uint32_t Device::threads() const {
    check_open();
    return state_->chip.threads();
}
Cycle Device::cycle() const {
    return Cycle{open_state()->chip.now()};
}

// --- Memory -------------------------------------------------------------------------------------

Buffer Device::allocate(std::uint64_t bytes, const Placement& placement) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const std::uint64_t id = state.memory.allocate(bytes, placement);
    return Buffer(detail::handle(state_, id));
}

Buffer Device::allocate_at(std::uint64_t address, std::uint64_t bytes, const Placement& placement) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const std::uint64_t id = state.memory.allocate(bytes, placement, address);
    return Buffer(detail::handle(state_, id));
}

std::optional<std::uint32_t> Device::find_l1(TileId tile, std::uint32_t bytes,
                                             std::uint32_t from) const {
    const detail::DeviceLock held = open_state();
    const detail::DeviceState& state = *held;
    const std::lock_guard lock(state.tables);
    const auto place =
        state.leases.l1s[state.chip.tile_index(tile)].find_beside_shared(bytes, from);
    return place ? std::optional(static_cast<std::uint32_t>(*place)) : std::nullopt;
}

Lease Device::lease(const Resource& resource, std::string holder) {
    const detail::DeviceLock held = open_state();
    const std::lock_guard lock(held->tables);
    const std::uint64_t number = held->leases.take(resource, std::move(holder));
    detail::open_l1(held->chip, resource);
    return Lease(
        std::make_shared<detail::LeaseHandle>(state_, number, held->leases.holding(number)));
}

std::vector<Holding> Device::leases() const {
    const detail::DeviceLock held = open_state();
    const std::lock_guard lock(held->tables);
    std::vector<Holding> all = held->leases.list();
    held->memory.list_l1(all);
    return all;
}

void Device::release(const Holding& holding) {
    const detail::DeviceLock held = open_state();
    const std::lock_guard lock(held->tables);
    held->leases.give_back(holding);
}

Buffer Device::pin(std::span<std::byte> memory, std::shared_ptr<const void> owner) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const std::uint64_t id = state.memory.pin(memory, std::move(owner));
    return Buffer(detail::handle(state_, id));
}

std::vector<Buffer> Device::buffers() const {
    const detail::DeviceLock held = open_state();
    std::vector<std::uint64_t> ids;
    {
        const std::lock_guard lock(held->tables);
        for (const auto& [id, record] : held->memory.records) ids.push_back(id);
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
    const detail::DeviceLock held = open_state();
    const detail::DeviceState& state = *held;
    const ChipConfig& config = state.chip.config();
    std::vector<std::pair<CoreAddress, std::uint64_t>> all;
    const std::lock_guard lock(state.tables);
    for (const auto& [id, record] : state.memory.records) {
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
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    std::uint32_t number = 0;
    {
        const std::lock_guard lock(state.tables);
        number = state.leases.holding(state.leases.take_semaphore("the host")).resource.number;
    }
    const std::uint32_t address = abi::semaphore_base + 4 * number;
    // L1 that nothing wrote reads as zero: leave it untouched where that is the wish.
    for (std::uint32_t t = 0; initial != 0 && t < config().all_tile_count(); ++t) {
        state.chip.write({MemoryKind::tile_l1, t, address}, std::as_bytes(std::span(&initial, 1)));
    }
    return {.address = address, .device = state.serial};
}

Semaphore Device::doorbell(std::uint32_t initial) {
    const Semaphore bell = semaphore(initial);
    state_->chip.make_doorbell(bell.address);
    return bell;
}

void Device::ring(const Semaphore& bell, TileId tile, std::uint32_t increment) {
    const detail::DeviceLock held = open_state();
    Chip& chip = held->chip;
    if (bell.device != held->serial) {
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
    for (std::uint32_t number = detail::direct_queue + 1; number < count; ++number) {
        all.push_back(Queue(state_, number));
    }
    return all;
}

void Device::write_l1(TileId tile, std::uint32_t address, std::span<const std::byte> data) {
    const detail::DeviceLock held = open_state();
    Chip& chip = held->chip;
    chip.write({MemoryKind::tile_l1, chip.tile_index(tile), address}, data);
}

void Device::read_l1(TileId tile, std::uint32_t address, std::span<std::byte> data) const {
    const detail::DeviceLock held = open_state();
    const Chip& chip = held->chip;
    chip.read({MemoryKind::tile_l1, chip.tile_index(tile), address}, data);
}

void Device::write_dram(std::uint32_t bank, std::uint64_t offset, std::span<const std::byte> data) {
    const detail::DeviceLock held = open_state();
    Chip& chip = held->chip;
    chip.write({MemoryKind::dram, bank, offset}, data);
}

void Device::read_dram(std::uint32_t bank, std::uint64_t offset, std::span<std::byte> data) const {
    const detail::DeviceLock held = open_state();
    const Chip& chip = held->chip;
    chip.read({MemoryKind::dram, bank, offset}, data);
}

// --- Running ------------------------------------------------------------------------------------

void Device::launch(std::span<const Launch> launches) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const detail::RunCommand command = detail::check_launches(state_, launches);
    detail::check_free(state, command.held->claim());
    detail::start_launches(state, command, detail::direct_queue);
}

Run Device::finish(const RunOptions& options) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const auto host_start = Clock::now();
    const bool engines_work = state.chip.engines().busy() != 0;
    const auto ended = [&] {
        return state.chip.engines().busy() == 0 &&
               std::ranges::none_of(state.launches, [](const auto& launch) {
                   return launch.second.queue == detail::direct_queue;
               });
    };
    std::uint64_t start = state.queues.first_start(detail::direct_queue, state.chip.now());
    for (const auto& [number, launch] : state.launches) start = std::min(start, launch.ended.start);

    const Chip::Outcome outcome =
        detail::pass_time(state, detail::cycles_after(start, options.cycle_limit), options, ended);
    detail::refuse_outcome(state, outcome, options);
    if (outcome == Chip::Outcome::idle) {
        throw StateError(
            "finish: what is left waits for the host: ring its doorbell, set its flag, or "
            "abort()" +
            diagnose::waiting(state.chip));
    }
    Run run = detail::report(state, state.queues.take_ended(detail::direct_queue));
    if (engines_work) detail::extend(run, state, start);
    run.host_seconds = seconds_since(host_start);
    return run;
}

bool Device::advance_to(Cycle target, const RunOptions& options) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const Chip::Outcome outcome = detail::pass_time(
        state, count(target), options, [] { return false; }, false);
    if (outcome == Chip::Outcome::stopped) detail::refuse_outcome(state, outcome, options);
    return is_open() && busy();
}

void Device::step(const RunOptions& options) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const std::uint64_t target = state.chip.now() + 1;
    const Chip::Outcome outcome = detail::pass_time(
        state, target + 1, options, [] { return false; }, false);
    if (outcome == Chip::Outcome::stopped) detail::refuse_outcome(state, outcome, options);
    state.chip.rest_at(target);
}

bool Device::run_until_idle(const RunOptions& options) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
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
    return diagnose::waits(open_state()->chip, false);
}

std::vector<CoreRunning> Device::running() const {
    return diagnose::running(open_state()->chip);
}

bool Device::busy() const {
    const detail::DeviceLock held = open_state();
    const Chip& chip = held->chip;
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
    const detail::DeviceLock held = open_state();
    held->chip.set_checks(checks,
                          checks.circular_buffers ? firmware::circular_buffer_checks() : nullptr);
    held->memory.note_all_bounds();
}
Checks Device::checks() const {
    return open_state()->chip.checks();
}

std::optional<std::string> Device::take_translation_failure() {
    check_open();
    return state_->translator.take_failure();
}

void Device::set_translation_compiler(const std::filesystem::path& compiler) {
    check_open();
    state_->translator.set_compiler(compiler);
}

Counters Device::counters() const {
    const detail::DeviceLock held = open_state();
    Counters all;
    held->chip.count([&](std::string name, std::string_view, std::string_view,
                         std::uint64_t value) { all.emplace(std::move(name), value); });
    return all;
}

void Device::observe(Observer& observer) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    state.observers.add(observer);
    state.chip.observe(state.observers.front());
}

void Device::forget(const Observer& observer) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    state.observers.remove(observer);
    state.chip.observe(state.observers.front());
}

void Device::start_profile(ProfileObserver& profile) {
    const detail::DeviceLock held = open_state();
    if (held->chip.profile() != nullptr) {
        throw BusyError("profile: a profile of the device is being made already");
    }
    held->chip.profile(&profile);
}

void Device::end_profile() {
    open_state()->chip.profile(nullptr);
}

void Device::watch_memory(const MemoryWatch& watch) {
    open_state()->chip.watch_memory(watch);
}

void Device::watch_engine(TileId tile, tensix::InstructionWatch* watch) {
    const detail::DeviceLock held = open_state();
    Chip& chip = held->chip;
    const std::uint32_t index = chip.tile_index(tile);
    if (chip.config().compute_engines == 0) {
        throw UnsupportedError("the tiles of this chip have no compute engines");
    }
    chip.watch_engine(index, watch);
}

}  // namespace tilewright
