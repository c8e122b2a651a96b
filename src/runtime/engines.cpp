// The device's side of engines: commands with callbacks, flags, memory by global address, counters.
#include <string>

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/race/race_check.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {

const AddressMap& Device::map() const {
    check_open();
    return state_->chip.map();
}

void Device::write(GlobalAddress address, std::span<const std::byte> data) {
    const detail::DeviceLock held = open_state();
    Chip& chip = held->chip;
    chip.write(chip.map().resolve(address, data.size()), data);
}

void Device::read(GlobalAddress address, std::span<std::byte> data) const {
    const detail::DeviceLock held = open_state();
    const Chip& chip = held->chip;
    chip.read(chip.map().resolve(address, data.size()), data);
}

void Device::submit(EngineId engine, EngineCommand command, std::function<void()> on_done) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    command.completion = on_done ? state.next_notice : 0;
    state.chip.submit(engine, command);
    if (on_done) state.callbacks.emplace(state.next_notice++, std::move(on_done));
}

bool Device::idle(EngineId engine) const {
    return open_state()->chip.engines().engine(engine).idle();
}

void Device::wait(EngineId engine, const RunOptions& options) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    const std::uint64_t deadline = detail::cycles_after(state.chip.now(), options.cycle_limit);
    const auto idle = [&] { return state.chip.engines().engine(engine).idle(); };
    const Chip::Outcome outcome = detail::pass_time(state, deadline, options, idle);
    detail::refuse_outcome(state, outcome, options);
    if (idle()) {
        if (RaceCheck* const races = state.chip.races()) {
            races->queue_saw_engine(detail::direct_queue, state.chip.engines().number(engine));
        }
        return;
    }
    throw StateError("wait: what is left waits for the host:" + state.chip.engines().describe());
}

std::uint32_t Device::flag(std::uint32_t initial) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    std::uint32_t number = 0;
    {
        const std::lock_guard lock(state.tables);
        number = state.leases.holding(state.leases.take_flag("the host")).resource.number;
    }
    state.chip.set_flag(number, initial);
    return number;
}

std::uint32_t Device::host_flag(std::uint32_t initial) {
    const std::uint32_t number = flag(initial);
    open_state()->chip.make_host_flag(number);
    return number;
}

std::uint32_t Device::flag_value(std::uint32_t flag) const {
    return open_state()->chip.flag(flag);
}

void Device::set_flag(std::uint32_t flag, std::uint32_t value) {
    open_state()->chip.set_flag(flag, value);
}

void Device::add_to_flag(std::uint32_t flag, std::uint32_t increment) {
    open_state()->chip.add_to_flag(flag, increment);
}

namespace detail {

void extend(Run& run, const DeviceState& state, std::uint64_t start) {
    run.start = std::min(run.start, Cycle{start});
    run.end = std::max(run.end, Cycle{state.chip.now()});
    run.cycles = count(run.end - run.start);
    run.simulated_seconds = static_cast<double>(run.cycles) / (state.chip.config().clock_mhz * 1e6);
}

}  // namespace detail
}  // namespace tilewright
