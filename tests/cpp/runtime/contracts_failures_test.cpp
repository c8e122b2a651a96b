// The contracts of docs/architecture.md about runs that do not end well: faults, deadlocks, limits.
#include <gtest/gtest.h>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

TEST(Contracts, FaultsNameCoreSourceAndCauseAndLeaveTheDeviceUsable) {
    struct Fault {
        const char* body;
        const char* cause;
    };
    static constexpr Fault faults[] = {
        {"*l1<volatile int>(0x10) = 1;", "store to 0x10 in reserved L1"},
        {"*l1<volatile int>(0x20001) = 1;", "misaligned store to 0x20001"},
        {"*l1<volatile int>(0x40000000) = 1;", "store to 0x40000000, where nothing"},
        {"(void)*l1<volatile int>(0x40000000);", "load from 0x40000000"},
        {"*l1<volatile int>(0xFF400000) = 1;", "read-only image"},
        {"asm volatile(\".word 0xffffffff\");", "illegal instruction 0xffffffff"},
        {"asm volatile(\"ebreak\");", "ebreak"},
        {"noc_async_read(dram_address(0, 0), l1<char>(0x20004), 64);", "differ modulo 64"},
        {"noc_async_read(dram_address(7, 0), l1<char>(0x20000), 64);", "DRAM bank 7"},
        {"noc_async_read(dram_address(0, 64u << 20), l1<char>(0x20000), 64);",
         "past the end of DRAM bank 0"},
        {"noc_async_write(l1<char>(0x20000), tile_address(5, 0, 0x20000), 64);",
         "tile (5, 0) lies outside"},
        {"noc_async_write(l1<char>(0x20000), tile_address(0, 0, 0x100), 64);", "in reserved L1"},
        {"int local[4]; noc_async_write(local, tile_address(0, 0, 0x20000), 16);",
         "do not lie in this tile's L1"},
        {"noc_semaphore_inc(dram_address(0, 0), 1);", "atomics work on L1"},
    };
    const auto kernels = precompiled([] {
        std::vector<Kernel> all;
        for (const Fault& fault : faults)
            all.push_back(make_kernel("bad", "Buffer data", fault.body));
        return all;
    });
    Device device("tiny");
    const Buffer data = device.allocate(4096, Placement::in_bank(0));
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        const std::string text = message_of<KernelFault>([&] {
            device.run(kernels[i], {{.tile = {1, 0}, .processor = 2}}, {data});
        });
        EXPECT_NE(text.find(faults[i].cause), std::string::npos) << text;
        EXPECT_NE(text.find("core (1, 0, 2) at bad.cpp:5 in bad(tilewright::kernel::Buffer)"),
                  std::string::npos)
            << text;
        EXPECT_FALSE(device.busy());
        const auto again =
            device.run(Kernel::builtin("message"), {CoreId{}}, {data, number(0), number(0)});
        EXPECT_GT(again.cycles, 0u);
    }
}

TEST(Contracts, AJumpIntoNothingNamesTheLastCall) {
    const Kernel kernel = precompiled([] {
        return make_kernel("lost", "std::uint32_t where",
                           "reinterpret_cast<void (*)()>(where)();\nprint(where);");
    });
    Device device("tiny");
    const std::string text =
        message_of<KernelFault>([&] { device.run(kernel, {CoreId{}}, {number(0x1000)}); });
    EXPECT_NE(text.find("no code at 0x1000"), std::string::npos) << text;
    EXPECT_NE(text.find("last call was made at lost.cpp:5"), std::string::npos) << text;
}

TEST(Contracts, DeadlockIsFoundAtOnceAndNamesWhoWaitsForWhat) {
    Device device("blackhole");
    const Kernel kernel = Kernel::builtin("wait_forever");
    device.semaphore();
    const Semaphore s = device.semaphore(4);
    const std::string text = message_of<DeadlockError>([&] {
        device.run(kernel, {{.tile = {2, 3}, .processor = 1}, {.tile = {5, 5}, .processor = 0}},
                   {s, number(9)});
    });
    EXPECT_NE(text.find("2 cores wait"), std::string::npos) << text;
    EXPECT_GT(count(device.cycle()), 20u);  // when the last of them began to wait
    EXPECT_NE(text.find("at cycle " + std::to_string(count(device.cycle())) + ":"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("2 cores, (2, 3, 1), (5, 5, 0), each at wait_forever.cpp:12"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("semaphore 1 (0x10004) to be == 9 (it is 4)"), std::string::npos) << text;
    const Buffer data = device.allocate(256);
    EXPECT_GT(
        device.run(Kernel::builtin("message"), {CoreId{}}, {data, number(0), number(1)}).cycles,
        0u);
}

TEST(Contracts, TheDeadlockReportTellsTheLastWriter) {
    const Kernel signaller = precompiled([] {
        return make_kernel("signaller", "Semaphore s",
                           "s.remote_add(1, 1, 1);\nnoc_async_atomic_barrier();");
    });
    Device device("tiny");
    const Semaphore s = device.semaphore();
    const Launch both[] = {{Kernel::builtin("wait_forever"), {{{1, 1}, 0}}, {s, number(2)}},
                           {signaller, {{{0, 1}, 3}}, {s}}};
    const std::string text = message_of<DeadlockError>([&] { device.run(both); });
    EXPECT_NE(text.find("to be == 2 (it is 1); last written by core (0, 1, 3) at cycle"),
              std::string::npos)
        << text;
}

TEST(Contracts, EndlessLoopsRunIntoTheCycleLimit) {
    const Kernel kernel =
        precompiled([] { return make_kernel("endless", "", "for (;;) asm volatile(\"\");"); });
    Device device("tiny");
    const std::string text = message_of<CycleLimitError>([&] {
        device.run(kernel, {CoreId{}}, {}, {.cycle_limit = 100'000, .stop_requested = {}});
    });
    EXPECT_NE(text.find("100000 cycles"), std::string::npos) << text;
    EXPECT_NE(text.find("endless.cpp:5"), std::string::npos) << text;
    EXPECT_FALSE(device.busy());
    const auto limited = device.run(Kernel::builtin("message"), {CoreId{}},
                                    {device.allocate(256), number(0), number(0)},
                                    {.cycle_limit = 100'000, .stop_requested = {}});
    EXPECT_LT(limited.cycles, 100'000u);
}

TEST(Contracts, PrintingIsBoundedAndArrivesInOrder) {
    const Kernel kernel = precompiled([] {
        return make_kernel("chatter", "std::uint32_t lines",
                           "for (std::uint32_t i = 0; i < lines; ++i) print(i, '\\n');");
    });
    Device device("tiny");
    EXPECT_EQ(device.run(kernel, {CoreId{}}, {number(3)}).output(), "0\n1\n2\n");
    const std::string flood = device.run(kernel, {CoreId{}}, {number(400'000)}).output();
    EXPECT_LT(flood.size(), (1u << 20) + 64);
    EXPECT_NE(flood.find("output cut"), std::string::npos);
}

}  // namespace
}  // namespace tilewright
