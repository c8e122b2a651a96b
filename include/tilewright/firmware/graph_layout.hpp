// How a graph lies in direct memory while it runs, and what passes between its schedulers and its
// workers: what the host, the schedulers and the workers read and write.
//
// Freestanding: nothing here but constants and plain structs of words. Addresses are core
// addresses.
//
// A run: the host writes the header, a record for each task, arguments and lists of successors, and
// launches schedulers and workers. A scheduler hands a task to a worker by adding to a word of the
// mailbox in the worker's tile; the worker runs it and appends its number to the scheduler's queue;
// the scheduler counts down what waited for it. When no task is ready or running any more, it sends
// the workers home.
#pragma once

#include <cstdint>

namespace tilewright::graph {

// --- Limits -------------------------------------------------------------------------------------

inline constexpr std::uint32_t max_schedulers = 4;
inline constexpr std::uint32_t max_kinds = 4;             ///< of workers in one run
inline constexpr std::uint32_t max_workers_of_kind = 64;  ///< for one scheduler
inline constexpr std::uint32_t max_workers = 96;          ///< of one scheduler
inline constexpr std::uint32_t max_tasks = 1u << 25;
inline constexpr std::uint32_t max_cores = 64;  ///< of one task

// --- What schedulers can ------------------------------------------------------------------------

/// Changes whenever a scheduler that was compiled before would misread what is below.
inline constexpr std::uint32_t layout_version = 2;

/// What a scheduler says that it can (TILEWRIGHT_SCHEDULER). Graphs that need what it lacks are
/// refused.
namespace feature {
inline constexpr std::uint32_t control_flow = 1;        ///< parts that are repeated or left out
inline constexpr std::uint32_t gangs = 2;               ///< tasks on several cores
inline constexpr std::uint32_t dynamic_tasks = 4;       ///< tasks that add tasks
inline constexpr std::uint32_t priorities = 16;         ///< tasks that go before others
inline constexpr std::uint32_t jumps = control_flow;    ///< the old name
inline constexpr std::uint32_t growth = dynamic_tasks;  ///< the old name
}  // namespace feature

// --- Tasks --------------------------------------------------------------------------------------

/// What follows a task: the number of a task, and what the scheduler would otherwise have to look
/// up in its record.
namespace edge {
inline constexpr std::uint32_t task_mask = max_tasks - 1;
inline constexpr std::uint32_t kind_shift = 25;     ///< 2 bits: number of the worker kind
inline constexpr std::uint32_t only = 1u << 27;     ///< the task waits for this one alone
inline constexpr std::uint32_t last = 1u << 28;     ///< end of the list
inline constexpr std::uint32_t present = 1u << 29;  ///< always set: no edge is 0
inline constexpr std::uint32_t gang = 1u << 30;     ///< the task runs on several cores; never with
                                                    ///< `only`
constexpr std::uint32_t kind(std::uint32_t e) {
    return e >> kind_shift & 3;
}
}  // namespace edge

inline constexpr std::uint32_t record_bytes = 64;

/// One task. Records lie one after another, on multiples of 64.
struct Task {
    std::uint32_t remaining;       ///< tasks that must still end before it
    std::uint32_t dependencies;    ///< what `remaining` starts from, and goes back to
    std::uint32_t successors;      ///< 0: none; one edge; or the address of a list (bit 31 is set),
                                   ///< of a ControlEdge with control_mark, or of a Gang with
                                   ///< gang_mark
    std::uint32_t function;        ///< see below
    std::uint32_t arguments;       ///< address of 64-bit words
    std::uint32_t argument_words;  ///< of 32 bits
    std::uint32_t next;            ///< for the scheduler; at the start the priority of the task
    std::uint32_t worker;          ///< number of the worker that started it, written by that
    // Cycles, low words first; 0 before it happens.
    std::uint32_t ready[2];
    std::uint32_t dispatched[2];
    std::uint32_t started[2];
    std::uint32_t ended[2];
};
static_assert(sizeof(Task) == record_bytes);

/// Decides what follows a task each time that it has ended: `to` if the edge is taken, else
/// `successors`, which are as in a Task without such an edge. Without a word it is taken `left`
/// times and then not, after which `left` is `times` again. With a word it is taken if the word is
/// zero, for `on_zero` 1, or is not, for `on_zero` 0.
struct ControlEdge {
    std::uint32_t to;  ///< an edge with edge::only: what it leads to is not counted down
    std::uint32_t successors;
    std::uint32_t word;  ///< address in direct memory; 0: none
    std::uint32_t on_zero;
    std::uint32_t times;
    std::uint32_t left;
};
inline constexpr std::uint32_t control_mark = 1;  ///< in Task::successors, which is a multiple of 4

/// A task that runs on several cores at once. Each core gets a record of its own, which tells which
/// of them it is; that of the first is the task's. All of them have the address of this, with
/// gang_mark, as successors.
struct Gang {
    std::uint32_t task;  ///< its number
    std::uint32_t cores;
    std::uint32_t left;        ///< cores that have not ended; goes back to `cores`
    std::uint32_t successors;  ///< what follows when all have: as in a Task, without gang_mark
    std::uint32_t members;     ///< address of the records of cores 1, 2, ...
};
inline constexpr std::uint32_t gang_mark = 2;  ///< in Task::successors

/// What Task::function holds: the number of a function of the worker program or, with call_image,
/// of an image, the number of the kind of worker that the task needs, and which of how many cores
/// this is.
namespace function {
inline constexpr std::uint32_t number_mask = 0xFFFF;
inline constexpr std::uint32_t kind_shift = 16;       ///< 2 bits
inline constexpr std::uint32_t rank_shift = 18;       ///< 6 bits
inline constexpr std::uint32_t cores_shift = 24;      ///< 6 bits: their number less one
inline constexpr std::uint32_t no_worker = 1u << 30;  ///< in DynamicTasks: none of its kind
inline constexpr std::uint32_t call_image = 0x8000'0000;
}  // namespace function
constexpr std::uint32_t kind_of(const Task& task) {
    return task.function >> function::kind_shift & 3;
}

// --- Programs of kernels -------------------------------------------------------------------------

/// A task may be a program: kernels on the cores of one tile, at once. The worker on the tile's
/// first core leads the others, which follow it and are no workers themselves. It calls the
/// function behind the last of the worker program's table (tilewright/kernel/tile_program.hpp).
inline constexpr std::uint32_t max_program_cores = 8;
struct TileProgram {
    /// Of each core of the tile: the number of an image, plus 1; 0: it has nothing to do.
    std::uint32_t images[max_program_cores];
    std::uint32_t setup;        ///< address of words for reserved L1: parts of an address, a count,
                                ///< and so many words
    std::uint32_t setup_words;  ///< altogether
    std::uint32_t followers;    ///< a bit for each core that follows
    std::uint32_t reserved;
};
/// What the arguments of such a task begin with; behind it come those of the kernels.
struct ProgramCall {
    std::uint32_t program;  ///< address of its TileProgram
    std::uint32_t reserved;
    /// Of each core of the tile: which word from the begin of this on is its first, and from bit 16
    /// on how many it has.
    std::uint32_t arguments[max_program_cores];
};

// --- Dynamic tasks -------------------------------------------------------------------------------

/// An edge to a task that was added, in the list of those that wait for one task.
struct AddedEdge {
    std::uint32_t edge;  ///< with added_by_itself if the task before it added it
    std::uint32_t next;  ///< address; 0: the last
    std::uint32_t from;  ///< number of the task before it
    std::uint32_t reserved;
};
inline constexpr std::uint32_t added_by_itself = 1u << 31;

/// What a graph with dynamic tasks keeps of each task, beside its record.
struct TaskState {
    /// Address of the first AddedEdge, or one of `waiting`. Whoever changes it, or the task's
    /// successors, swaps waiting::busy in first, and tries again if that was there.
    std::uint32_t waiting;
    std::uint32_t continuation;  ///< 1 + number of the task that ends this one; 0: none
    std::uint32_t parent;        ///< number of the task that added it
    std::uint32_t reserved;
};
namespace waiting {
inline constexpr std::uint32_t nobody = 0;
inline constexpr std::uint32_t busy = 1;
inline constexpr std::uint32_t over = 2;     ///< the task has ended
inline constexpr std::uint32_t forward = 3;  ///< it has, but task number w >> 2 ends it
}  // namespace waiting

/// Room for tasks that tasks add (tilewright/kernel/add_task.hpp).
struct DynamicTasks {
    std::uint32_t spare_tasks;  ///< records behind those of the tasks
    std::uint32_t tasks;        ///< asked for so far
    std::uint32_t spare_edges;
    std::uint32_t edges;          ///< asked for so far
    std::uint32_t edge_list;      ///< address of AddedEdges
    std::uint32_t argument_room;  ///< 64-bit words for each
    std::uint32_t arguments;      ///< address of those of the first added task
    std::uint32_t states;         ///< address of a TaskState for each task, also the spare ones
    /// What Task::function is for each function of the worker program, and for each kernel.
    std::uint32_t functions;  ///< address
    std::uint32_t function_count;
    std::uint32_t kernels;  ///< address
    std::uint32_t kernel_count;
    std::uint32_t kinds[8];  ///< number of the worker kind by CoreKind; no_kind: no such worker
    std::uint32_t needs;     ///< address of how many arguments each function needs at least
};
inline constexpr std::uint32_t no_kind = 0xFF;
inline constexpr std::uint32_t first_kernel = 0x8000;  ///< numbers of kernels as functions

// --- Mailboxes ----------------------------------------------------------------------------------

/// Words of a worker's mailbox, by byte offset from abi::mailbox_base + p * abi::mailbox_stride.
namespace mailbox {
inline constexpr std::uint32_t ready = 0;  ///< 1 once the worker program has begun
/// Two slots. Task number t of the worker in a run, counted from 1, comes through slot t % 2, as
/// the address of its record with t % 64 in the low bits: a change of the word is a task. Address 0
/// tells the worker to end.
inline constexpr std::uint32_t slots = 4;
inline constexpr std::uint32_t done = 12;  ///< tasks that the worker ended, written at its end
/// Bit 0 is set once the worker has ended. The bits above count the programs that it has led: those
/// who follow it sleep on this word, do their share of the new one, and write the word as their own
/// `done`.
inline constexpr std::uint32_t quit = 16;
inline constexpr std::uint32_t header = 20;  ///< address of the run's Header, from the start
inline constexpr std::uint32_t task = 24;    ///< of one that leads: address of the task's record
}  // namespace mailbox
inline constexpr std::uint32_t turn_mask = 63;

/// What the other end of a worker is: the arguments of a worker program.
struct WorkerArguments {
    std::uint32_t queue_node;     ///< of its scheduler's queue
    std::uint32_t queue_address;  ///< of the count; the ring lies behind it
    std::uint32_t queue_ring_bytes;
    std::uint32_t index;   ///< what it appends when a task has ended
    std::uint32_t number;  ///< among all workers of the run: what goes into Task::worker
};

// --- Schedulers ---------------------------------------------------------------------------------

/// What comes through a scheduler's queue: numbers of its workers, ready tasks as edges, and
inline constexpr std::uint32_t message_look = 0x100;  ///< + kind: another has queued ready tasks;
                                                      ///< + max_kinds: tasks on several cores
inline constexpr std::uint32_t message_end = 0x1FF;   ///< all is done

/// A worker as its scheduler reaches it.
struct Worker {
    std::uint32_t node;     ///< abi::node of its tile
    std::uint32_t mailbox;  ///< address in that tile's L1
    std::uint32_t kind;     ///< number of its kind
    std::uint32_t number;   ///< among all workers of the run: what goes into Task::worker
};

struct Scheduler {
    std::uint32_t queue_node;
    std::uint32_t queue_address;
    std::uint32_t queue_ring_bytes;
    std::uint32_t workers;  ///< address of its Workers, those of one kind after another
    std::uint32_t worker_count;
    std::uint32_t reserved[3];
};

/// Ready tasks of one kind that no worker had room for, as edges, first in, first out. At the start
/// of a run those that wait for nothing are places 0 to tail - 1.
///
/// Several schedulers share it without a lock. To put n in: add n to `tail`, write them from the
/// place that it had before, add n to `ready`. To take one: subtract 1 from `ready`; if it was not
/// above 0, add it again, as there is none; otherwise add 1 to `head`, and take the place that it
/// had before. One that is still 0 is about to be written; it is set to 0 when it is taken.
struct ReadyQueue {
    std::uint32_t ring;  ///< address of the places; place i lies at i & mask
    std::uint32_t mask;  ///< at least as many places as there can be tasks, less one
    std::uint32_t head;  ///< places from which tasks have been taken
    std::uint32_t tail;  ///< places that have been given to tasks
    std::uint32_t ready;
    std::uint32_t reserved[3];
};

/// The ready tasks of one priority; those of priority 0 are in the header.
struct LevelQueues {
    ReadyQueue ready[max_kinds];
    ReadyQueue ready_gangs;
};

struct Header {
    std::uint32_t records;  ///< address
    std::uint32_t task_count;
    std::uint32_t scheduler_count;
    std::uint32_t tasks_ahead;    ///< that a worker holds at once: 1 or 2
    std::uint32_t kind_count;     ///< of workers
    std::uint32_t dynamic_tasks;  ///< address of a DynamicTasks; 0: tasks add no tasks
    std::uint32_t top_priority;   ///< the highest of a task
    std::uint32_t above;          ///< address of a LevelQueues for each priority from 1 on
    std::uint32_t reserved[1];
    // Shared by the schedulers, if there are several:
    std::uint32_t active;  ///< tasks that are ready or running, or more: a scheduler may keep some
                           ///< for those that it is going to release
    std::uint32_t hungry;  ///< bit 4 * scheduler + kind: slept with an idle worker of the kind, and
                           ///< has not been sent message_look since; bit 16: slept while no task
                           ///< waited for several cores
    std::uint32_t gang_count;  ///< tasks on several cores: they are for scheduler 0
    ReadyQueue ready[max_kinds];
    ReadyQueue ready_gangs;
    Scheduler schedulers[max_schedulers];
};

/// The arguments of a scheduler program.
struct SchedulerArguments {
    std::uint32_t header;  ///< address
    std::uint32_t number;  ///< which of the schedulers it is
};

}  // namespace tilewright::graph
