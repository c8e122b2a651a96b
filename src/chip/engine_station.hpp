// The engines in their chip: the memories that they reach, and whom their flags wake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chip/dram_banks.hpp"
#include "chip/tiles.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/engine/engines.hpp"
#include "tilewright/memory/memories.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {

class EngineStation final : private EngineEndpoints {
public:
    EngineStation(const ChipConfig& config, SimClock& clock, Memories& memories,
                  const Probes& probes, DramBanks& dram, Tiles& tiles,
                  std::uint32_t reserved_l1_bytes);

    const Engines& engines() const { return engines_; }
    /// Append a command at `cycle`.
    void submit(EngineId engine, const PlannedCommand& command, std::uint64_t cycle);
    void set_flag(std::uint32_t number, std::uint32_t value, std::uint64_t cycle);
    void add_to_flag(std::uint32_t number, std::uint32_t increment, std::uint64_t cycle);
    /// Some core waits until a queue has room.
    void wait_for_room() { cores_wait_ = true; }
    /// While no core is at work: the engines' events up to the first of somebody else.
    std::optional<News> run_alone();

    // The contract of a component
    using State = EngineState;
    const State& state() const { return engines_.state(); }
    State blank() const { return {}; }
    void check(State& state, const EventQueue& queue) const { engines_.check_state(state, queue); }
    void adopt(State&& state);
    bool owns(std::uint32_t component) const { return component == engine_component; }
    std::optional<News> handle(const ScheduledEvent& event);
    void count(const CountSink& sink) const { engines_.count(sink); }
    std::string describe() const { return engines_.describe_busy(); }
    std::uint32_t busy() const { return engines_.busy(); }
    void abort() {
        misuse_.reset();
        engines_.abort();
    }
    /// A command has begun that uses what nobody may, which ends the run.
    const std::optional<CoreFault>& misuse() const { return misuse_; }

private:
    // EngineEndpoints
    std::byte* memory(MemoryKind kind, std::uint32_t index) override {
        return memories_.at(kind, index);
    }
    DramBank& dram_bank(std::uint32_t index) override { return dram_.bank(index); }
    void will_write(const MemoryRef& place, std::uint64_t bytes, std::uint64_t cycle) override;
    void flag_changed(std::uint32_t flag, std::uint64_t cycle) override;
    void command_ended(std::uint64_t cycle) override;
    Observer* observer() const override { return probes_.observer; }
    void begun(std::uint32_t engine, const PlannedCommand& command, std::uint64_t cycle) override;
    void ended(std::uint32_t engine, const EngineCommand& command) override;

    SimClock& clock_;
    Memories& memories_;
    const Probes& probes_;
    DramBanks& dram_;
    Tiles& tiles_;
    Engines engines_;
    void check_closed(std::uint32_t engine, const PlannedCommand& command);

    std::optional<CoreFault> misuse_;
    bool cores_wait_ = false;  // perhaps: some core is blocked by a full queue
};
static_assert(Component<EngineStation>);

}  // namespace tilewright
