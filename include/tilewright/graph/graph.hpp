// A graph of tasks as data: what each calls, with what, on which kind of worker, and which must end
// before which starts. It knows no device; graph/check.hpp looks at it before a run,
// graph/analysis.hpp after one.
//
//     Graph graph;
//     const TaskId sum = graph.add(0, words);           // function 0 with these arguments
//     const TaskId product = graph.add(2, more_words);
//     graph.add_edge(sum, product);                     // said, or
//     graph.writes(sum, {c, c + 4096});                 // found out from what they touch
//     graph.reads(product, {c, c + 4096});
//
// Columns rather than objects: a million tasks take linear time and, with four arguments and two
// edges each, some 75 bytes a task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tilewright/base/export.hpp"

namespace tilewright {

/// A task in its graph: 0, 1, 2, ... in the order in which they were added.
using TaskId = std::uint32_t;

/// The worker kind of a task that goes where its function belongs; other values are CoreKind's.
inline constexpr std::uint8_t kind_of_function = 0xFF;

/// Bytes [begin, end) of the address space that the tasks' pointers are in.
struct AddressRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const AddressRange&) const = default;
};

/// What a task said that it touches.
struct Access {
    AddressRange range;
    TaskId task = 0;
    bool write = false;
};

/// When `from` has ended, the run may go on with `to` instead of with what follows `from`
/// (graph/control_flow.hpp).
struct ControlEdge {
    enum class When : std::uint8_t {
        counted,  ///< the first `times` times
        nonzero,  ///< if the word is not zero
        zero,     ///< if the word is zero
    };
    TaskId from = 0;
    TaskId to = 0;
    When when = When::counted;
    std::uint32_t times = 0;
    std::uint32_t word = 0;  ///< core address of 32 bits in direct memory
};

/// A task on several cores.
struct Gang {
    TaskId task = 0;
    std::uint32_t cores = 1;
};
inline constexpr std::uint32_t max_task_cores = 64;
inline constexpr std::uint32_t max_task_priority = 7;

/// Room for what tasks add to the graph while it runs.
struct Reserve {
    std::uint32_t tasks = 0;
    std::uint32_t edges = 0;      ///< that lead to them
    std::uint32_t arguments = 0;  ///< of each of them
};

/// One task before the other.
struct Edge {
    TaskId from = 0;
    TaskId to = 0;
    bool operator==(const Edge&) const = default;
};

/// Lists of tasks, one for each task, in two arrays: those of task t are
/// tasks[offsets[t] .. offsets[t + 1]), ascending, each once.
struct TaskLists {
    std::vector<std::uint32_t> offsets{0};
    std::vector<TaskId> tasks;

    std::span<const TaskId> of(TaskId task) const {
        return std::span(tasks).subspan(offsets[task], offsets[task + 1] - offsets[task]);
    }
};

/// Where dependencies come from.
enum class Dependencies : std::uint8_t {
    inferred,  ///< the edges, and the order of tasks that touch the same bytes, one of them writing
    edges,     ///< the edges alone; accesses serve the race check (graph/check.hpp)
};

class TILEWRIGHT_API Graph {
public:
    explicit Graph(Dependencies dependencies = Dependencies::inferred)
        : dependencies_(dependencies) {}

    // --- Tasks ---

    /// A task that calls this function of the worker program. Arguments are 64-bit words.
    /// ArgumentError beyond 2^31 tasks or 2^32 words.
    TaskId add(std::uint32_t function, std::span<const std::uint64_t> arguments,
               std::uint8_t kind = kind_of_function) {
        reserve_task(arguments.size());
        functions_.push_back(function);
        kinds_.push_back(kind);
        arguments_.insert(arguments_.end(), arguments.begin(), arguments.end());
        argument_offsets_.push_back(static_cast<std::uint32_t>(arguments_.size()));
        return static_cast<TaskId>(functions_.size() - 1);
    }
    /// Many at once; the first of them. `arguments` holds the same number of words for each, task
    /// by task. `kinds` is empty or has one for each. ArgumentError if the lengths do not fit.
    TaskId add_tasks(std::span<const std::uint32_t> functions,
                     std::span<const std::uint64_t> arguments,
                     std::span<const std::uint8_t> kinds = {});
    /// This argument is a pointer: check_pointers() (graph/check.hpp) looks where it leads.
    /// ArgumentError for an argument that is not there.
    void mark_pointer(TaskId task, std::uint32_t index);
    /// The task runs on so many workers of its kind at once, 1 to max_task_cores: it starts when
    /// they are all idle, each calls the function with the same arguments and can ask which of them
    /// it is (task_rank() in tilewright/kernel/task.hpp), and it ends when all have. ArgumentError
    /// for another number, or a task that is not there.
    void set_cores(TaskId task, std::uint32_t cores);
    /// Among ready tasks those of a higher priority, 0 to max_task_priority, go to workers first;
    /// of those of one, that which became ready first. 0 without. ArgumentError for another number,
    /// or a task that is not there.
    void set_priority(TaskId task, std::uint32_t priority);
    /// What messages, tables and pictures call a task; "task 7" without.
    void set_name(TaskId task, std::string name);

    // --- Order ---

    /// ArgumentError for a task that is not there. Saying an edge twice is saying it once.
    void add_edge(TaskId from, TaskId to) {
        if (from >= size() || to >= size()) no_such_task(from, to);
        edges_.push_back({from, to});
        sealed_ = false;
    }
    /// Edges from[i] -> to[i]. ArgumentError names the first that cannot be; none is added then.
    void add_edges(std::span<const TaskId> from, std::span<const TaskId> to);

    /// The task reads, or writes, these bytes; one that does both says both. The order of tasks is
    /// the order of the program that is to be kept. ArgumentError for a task that is not there or
    /// for a range that is empty or wraps.
    void reads(TaskId task, AddressRange range) { add_access({range, task, false}); }
    void writes(TaskId task, AddressRange range) { add_access({range, task, true}); }
    /// Many at once.
    void add_accesses(std::span<const Access> accesses);

    // --- Repeating and leaving out ---

    /// All from `first` to `last` runs `times` times, at least once, without the host. What may lie
    /// between is said in graph/control_flow.hpp and checked before a run. A task has at most one
    /// of these at its end: `last` here and in the next, `before` in the third. ArgumentError for a
    /// second one, for a task that is not there, and for a word that is not four bytes on a
    /// multiple of 4.
    void repeat(TaskId first, TaskId last, std::uint32_t times);
    /// Again as long as the word in direct memory is not zero when `last` has ended.
    void repeat_while(TaskId first, TaskId last, std::uint64_t word);
    /// What lies between the two is left out if the word is zero when `before` has ended.
    void skip_unless(TaskId before, TaskId after, std::uint64_t word);

    // --- Dynamic tasks ---

    /// Lets tasks add so many tasks during a run, with up to `arguments` words of arguments each
    /// and so many edges altogether (tilewright/kernel/add_task.hpp). They are not part of the
    /// graph: each run begins without them.
    void reserve(std::uint32_t tasks, std::uint32_t edges, std::uint32_t arguments = 8) {
        reserve_ = {tasks, edges, arguments};
    }
    const Reserve& reserved() const { return reserve_; }

    // --- Subgraphs ---

    /// Argument `index` of the task is value number `value` of those given to append().
    void bind_argument(TaskId task, std::uint32_t index, std::uint32_t value);
    /// As reads() and writes(), the range counting from value number `value` of append().
    void reads_from(TaskId task, std::uint32_t value, AddressRange range);
    void writes_to(TaskId task, std::uint32_t value, AddressRange range);
    /// A copy of another graph's tasks, edges, accesses and names after the tasks of this one, with
    /// these values in the places that were bound; the first of its tasks. ArgumentError if there
    /// are fewer values than places need, or if the graph is this one.
    TaskId append(const Graph& part, std::span<const std::uint64_t> values = {});
    /// How many values append() needs.
    std::uint32_t value_count() const { return value_count_; }
    /// GraphError with the first task and argument, or access, that waits for a value of append():
    /// such a graph cannot run by itself.
    void check_values() const;

    // --- What it is ---

    std::size_t size() const { return functions_.size(); }
    Dependencies dependencies() const { return dependencies_; }
    std::span<const std::uint32_t> functions() const { return functions_; }
    std::span<const std::uint8_t> kinds() const { return kinds_; }
    std::span<const std::uint64_t> arguments(TaskId task) const {
        return std::span(arguments_)
            .subspan(argument_offsets_[task],
                     argument_offsets_[task + 1] - argument_offsets_[task]);
    }
    /// Those of task t are all_arguments()[argument_offsets()[t] .. argument_offsets()[t + 1]).
    std::span<const std::uint64_t> all_arguments() const { return arguments_; }
    std::span<const std::uint32_t> argument_offsets() const { return argument_offsets_; }
    /// Places in all_arguments() that were marked as pointers.
    std::span<const std::uint32_t> pointers() const { return pointers_; }
    /// In the order in which they were said, without those that follow from accesses.
    std::span<const Edge> edges() const { return edges_; }
    std::span<const Access> accesses() const { return accesses_; }
    std::span<const ControlEdge> control_edges() const { return control_edges_; }
    /// Tasks on more than one core, ascending.
    std::span<const Gang> gangs() const { return gangs_; }
    std::uint32_t cores(TaskId task) const;
    std::uint32_t priority(TaskId task) const {
        return task < priorities_.size() ? priorities_[task] : 0;
    }
    /// The highest of a task.
    std::uint32_t top_priority() const;
    std::string name(TaskId task) const;

    /// Which tasks each task must end before, from edges and accesses: worked out at the first call
    /// after a change, in linear time.
    const TaskLists& successors() const;
    /// How many tasks must end before each task starts.
    std::vector<std::uint32_t> predecessor_counts() const;

private:
    struct BoundArgument {
        std::uint32_t word;  // in arguments_
        std::uint32_t value;
    };
    struct BoundAccess {
        std::uint32_t access;  // in accesses_
        std::uint32_t value;
    };

    [[noreturn]] void no_such_task(TaskId from, TaskId to) const;
    std::uint32_t argument_place(TaskId task, std::uint32_t index) const;
    void reserve_task(std::size_t words) {
        if (functions_.size() >= max_tasks || arguments_.size() + words > max_words) too_large();
        sealed_ = false;
    }
    [[noreturn]] static void too_large();
    void add_access(const Access& access);
    void check_access(const Access& access) const;
    void bind_access(std::uint32_t value);
    void add_control_edge(ControlEdge edge, std::uint64_t word);

    static constexpr std::size_t max_tasks = 0x8000'0000;
    static constexpr std::size_t max_words = 0xFFFF'FFFF;

    Dependencies dependencies_;
    std::vector<std::uint32_t> functions_;
    std::vector<std::uint8_t> kinds_;
    std::vector<std::uint32_t> argument_offsets_{0};
    std::vector<std::uint64_t> arguments_;
    std::vector<std::uint32_t> pointers_;  // places in arguments_
    std::vector<Edge> edges_;
    std::vector<Access> accesses_;
    std::vector<ControlEdge> control_edges_;  // by `from`
    Reserve reserve_;
    std::vector<std::uint8_t> priorities_;               // by task, up to the last that has one
    std::vector<Gang> gangs_;                            // by task
    std::vector<std::pair<TaskId, std::string>> names_;  // by task
    std::vector<BoundArgument> bound_arguments_;
    std::vector<BoundAccess> bound_accesses_;
    std::uint32_t value_count_ = 0;

    // Derived from the above, on demand.
    mutable TaskLists successors_;
    mutable bool sealed_ = false;
};

/// The edges that follow from the accesses alone, in the order of their later tasks: read after
/// write, write after write, and write after read. Every two tasks that touch the same byte, one of
/// them writing, are ordered by them, directly or through others.
std::vector<Edge> inferred_edges(const Graph& graph);

/// Lists of what follows each task, from edges in any order; edges said twice count once.
TaskLists task_lists(std::size_t tasks, std::span<const Edge> first,
                     std::span<const Edge> second = {});

}  // namespace tilewright
