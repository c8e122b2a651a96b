// A graph in the memory of a device, and its runs: scheduler firmware on control cores hands the
// tasks to a resident program on worker cores.
//
//     GraphProgram program(device, graph, {.workers = first_workers(device.config(), 12)});
//     program.run();
//     std::vector<TaskTimes> times = program.times();
//
// The chip needs direct memory, in which the graph lies, and control cores. docs/graph-firmware.md
// tells how to write another scheduler or other functions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/graph/analysis.hpp"
#include "tilewright/graph/graph.hpp"
#include "tilewright/graph/graph_error.hpp"
#include "tilewright/graph/tile_program.hpp"
#include "tilewright/runtime/device.hpp"
#include "tilewright/runtime/kernel.hpp"

namespace tilewright {

/// What a worker program's table says of one of its functions.
struct TaskFunction {
    std::string name;
    std::uint8_t kind = kind_of_function;  ///< a CoreKind; kind_of_function: runs on any worker
    std::uint16_t arguments = 0;           ///< how many it needs; 0: it does not say
};

/// The functions of a worker program, by number. ElfError if it has no table of them
/// (TILEWRIGHT_TASKS).
TILEWRIGHT_API std::vector<TaskFunction> task_functions(const Kernel& worker_program);

/// Whether it runs tasks that are programs: one that was built for an older version does not.
bool leads_programs(const Kernel& worker_program);

/// What a scheduler says that it can: bits of graph::feature (firmware/graph_layout.hpp). 0 for one
/// that says nothing. GraphError if it was made for another layout (TILEWRIGHT_SCHEDULER).
std::uint32_t scheduler_features(const Kernel& scheduler);

/// The programs that come with the library. The workers': 0 add (a, b, out, n), 1 add_scalar (a, s,
/// out, n), 2 mul (a, b, out, n), of n float32; s as the bits of a float32. A run whose workers all
/// have hardware floats uses a build of the same functions for them.
TILEWRIGHT_API Kernel builtin_scheduler();
TILEWRIGHT_API Kernel builtin_worker_program();

/// A task whose function is first_kernel_function + i runs GraphOptions::kernels[i]; its arguments
/// are the kernel's words (encode_arguments), two in each 64-bit word, the first one low.
inline constexpr std::uint32_t first_kernel_function = 0x8000;

/// The first `count` cores of the worker tiles, tile by tile, row by row; all of them for 0.
/// ConfigError if there are fewer.
std::vector<CoreId> first_workers(const ChipConfig& config, std::uint32_t count = 0);

/// The first cores of the worker tiles, row by row; all of them for 0. ConfigError if there are
/// fewer.
std::vector<CoreId> first_leaders(const ChipConfig& config, std::uint32_t count = 0);

struct GraphOptions {
    /// None: the first of the worker tiles, as many as the schedulers take. The library's scheduler
    /// starts as many of a kind as tasks of the graph can keep at work at once, the first of these;
    /// the others stay as they are. With programs: the first core of each tile, 64 a scheduler,
    /// which leads the tile's other cores. A worker on the first core of a tile leads then, and no
    /// other core of it, nor one of the same kind elsewhere, can be one.
    std::vector<CoreId> workers{};
    std::uint32_t schedulers = 1;  ///< 1 to 4 control cores that share the work
    /// Tasks that a worker may hold at once, 1 or 2: with 2 it finds its next task waiting.
    std::uint32_t tasks_ahead = 2;
    std::vector<Kernel> kernels{};           ///< beside the functions of the worker program
    std::vector<TileProgram> programs{};     ///< likewise
    std::optional<Kernel> scheduler{};       ///< instead of builtin_scheduler()
    std::optional<Kernel> worker_program{};  ///< instead of builtin_worker_program()
    /// run_graph() notes what tasks read and write (graph/observed.hpp). It costs no cycles.
    bool observe_accesses = false;
};

/// A task that another one added during a run.
struct AddedTask {
    TaskId parent = 0;
    std::uint32_t function = 0;
    std::uint8_t kind = 0;   ///< a CoreKind
    bool continues = false;  ///< whoever waits for its parent waits for it
    std::vector<std::uint64_t> arguments;
    std::vector<TaskId> after;
};

/// The words of a worker's mailbox.
struct Handshake {
    CoreId core;
    bool ready = false;            ///< the worker program has begun
    std::optional<TaskId> task{};  ///< the task that it was given last
    bool busy = false;             ///< that task, or one before it, has not ended
    std::uint32_t done = 0;        ///< tasks that it has ended; written when it quits
    bool quit = false;             ///< it has been told to end, and has
};

/// The graph with the tasks that were added in a run, and with the order among all: tasks that
/// waited for one which another continues come after both.
TILEWRIGHT_API Graph with_added_tasks(const Graph& graph, std::span<const AddedTask> added);

/// Keeps references neither to the graph nor to the options. The device must outlive it.
class TILEWRIGHT_API GraphProgram {
public:
    /// Writes the graph to the device, in linear time. ConfigError if the chip lacks direct memory,
    /// control cores, as many workers of a kind as a task needs, or what one of the programs needs;
    /// GraphError for a cycle, for a function that is not there, naming the task, or for a
    /// scheduler or worker program that cannot do what the graph needs; OutOfMemoryError if there
    /// is no room. Nothing is left allocated then.
    GraphProgram(Device& device, const Graph& graph, const GraphOptions& options = {});
    ~GraphProgram();
    GraphProgram(GraphProgram&&) noexcept;
    GraphProgram& operator=(GraphProgram&&) noexcept;

    /// Launch schedulers and workers, without letting time pass; device.finish() ends the run.
    /// Again as often as one likes. BusyError if one of the cores is busy.
    void start();
    /// start() and device.finish(), and GraphError naming tasks that never ran, if there are any.
    /// Errors as Device::finish().
    Run run(const RunOptions& options = {});

    /// A run when its turn comes in the queue, once schedulers and workers are idle. Any number may
    /// be queued; all is kept that a queued run needs but the kernels that tasks call. Errors as
    /// Queue::run().
    void enqueue(Queue& queue);
    /// To be called when Queue::finish() has told of such a run, before what follows is asked.
    /// ArgumentError if it is of something else, GraphError as run().
    void ended_in_queue(const Run& run);

    /// Workers by their numbers, and the control cores.
    const std::vector<CoreId>& workers() const;
    /// Those that do their share of what a worker leads: its tile's other cores.
    std::vector<CoreId> followers(std::uint32_t worker) const;
    const std::vector<CoreId>& schedulers() const;
    /// Cycle of the last start().
    std::uint64_t started_at() const;

    /// What happened to each task in the last run, those that were added behind the others; a task
    /// that has not come that far has zeros, one that ran several times has the times of the last
    /// one.
    std::vector<TaskTimes> times() const;
    /// What each core of the tasks on several did in the last run, by task and rank; their times in
    /// times() are from the first start to the last end.
    std::vector<TaskShare> shares() const;
    /// The tasks that were added in the last run, in the order of their numbers, which follow those
    /// of the graph.
    std::vector<AddedTask> added() const;
    /// The task that each worker was executing when the run stopped, by number of the worker.
    std::vector<std::optional<TaskId>> executing() const;
    /// By number of the worker.
    std::vector<Handshake> handshakes() const;

    /// Where the records of the tasks lie (firmware/graph_layout.hpp), as global addresses.
    AddressRange records() const;
    /// Likewise all that the graph takes in direct memory.
    std::vector<AddressRange> memory() const;

private:
    void check_all_ran() const;

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tilewright
