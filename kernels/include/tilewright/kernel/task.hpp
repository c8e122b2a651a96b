// What the task of a graph can ask about itself, from a function of a worker program or from a
// kernel that runs as a task.
#pragma once

#include <cstdint>

#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/coordinates.hpp"

namespace tilewright::graph {

/// The gang if what is in Task::successors is one, else null.
TILEWRIGHT_DEVICE Gang* gang_of(std::uint32_t successors) {
    const bool is = (successors & gang_mark) != 0 && static_cast<std::int32_t>(successors) < 0;
    return is ? reinterpret_cast<Gang*>(successors & ~gang_mark) : nullptr;
}

}  // namespace tilewright::graph

namespace tilewright::kernel {

namespace device {

/// The record of the task that this core executes, or of this core's share in it. The worker
/// program keeps it in a register that the compiler does not use.
TILEWRIGHT_DEVICE graph::Task* task_record() {
    graph::Task* record;
    asm("mv %0, tp" : "=r"(record));
    check(record != nullptr, "this kernel does not run as the task of a graph");
    return record;
}

TILEWRIGHT_DEVICE void set_task_record(graph::Task* record) {
    asm volatile("mv tp, %0" ::"r"(record));
}

/// The graph that is running.
TILEWRIGHT_DEVICE graph::Header& task_header() {
    const std::uint32_t box = abi::mailbox_base + processor() * abi::mailbox_stride;
    return **reinterpret_cast<graph::Header* const volatile*>(box + graph::mailbox::header);
}

}  // namespace device

/// On how many cores the task runs.
TILEWRIGHT_DEVICE std::uint32_t task_cores() {
    return (device::task_record()->function >> graph::function::cores_shift & 63) + 1;
}

/// Which of them this is: 0 to task_cores() - 1.
TILEWRIGHT_DEVICE std::uint32_t task_rank() {
    return device::task_record()->function >> graph::function::rank_shift & 63;
}

/// The number of the task in its graph.
TILEWRIGHT_DEVICE std::uint32_t this_task() {
    const graph::Task* const record = device::task_record();
    if (const graph::Gang* const gang = graph::gang_of(record->successors)) return gang->task;
    return (reinterpret_cast<std::uint32_t>(record) - device::task_header().records) /
           graph::record_bytes;
}

}  // namespace tilewright::kernel
