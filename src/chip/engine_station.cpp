#include "chip/engine_station.hpp"

#include "tilewright/engine/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

std::optional<News> news_of(const std::optional<std::uint64_t>& ended_command) {
    if (!ended_command) return std::nullopt;
    return News{News::Kind::command_ended, *ended_command};
}

}  // namespace

EngineStation::EngineStation(const ChipConfig& config, SimClock& clock, Memories& memories,
                             const Probes& probes, DramBanks& dram, Tiles& tiles)
    : config_(config),
      clock_(clock),
      memories_(memories),
      probes_(probes),
      dram_(dram),
      tiles_(tiles),
      engines_(config, memories.map(), *this, engine_component) {}

void EngineStation::submit(EngineId engine, const EngineCommand& command, std::uint64_t cycle) {
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
    StopRequest& request = clock_.stop_request;
    const Engines::Stretch done = engines_.run(clock_.queue, clock_.stop, request.left() + 1);
    clock_.reach(done.last_cycle);
    clock_.acting = engine_component;
    clock_.events += done.events;
    request.skip(done.events);
    return news_of(done.notice);
}

std::optional<News> EngineStation::handle(const ScheduledEvent& event) {
    return news_of(engines_.handle(clock_.queue, event));
}

void EngineStation::adopt(State&& state) {
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

void EngineStation::count(const CountSink& sink) const {
    const auto each_engine = [&](EngineKind kind, const std::string& name) {
        for (std::uint32_t i = 0; i < engines_.count(kind); ++i) {
            const Engine& engine = engines_.engine({kind, i});
            const EngineCounters& c = engine.counters;
            const std::string prefix = name + std::to_string(i) + ".";
            sink(prefix + "commands", "commands", "that have ended", c.commands);
            sink(prefix + "bytes", "bytes", "published", c.bytes);
            sink(prefix + "busy_cycles", "cycles", "of commands that have ended, from start to end",
                 c.busy_cycles);
            sink(prefix + "stalled_cycles", "cycles", "that bursts waited for a memory",
                 c.stalled_cycles);
            sink(prefix + "waiting_cycles", "cycles", "that commands waited for a flag",
                 c.waiting_cycles);
            if (kind != EngineKind::systolic_array) continue;
            sink(prefix + "passes", "passes", "begun", engine.array.passes);
            sink(prefix + "macs", "multiply-accumulates", "of those passes", engine.array.macs);
            sink(prefix + "pass_cycles", "cycles", "of those passes", engine.array.pass_cycles);
            sink(prefix + "vector_cycles", "cycles", "of its vector unit",
                 engine.array.vector_cycles);
        }
    };
    each_engine(EngineKind::dma, "dma");
    each_engine(EngineKind::block_mover, "block_mover");
    each_engine(EngineKind::streamer, "streamer");
    each_engine(EngineKind::systolic_array, "systolic_array");

    const auto each_memory = [&](MemoryKind kind, const std::string& name) {
        for (std::uint32_t i = 0; i < memories_.map().window(kind).count; ++i) {
            const MemoryPorts& ports = engines_.ports(kind, i);
            const std::string prefix = name + std::to_string(i) + ".";
            sink(prefix + "bytes_read", "bytes", "that engines read", ports.bytes_read);
            sink(prefix + "bytes_written", "bytes", "that engines wrote", ports.bytes_written);
        }
    };
    each_memory(MemoryKind::host, "host_memory");
    each_memory(MemoryKind::l3, "l3_tile");
    each_memory(MemoryKind::l2, "l2_bank");
    each_memory(MemoryKind::scratchpad, "scratchpad");
    each_memory(MemoryKind::l1_buffer, "l1_buffer");
    each_memory(MemoryKind::page_buffer, "page_buffer");
}

}  // namespace tilewright
