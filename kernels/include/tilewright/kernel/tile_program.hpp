// Tasks of graphs that are programs of kernels: the first core of a tile leads, the others follow.
//
// The leader is a worker as any other; what a launch does for a program, it does for each task.
// Followers do nothing else in a run (kernels/graph/follower.cpp).
#pragma once

#include <cstdint>

#include "tilewright/firmware/graph_layout.hpp"
#include "tilewright/kernel/coordinates.hpp"
#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/task.hpp"

namespace tilewright::kernel::device {

/// Runs an image as a kernel would be launched, with these launch arguments; comes back when it has
/// ended. The image starts with its own globals and this stack, and may change all registers.
TILEWRIGHT_DEVICE void call_image(std::uint32_t image, const void* arguments, std::uint32_t words) {
    register std::uint32_t request asm("a0") = abi::environment_call_image;
    register std::uint32_t which asm("a1") = image;
    register const void* from asm("a2") = arguments;
    register std::uint32_t count asm("a3") = words;
    asm volatile("ecall" : "+r"(request) : "r"(which), "r"(from), "r"(count) : "memory");
}

/// The tile's engine and reserved L1 are as at the launch of a program with this setup.
TILEWRIGHT_DEVICE void begin_program(std::uint32_t setup, std::uint32_t words) {
    register std::uint32_t request asm("a0") = abi::environment_begin_program;
    register std::uint32_t from asm("a1") = setup;
    register std::uint32_t count asm("a2") = words;
    asm volatile("ecall" : "+r"(request) : "r"(from), "r"(count) : "memory");
}

TILEWRIGHT_DEVICE std::uint32_t mailbox_of(std::uint32_t processor) {
    return abi::mailbox_base + processor * abi::mailbox_stride;
}

/// This core's kernel of the program, if it has one there.
inline void do_share(const graph::ProgramCall& call, std::uint32_t core) {
    const auto& program = *reinterpret_cast<const graph::TileProgram*>(call.program);
    if (program.images[core] == 0) return;
    const std::uint32_t arguments = call.arguments[core];
    call_image(program.images[core] - 1,
               reinterpret_cast<const std::uint32_t*>(&call) + (arguments & 0xFFFF),
               arguments >> 16);
}

/// Runs the program of a task on all cores of this tile, of which this is the first; comes back
/// when all kernels have ended.
inline void lead_program(std::int64_t* arguments) {
    const auto& call = *reinterpret_cast<const graph::ProgramCall*>(arguments);
    const auto& program = *reinterpret_cast<const graph::TileProgram*>(call.program);
    begin_program(program.setup, program.setup_words);
    const std::uint32_t box = mailbox_of(0);
    write_register(box + graph::mailbox::task, reinterpret_cast<std::uint32_t>(task_record()));
    std::uint32_t turn;
    asm volatile("amoadd.w %0, %2, (%1)"
                 : "=&r"(turn)
                 : "r"(box + graph::mailbox::quit), "r"(2)
                 : "memory");
    turn += 2;
    do_share(call, 0);
    for (std::uint32_t core = 1; program.followers >> core != 0; ++core) {
        if ((program.followers >> core & 1) == 0) continue;
        wait_word(mailbox_of(core) + graph::mailbox::done,
                  [=](std::uint32_t done) { return done == turn; });
    }
}

/// The life of a follower: from its launch to the end of its leader.
inline void follow() {
    const std::uint32_t core = processor();
    const std::uint32_t leader = mailbox_of(0);
    std::uint32_t turn = 0;
    while (true) {
        turn = wait_word(leader + graph::mailbox::quit,
                         [=](std::uint32_t word) { return word != turn; });
        if ((turn & 1) != 0) return;
        auto* task = *reinterpret_cast<graph::Task* const volatile*>(leader + graph::mailbox::task);
        set_task_record(task);
        do_share(*reinterpret_cast<const graph::ProgramCall*>(task->arguments), core);
        asm volatile("amoswap.w zero, %1, (%0)" ::"r"(mailbox_of(core) + graph::mailbox::done),
                     "r"(turn)
                     : "memory");
    }
}

}  // namespace tilewright::kernel::device
