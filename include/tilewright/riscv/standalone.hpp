// A core without a chip: one hart with RAM and traps, for bare-metal programs and the test
// suites of cores. It is an owner of a hart like any other: what the interpreter does not know
// (machine-mode CSRs, mret, traps) is carried out here, where it reports an illegal instruction.
//
//  - Machine mode only; no interrupts, no protection of memory. Exceptions go to mtvec.
//  - RAM reaches from the first to the last segment of the program, in whole pages, and reads as
//    zero where the file has nothing. Instructions are fetched from the executable segments and
//    what lies between them.
//  - Code that is written shows after fence.i, not before.
//  - A write of a word other than 0 to the symbol `tohost` ends the program.
//  - Loads and stores that are not aligned are carried out, in two cycles, or trap; atomics trap.
//  - mcycle and minstret can be written, and cycle, time and instret follow them; they always
//  count.
//  - mstatus.FS is off or dirty; F is illegal while it is off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/elf.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/riscv/kernel_fault.hpp"
#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv {

/// The machine-mode CSRs that are not in HartState.
struct TrapState {
    std::uint32_t mtvec = 0;
    std::uint32_t mepc = 0;
    std::uint32_t mcause = 0;
    std::uint32_t mtval = 0;
    std::uint32_t mie = 0;
    bool interrupts = false;           ///< mstatus.MIE
    bool previous_interrupts = false;  ///< mstatus.MPIE
    bool float_off = false;            ///< mstatus.FS is 0
    std::uint64_t cycle_offset = 0;    ///< what mcycle is ahead of HartState::cycles
    std::uint64_t retired_offset = 0;  ///< what minstret is ahead of HartState::retired
};

/// What a load or a store does whose address is no multiple of its size.
enum class Misaligned : std::uint8_t { done, traps };

class Standalone final : private Bus {
public:
    /// RAM is at most this large, in bytes.
    static constexpr std::uint64_t max_ram = 1u << 30;

    /// Loads the program; the hart stands at its entry. Memory is as fast as Timing::load_near.
    /// Throws ElfError if the segments lie further apart than max_ram, ConfigError as Code does.
    Standalone(const ElfImage& program, Isa isa, Timing timing = {},
               Misaligned misaligned = Misaligned::done);
    Standalone(const Standalone&) = delete;
    Standalone& operator=(const Standalone&) = delete;

    /// Runs until the program writes to `tohost`, and returns what it wrote; nothing if
    /// `max_instructions` were completed before, and then it may be called again. Throws
    /// KernelFault if a trap finds no handler.
    std::optional<std::uint32_t> run(std::uint64_t max_instructions);

    const HartState& hart() const { return hart_; }
    /// The program, for translate(), and to adopt a translation of it.
    const Code& code() const { return *code_; }
    WindowPlaces window_places() const { return context_.window_places(); }
    /// Instructions that translated code has carried out.
    std::uint64_t translated() const { return context_.translated(); }
    const TrapState& traps() const { return traps_; }

    /// The words from `begin` up to `end`. Throws AddressError unless both are multiples of 4
    /// and what is between them is RAM.
    std::vector<std::uint32_t> words(std::uint32_t begin, std::uint32_t end) const;

private:
    bool synchronising(std::uint32_t address) const override;
    Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) override;
    Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                std::uint64_t cycle) override;
    Access atomic(AtomicOp op, std::uint32_t address, std::uint32_t operand,
                  std::uint64_t cycle) override;
    Access load_reserved(std::uint32_t address, std::uint64_t cycle) override;
    Cause store_conditional(std::uint32_t address, std::uint32_t value,
                            std::uint64_t cycle) override;

    std::byte* place(std::uint32_t address, std::uint32_t bytes) const;
    std::span<const std::byte> text() const;
    void read_code();
    void complete(std::uint32_t next_pc);
    bool carry_out(std::uint32_t word);
    bool carry_out_misaligned(const Fault& fault);
    std::uint32_t counter(std::uint32_t number) const;
    void set_counter(std::uint32_t number, std::uint32_t value);
    bool access_csr(std::uint32_t word);
    std::optional<std::uint32_t> read_machine_csr(std::uint32_t number) const;
    bool write_machine_csr(std::uint32_t number, std::uint32_t value);
    void trap(std::uint32_t cause, std::uint32_t value);
    std::uint32_t misa() const;

    struct Free {
        void operator()(std::byte* memory) const;
    };

    Isa isa_;
    Timing timing_;
    Misaligned misaligned_;
    HartState hart_;
    TrapState traps_;
    std::uint32_t base_ = 0;  ///< of RAM
    std::uint32_t bytes_ = 0;
    std::unique_ptr<std::byte[], Free> ram_;  ///< of the C library, which maps zeros lazily
    std::uint32_t text_base_ = 0;
    std::uint32_t text_bytes_ = 0;
    std::unique_ptr<Code> code_;
    RunContext context_;
    Limits limits_;
    std::optional<std::uint32_t> tohost_;
    std::optional<std::uint32_t> ended_;  ///< what was written to tohost
};

}  // namespace tilewright::riscv
