// The timeline of a run as a file, written while the run goes on: what each core did and waited
// for, each transfer with an arrow from its core, each access of a DRAM bank, the kernels' own
// zones.
//
//     tilewright::TraceWriter trace("run.pftrace", device.config());
//     device.observe(trace);
//     device.run(...);
//     device.forget(trace);
//     trace.finish(device.cycle());
//
// "*.json" is Chrome's trace event format, anything else Perfetto's protobuf (ui.perfetto.dev opens
// both). One nanosecond in the viewer is one cycle. Memory does not grow with the length of a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/chip/config.hpp"
#include "tilewright/sim/observer.hpp"

namespace tilewright {

namespace detail {
class TraceSink;
}

class TraceWriter final : public Observer {
public:
    /// Error if the file cannot be written.
    TraceWriter(const std::filesystem::path& file, const ChipConfig& config);
    ~TraceWriter() override;
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

    /// Ends what is still going on at the cycle `now` and completes the file. Error if it could not
    /// be written in full. Harmless when done twice. Without it (the destructor) the file is
    /// completed as far as possible, and errors go unnoticed.
    void finish(Cycle now);

    void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress address) override;
    void on_transfer(const TransferRecord& transfer) override;
    void on_kernel(CoreId core, std::string_view name) override;
    void on_zone(CoreId core, Cycle cycle, std::string_view name) override;
    void on_dram(const DramRecord& access) override;
    void on_engine(const EngineRecord& command) override;
    void on_queue(const QueueRecord& command) override;

private:
    struct Lane {  // transfers of a core overlap: each takes the first lane that is free
        std::uint32_t track = 0;
        std::uint64_t free_at = 0;
    };
    struct CoreState {
        std::uint32_t track = 0;  // 0: none yet
        std::uint32_t tile = 0;
        std::uint32_t open = 0;  // slices that have begun and not ended
        bool waiting = false;    // the innermost of them is a wait
        std::vector<Lane> lanes;
    };
    CoreState& state(CoreId core);
    void begin(CoreState& core, std::uint64_t cycle, std::string_view name);
    void end(CoreState& core, std::uint64_t cycle);
    void end_all(CoreState& core, std::uint64_t cycle);
    std::uint32_t lane(CoreState& core, CoreId id, std::uint64_t from, std::uint64_t until);
    /// A slice that is known as a whole; a transfer if it moves bytes.
    void slice(std::uint32_t group, std::uint32_t track, Cycle from, Cycle until,
               std::string_view name, std::uint64_t address = 0, std::uint64_t bytes = 0);
    std::string_view waits_for(std::uint32_t address);

    std::unique_ptr<detail::TraceSink> sink_;
    std::uint32_t columns_;
    std::vector<std::uint32_t> first_cores_;  // by tile
    std::vector<CoreState> cores_;
    std::vector<std::uint32_t> banks_;               // their tracks; 0: none yet
    std::map<EngineId, std::uint32_t> engines_;      // their tracks
    std::map<std::uint32_t, std::uint32_t> queues_;  // likewise
    std::vector<bool> groups_;                       // tiles, then the DRAM: has been declared
    std::uint32_t tracks_ = 0;
    std::uint64_t flows_ = 0;
    std::uint64_t last_cycle_ = 0;
    std::string text_;
    std::string kernel_;
};

}  // namespace tilewright
