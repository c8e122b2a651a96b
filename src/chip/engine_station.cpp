#include "chip/engine_station.hpp"

#include <vector>

#include "chip/engine_accesses.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

EngineMemories engine_memories(const ChipConfig& config, std::uint32_t reserved_l1_bytes) {
    return {.host = config.host_memory_region_count == 0
                        ? Rate{}
                        : rate_of(config.host_memory_bytes_per_cycle),
            .host_latency_cycles = config.host_memory_latency_cycles,
            .sram = {config.sram_bytes_per_cycle, 1},
            .dram = dram_timing(config),
            .reserved_l1_bytes = reserved_l1_bytes};
}

std::optional<News> news_of(const std::optional<std::uint64_t>& ended_command) {
    if (!ended_command) return std::nullopt;
    return News{News::Kind::command_ended, *ended_command};
}

}  // namespace

EngineStation::EngineStation(const ChipConfig& config, SimClock& clock, Memories& memories,
                             const Probes& probes, DramBanks& dram, Tiles& tiles,
                             std::uint32_t reserved_l1_bytes)
    : clock_(clock),
      memories_(memories),
      probes_(probes),
      dram_(dram),
      tiles_(tiles),
      engines_(config, engine_memories(config, reserved_l1_bytes), memories.map(), *this,
               engine_component) {}

void EngineStation::submit(EngineId engine, const PlannedCommand& command, std::uint64_t cycle) {
    engines_.submit(clock_.queue, engine, command, cycle);
}

void EngineStation::set_flag(std::uint32_t number, std::uint32_t value, std::uint64_t cycle) {
    engines_.set_flag(clock_.queue, number, value, cycle);
}

void EngineStation::add_to_flag(std::uint32_t number, std::uint32_t increment,
                                std::uint64_t cycle) {
    engines_.add_to_flag(clock_.queue, number, increment, cycle);
}

std::optional<News> EngineStation::run_alone() {
    // As many at once whatever the host's clock says: what a fast-forward that is broken off takes
    // in events shows in their count.
    constexpr std::uint32_t most_events = 1000;
    const Engines::Progress done = engines_.run(clock_.queue, clock_.stop, most_events);
    clock_.reach(done.last_cycle);
    clock_.acting = engine_component;
    clock_.events += done.events;
    clock_.stop_request.skip(done.events);
    return news_of(done.completion);
}

std::optional<News> EngineStation::handle(const ScheduledEvent& event) {
    return news_of(engines_.handle(clock_.queue, event));
}

void EngineStation::adopt(State&& state) {
    misuse_.reset();
    engines_.adopt(std::move(state));  // which notes where the banks are
    cores_wait_ = true;
}

void EngineStation::will_write(const MemoryRef& place, std::uint64_t bytes, std::uint64_t cycle) {
    memories_.will_write(place, bytes, {.cycle = cycle, .turn = cycle, .component = clock_.acting});
}

void EngineStation::flag_changed(std::uint32_t flag, std::uint64_t cycle) {
    if (tiles_.busy() == 0) return;
    const std::uint32_t address = abi::engine_registers + abi::engine_register::flags + 4 * flag;
    tiles_.for_each_core([&](Tile& tile, std::uint32_t processor, const Core&) {
        register_changed(tile, processor, address, cycle, Core::nobody);
    });
}

void EngineStation::command_ended(std::uint64_t cycle) {
    if (!cores_wait_) return;
    cores_wait_ = false;
    tiles_.for_each_core(
        [&](Tile& tile, std::uint32_t processor, const Core&) { unblock(tile, processor, cycle); });
}

// The first that is found.
void EngineStation::check_closed(std::uint32_t engine, const PlannedCommand& command) {
    if (misuse_) return;
    for_each_access(command.plan, [&](const EngineAccess& access) {
        const MemoryRef& place = access.place;
        const std::byte* const memory = memories_.at(place);
        const std::string closed =
            access.writes ? write_refusal(tiles_.around(), memory, access.bytes, std::nullopt)
                          : read_refusal(tiles_.around(), memory, access.bytes);
        if (closed.empty() || misuse_) return;
        misuse_ = {.core = CoreFault::nobody,
                   .message = engine_name(engines_.id_of(engine)) + ": its command " +
                              (access.writes ? "writes " : "reads ") +
                              std::to_string(access.bytes) + " bytes at " + hex(place.offset) +
                              closed};
    });
}

void EngineStation::begun(std::uint32_t engine, const PlannedCommand& command,
                          std::uint64_t cycle) {
    if (memories_.tracks_closed()) check_closed(engine, command);
    if (probes_.order == nullptr) return;
    std::vector<std::uint32_t> flags;
    const EngineCommand& c = command.command;
    for (const std::uint32_t flag : {c.wait_flag, c.more_waits[0].flag, c.more_waits[1].flag}) {
        if (flag != EngineCommand::no_flag) flags.push_back(flag);
    }
    std::vector<EngineAccess> accesses;
    for_each_access(command.plan, [&](const EngineAccess& access) { accesses.push_back(access); });
    probes_.order->on_begun(engine, cycle, flags, accesses);
}

void EngineStation::ended(std::uint32_t engine, const EngineCommand& command) {
    if (probes_.order != nullptr) probes_.order->on_command_ended(engine, command.done_flag);
}

}  // namespace tilewright
