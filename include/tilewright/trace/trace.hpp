// The timeline of a run as a file, written while the run goes on: what each core did and waited
// for, the functions that it was in, each transfer with an arrow from its core, each access of a
// DRAM bank, the kernels' own zones.
//
//     tilewright::TraceWriter trace("run.pftrace", device.config());
//     device.observe(trace);
//     device.run(...);
//     device.forget(trace);
//     trace.finish(device.cycle());
//
// "*.json" is Chrome's trace event format, anything else Perfetto's protobuf (ui.perfetto.dev opens
// both). One nanosecond in the viewer is one cycle. Memory does not grow with the length of a run.
//
// Functions are known by the calls and returns of the calling convention, from when the recording
// begins, and are named by the symbols of the program; what the compiler inlined is part of its
// caller. They have a track of their own beside that of their core. Those that are shorter than
// TraceOptions::shortest_function are left out, unless the run was given up while the core was in
// them (a fault, a deadlock).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/sim/observer.hpp"
#include "tilewright/trace/call_stack.hpp"

namespace tilewright {

namespace detail {
class TraceSink;
}

struct TraceOptions {
    bool functions = true;
    std::uint64_t shortest_function = 500;  ///< in cycles, with all that it calls
};

class TILEWRIGHT_API TraceWriter final : public Observer {
public:
    /// FileError if the file cannot be written.
    TraceWriter(const std::filesystem::path& file, const ChipConfig& config,
                TraceOptions options = {});
    ~TraceWriter() override;
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;

    /// Ends what is still going on at the cycle `now` and completes the file. FileError if it could
    /// not be written in full. Harmless when done twice. Without it (the destructor) the file is
    /// completed as far as possible, and errors go unnoticed.
    void finish(Cycle now);

    void on_core(CoreId core, CoreEvent event, Cycle cycle, CoreAddress address) override;
    void on_transfer(const TransferRecord& transfer) override;
    void on_kernel(CoreId core, std::string_view name) override;
    void on_zone(CoreId core, Cycle cycle, std::string_view name) override;
    void on_dram(const DramRecord& access) override;
    void on_engine(const EngineRecord& command) override;
    void on_queue(const QueueRecord& command) override;
    bool wants_functions() const override { return options_.functions; }
    void on_functions(CoreId core, const std::shared_ptr<const riscv::ElfImage>& program,
                      std::span<const riscv::CallRecord> records) override;
    void on_restored(Cycle until) override;

private:
    struct Lane {
        std::uint32_t track = 0;
        std::uint64_t free_at = 0;
    };
    // Tracks for slices that may overlap, or are told out of order: each takes the first that is
    // free from its beginning on, so that the slices of one track follow each other in the file.
    using Lanes = std::vector<Lane>;
    struct CoreState {
        std::uint32_t track = 0;  // 0: none yet
        std::uint32_t tile = 0;
        std::uint32_t processor = 0;
        std::uint32_t open = 0;            // slices that have begun and not ended
        bool waiting = false;              // the innermost of them is a wait
        std::uint32_t function_track = 0;  // 0: none yet
        CallStack functions;
        Lanes lanes;  // of its transfers
    };
    CoreState& state(CoreId core);
    void begin(CoreState& core, std::uint64_t cycle, std::string_view name);
    void end(CoreState& core, std::uint64_t cycle);
    void end_all(CoreState& core, std::uint64_t cycle);
    /// The innermost functions end, but for `stays`; with `all` also short ones are written.
    void end_functions(CoreState& core, std::size_t stays, std::uint64_t cycle, bool all);
    void write_functions(CoreState& core, std::size_t count);
    /// The track of a slice; `name_of(number)` names a new one, counted from 1.
    template <class NameOf>
    std::uint32_t lane(Lanes& lanes, std::uint32_t group, std::uint64_t from, std::uint64_t until,
                       NameOf&& name_of);
    /// The same, where all but the first have their number behind the name.
    std::uint32_t lane(Lanes& lanes, std::uint32_t group, Cycle from, Cycle until,
                       const std::string& name);
    /// Declares a group once.
    void group(std::size_t index, std::string_view name);
    std::uint32_t new_track(std::uint32_t group, const std::string& name);
    /// A slice that is known as a whole; a transfer if it moves bytes.
    void slice(std::uint32_t group, std::uint32_t track, Cycle from, Cycle until,
               std::string_view name, std::uint64_t address = 0, std::uint64_t bytes = 0);
    std::string_view waits_for(std::uint32_t address);

    std::unique_ptr<detail::TraceSink> sink_;
    TraceOptions options_;
    std::uint32_t columns_;
    std::vector<std::uint32_t> first_cores_;  // by tile
    std::vector<CoreState> cores_;
    std::vector<Lanes> banks_;
    std::map<EngineId, Lanes> engines_;
    std::map<std::uint32_t, Lanes> queues_;
    std::vector<bool> groups_;  // tiles, then DRAM, engines, queues: has been declared
    std::uint32_t tracks_ = 0;
    std::uint32_t restored_ = 0;  // how often
    std::uint64_t flows_ = 0;
    std::uint64_t last_cycle_ = 0;
    std::string text_;
    std::string kernel_;
};

}  // namespace tilewright
