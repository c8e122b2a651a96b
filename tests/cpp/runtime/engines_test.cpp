// Kernels that program engines, on a chip that has both.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

const Kernel& add_one() {
    // Double buffering: while one half is worked on, the other comes and goes.
    static const Kernel kernel = precompiled([] {
        return make_kernel(
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
    });
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
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "many", "std::uint64_t from, std::uint64_t to, std::uint32_t n, std::uint32_t done",
            "for (std::uint32_t i = 0; i < n; ++i) dma_copy(from + i, to + i, 6400, {.done = "
            "Flag{done}});"
            "\nFlag{done}.wait_min(n);");
    });
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
    struct Wrong {
        const char* statement;
        const char* expected;
    };
    static constexpr std::array cases = {
        Wrong{"dma_copy(0xFFFFFFFFFFFF0000, 0x180000000, 64);", "no memory is there"},
        Wrong{"dma_copy(0x180000000, 0x180100000, 64, {.engine = 5});", "no DMA engine 5"},
        Wrong{"dma_copy(0x180000000, own_l1(l1<char>(0)), 64);", "reserved L1"},
        Wrong{"device::write_register(tilewright::abi::engine_registers, 0x7FFFFFF0);",
              "no descriptor"},
        Wrong{"device::write_register(tilewright::abi::engine_registers, 0xFFFFFFFC);",
              "no descriptor"},
        Wrong{"device::submit(tilewright::abi::EngineDescriptor{{.kind = 9}});", "kind 9"},
        Wrong{"multiply_matrices({0x100000000}, {0x180100000}, {0x180101000}, 4, 4, 4);",
              "a is in DRAM bank 0"},
        Wrong{"multiply_matrices({0x180100000}, {0x180100100}, {0x180100020}, 4, 4, 4);",
              "a overlaps the result"},
        Wrong{"multiply_matrices({0x180100000}, {0x180101000}, {0x180102000}, 4, 4, 4, {},\n"
              "                  {.type = DataType(77)});",
              "unknown data type"},
        Wrong{"tilewright::abi::ArrayDescriptor d{{.kind = 3}}; d.mode = 1u << 30;\n"
              "device::submit(d);",
              "unknown bits"},
        Wrong{"multiply_matrices({0}, {0}, {0}, 4, 4, 4, {.engine = 9});", "systolic array 9"},
    };
    const Kernel kernel = precompiled([] {
        std::string body = "switch (which) {\n";
        for (std::size_t i = 0; i < cases.size(); ++i) {
            body += "case " + std::to_string(i) + ": {" + cases[i].statement + "} break;\n";
        }
        return make_kernel("bad", "std::uint32_t which", body + "}");
    });
    Device device("kpu");
    for (std::size_t i = 0; i < cases.size(); ++i) {
        try {
            device.run(kernel, {{}}, {std::int64_t(i)});
            ADD_FAILURE() << cases[i].statement;
        } catch (const KernelFault& error) {
            EXPECT_NE(std::string(error.what()).find(cases[i].expected), std::string::npos)
                << error.what();
            EXPECT_FALSE(device.busy());
        }
    }
}

TEST(KernelEngines, AKernelMultipliesBlockByBlock) {
    // result = relu(a * b + bias), a and b of int8 in DRAM, in blocks of depth 24 that come to a
    // scratchpad by turns while the array works on those before.
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "multiply_all",
            "std::uint64_t a, std::uint64_t b, std::uint64_t bias, std::uint64_t pad, "
            "std::uint64_t result, std::uint32_t m, std::uint32_t n, std::uint32_t k, "
            "std::uint32_t there, std::uint32_t done",
            "constexpr std::uint32_t depth = 24;\n"
            "const std::uint64_t sums = pad + 16384, bias_here = pad + 32768;\n"
            "dma_copy(bias, bias_here, 4 * n, {.engine = 0, .done = Flag{there}});\n"
            "std::uint32_t block = 0;\n"
            "for (std::uint32_t at = 0; at < k; at += depth, ++block) {\n"
            "    const std::uint32_t now = k - at < depth ? k - at : depth;\n"
            "    const std::uint64_t half = pad + block % 2 * 8192;\n"
            "    const EngineOptions come{.engine = block % 2, .wait = Flag{done},\n"
            "        .wait_value = block < 2 ? 0 : block - 1, .done = Flag{there}};\n"
            "    dma_copy(a + at, half, now, come, m, k, depth);\n"
            "    dma_copy(b + at * n, half + 4096, now * n, come);\n"
            "    const bool last = at + now == k;\n"
            "    multiply_matrices({half, depth}, {half + 4096}, {last ? result : sums}, m, n, "
            "now,\n"
            "        {.wait = Flag{there}, .wait_value = 2 * block + 3, .done = Flag{done}},\n"
            "        {.type = DataType::int8, .out = DataType::int32,\n"
            "         .activation = last ? Activation::relu : Activation::none,\n"
            "         .accumulate = block != 0, .sums = {sums}, .has_bias = last,\n"
            "         .bias = bias_here});\n"
            "}\n"
            "Flag{done}.wait_min(block);");
    });
    constexpr std::uint32_t m = 37, n = 41, k = 100;
    std::vector<std::int8_t> a(m * k), b(k * n);
    for (std::uint32_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::int8_t>(i * 37 + 11);
    for (std::uint32_t i = 0; i < b.size(); ++i) b[i] = static_cast<std::int8_t>(i * 29 - 5);
    std::vector<std::int32_t> bias(n), expected(m * n), result(m * n);
    std::iota(bias.begin(), bias.end(), -20);
    for (std::uint32_t i = 0; i < m; ++i) {
        for (std::uint32_t j = 0; j < n; ++j) {
            std::int32_t sum = bias[j];
            for (std::uint32_t l = 0; l < k; ++l) sum += a[i * k + l] * b[l * n + j];
            expected[i * n + j] = std::max(sum, 0);
        }
    }
    Device device("kpu");
    const auto at = [&](MemoryKind kind, std::uint32_t index, std::uint64_t offset = 0) {
        return device.map().address(kind, index, offset);
    };
    device.write(at(MemoryKind::dram, 0), std::as_bytes(std::span(a)));
    device.write(at(MemoryKind::dram, 1), std::as_bytes(std::span(b)));
    device.write(at(MemoryKind::dram, 1, 65536), std::as_bytes(std::span(bias)));
    device.run(kernel, {{}},
               {value(at(MemoryKind::dram, 0)), value(at(MemoryKind::dram, 1)),
                value(at(MemoryKind::dram, 1, 65536)), value(at(MemoryKind::scratchpad, 0)),
                value(at(MemoryKind::l2, 0)), number(m), number(n), number(k),
                number(device.flag()), number(device.flag())});
    device.read(at(MemoryKind::l2, 0), std::as_writable_bytes(std::span(result)));
    EXPECT_EQ(result, expected);
    EXPECT_EQ(device.counters().at("systolic_array0.macs"), m * n * k);
    EXPECT_EQ(device.counters().at("systolic_array0.commands"), 5u);
}

TEST(KernelEngines, AnArrayDoesForKernelsWhatItDoesForTheHost) {
    // Every name of the kernel's enumerations against that of the host.
    const auto run = [](Device& device, auto&& command) {
        std::vector<std::uint32_t> words(2048);
        for (std::uint32_t i = 0; i < words.size(); ++i) words[i] = 0x3C003F80u + i * 0x00010003u;
        device.write(device.map().address(MemoryKind::scratchpad, 0),
                     std::as_bytes(std::span(words)));
        const std::uint64_t before = count(device.cycle());
        command(value(device.map().address(MemoryKind::scratchpad, 0)));
        std::vector<std::byte> memory(16384);
        device.read(device.map().address(MemoryKind::scratchpad, 0), memory);
        return std::tuple(memory, device.counters().at("systolic_array1.pass_cycles"),
                          device.counters().at("systolic_array1.vector_cycles"),
                          count(device.cycle()) - before);
    };
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "any_product",
            "std::uint64_t pad, std::uint32_t type, std::uint32_t out, std::uint32_t flow, "
            "std::uint32_t activation, std::uint32_t done",
            "multiply_matrices({pad, 64}, {pad + 1024, 48}, {pad + 8192, 128}, 6, 7, 9,\n"
            "    {.engine = 1, .done = Flag{done}},\n"
            "    {.type = DataType(type), .out = DataType(out), .dataflow = Dataflow(flow),\n"
            "     .activation = Activation(activation), .accumulate = true,\n"
            "     .sums = {pad + 4096, 256}, .has_bias = true, .bias = pad + 2048});\n"
            "Flag{done}.wait_min(1);");
    });
    const auto equal = [&](DataType type, DataType out, Dataflow flow, Activation activation) {
        Device host("kpu"), guest("kpu");
        const auto asked = run(host, [&](std::uint64_t pad) {
            host.submit({EngineKind::systolic_array, 1},
                        {.work = ArrayMatmul{.a = GlobalAddress{pad},
                                             .b = GlobalAddress{pad + 1024},
                                             .result = GlobalAddress{pad + 8192},
                                             .sums = GlobalAddress{pad + 4096},
                                             .bias = GlobalAddress{pad + 2048},
                                             .m = 6,
                                             .n = 7,
                                             .k = 9,
                                             .a_stride = 64,
                                             .b_stride = 48,
                                             .result_stride = 128,
                                             .sums_stride = 256,
                                             .type = type,
                                             .out = out,
                                             .dataflow = flow,
                                             .activation = activation,
                                             .accumulate = true,
                                             .has_bias = true}});
            host.finish();
        });
        const auto done = run(guest, [&](std::uint64_t pad) {
            guest.run(kernel, {{}},
                      {pad, number(int(type)), number(int(out)), number(int(flow)),
                       number(int(activation)), number(guest.flag())});
        });
        EXPECT_EQ(std::get<0>(done), std::get<0>(asked)) << int(type) << int(flow);
        EXPECT_EQ(std::get<1>(done), std::get<1>(asked));
        EXPECT_EQ(std::get<2>(done), std::get<2>(asked));
        EXPECT_GT(std::get<3>(done), std::get<3>(asked));  // the kernel's own instructions
    };
    for (const DataType type : {DataType::float32, DataType::bfloat16, DataType::float16}) {
        equal(type, DataType::float32, Dataflow::output_stationary, Activation::none);
        equal(type, type, Dataflow::weight_stationary, Activation::gelu);
    }
    equal(DataType::int8, DataType::int32, Dataflow::input_stationary, Activation::relu);
    for (const Activation how : {Activation::sigmoid, Activation::tanh, Activation::silu}) {
        equal(DataType::float32, DataType::float32, Dataflow::input_stationary, how);
    }
}

TEST(KernelEngines, WaitingForAFlagThatNobodySetsIsADeadlock) {
    Device device("kpu");
    const Kernel kernel = precompiled(
        [] { return make_kernel("wait", "std::uint32_t flag", "Flag{flag}.wait_min(1);"); });
    const std::uint32_t flag = device.flag();
    try {
        device.run(kernel, {{}}, {std::int64_t{flag}});
        FAIL();
    } catch (const DeadlockError& error) {
        EXPECT_NE(std::string(error.what()).find("flag 0 to be >= 1 (it is 0)"), std::string::npos)
            << error.what();
    }
    const std::uint32_t gate = device.host_flag();
    const Launch waits{kernel, {{}}, {std::int64_t{gate}}};
    device.launch({&waits, 1});
    EXPECT_TRUE(device.run_until_idle());
    device.add_to_flag(gate);
    EXPECT_EQ(device.finish().cores.size(), 1u);
}

}  // namespace
}  // namespace tilewright
