// Kernels that program engines, on a chip that has both.
#include <gtest/gtest.h>

#include <numeric>

#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

const Kernel& add_one() {
    // Double buffering: while one half is worked on, the other comes and goes.
    static const Kernel kernel = make_kernel(
        "add_one",
        "std::uint64_t source, std::uint64_t target, std::uint32_t pieces, std::uint32_t in, "
        "std::uint32_t out",
        "constexpr std::uint32_t bytes = 2048;\n"
        "auto* half = l1<std::uint32_t>(l1_user_base);\n"
        "const auto place = [&](std::uint32_t i) { return half + i % 2 * bytes / 4; };\n"
        "const auto fetch = [&](std::uint32_t i) {\n"
        "    dma_copy(source + i * bytes, own_l1(place(i)), bytes,\n"
        "             {.engine = 0, .wait = Flag{out}, .wait_value = i < 2 ? 0 : i - 1,\n"
        "              .done = Flag{in}});\n};\n"
        "fetch(0);\n"
        "for (std::uint32_t i = 0; i < pieces; ++i) {\n"
        "    if (i + 1 < pieces) fetch(i + 1);\n"
        "    Flag{in}.wait_min(i + 1);\n"
        "    for (std::uint32_t w = 0; w < bytes / 4; ++w) place(i)[w] += 1;\n"
        "    dma_copy(own_l1(place(i)), target + i * bytes, bytes,\n"
        "             {.engine = 1, .done = Flag{out}});\n}\n"
        "Flag{out}.wait_min(pieces);");
    return kernel;
}

TEST(KernelEngines, AKernelDrivesDmaWithFlags) {
    Device device("kpu");
    constexpr std::uint32_t pieces = 7, words = pieces * 512;
    std::vector<std::uint32_t> numbers(words);
    std::iota(numbers.begin(), numbers.end(), 5);
    const GlobalAddress source = device.map().address(MemoryKind::dram, 1, 64);
    const GlobalAddress target = device.map().address(MemoryKind::l3, 2);
    device.write(source, std::as_bytes(std::span(numbers)));
    const std::uint32_t in = device.flag(), out = device.flag();
    const auto run = device.run(
        add_one(), {{}},
        {value(source), value(target), std::int64_t{pieces}, std::int64_t{in}, std::int64_t{out}});
    std::vector<std::uint32_t> result(words);
    device.read(target, std::as_writable_bytes(std::span(result)));
    for (std::uint32_t& number : numbers) ++number;
    EXPECT_EQ(result, numbers);
    EXPECT_EQ(device.flag_value(out), pieces);
    EXPECT_GT(run.cores.at(0).waiting_cycles, 0u);
    EXPECT_EQ(device.counters().at("dma0.commands"), pieces);
}

TEST(KernelEngines, ASnapshotInTheMiddleContinuesEqual) {
    // All but what depends on how often a run was stopped.
    const auto observed = [](const Device& device) {
        Counters counters = device.counters();
        counters.erase("simulator.events");
        std::vector<std::byte> memory(5 * 2048);
        device.read(device.map().address(MemoryKind::dram, 1), memory);
        return std::pair(counters, memory);
    };
    Device whole("kpu");
    const auto start = [&](Device& device) {
        const std::uint32_t in = device.flag(), out = device.flag();
        const Launch launch{add_one(),
                            {{}},
                            {value(device.map().address(MemoryKind::dram, 0)),
                             value(device.map().address(MemoryKind::dram, 1)), std::int64_t{5},
                             std::int64_t{in}, std::int64_t{out}}};
        device.launch({&launch, 1});
    };
    start(whole);
    whole.finish();
    for (std::uint64_t cycle = 100; cycle < count(whole.cycle()); cycle += 977) {
        Device first("kpu"), second("kpu");
        start(first);
        first.advance_to(Cycle{cycle});
        second.restore(first.snapshot());
        second.finish();
        ASSERT_EQ(second.cycle(), whole.cycle());
        ASSERT_EQ(observed(second), observed(whole)) << cycle;
    }
}

TEST(KernelEngines, AFullQueueHoldsTheCoreUp) {
    Device device("kpu");
    const Kernel kernel = make_kernel(
        "many", "std::uint64_t from, std::uint64_t to, std::uint32_t n, std::uint32_t done",
        "for (std::uint32_t i = 0; i < n; ++i) dma_copy(from + i, to + i, 6400, {.done = "
        "Flag{done}});"
        "\nFlag{done}.wait_min(n);");
    const std::uint32_t done = device.flag();
    const auto bytes = std::vector<std::byte>(6700, std::byte{9});
    const GlobalAddress from = device.map().address(MemoryKind::l3, 0);
    const GlobalAddress to = device.map().address(MemoryKind::scratchpad, 0);
    device.write(from, bytes);
    const auto run =
        device.run(kernel, {{}}, {value(from), value(to), std::int64_t{300}, std::int64_t{done}});
    EXPECT_GE(run.cycles, 300u * 129);  // one after another, no gaps
    EXPECT_LE(run.cycles, 300u * 129 + 500);
    std::vector<std::byte> arrived(6699);
    device.read(to, arrived);
    EXPECT_TRUE(std::equal(arrived.begin(), arrived.end(), bytes.begin()));
}

TEST(KernelEngines, WhatAKernelAsksWronglyIsItsFault) {
    Device device("kpu");
    const auto fault = [&](const std::string& body) {
        try {
            device.run(make_kernel("bad", "", body), {{}}, {});
        } catch (const KernelFault& error) {
            EXPECT_FALSE(device.busy());
            return std::string(error.what());
        }
        ADD_FAILURE();
        return std::string();
    };
    const auto has = [](const std::string& text, const char* part) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
    };
    has(fault("dma_copy(0xFFFFFFFFFFFF0000, 0x180000000, 64);"), "no memory is there");
    has(fault("dma_copy(0x180000000, 0x180100000, 64, {.engine = 5});"), "no DMA engine 5");
    has(fault("dma_copy(0x180000000, own_l1(l1<char>(0)), 64);"), "reserved L1");
    has(fault("device::write_register(tilewright::abi::engine_registers, 0x7FFFFFF0);"),
        "no descriptor");
    has(fault("device::write_register(tilewright::abi::engine_registers, 0xFFFFFFFC);"),
        "no descriptor");
    has(fault("tilewright::abi::EngineDescriptor d{.kind = 9}; device::submit(d);"), "kind 9");
}

TEST(KernelEngines, WaitingForAFlagThatNobodySetsIsADeadlock) {
    Device device("kpu");
    const Kernel kernel = make_kernel("wait", "std::uint32_t flag", "Flag{flag}.wait_min(1);");
    const std::uint32_t flag = device.flag(), gate = device.host_flag();
    try {
        device.run(kernel, {{}}, {std::int64_t{flag}});
        FAIL();
    } catch (const DeadlockError& error) {
        EXPECT_NE(std::string(error.what()).find("flag 0 to change from 0"), std::string::npos)
            << error.what();
    }
    const Launch waits{kernel, {{}}, {std::int64_t{gate}}};
    device.launch({&waits, 1});
    EXPECT_TRUE(device.settle());
    device.add_to_flag(gate);
    EXPECT_EQ(device.finish().cores.size(), 1u);
}

}  // namespace
}  // namespace tilewright
