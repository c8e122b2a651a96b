// The core that stands alone: small assembly programs, made by an assembler that is not ours, that
// trap, return, change their own code and end at `tohost`.
#include "tilewright/riscv/standalone.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tilewright/base/error.hpp"

namespace tilewright::riscv {
namespace {

namespace fs = std::filesystem;

/// What every program begins and ends with; it stores 1 (well) or what it finds wrong.
constexpr const char* frame_begin = R"(
    .option norelax
    .section .text
    .globl _start
_start:
)";
constexpr const char* frame_end = R"(
pass:
    li a0, 1
finish:
    la t6, tohost
    sw a0, 0(t6)
1:  j 1b
    .section .data
    .globl tohost, begin_signature, end_signature
    .balign 64
tohost: .word 0, 0
    .balign 64
begin_signature: .word 0, 0, 0, 0
end_signature:
)";

class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("tilewright-alone-" + std::to_string(getpid()))) {
        fs::create_directories(path_);
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path operator/(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

class StandaloneTest : public testing::Test {
protected:
    /// Assembles the program at `base`.
    fs::path build(const std::string& body, const std::string& base = "0x80000000",
                   const std::string& flags = "7") {
        const fs::path source = folder / "program.s";
        const fs::path script = folder / "program.ld";
        fs::path elf = folder / "program.elf";
        std::ofstream(source) << frame_begin << body << frame_end;
        std::ofstream(script) << "ENTRY(_start) PHDRS { all PT_LOAD FLAGS(" << flags
                              << "); }\nSECTIONS { . = " << base
                              << "; .text : { *(.text) } :all .data : { *(.data) } :all }\n";
        const std::string command =
            std::string(TILEWRIGHT_TEST_ZIG) +
            " cc -target riscv32-freestanding-none"
            " -mcpu=generic_rv32+m+a+f+c+zicsr+zifencei+zawrs -nostdlib -Wl,-T,'" +
            script.string() + "' '" + source.string() + "' -o '" + elf.string() + "'";
        if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
        return elf;
    }

    ElfImage image(const std::string& body, const std::string& base = "0x80000000",
                   const std::string& flags = "7") {
        const fs::path path = build(body, base, flags);
        std::ifstream in(path, std::ios::binary);
        const std::vector<char> text((std::istreambuf_iterator<char>(in)), {});
        return parse_elf(std::as_bytes(std::span(text)), "program.elf");
    }

    /// What the program writes to tohost.
    std::uint32_t outcome(const std::string& body, const char* isa = all) {
        Standalone core(image(body), parse_isa(isa));
        return core.run(100'000).value_or(0);
    }

    static constexpr const char* all = "rv32imafc_zicsr_zifencei_zawrs";
    Folder folder;
};

TEST_F(StandaloneTest, EndsAtTohostAtAnyBase) {
    for (const char* base : {"0x80000000", "0x0", "0x400000", "0xfffe0000"}) {
        Standalone core(image("    j pass\n", base), parse_isa(all));
        EXPECT_EQ(core.run(1000), 1u) << base;
        EXPECT_EQ(core.run(1000), 1u) << "it stays ended";
    }
}

TEST_F(StandaloneTest, RunsCodeWithoutAFlagThatSaysSo) {
    for (const char* flags : {"0", "4", "6"}) {  // none, R, RW
        Standalone core(image("    j pass\n", "0x80000000", flags), parse_isa(all));
        EXPECT_EQ(core.run(1000), 1u) << flags;
    }
}

TEST_F(StandaloneTest, TellsWhatWasWritten) {
    EXPECT_EQ(outcome("    li a0, 15\n    j finish\n"), 15u);
}

TEST_F(StandaloneTest, AnAtomicWriteEndsItToo) {
    EXPECT_EQ(outcome("    la t0, tohost\n    li t1, 7\n    amoor.w t2, t1, (t0)\n1:  j 1b\n"), 7u);
}

TEST_F(StandaloneTest, StopsExactlyAtTheLimitAndGoesOn) {
    Standalone core(image("    li t0, 100\n1:  addi t0, t0, -1\n    bnez t0, 1b\n"),
                    parse_isa(all));
    EXPECT_EQ(core.run(57), std::nullopt);
    EXPECT_EQ(core.hart().retired, 57u);
    EXPECT_EQ(core.run(1000), 1u);
}

/// A handler that keeps what it is told in the signature and goes on 4 bytes after the trap.
constexpr const char* handler = R"(
    la t0, handler
    csrw mtvec, t0
    j body
    .balign 4
handler:
    la t1, begin_signature
    csrr t2, mcause
    sw t2, 0(t1)
    csrr t2, mtval
    sw t2, 4(t1)
    csrr t2, mepc
    sw t2, 8(t1)
    csrr t3, mstatus
    sw t3, 12(t1)
    addi t2, t2, 4
    csrw mepc, t2
    mret
    .balign 4
body:
)";

TEST_F(StandaloneTest, ExceptionsReachTheHandler) {
    struct Case {
        const char* what;
        const char* body;
        std::uint32_t cause;
        std::optional<std::uint32_t> value;
    };
    for (const Case& c :
         {Case{"ecall", ".globl trap\ntrap: ecall\n", 11, 0},
          Case{"ebreak", ".option norvc\n.globl trap\ntrap: ebreak\n", 3, {}},
          Case{"illegal", ".globl trap\ntrap: .word 0xffffffff\n", 2, 0xFFFF'FFFF},
          Case{"load", ".option norvc\n.globl trap\ntrap: lw a0, 4(zero)\n", 5, 4},
          Case{"store", ".option norvc\n.globl trap\ntrap: sw a0, 8(zero)\n", 7, 8},
          Case{"misaligned", ".option norvc\n.globl trap\ntrap: lw a0, 1(zero)\n", 4, 1},
          Case{"no csr", ".globl trap\ntrap: csrr a0, 0x3a0\n", 2, 0x3A00'2573},
          Case{"read only", ".globl trap\ntrap: csrw mhartid, a0\n", 2, {}}}) {
        SCOPED_TRACE(c.what);
        const ElfImage program =
            image(std::string(handler) + "    csrsi mstatus, 8\n" + c.body + "    j pass\n");
        Standalone core(program, parse_isa(all));
        ASSERT_EQ(core.run(1000), 1u);
        const auto seen =
            core.words(*program.symbol("begin_signature"), *program.symbol("end_signature"));
        EXPECT_EQ(seen[0], c.cause);
        if (c.value) {
            EXPECT_EQ(seen[1], *c.value);
        }
        EXPECT_EQ(seen[2], *program.symbol("trap"));
        EXPECT_EQ(seen[3] & 0x88, 0x80u) << "interrupts are off, and were on";
        EXPECT_TRUE(core.traps().interrupts) << "mret turns them on again";
    }
}

TEST_F(StandaloneTest, MisalignedJumpsTrapWithoutShortInstructionsOnly) {
    const std::string body = std::string(".option norvc\n") + handler +
                             ".globl trap\n    la a0, trap + 2\ntrap: jr a0\n    j pass\n";
    const ElfImage program = image(body);
    Standalone core(program, parse_isa("rv32im_zicsr"));
    ASSERT_EQ(core.run(1000), 1u);
    EXPECT_EQ(core.traps().mcause, 0u);
    EXPECT_EQ(core.traps().mtval, *program.symbol("trap") + 2);
}

TEST_F(StandaloneTest, ATrapWithoutHandlerIsReported) {
    Standalone core(image("    ecall\n"), parse_isa(all));
    EXPECT_THROW(core.run(1000), KernelFault);
    Standalone loop(image("    la t0, 1f\n    csrw mtvec, t0\n    .balign 4\n1:  .word -1\n"),
                    parse_isa(all));
    EXPECT_THROW(loop.run(1000), KernelFault) << "the handler's own first instruction traps";
}

TEST_F(StandaloneTest, IdentifiesItself) {
    EXPECT_EQ(outcome("    csrr a0, misa\n    j finish\n"),
              1u << 30 | 1u << 0 | 1u << 2 | 1u << 5 | 1u << 8 | 1u << 12);
    EXPECT_EQ(outcome(".option norvc\n    csrr a0, misa\n    j finish\n", "rv32i_zicsr"),
              1u << 30 | 1u << 8);
    EXPECT_EQ(outcome("    csrr a0, mhartid\n    beqz a0, pass\n"), 1u);
}

constexpr const char* changing_code = R"(
    la t0, target
    li t1, 0x00300513      # li a0, 3
    jalr t0                # runs the old one, so that it is decoded
    sw t1, 0(t0)
    FENCE
    jalr t0
    j finish
    .balign 4
target: .word 0x00500513   # li a0, 5
    ret
)";

TEST_F(StandaloneTest, NewCodeShowsAfterFenceI) {
    std::string body = changing_code;
    const std::string::size_type at = body.find("FENCE");
    EXPECT_EQ(outcome(body.replace(at, 5, "fence.i")), 3u);
    EXPECT_EQ(outcome(body.replace(at, 7, "nop")), 5u);
}

TEST_F(StandaloneTest, CodeThatChangesAgainAndAgainIsWhatRuns) {
    EXPECT_EQ(outcome(R"(
    .option norvc
    la t0, target
    lw t1, 0(t0)           # addi a0, a0, 1
    li t2, 100
    li a0, 0
    li t4, 1 << 20
1:  jal ra, target
    add t1, t1, t4         # the number that it adds grows by one
    sw t1, 0(t0)
    fence.i
    addi t2, t2, -1
    bnez t2, 1b
    j finish
    .balign 4
target: addi a0, a0, 1
    ret
)"),
              100u * 101 / 2);
}

TEST_F(StandaloneTest, FenceIKeepsWhatWasMadeOfCodeThatStays) {
    // Making all of a large text anew at each fence.i took 1.5 ms. Nothing runs the second word, so
    // its block is there at the end only if no fence.i has thrown it away.
    Standalone core(image("    .option norvc\n    j 2f\n    ret\n2:  li s0, 20\n"
                          "1:  fence.i\n    addi s0, s0, -1\n    bnez s0, 1b\n    j pass\n"),
                    parse_isa(all));
    const Code& code = core.code();
    const std::uint32_t unused = core.hart().pc + 4;
    const std::atomic<const Block*>& place = code.table()[(unused - code.base()) / 2];
    ASSERT_EQ(place.load(), nullptr);
    const Block* const made = code.block(unused);
    EXPECT_EQ(core.run(100'000), 1u);
    EXPECT_EQ(place.load(), made);
}

TEST_F(StandaloneTest, FloatsWork) {
    EXPECT_EQ(outcome(R"(
    li t0, 7
    fcvt.s.w fa0, t0
    fmul.s fa0, fa0, fa0
    fcvt.w.s a0, fa0, rtz
    j finish
)"),
              49u);
}

/// Stores and loads of all sizes at addresses that are no multiples of them; a0 says what is wrong.
constexpr const char* misaligned = R"(
    la t0, begin_signature
    li t1, 0x8182f384
    sw t1, 1(t0)
    lw t2, 1(t0)
    li a0, 3
    bne t1, t2, finish
    lh t2, 1(t0)
    li t3, 0xfffff384
    li a0, 5
    bne t2, t3, finish
    lhu t2, 1(t0)
    li t3, 0xf384
    li a0, 7
    bne t2, t3, finish
    sh t1, 7(t0)
    lbu t2, 8(t0)
    li t3, 0xf3
    li a0, 9
    bne t2, t3, finish
    flw fa0, 1(t0)
    fsw fa0, 10(t0)
    lw t2, 10(t0)
    li a0, 11
    bne t1, t2, finish
    lw zero, 1(t0)
    li a0, 13
    bnez zero, finish
)";

TEST_F(StandaloneTest, MisalignedLoadsAndStoresAreDoneOrTrap) {
    EXPECT_EQ(outcome(misaligned), 1u);
    EXPECT_EQ(outcome(std::string(".option norvc\n") + misaligned), 1u);
    Standalone core(image(std::string(".option norvc\n") + handler + misaligned), parse_isa(all),
                    {}, Misaligned::traps);
    EXPECT_EQ(core.run(1000), 3u);
    EXPECT_EQ(core.traps().mcause, 4u) << "of the load behind the store";
    Standalone atomic(image(std::string(handler) + "    la t0, tohost - 2\n"
                                                   ".option norvc\n    amoadd.w t1, t1, (t0)\n"),
                      parse_isa(all));
    EXPECT_EQ(atomic.run(1000), 1u);
    EXPECT_EQ(atomic.traps().mcause, 6u);
}

TEST_F(StandaloneTest, CountersCanBeWrittenAndUserModeSeesIt) {
    EXPECT_EQ(outcome("    csrwi minstret, 20\n    csrr a0, instret\n    j finish\n"), 20u);
    EXPECT_EQ(outcome("    csrwi minstret, 20\n    nop\n    csrr a0, minstret\n    j finish\n"),
              21u);
    EXPECT_EQ(outcome("    li t0, -1\n    csrw minstret, t0\n    csrwi minstreth, 6\n    nop\n"
                      "    csrr a0, instreth\n    j finish\n"),
              7u)
        << "the lower half carries over";
    EXPECT_EQ(outcome("    csrwi mcycle, 0\n    csrr t0, cycle\n    csrwi mcycleh, 3\n"
                      "    csrr a0, timeh\n    j finish\n"),
              3u);
    Standalone limited(image("    csrwi minstret, 0\n1:  j 1b\n"), parse_isa(all));
    EXPECT_EQ(limited.run(50), std::nullopt);
    EXPECT_EQ(limited.hart().retired, 50u) << "what was written does not move the limit";
}

TEST_F(StandaloneTest, FloatsAreIllegalWhileTheyAreOff) {
    Standalone core(image(std::string(handler) + R"(
    li t0, 0x6000
    fmv.w.x fa0, t0
    csrc mstatus, t0
.option norvc
    .globl off
off: fadd.s fa0, fa0, fa0
    csrs mstatus, t0
    fmv.x.w a0, fa0
    srli a0, a0, 12
    addi a0, a0, 1
    j finish
)"),
                    parse_isa(all));
    EXPECT_EQ(core.run(1000), 7u) << "the sum was not made, and fa0 is what it was";
    EXPECT_EQ(core.traps().mcause, 2u);
}

TEST_F(StandaloneTest, WordsOutsideOfRamAreRefused) {
    const Standalone core(image("    j pass\n"), parse_isa(all));
    EXPECT_THROW(core.words(0, 4), AddressError);
    EXPECT_THROW(core.words(0x8000'0002, 0x8000'0006), AddressError);
    EXPECT_TRUE(core.words(0x8000'0000, 0x8000'0000).empty());
}

TEST_F(StandaloneTest, TheCommandReportsByExitCodeAndSignature) {
    const std::string command = TILEWRIGHT_BUILD_DIR "/bin/tilewright-riscv ";
    const auto run = [&](const std::string& arguments) {
        return WEXITSTATUS(std::system((command + arguments + " 2>/dev/null").c_str()));
    };
    const std::string good = build(
                                 "    la t0, begin_signature\n    li t1, 0xabc\n"
                                 "    sw t1, 4(t0)\n")
                                 .string();
    const std::string signature = (folder / "signature").string();
    EXPECT_EQ(run(good + " --signature " + signature), 0);
    std::ifstream in(signature);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(text, "00000000\n00000abc\n00000000\n00000000\n");
    EXPECT_EQ(run(good + " --max-instructions 3"), 3);
    EXPECT_EQ(run(good + " --max-instructions three"), 2);
    EXPECT_EQ(run(good + " --isa rv32q"), 2);
    EXPECT_EQ(run("/nonexistent.elf"), 2);
    EXPECT_EQ(run(build("    li a0, 13\n    j finish\n").string()), 6);
    EXPECT_EQ(run(build("    li a0, 8\n    j finish\n").string()), 5);
    EXPECT_EQ(run(build("    ecall\n").string()), 4);
}

}  // namespace
}  // namespace tilewright::riscv
