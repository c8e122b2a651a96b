// What the task of a graph can ask about itself, from a function of a worker program or from a
// kernel that runs as a task.
#pragma once

#include <cstdint>

#include "tilewright/kernel/check.hpp"
#include "tilewright/runtime/graph/layout.hpp"

namespace tilewright::kernel {

namespace device {

/// The record of the task that this core executes, or of this core's share in it. The worker
/// program keeps it in a register that the compiler does not use.
TILEWRIGHT_API graph::Task* task_record() {
    graph::Task* record;
    asm("mv %0, tp" : "=r"(record));
    check(record != nullptr, "this kernel does not run as the task of a graph");
    return record;
}

TILEWRIGHT_API void set_task_record(graph::Task* record) {
    asm volatile("mv tp, %0" ::"r"(record));
}

}  // namespace device

/// On how many cores the task runs.
TILEWRIGHT_API std::uint32_t task_cores() {
    return (device::task_record()->function >> graph::function::cores_shift & 63) + 1;
}

/// Which of them this is: 0 to task_cores() - 1.
TILEWRIGHT_API std::uint32_t task_rank() {
    return device::task_record()->function >> graph::function::rank_shift & 63;
}

}  // namespace tilewright::kernel
