// Times n blocks of instructions of the compute engine, in the core's own stream, on one to three
// of the cores that feed it: the cycles of a loop around them. What it runs is told by definitions:
// -DBLOCK=name of a block below, -DOP=instruction; -DFORMAT=name has banks of SrcA and SrcB valid.
// What the names mean is said by the data sets riscvbench (phase T) and tensixbench (phase A) of
// the package wolfpine.
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/tensix/math.hpp"
#include "tilewright/kernel/tensix/unpack.hpp"

using namespace tilewright::kernel;

#define TIMES(n, text) ".rept " #n "\n" text ".endr\n"
// Sixteen instructions of the core, and those of the engine among them, sixteen times.
#define ADD(n) TIMES(n, "addi a1,a1,1\n")
#define PUSH(n) TIMES(n, ".4byte %[word]\n")
#define BLOCK_empty ""
#define BLOCK_one PUSH(64)
#define BLOCK_pad TIMES(16, ADD(16))
#define BLOCK_fuse2 TIMES(16, ADD(16) PUSH(2))
#define BLOCK_fuse4 TIMES(16, ADD(16) PUSH(4))
#define BLOCK_spread4 TIMES(16, TIMES(4, ADD(4) PUSH(1)))
#define JOIN(a, b) a##b
#define BLOCK_OF(name) JOIN(BLOCK_, name)

/// As it lies in the core's stream.
constexpr std::uint32_t in_stream(std::uint32_t word) {
    return word << 2 | word >> 30;
}

#ifdef FORMAT
/// A bank of each source for the matrix unit, by the instruction that the vendor's kernels use.
static void make_sources_valid() {
    constexpr auto format = tensix::Format::FORMAT;
    for (unsigned which = 0; which < 2; ++which) {
        tensix::configure(tensix::in_section(which, tensix::unpacker::conversion, 0, 4),
                          static_cast<std::uint32_t>(format));
    }
    tensix::start_math({.wide = false, .full = false}, format, format, false);
    tensix::unpack_zeros(0);
    tensix::unpack_zeros(1);
    tensix::wait_until_done();
}
#endif

static void bursts(std::uint32_t blocks, std::uint32_t result, std::uint32_t thread,
                   Semaphore ready) {
#ifdef FORMAT
    if (thread == 1) {
        make_sources_valid();
        ready.set(1);
    }
    ready.wait(1);
#else
    static_cast<void>(thread);
    static_cast<void>(ready);
#endif
    std::uint32_t begin, end;
    asm volatile(
        "csrr %[begin],0xC00\n"
        "1:\n" BLOCK_OF(BLOCK) "addi %[n],%[n],-1\n"
        "bnez %[n],1b\n"
        "csrr %[end],0xC00\n"
        : [n] "+r"(blocks), [begin] "=&r"(begin), [end] "=&r"(end)
        : [word] "i"(in_stream(tensix::word_of(tensix::op::OP{})))
        : "a1", "memory");
    *l1<volatile std::uint32_t>(result) = end - begin;
}
TILEWRIGHT_KERNEL(bursts)
