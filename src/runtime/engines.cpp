// The device's side of engines: commands with callbacks, flags, memory by global address, counters.
#include <string>

#include "runtime/device_lock.hpp"
#include "runtime/device_state.hpp"
#include "runtime/pass_time.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
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
    command.notice = on_done ? state.next_notice : 0;
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
    if (idle()) return;
    throw StateError("wait: what is left waits for the host:" +
                     state.chip.engines().describe_waiting());
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

void count_engines(const Chip& chip, Counters& all) {
    const Engines& engines = chip.engines();
    const auto each_engine = [&](EngineKind kind, const std::string& prefix) {
        for (std::uint32_t i = 0; i < engines.count(kind); ++i) {
            const EngineCounters& counters = engines.engine({kind, i}).counters;
            const std::string name = prefix + std::to_string(i) + ".";
            all[name + "commands"] = counters.commands;
            all[name + "bytes"] = counters.bytes;
            all[name + "busy_cycles"] = counters.busy_cycles;
            all[name + "stalled_cycles"] = counters.stalled_cycles;
            all[name + "waiting_cycles"] = counters.waiting_cycles;
        }
    };
    each_engine(EngineKind::dma, "dma");
    each_engine(EngineKind::block_mover, "block_mover");
    each_engine(EngineKind::streamer, "streamer");
    each_engine(EngineKind::systolic_array, "systolic_array");
    for (std::uint32_t i = 0; i < engines.count(EngineKind::systolic_array); ++i) {
        const ArrayProgress& array = engines.engine({EngineKind::systolic_array, i}).array;
        const std::string name = "systolic_array" + std::to_string(i) + ".";
        all[name + "passes"] = array.passes;
        all[name + "macs"] = array.macs;
        all[name + "pass_cycles"] = array.pass_cycles;
        all[name + "vector_cycles"] = array.vector_cycles;
    }

    const auto each_memory = [&](MemoryKind kind, const std::string& prefix) {
        for (std::uint32_t i = 0; i < chip.map().window(kind).count; ++i) {
            const MemoryPorts& ports = engines.ports(kind, i);
            const std::string name = prefix + std::to_string(i) + ".";
            all[name + "bytes_read"] = ports.bytes_read;
            all[name + "bytes_written"] = ports.bytes_written;
        }
    };
    each_memory(MemoryKind::host, "host_memory");
    each_memory(MemoryKind::l3, "l3_tile");
    each_memory(MemoryKind::l2, "l2_bank");
    each_memory(MemoryKind::scratchpad, "scratchpad");
    each_memory(MemoryKind::l1_buffer, "l1_buffer");
    each_memory(MemoryKind::page_buffer, "page_buffer");
}

}  // namespace detail
}  // namespace tilewright
