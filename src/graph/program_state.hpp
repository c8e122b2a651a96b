// A graph in the memory of a device: what GraphProgram keeps of it, and how its parts reach that
// memory. Prepared in program_prepare.cpp, written in program_encode.cpp, run in
// program.cpp, looked at in program_look.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/graph/program.hpp"

namespace tilewright {

/// Words of direct memory by the side of the host.
namespace graph_memory {

template <class T>
void write(const Buffer& buffer, std::span<const T> values, std::uint64_t offset = 0) {
    buffer.write(std::as_bytes(values), offset);
}
template <class T>
void read(const Buffer& buffer, std::span<T> values, std::uint64_t offset = 0) {
    buffer.read(std::as_writable_bytes(values), offset);
}
inline std::uint32_t address(const Buffer& buffer) {
    return value(buffer.core_address());
}
inline std::uint64_t joined(const std::uint32_t (&words)[2]) {
    return words[0] | std::uint64_t{words[1]} << 32;
}

}  // namespace graph_memory

struct GraphProgram::State {
    static constexpr std::size_t chunk = 4096;  // records that the host holds at once
    static constexpr std::size_t queues_of_level = graph::max_kinds + 1;  // of ready tasks; the
                                                                          // last for those on
                                                                          // several cores

    State(Device& device_, const Graph& graph, const GraphOptions& options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void forbid_calls();
    void check_programs() const;
    void check_leaders() const;
    void choose_kinds();
    void check_scheduler(const Graph& graph) const;
    std::array<std::uint32_t, graph::max_kinds> most_cores(const Graph& graph) const;
    std::array<std::uint32_t, graph::max_kinds> most_at_work(const Graph& graph) const;
    void distribute_workers(const Graph& graph,
                            const std::array<std::uint32_t, graph::max_kinds>& most);
    void encode(const Graph& graph);
    void encode_programs(const Graph& graph);
    void encode_header(std::span<const std::uint32_t> places);
    void encode_dynamic_tasks();
    std::uint32_t added_count() const;
    std::uint32_t function_word(const Graph& graph, TaskId task) const;
    std::uint8_t kind_number(const Graph& graph, TaskId task) const;
    std::uint8_t kind_of(CoreId core) const {
        const ChipConfig& config = device.config();
        return static_cast<std::uint8_t>(config.cores.at(core.processor).kind);
    }
    static std::uint32_t mailbox(CoreId core) {
        return abi::mailbox_base + core.processor * abi::mailbox_stride;
    }
    std::vector<CoreId> followers(CoreId worker) const;
    using MailboxWords = std::array<std::uint32_t, abi::mailbox_stride / 4>;
    MailboxWords mailbox_words(std::uint32_t worker) const;
    bool has_mailbox(std::uint32_t worker, const MailboxWords& words) const;
    /// Calls f(first record, records) for all, in pieces.
    template <class F>
    void for_records(F&& f) const {
        std::vector<graph::Task> piece;
        for (std::uint32_t first = 0; first < record_count; first += chunk) {
            piece.resize(std::min<std::size_t>(chunk, record_count - first));
            graph_memory::read(records, std::span(piece),
                               std::uint64_t{first} * sizeof(graph::Task));
            f(first, std::span(piece));
        }
    }
    /// Calls put(buffer, place, bytes) for all that a run begins with, whatever the one before has
    /// left. Mailboxes lie in no buffer.
    template <class Put>
    void for_contents(const Put& put);
    std::vector<Launch> launches() const;
    /// Of ready tasks: those of each kind, then those on several cores, priority by priority.
    graph::ReadyQueue& ready(std::size_t queue) {
        const std::size_t of_level = queue % queues_of_level;
        if (queue < queues_of_level) {
            return of_level < graph::max_kinds ? header.ready[of_level] : header.ready_gangs;
        }
        graph::LevelQueues& level = above.at(queue / queues_of_level - 1);
        return of_level < graph::max_kinds ? level.ready[of_level] : level.ready_gangs;
    }
    std::size_t queue_of(std::uint32_t priority, std::size_t kind) const {
        return priority * queues_of_level + kind;
    }
    /// The task, of the graph or added, whose record, or the record of one of whose cores, this is.
    TaskId task_of(std::uint32_t record) const {
        const std::uint32_t first_member = task_count + dynamic.spare_tasks;
        return record < first_member ? record : member_tasks.at(record - first_member);
    }

    Device& device;
    Kernel scheduler;
    Kernel worker_program;
    std::vector<TaskFunction> functions;
    std::vector<TileProgram> programs;
    std::vector<std::uint32_t> image_numbers;   // of the kernels that tasks may call
    std::vector<std::uint32_t> program_images;  // of those of the programs, one after another
    std::uint32_t tasks_ahead;
    std::uint32_t task_count;
    std::uint32_t record_count = 0;    // of tasks, those that may be added, and the other cores of
                                       // those on several
    std::vector<TaskId> member_tasks;  // of the records behind those of the tasks
    std::vector<CoreId> workers;
    std::vector<CoreId> schedulers;
    std::vector<std::uint8_t> kinds;                     // CoreKinds of the workers, by kind number
    std::uint8_t usual_kind = 0;                         // of tasks that do not care
    std::vector<std::vector<std::uint32_t>> workers_of;  // by scheduler: numbers, kind by kind
    std::vector<bool> takes_part;  // of the workers: it is one of some scheduler's
    std::uint32_t following = 0;   // a bit for each core of a tile that follows its first one

    Buffer records;
    Buffer arguments;  // 64-bit words
    Buffer lists;      // of successors, and of workers
    Buffer rings;      // of the ready queues, one after another
    Buffer header_buffer;
    Buffer program_buffer;           // with programs only: TilePrograms, then their setup
    Buffer gang_buffer;              // with tasks on several cores only
    std::vector<graph::Gang> gangs;  // as at the start of a run
    Buffer dynamic_buffer;  // with dynamic tasks only: the DynamicTasks, then tables of functions
    Buffer dynamic_states;  // of all tasks, and edges behind them
    Buffer dynamic_arguments;
    graph::DynamicTasks dynamic{};                  // as at the start of a run
    Buffer control_buffer;                          // with control-flow edges only
    std::vector<graph::ControlEdge> control_edges;  // as at the start of a run
    std::vector<TaskId> optional;                   // tasks that need not run
    Buffer above_buffer;                            // with priorities only
    std::vector<graph::LevelQueues> above;          // as at the start of a run; from priority 1 on
    std::vector<std::uint8_t> priorities;           // of tasks; none: all 0
    std::vector<Buffer> queues;                     // of the schedulers
    std::vector<std::vector<std::uint32_t>> roots;  // edges, by ready queue
    std::uint32_t ring_bytes = 0;
    graph::Header header{};  // as at the start of a run
    std::uint64_t started = 0;
};

}  // namespace tilewright
