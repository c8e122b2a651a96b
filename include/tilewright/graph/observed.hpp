// What the tasks of a run truly read and wrote: races between tasks with no order between them, and
// accesses that a task has not declared.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tilewright/graph/executions.hpp"
#include "tilewright/graph/graph.hpp"

namespace tilewright {

class Device;

/// Bytes that an execution of a task touched, among the global addresses of the chip. Atomics are
/// taken for synchronisation and are not here; nor are a core's local memory and its reserved L1.
struct ObservedAccess {
    enum class Place : std::uint8_t {
        memory,  ///< DRAM, or a memory of the hierarchy
        l1,      ///< the L1 of a tile, through the network or an engine
        own_l1,  ///< that of its own tile, by loads and stores
    };
    AddressRange bytes;
    bool write = false;
    Place place = Place::memory;
};

/// Two executions, by their numbers, that touch the same bytes with no order between them.
struct ObservedRace {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    AddressRange bytes;  ///< global addresses
    bool first_writes = false;
    bool second_writes = false;
};

/// Bytes that an execution touched and its task has not declared.
struct UndeclaredAccess {
    std::uint32_t execution = 0;
    AddressRange bytes;  ///< global addresses
    bool write = false;
};

/// By execution.
using ObservedAccesses = std::vector<std::vector<ObservedAccess>>;

/// What an execution touched on one core between two tasks that it added: what it did before it
/// added one is before that task, what it does afterwards has no order with it.
struct ObservedStretch {
    std::uint32_t execution = 0;
    std::optional<std::uint32_t> previous{};  ///< the stretch before, of the same core
    std::optional<TaskId> added{};            ///< at its end
    std::vector<ObservedAccess> accesses;
};

/// Every byte that is in some race is in one of those that are returned, and all of them are races:
/// two accesses, one of them writing, between whose tasks no path leads in `unrolled`. To accesses
/// of a core's own L1 the order in which each worker ran its tasks counts, too: tasks on one core
/// may use the same room there. `shares` are those of executions on several cores
/// (GraphRun::execution_shares). In the order of the executions.
std::vector<ObservedRace> find_races(const UnrolledGraph& unrolled,
                                     const ObservedAccesses& accesses,
                                     std::span<const TaskShare> shares = {});

/// The same of a graph with the tasks that its tasks added (with_added_tasks), unrolled: all that
/// was touched, in stretches; those of a core by time. `executions` are those of the run.
std::vector<ObservedRace> find_races(const UnrolledGraph& unrolled,
                                     std::span<const TaskExecution> executions,
                                     std::span<const ObservedStretch> stretches,
                                     std::span<const TaskShare> shares = {});

/// Of tasks that have declared accesses: reads of bytes in direct memory that they neither read nor
/// write by what they declared, and writes of bytes that they do not write. `direct` are the global
/// addresses of direct memory.
std::vector<UndeclaredAccess> find_undeclared(const Graph& graph,
                                              std::span<const TaskExecution> executions,
                                              const ObservedAccesses& accesses,
                                              AddressRange direct);

/// The global addresses of a device's direct memory.
AddressRange direct_memory(const Device& device);

}  // namespace tilewright
