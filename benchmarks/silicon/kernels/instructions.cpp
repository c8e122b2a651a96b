// Times n blocks of the instructions of one probe (-DPROBE=name) on one core: the cycles of a loop
// around them, of which that of the empty probe is the loop's own. What the names mean is said by
// the data set riscvbench of the package wolfpine; the instructions here are our own.
#include "tilewright/kernel.hpp"

using namespace tilewright::kernel;

// Registers: a0 scratch memory in L1, a1 to a4 results, a5 a word of local memory that holds its
// own address, t0 the dividend 0x12345678, t1 the divisor 3.
#define TIMES(n, text) ".rept " #n "\n" text ".endr\n"

#define PROBE_loop_overhead ""
#define PROBE_rv_addi_indep TIMES(16, "addi a1,a1,1\n addi a2,a2,1\n addi a3,a3,1\n addi a4,a4,1\n")
#define PROBE_rv_addi_dep TIMES(64, "addi a1,a1,1\n")
#define PROBE_rv_mul_indep TIMES(16, "mul a1,t0,t1\n mul a2,t0,t1\n mul a3,t0,t1\n mul a4,t0,t1\n")
#define PROBE_rv_mul_dep TIMES(64, "mul a1,a1,t1\n")
#define PROBE_rv_div TIMES(64, "divu a1,t0,t1\n")
#define PROBE_rv_load_chase TIMES(64, "lw a0,0(a0)\n")
#define PROBE_rv_load_indep TIMES(16, "lw a1,0(a0)\n lw a2,16(a0)\n lw a3,32(a0)\n lw a4,48(a0)\n")
#define PROBE_rv_store_spread                                                 \
    TIMES(4,                                                                  \
          ".irp at,0,16,32,48,64,80,96,112,128,144,160,176,192,208,224,240\n" \
          "sw t0,\\at(a0)\n"                                                  \
          ".endr\n")
#define PROBE_rv_store_coalesce \
    TIMES(16, "sw t0,0(a0)\n sw t0,4(a0)\n sw t0,8(a0)\n sw t0,12(a0)\n")
#define PROBE_rv_load_stack TIMES(64, "lw a5,0(a5)\n")
#define PROBE_rv_store_stack TIMES(64, "sw a5,0(a5)\n")

#define PROBE_c_ctrl_xor TIMES(64, "xori a1,a1,1\n")
#define PROBE_c_nt TIMES(64, "bne zero,zero,2f\n 2:\n")
#define PROBE_c_t TIMES(64, "beq zero,zero,2f\n 2:\n")
#define PROBE_c_xor_nt TIMES(64, "xori a1,a1,1\n bne zero,zero,2f\n 2:\n")
#define PROBE_c_xor_t TIMES(64, "xori a1,a1,1\n beq zero,zero,2f\n 2:\n")
#define PROBE_c_xor_alt TIMES(64, "xori a1,a1,1\n beq a1,zero,2f\n 2:\n")
#define PROBE_c_jal TIMES(64, "j 2f\n 2:\n")

#define FOUR "addi a1,a1,1\n addi a2,a2,1\n addi a3,a3,1\n addi a4,a4,1\n"
#define PROBE_f_64 TIMES(16, FOUR)
#define PROBE_f_128 TIMES(32, FOUR)
#define PROBE_f_256 TIMES(64, FOUR)
#define PROBE_f_512 TIMES(128, FOUR)
#define PROBE_f_1024 TIMES(256, FOUR)
#define PROBE_f_2048 TIMES(512, FOUR)
#define PROBE_g_1024 TIMES(256, FOUR)
#define PROBE_g_1152 TIMES(288, FOUR)
#define PROBE_g_1280 TIMES(320, FOUR)
#define PROBE_g_1408 TIMES(352, FOUR)
#define PROBE_g_1536 TIMES(384, FOUR)
#define PROBE_g_1792 TIMES(448, FOUR)

#define JOIN(a, b) a##b
#define BODY_OF(name) JOIN(PROBE_, name)

static void instructions(std::uint32_t blocks, std::uint32_t scratch, std::uint32_t result) {
    constexpr std::uint32_t nodes = 64;
    constexpr std::uint32_t stride = 16;
    for (std::uint32_t i = 0; i < nodes; ++i) {
        *l1<volatile std::uint32_t>(scratch + i * stride) = scratch + (i + 1) % nodes * stride;
    }
    volatile std::uint32_t own = 0;
    own = reinterpret_cast<std::uint32_t>(&own);

    std::uint32_t begin, end;
    asm volatile(
        "mv a0,%[scratch]\n mv a5,%[own]\n li t0,0x12345678\n li t1,3\n li a1,0\n"
        "csrr %[begin],0xC00\n"
        "1:\n" BODY_OF(PROBE) "addi %[n],%[n],-1\n"
        "bnez %[n],1b\n"
        "csrr %[end],0xC00\n"
        : [n] "+r"(blocks), [begin] "=&r"(begin), [end] "=&r"(end)
        : [scratch] "r"(scratch), [own] "r"(&own)
        : "a0", "a1", "a2", "a3", "a4", "a5", "t0", "t1", "memory");
    *l1<volatile std::uint32_t>(result) = end - begin;
}
TILEWRIGHT_KERNEL(instructions)
