// Tasks that add tasks to their graph while it runs, from a function of a worker program or from a
// kernel that runs as a task. The host has reserved room for them (Graph::reserve).
//
//     static void fibonacci(std::int64_t* args) {  // (n, where the result goes)
//         ...
//         const auto left = add_task(0, {n - 1, a});
//         const auto right = add_task(0, {n - 2, b});
//         add_task(1, {a, b, out}, {left, right}, {.continues = true});
//     }
#pragma once

#include <cstdint>

#include "tilewright/kernel/counters.hpp"
#include "tilewright/kernel/sharing.hpp"
#include "tilewright/kernel/task.hpp"
#include "tilewright/kernel/values.hpp"

namespace tilewright::kernel {

struct AddTask {
    /// Number of a CoreKind (on_vector, ...); 0xFF: the kind that its function belongs to.
    std::uint32_t kind = 0xFF;
    /// Whoever waits for this task, now or later, waits for the new one as well, apart from tasks
    /// that this one adds itself. Once for each task.
    bool continues = false;
};

namespace device {

/// Why a task could not be added: numbers that are of no task.
enum class Refusal : std::uint32_t {
    no_reserve = 0xFFFF'FF00,
    no_function,
    no_kind,
    arguments,
    lacks_arguments,
    tasks,
    edges,
    no_task,
    continued,
};

[[gnu::noinline]] inline void print_refusal(std::uint32_t number) {
    const auto& header = task_header();
    const auto* dynamic = reinterpret_cast<const graph::DynamicTasks*>(header.dynamic_tasks);
    const auto with_reserve = [](const char* text, std::uint32_t reserved) {
        put_text(text);
        put_text("; the graph has reserved ");
        put_unsigned(reserved);
    };
    put_text("add_task: ");
    switch (static_cast<Refusal>(number)) {
        case Refusal::no_reserve:
            put_text("the graph has reserved no room for tasks");
            break;
        case Refusal::no_function:
            put_text("no such function");
            break;
        case Refusal::no_kind:
            put_text("no worker of that kind");
            break;
        case Refusal::arguments:
            with_reserve("too many arguments", dynamic->argument_room);
            break;
        case Refusal::lacks_arguments:
            put_text("fewer arguments than the function takes");
            break;
        case Refusal::tasks:
            with_reserve("no room for another task", dynamic->spare_tasks);
            break;
        case Refusal::edges:
            with_reserve("no room for another edge", dynamic->spare_edges);
            break;
        case Refusal::no_task:
            put_text("after a task that is not there");
            break;
        case Refusal::continued:
            put_text("another task continues this one already");
            break;
    }
    put('\n');
}

/// Lets the new task wait for another. False if that is over.
inline bool wait_for(const graph::DynamicTasks& dynamic, std::uint32_t before,
                     graph::AddedEdge* edge) {
    while (true) {
        std::uint32_t& word = graph::state_of(dynamic, before).waiting;
        const std::uint32_t first = graph::lock(word);
        if ((first & 3) == graph::waiting::forward) {
            graph::unlock(word, first);
            before = first >> 2;
            continue;
        }
        const bool over = first == graph::waiting::over;
        if (!over) edge->next = first;
        graph::unlock(word, over ? first : reinterpret_cast<std::uint32_t>(edge));
        return !over;
    }
}

[[gnu::noinline]] inline std::uint32_t try_add_task(std::uint32_t function,
                                                    Values<std::int64_t> arguments,
                                                    Values<std::uint32_t> after, AddTask how) {
    using namespace graph;
    const auto refused = [](Refusal why) { return static_cast<std::uint32_t>(why); };
    Header& header = task_header();
    if (header.dynamic_tasks == 0) return refused(Refusal::no_reserve);
    DynamicTasks& dynamic = *reinterpret_cast<DynamicTasks*>(header.dynamic_tasks);
    const std::uint32_t self = this_task();

    const bool is_kernel = function >= first_kernel;
    const std::uint32_t index = is_kernel ? function - first_kernel : function;
    if (index >= (is_kernel ? dynamic.kernel_count : dynamic.function_count)) {
        return refused(Refusal::no_function);
    }
    std::uint32_t word = reinterpret_cast<const std::uint32_t*>(
        is_kernel ? dynamic.kernels : dynamic.functions)[index];
    if (how.kind != 0xFF) {
        if (how.kind >= 8 || dynamic.kinds[how.kind] == no_kind) return refused(Refusal::no_kind);
        word &= ~(3u << function::kind_shift | function::no_worker);
        word |= dynamic.kinds[how.kind] << function::kind_shift;
    }
    if ((word & function::no_worker) != 0) return refused(Refusal::no_kind);
    if (arguments.size() > dynamic.argument_room) return refused(Refusal::arguments);
    if (!is_kernel &&
        arguments.size() < reinterpret_cast<const std::uint32_t*>(dynamic.needs)[index]) {
        return refused(Refusal::lacks_arguments);
    }

    const std::uint32_t place = atomic_add(&dynamic.tasks, 1);
    if (place >= dynamic.spare_tasks) return refused(Refusal::tasks);
    const std::uint32_t number = header.task_count + place;
    Task& task = reinterpret_cast<Task*>(header.records)[number];
    const std::uint32_t kind = word >> function::kind_shift & 3;
    const std::uint32_t edge = number | kind << edge::kind_shift | edge::present;
    auto* const words =
        reinterpret_cast<std::int64_t*>(dynamic.arguments) + place * dynamic.argument_room;
    for (std::size_t i = 0; i < arguments.size(); ++i) words[i] = arguments[i];
    task.arguments = reinterpret_cast<std::uint32_t>(words);
    task.argument_words = 2 * arguments.size();
    task.function = word;
    task.remaining = after.size() + 1;
    state_of(dynamic, number).parent = self;

    std::uint32_t over = 1;
    for (const std::uint32_t before : after) {
        if (before >= number) return refused(Refusal::no_task);
        const std::uint32_t at = atomic_add(&dynamic.edges, 1);
        if (at >= dynamic.spare_edges) return refused(Refusal::edges);
        AddedEdge& added = reinterpret_cast<AddedEdge*>(dynamic.edge_list)[at];
        added.edge = edge | (before == self ? added_by_itself : 0);
        added.from = before;
        if (!wait_for(dynamic, before, &added)) ++over;
    }
    if (how.continues) {
        const std::uint32_t earlier =
            atomic_swap(&state_of(dynamic, self).continuation, number + 1);
        if (earlier != 0) return refused(Refusal::continued);
    }
    if (atomic_add(&task.remaining, 0u - over) == over) {
        const std::uint64_t now = cycles();
        task.ready[0] = static_cast<std::uint32_t>(now);
        task.ready[1] = static_cast<std::uint32_t>(now >> 32);
        atomic_add(&header.active, 1);
        put_ready(header.ready[kind], &edge, 1);
        wake_hungry(&header, max_schedulers, kind, 1);
    }
    return number;
}

}  // namespace device

/// Adds a task that calls a function of the worker program, or runs the kernel graph::first_kernel
/// + i, with these 64-bit arguments, when all tasks in `after` have ended: numbers of tasks of this
/// graph, such as this_task() or what add_task() returned; those that have ended hold nothing up.
/// Returns its number. Stops the run at the line of the caller, with the reason, if there is no
/// room for it, for its arguments or for an edge, if it lacks arguments that the function takes, or
/// for a function, a kind or a task that is not there.
TILEWRIGHT_DEVICE std::uint32_t add_task(std::uint32_t function, Values<std::int64_t> arguments,
                                         Values<std::uint32_t> after = {}, AddTask how = {}) {
    const std::uint32_t number = device::try_add_task(function, arguments, after, how);
    if (number >= static_cast<std::uint32_t>(device::Refusal::no_reserve)) [[unlikely]] {
        device::print_refusal(number);
        device::stop();
    }
    return number;
}

}  // namespace tilewright::kernel
