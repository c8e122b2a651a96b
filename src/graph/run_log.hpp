// What is written down while a graph runs: each execution of a task, which the records on the
// device keep only the last of, and the memory that it touches.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "graph/range_set.hpp"
#include "tilewright/graph/executions.hpp"
#include "tilewright/graph/observed.hpp"
#include "tilewright/graph/program.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/sim/memory_observer.hpp"

namespace tilewright::detail {

/// Sees the cycles that schedulers and workers store into the records of tasks. What a worker
/// touches between those of a task's start and end is the task's.
class RunLog final : public MemoryObserver {
public:
    /// From now until it goes, the device tells it: of all memory, or of the records alone.
    RunLog(Device& device, const Graph& graph, const GraphProgram& program, bool accesses);
    ~RunLog() override;
    RunLog(const RunLog&) = delete;
    RunLog& operator=(const RunLog&) = delete;

    void on_access(const MemoryAccess& access) override;

    /// By start; to be called once. `start` is when the run began.
    std::vector<TaskExecution> take_executions(std::uint64_t start);
    /// Of those on several cores, by their places in that order; after that.
    std::vector<TaskShare> take_shares() const;
    /// In the same order, after that.
    ObservedAccesses take_accesses();
    /// Of a graph whose tasks may add tasks, after that: by time on each core.
    std::vector<ObservedStretch> take_stretches();

private:
    static constexpr std::uint32_t none = 0xFFFF'FFFF;
    static constexpr std::size_t cycle_count = 4;  // ready, dispatched, started, ended
    struct Logged {
        TaskExecution what;
        std::uint32_t next = none;   // execution of the same task
        std::uint32_t share = none;  // of its first core, in shares_, if it runs on several
    };
    struct Touched {
        // By place (ObservedAccess::Place): what was read, and what was written.
        std::array<std::array<RangeSet, 2>, 3> ranges;
    };
    struct Stretch {
        std::uint32_t execution = 0;
        std::uint32_t previous = none;
        TaskId added = none;
        Touched touched{};
    };
    struct OfTask {
        std::uint32_t first = none;  // execution
        std::uint32_t last = none;
    };
    /// Of a task, or of one of the further cores of one on several. The k-th value that a cycle
    /// takes is that of the k-th execution.
    struct OfRecord {
        TaskId task = 0;
        std::uint32_t rank = 0;
        std::array<std::uint32_t, cycle_count> at{none, none, none, none};  // written last
        std::array<std::uint8_t, cycle_count> halves{3, 3, 3, 3};           // that it has
    };

    std::uint32_t worker_of(CoreId core) const;
    void store_cycle(OfRecord& record, std::uint32_t word, const MemoryAccess& access);
    void begin_stretch(std::uint32_t worker, std::uint32_t previous);
    std::uint64_t& cycle(std::uint32_t execution, std::uint32_t rank, std::uint32_t which);
    std::uint32_t append(TaskId task);
    bool waits_for_none(TaskId task) const { return predecessors_[task] == 0; }

    Device& device_;
    AddressMap map_;
    AddressRange records_;                     // global
    std::vector<AddressRange> own_;            // of the program on the device; global
    std::uint32_t columns_;                    // of tiles
    std::uint32_t processors_;                 // most in a tile
    std::vector<std::uint32_t> workers_;       // by core, also by those that follow one
    std::vector<std::uint32_t> led_;           // by worker: the tile that is its alone, or none
    std::vector<std::uint32_t> current_;       // execution, by worker
    std::vector<std::uint32_t> predecessors_;  // of each task
    std::vector<std::uint32_t> cores_;         // of each task
    std::vector<OfTask> tasks_;                // also of those that may be added
    TaskId first_added_;
    std::vector<OfRecord> of_record_;
    std::vector<TaskShare> shares_;
    std::vector<Logged> executions_;
    std::vector<Touched> touched_;        // by execution; only if accesses are told
    std::vector<Stretch> stretches_;      // only if tasks may be added, too
    std::vector<std::uint32_t> stretch_;  // under way, by worker
    bool accesses_;
    std::vector<std::uint32_t> order_;  // of the executions by start, once they are taken
};

}  // namespace tilewright::detail
