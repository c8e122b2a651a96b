// Times one burst of n instructions into the compute engine's queue, and how long it takes until
// they are done: phases Q and S of the data set riscvbench of the package wolfpine. Definitions:
// -DFORM=cascade (1 to 128 instructions in a row, a power of two), four or sixteen (a loop of as
// many), -DPUSHED=instruction of the engine, or with -DADDS of the core; -DSYNC waits at the end.
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/tensix/instruction.hpp"

using namespace tilewright::kernel;

#define TIMES(n, text) ".rept " #n "\n" text ".endr\n"
#ifdef ADDS
#define EACH "addi a1,a1,1\n"
#else
#define EACH ".4byte %[word]\n"
#endif

// Twice as many as so far, if the burst is longer than k of these.
#define DOUBLE(k, n) "bgeu %[k" #k "],%[n],2f\n" TIMES(n, EACH) "2:\n"
#define FORM_cascade                                                                       \
    EACH DOUBLE(1, 1) DOUBLE(2, 2) DOUBLE(4, 4) DOUBLE(8, 8) DOUBLE(16, 16) DOUBLE(32, 32) \
        DOUBLE(64, 64)
#define LOOP(n) "1:\n" TIMES(n, EACH) "addi %[n],%[n],-" #n "\n bnez %[n],1b\n"
#define FORM_four LOOP(4)
#define FORM_sixteen LOOP(16)
#define JOIN(a, b) a##b
#define FORM_OF(name) JOIN(FORM_, name)

/// As the vendor's headers wait: the store keeps the load behind what was pushed.
#define WAIT "sw zero,0(%[done])\n lw a1,0(%[done])\n andi a1,a1,0\n"
#ifdef SYNC
#define AT_THE_END WAIT
#else
#define AT_THE_END ""
#endif

static void queue(std::uint32_t n, std::uint32_t result) {
    constexpr std::uint32_t word = tensix::word_of(tensix::op::PUSHED{});
    std::uint32_t begin, end;
    asm volatile(
        "csrr %[begin],0xC00\n" FORM_OF(FORM) AT_THE_END "csrr %[end],0xC00\n"
        : [n] "+r"(n), [begin] "=&r"(begin), [end] "=&r"(end)
        : [word] "i"(word << 2 | word >> 30),
          [done] "r"(tilewright::abi::compute_registers + tilewright::abi::compute_register::done),
          [k1] "r"(1), [k2] "r"(2), [k4] "r"(4), [k8] "r"(8), [k16] "r"(16), [k32] "r"(32),
          [k64] "r"(64)
        : "a1", "memory");
    *l1<volatile std::uint32_t>(result) = end - begin;
}
TILEWRIGHT_KERNEL(queue)
