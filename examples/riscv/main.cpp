// Runs an ELF file on a RISC-V core of Tilewright with a bus of its own: a memory, and one register
// that prints what is stored to it. The program ends with ecall.
//
//     cmake -S examples/riscv -B build/riscv-example && cmake --build build/riscv-example
//     python -m ziglang cc -target riscv32-freestanding-none -mcpu=generic_rv32+m -O2 -nostdlib
//         -fno-sanitize=undefined examples/riscv/hello.c -o hello.elf
//     build/riscv-example/run_elf hello.elf
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <tilewright/riscv/elf.hpp>
#include <tilewright/riscv/run_context.hpp>
#include <vector>

namespace riscv = tilewright::riscv;

constexpr std::uint32_t memory_bytes = 1 << 20;
constexpr std::uint32_t output_register = 0x1000'0000;

// What the core reaches beyond its memory.
struct Board final : riscv::Bus {
    riscv::Access load(std::uint32_t, std::uint32_t, std::uint64_t) override {
        return {0, riscv::Cause::load_unmapped, 0};
    }
    riscv::Cause store(std::uint32_t address, std::uint32_t, std::uint32_t value,
                       std::uint64_t) override {
        if (address != output_register) return riscv::Cause::store_unmapped;
        std::cout << static_cast<char>(value);
        return riscv::Cause::none;
    }
};

int main(int argc, char** argv) try {
    std::ifstream file(argc == 2 ? argv[1] : "hello.elf", std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    const auto elf = riscv::parse_elf(std::as_bytes(std::span(bytes)), "the program");
    std::vector<std::byte> memory = riscv::image_bytes(elf, 0, memory_bytes);
    memory.resize(memory_bytes);

    const riscv::Code code(memory, 0, riscv::parse_isa("rv32im"), riscv::Timing{});
    riscv::MemoryMap map;
    map.near = {0, memory_bytes, memory.data()};
    riscv::RunContext context(code, map);
    riscv::HartState hart;
    hart.pc = hart.block = elf.entry;
    hart.x[2] = memory_bytes;  // the stack pointer

    Board board;
    riscv::Fault fault;
    const riscv::Stop stop = context.run(hart, board, riscv::Limits{}, fault);
    std::cout << hart.retired << " instructions, " << hart.cycles << " cycles\n";
    if (stop == riscv::Stop::environment) return 0;
    std::cerr << "stopped at " << std::hex << fault.pc << ", address " << fault.address << "\n";
    return 1;
} catch (const tilewright::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
