// A tile with a compute engine, and kernels for the cores that feed it, instruction by instruction.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/assembled_kernel.hpp"
#include "tensix/config.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::test {

namespace reg = abi::compute_register;
using riscv::Op;
using riscv::test::Program;
using tensix::Architecture;
using tensix::FieldValue;

inline constexpr std::uint32_t engine_base = 6, value = 7, scratch = 28;

inline std::uint32_t word(tensix::Op op, std::initializer_list<FieldValue> values = {}) {
    return encode(Architecture::blackhole, op, values);
}

/// A kernel that stores to and loads from the engine's registers.
class Kernel {
public:
    Kernel() { program_.li(engine_base, abi::compute_registers); }

    Kernel& store(std::uint32_t offset, std::uint32_t what) {
        program_.li(scratch, abi::compute_registers + offset).li(value, what);
        program_.add(Op::sw, {.rs1 = scratch, .rs2 = value, .imm = 0});
        return *this;
    }
    Kernel& store_macro(std::uint32_t number, std::uint32_t what) {
        program_.li(scratch, abi::macro_registers + 4 * number).li(value, what);
        program_.add(Op::sw, {.rs1 = scratch, .rs2 = value, .imm = 0});
        return *this;
    }
    Kernel& push(tensix::Op op, std::initializer_list<FieldValue> values = {}) {
        return store(reg::instructions, word(op, values));
    }
    /// In the core's own stream, where it lies rotated.
    Kernel& push_in_stream(std::uint32_t what) {
        program_.raw(what << 2 | what >> 30);
        return *this;
    }
    /// Into register x8 and up.
    Kernel& load(std::uint32_t offset, std::uint32_t to) {
        program_.li(scratch, abi::compute_registers + offset);
        program_.add(Op::lw, {.rd = to, .rs1 = scratch, .imm = 0});
        return *this;
    }
    /// And waits for what it has loaded.
    Kernel& use(std::uint32_t offset) {
        load(offset, value);
        program_.addi(value, value, 0);
        return *this;
    }
    Kernel& pause(int instructions) {
        for (int i = 0; i < instructions; ++i) program_.addi(0, 0, 0);
        return *this;
    }
    Kernel& wait() { return load(reg::done, value); }
    Kernel& wait_reserving() {
        program_.li(scratch, abi::compute_registers + reg::done);
        program_.add(Op::lr_w, {.rd = value, .rs1 = scratch});
        return *this;
    }
    Kernel& store_l1(std::uint32_t address, std::uint32_t what) {
        program_.li(scratch, address).li(value, what);
        program_.add(Op::sw, {.rs1 = scratch, .rs2 = value, .imm = 0});
        return *this;
    }
    Kernel& load_l1(std::uint32_t address, std::uint32_t to) {
        program_.li(scratch, address).add(Op::lw, {.rd = to, .rs1 = scratch, .imm = 0});
        return *this;
    }
    Kernel& poll_l1(std::uint32_t address) {
        program_.li(scratch, address).add(Op::lw, {.rd = value, .rs1 = scratch, .imm = 0});
        program_.add(Op::beq, {.rs1 = value, .rs2 = 0, .imm = -4});
        return *this;
    }
    /// Until the semaphore is not 0.
    Kernel& poll(std::uint32_t semaphore) {
        program_.li(scratch, abi::compute_registers + reg::semaphores + 4 * semaphore);
        program_.add(Op::lw, {.rd = value, .rs1 = scratch, .imm = 0});
        program_.add(Op::beq, {.rs1 = value, .rs2 = 0, .imm = -4});
        return *this;
    }
    Program end() { return program_.addi(10, 0, 0).ecall(); }

private:
    Program program_;
};

inline Kernel held_for_ever() {
    return Kernel()
        .push(tensix::Op::semwait, {{"conditions", 1}, {"semaphores", 1}, {"blocks", 0x1ff}})
        .push(tensix::Op::nop)
        .wait();
}

struct Board {
    explicit Board(bool parks = true, Conventions conventions = {})
        : chip(config(parks), conventions) {}

    static ChipConfig config(bool parks) {
        ChipConfig config = preset("tiny");
        config.park_polling_loops = parks;
        config.compute_engines = 1;
        return config;
    }
    void launch(std::uint32_t core, Kernel kernel) {
        chip.launch(core, assembled_kernel(kernel.end(), "kernel").image(), {});
    }
    Chip::Outcome run(std::uint64_t until = ~0ull, bool tell_livelocks = false) {
        Chip::Outcome outcome;
        do outcome = chip.run(until, {}, tell_livelocks);
        while (outcome == Chip::Outcome::core_ended);
        if (outcome == Chip::Outcome::faulted) fault = diagnose::fault(chip).what();
        if (outcome == Chip::Outcome::deadlocked)
            fault = diagnose::deadlock(chip).what() + diagnose::busy(chip);
        return outcome;
    }
    std::uint32_t x(std::uint32_t core, std::uint32_t number) const {
        return chip.core(core).hart.x[number];
    }
    std::map<std::string, std::uint64_t> counters() const {
        std::map<std::string, std::uint64_t> all;
        chip.count([&](std::string name, std::string_view, std::string_view, std::uint64_t count) {
            all.emplace(std::move(name), count);
        });
        return all;
    }
    Chip chip;
    std::string fault;
};

inline std::vector<std::byte> saved(const Chip& chip) {
    ArchiveWriter archive;
    chip.save(archive);
    return archive.take();
}

}  // namespace tilewright::test
