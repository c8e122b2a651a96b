// A worker program: functions that the tasks of graphs call.
//
//     #include "tilewright/kernel/tasks.hpp"
//
//     static void scale(std::int64_t* args) { ... }
//     TILEWRIGHT_TASKS({"scale", scale, on_vector}, {"product", product, on_cube})
//
// Function 0 is the first of the list. `args` are the task's 64-bit arguments, in direct memory:
// what was given as a float lies as a float32 in the low half (float_of). The program stays on its
// core for a whole run and is handed one task after another; it sleeps in between.
#pragma once

#include <cstdint>

#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/kernel/coordinates.hpp"
#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/task.hpp"
#include "tilewright/kernel/tile_program.hpp"

extern "C" void kernel_main();

namespace tilewright::kernel {

/// Where a function runs if its task does not say: the numbers of CoreKind.
inline constexpr std::uint32_t on_data_movement = 0;
inline constexpr std::uint32_t on_compute = 1;
inline constexpr std::uint32_t on_cube = 2;
inline constexpr std::uint32_t on_vector = 3;
inline constexpr std::uint32_t on_any = 0xFF;

struct TaskFunction {
    const char* name;
    void (*call)(std::int64_t* args);
    std::uint16_t kind;
    /// A graph with a task that gives fewer is refused; 0 if the function does not say.
    std::uint16_t arguments = 0;
};

/// The float32 that was given as this argument.
TILEWRIGHT_DEVICE float float_of(std::int64_t argument) {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(argument));
}

/// The object that an argument points to.
template <typename T>
TILEWRIGHT_DEVICE T* pointer_of(std::int64_t argument) {
    return reinterpret_cast<T*>(static_cast<std::uint32_t>(argument));
}

namespace device {

TILEWRIGHT_DEVICE void stamp(std::uint32_t (&place)[2]) {
    const std::uint64_t now = cycles();
    place[0] = static_cast<std::uint32_t>(now);
    place[1] = static_cast<std::uint32_t>(now >> 32);
}

/// The life of a worker: from its launch to the word that sends it home.
inline void work(const TaskFunction* functions) {
    const auto* arguments = reinterpret_cast<const graph::WorkerArguments*>(
        abi::arguments_base + processor() * abi::arguments_stride);
    const NocAddress queue{arguments->queue_node, arguments->queue_address};
    const std::uint32_t ring_bytes = arguments->queue_ring_bytes;
    const std::uint32_t index = arguments->index;
    const std::uint32_t number = arguments->number;
    const std::uint32_t box = abi::mailbox_base + processor() * abi::mailbox_stride;
    write_register(box + graph::mailbox::ready, 1);

    constexpr std::uint32_t other_slot = graph::mailbox::slots ^ (graph::mailbox::slots + 4);
    std::uint32_t slot = box + graph::mailbox::slots + 4;
    std::uint32_t last = 0;   // what the slot held before
    std::uint32_t other = 0;  // what the other slot held
    std::uint32_t done = 0;
    for (;; ++done) {
        const std::uint32_t word = wait_word(slot, [=](std::uint32_t w) { return w != last; });
        last = other;
        other = word;
        slot ^= other_slot;
        auto* task = reinterpret_cast<graph::Task*>(word & ~graph::turn_mask);
        if (task == nullptr) break;
        const std::uint32_t function = task->function;
        const std::uint32_t given = task->arguments;
        stamp(task->started);
        task->worker = number;
        set_task_record(task);
        const std::uint32_t which = function & graph::function::number_mask;
        if ((function & graph::function::call_image) == 0) [[likely]] {
            functions[which].call(reinterpret_cast<std::int64_t*>(given));
        } else {
            call_image(which, reinterpret_cast<const void*>(given), task->argument_words);
        }
        stamp(task->ended);
        noc_append(queue, ring_bytes, index);
    }
    write_register(box + graph::mailbox::done, done);
    write_register(box + graph::mailbox::quit, 1);
}

}  // namespace device
}  // namespace tilewright::kernel

/// Makes a program of task functions. Once a program, outside any namespace. Behind them in the
/// table, and not counted, stands what runs tasks that are programs of kernels.
#define TILEWRIGHT_TASKS(...)                                                                    \
    extern "C" {                                                                                 \
    extern const ::tilewright::kernel::TaskFunction tilewright_task_functions[];                 \
    extern const std::uint32_t tilewright_task_function_count;                                   \
    extern const std::uint32_t tilewright_leads_programs;                                        \
    [[gnu::used,                                                                                 \
      gnu::retain]] constexpr ::tilewright::kernel::TaskFunction tilewright_task_functions[] = { \
        __VA_ARGS__,                                                                             \
        {"", ::tilewright::kernel::device::lead_program, ::tilewright::kernel::on_any}};         \
    [[gnu::used, gnu::retain]] constexpr std::uint32_t tilewright_task_function_count =          \
        sizeof(tilewright_task_functions) / sizeof(tilewright_task_functions[0]) - 1;            \
    [[gnu::used, gnu::retain]] constexpr std::uint32_t tilewright_leads_programs = 1;            \
    void kernel_main() {                                                                         \
        ::tilewright::kernel::device::work(tilewright_task_functions);                           \
    }                                                                                            \
    }
