// A product of tiles of 32 by 32 by three cores of a tile: one configures and unpacks, one
// multiplies, one packs; against sums in double precision.
#include <gtest/gtest.h>

#include <random>

#include "runtime/assembled_kernel.hpp"
#include "tensix/pipeline.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/coprocessor/registers.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright {
namespace {

namespace reg = abi::compute_register;
using tensix::Architecture;
using tensix::Format;
using tensix::Op;

constexpr std::uint32_t a_at = 0x12000, b_at = 0x11000, c_at = 0x14000;

class Cores : public testing::TestWithParam<Architecture> {
protected:
    using Kernel = riscv::test::Program;

    void store(Kernel& kernel, std::uint32_t address, std::uint32_t what) {
        kernel.li(28, address).li(7, what);
        kernel.add(riscv::Op::sw, {.rs1 = 28, .rs2 = 7, .imm = 0});
    }
    void push(Kernel& kernel, Op op, std::initializer_list<tensix::FieldValue> values = {}) {
        store(kernel, abi::compute_registers + reg::instructions, encode(GetParam(), op, values));
    }
    /// Stores that make the engine's configuration what the pipeline's is.
    void configure(Kernel& kernel, const tensix::State& state) {
        for (std::uint32_t word = 0; word < tensix::config::words[chip_index()]; ++word) {
            const std::uint32_t what = state.config[0][word];
            const auto offset = reg::configuration + 4 * word;
            if (what != 0) store(kernel, abi::compute_registers + offset, what);
        }
    }
    void configure_thread(Kernel& kernel, const tensix::State& state, unsigned thread) {
        for (std::uint32_t word = 0; word < tensix::thread_config::words[chip_index()]; ++word) {
            const std::uint32_t what = state.threads[thread].config[word];
            if (what != 0) push(kernel, Op::setc16, {{"word", word}, {"value", what}});
        }
    }
    std::size_t chip_index() const { return static_cast<std::size_t>(GetParam()); }
};

/// Faces of 16 by 16, one after another; bytes of numbers of `size`.
std::uint32_t place(unsigned row, unsigned column, unsigned size) {
    return size * (256 * (row / 16 * 2 + column / 16) + 16 * (row % 16) + column % 16);
}

TEST_P(Cores, MultiplyTiles) {
    ChipConfig config = preset("tiny");
    config.compute_engines = 1;
    config.architecture = GetParam() == Architecture::wormhole
                              ? tilewright::Architecture::wormhole
                              : tilewright::Architecture::blackhole;
    Chip chip(config);
    std::mt19937 random{5};
    double a[32][32], b[32][32];
    const auto write = [&](std::uint32_t address, double x) {
        const auto bits = tensix::test::bf16_of(static_cast<float>(x));
        chip.write({MemoryKind::tile_l1, 0, address}, std::as_bytes(std::span(&bits, 1)));
    };
    for (unsigned row = 0; row < 32; ++row) {
        for (unsigned column = 0; column < 32; ++column) {
            a[row][column] = static_cast<int>(random() % 17) - 8;
            b[row][column] = static_cast<int>(random() % 17) - 8;
            write(a_at + place(row, column, 2), a[row][column]);
            write(b_at + place(row, column, 2), b[row][column]);
        }
    }

    tensix::test::Pipeline setup(GetParam());
    setup.configure_unpacker(0, Format::bf16, Format::bf16, b_at, 4);
    setup.configure_unpacker(1, Format::bf16, Format::bf16, a_at, 4);
    setup.set(tensix::config::fp32_dst, 1);
    setup.set(tensix::config::pack_reads_32_bits, 1);
    for (unsigned packer = 0; packer < 4; ++packer) {
        setup.configure_packer(packer, Format::fp32, Format::fp32, c_at + 1024 * packer);
        setup.set(tensix::config::pack_dst_offset.at(packer), 16 * packer);
    }
    const bool blackhole = GetParam() == Architecture::blackhole;
    const std::uint32_t not_zero = 1, all = 0x1ff, products = 2;

    Kernel unpack, math, pack;
    configure(unpack, *setup.state);
    configure_thread(unpack, *setup.state, 0);
    push(unpack, Op::setadcxx, {{"units", 3}, {"end", 255}});
    configure_thread(math, *setup.state, 1);
    push(math, Op::zeroacc, {{"mode", 3}});
    for (unsigned row = 0; row < 2; ++row) {
        for (unsigned column = 0; column < 2; ++column) {
            for (unsigned k = 0; k < 2; ++k) {
                push(unpack, Op::setadczw,
                     {{"units", 1}, {"which", 1}, {"first0", k * 2 + column}});
                push(unpack, Op::setadczw, {{"units", 2}, {"which", 1}, {"first0", row * 2 + k}});
                push(unpack, Op::unpacr, {{"unpacker", 0}, {"set_valid", 1}});
                push(unpack, Op::unpacr, {{"unpacker", 1}, {"set_valid", 1}});
                const std::uint32_t face = 16 * (2 * row + column);
                push(math, Op::setrwc, {{"which", 7}});
                push(math, Op::mvmul, {{"dst", face}});
                push(math, Op::incrwc, {{"b", 8}});
                push(math, Op::mvmul, {{"dst", face + 8}, {"flip", 3}});
            }
        }
    }
    push(math, Op::stallwait, {{"conditions", blackhole ? 0x10u : 0x80u}, {"blocks", all}});
    push(math, Op::sempost, {{"semaphores", products}});
    push(pack, Op::semwait, {{"conditions", not_zero}, {"semaphores", products}, {"blocks", all}});
    push(pack, Op::setadcxx, {{"units", 4}, {"end", blackhole ? 1023u : 255u}});
    push(pack, Op::pacr, {{"packers", blackhole ? 1u : 15u}, {"last", 1}});
    push(pack, Op::semget, {{"semaphores", products}});

    std::uint32_t core = 1;
    for (Kernel* kernel : {&unpack, &math, &pack}) {
        chip.launch(core++, assembled_kernel(kernel->addi(10, 0, 0).ecall(), "tile").image(), {});
    }
    Chip::Outcome outcome;
    do outcome = chip.run(~0ull, {});
    while (outcome == Chip::Outcome::core_ended);
    ASSERT_EQ(outcome, Chip::Outcome::ended)
        << (outcome == Chip::Outcome::faulted ? diagnose::fault(chip).what()
                                              : diagnose::deadlock(chip).what());
    for (unsigned row = 0; row < 32; ++row) {
        for (unsigned column = 0; column < 32; ++column) {
            double sum = 0;
            for (unsigned k = 0; k < 32; ++k) sum += a[row][k] * b[k][column];
            float found = 0;
            chip.read({MemoryKind::tile_l1, 0, c_at + place(row, column, 4)},
                      std::as_writable_bytes(std::span(&found, 1)));
            EXPECT_EQ(found, sum) << row << " " << column;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Chips, Cores,
                         testing::Values(Architecture::wormhole, Architecture::blackhole),
                         [](const auto& info) {
                             return std::string(info.param == Architecture::wormhole ? "Wormhole"
                                                                                     : "Blackhole");
                         });

}  // namespace
}  // namespace tilewright
