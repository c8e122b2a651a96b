// The window of core addresses onto external memory, and tiles beside the grid.
#include <gtest/gtest.h>

#include <cstring>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

constexpr CoreId worker{{0, 0}, 0};

ChipConfig tiny_with_window(std::uint32_t bytes = 128 << 20) {
    ChipConfig config = preset("tiny");
    config.direct_memory_bytes = bytes;
    config.core_timing.load_direct = 40;
    config.router_columns = 4;
    config.control_tiles = {{{3, 0}, {config.cores[0], config.cores[0]}}};
    for (CoreConfig& core : config.control_tiles[0].cores) core.kind = CoreKind::control;
    return config;
}

Argument address(const Buffer& buffer) {
    return std::uint64_t{value(buffer.core_address())};
}

Buffer words(Device& device, const std::vector<std::uint32_t>& values, std::uint32_t bank = 0) {
    Buffer buffer = device.allocate(values.size() * 4, Placement::in_bank(bank));
    buffer.write(std::as_bytes(std::span(values)));
    return buffer;
}

std::vector<std::uint32_t> words(const Buffer& buffer) {
    std::vector<std::uint32_t> values(buffer.bytes() / 4);
    buffer.read(std::as_writable_bytes(std::span(values)));
    return values;
}

const Kernel& every_width() {
    static const Kernel kernel = precompiled([] {
        return make_kernel("every_width", "std::uint32_t from, std::uint32_t to",
                           "auto* in = reinterpret_cast<volatile std::uint8_t*>(from);\n"
                           "auto* out = reinterpret_cast<volatile std::uint32_t*>(to);\n"
                           "out[0] = in[1];\n"
                           "out[1] = *reinterpret_cast<volatile std::int8_t*>(from + 3);\n"
                           "out[2] = *reinterpret_cast<volatile std::uint16_t*>(from + 2);\n"
                           "out[3] = *reinterpret_cast<volatile std::int16_t*>(from + 2);\n"
                           "out[4] = *reinterpret_cast<volatile std::uint32_t*>(from);\n"
                           "*reinterpret_cast<volatile std::uint8_t*>(to + 20) = 0x11;\n"
                           "*reinterpret_cast<volatile std::uint8_t*>(to + 21) = 0x22;\n"
                           "*reinterpret_cast<volatile std::uint16_t*>(to + 22) = 0x4433;\n");
    });
    return kernel;
}

TEST(DirectMemory, LoadsAndStoresOfEveryWidth) {
    Device device(tiny_with_window());
    const Buffer from = words(device, {0x89ABCDEF});
    const Buffer to = words(device, std::vector<std::uint32_t>(6), 1);
    EXPECT_EQ(value(to.core_address()), 0x8000'0000u + (64u << 20));
    device.run(every_width(), {worker}, {address(from), address(to)});
    EXPECT_EQ(words(to), (std::vector<std::uint32_t>{0xCD, 0xFFFFFF89, 0x89AB, 0xFFFF89AB,
                                                     0x89ABCDEF, 0x44332211}));
}

// A chain of dependent loads costs its latency a link, whatever lies between.
TEST(DirectMemory, ALoadTakesItsLatency) {
    const Kernel chase = precompiled([] {
        return make_kernel("chase", "std::uint32_t at, std::uint32_t count",
                           "while (count-- != 0)\n"
                           "    at = *reinterpret_cast<volatile std::uint32_t*>(at);\n");
    });
    const auto cycles = [&](std::uint32_t latency, std::int64_t count) {
        ChipConfig config = tiny_with_window();
        config.core_timing.load_direct = latency;
        Device device(config);
        const Buffer cell = words(device, {0});
        const std::uint32_t itself = value(cell.core_address());
        cell.write(std::as_bytes(std::span(&itself, 1)));
        return device.run(chase, {worker}, {address(cell), number(count)}).cycles;
    };
    const std::uint64_t at_40 = cycles(40, 1000) - cycles(40, 0);
    const std::uint64_t at_100 = cycles(100, 1000) - cycles(100, 0);
    EXPECT_EQ(at_100 - at_40, 60'000u);
    EXPECT_NEAR(static_cast<double>(at_40), 41'000, 2'000);
}

TEST(DirectMemory, AtomicsOfAllCoresAddUp) {
    const Kernel count = precompiled([] {
        return make_kernel("count", "std::uint32_t at, std::uint32_t rounds",
                           "for (std::uint32_t i = 0; i < rounds; ++i) {\n"
                           "    asm volatile(\"amoadd.w zero, %1, (%0)\" ::\"r\"(at),"
                           " \"r\"(i) : \"memory\");\n"
                           "}");
    });
    Device device(tiny_with_window());
    const Buffer sum = words(device, {5});
    std::vector<CoreId> cores;
    for (std::uint16_t y : {0, 1}) {
        for (std::uint16_t x : {0, 1}) {
            for (std::uint16_t p = 0; p < 5; ++p) cores.push_back({{x, y}, p});
        }
    }
    const auto run = device.run(count, cores, {address(sum), number(100)});
    EXPECT_EQ(words(sum)[0], 5 + 20 * 4950u);
    EXPECT_GT(run.cycles, 4000u);  // each takes the latency of a load there
}

TEST(DirectMemory, OutsideOfItIsAFault) {
    Device device(tiny_with_window(1 << 20));
    const Kernel touch = precompiled([] {
        return make_kernel("touch", "std::uint32_t at",
                           "*reinterpret_cast<volatile std::uint32_t*>(at) = 1;");
    });
    device.run(touch, {worker}, {number(0x8000'0000 + (1 << 20) - 4)});
    {
        const std::string message = message_of<KernelFault>(
            [&] { device.run(touch, {worker}, {number(0x8000'0000 + (1 << 20))}); });
        EXPECT_NE(message.find("store to 0x80100000"), std::string::npos) << message;
        EXPECT_NE(message.find("touch.cpp"), std::string::npos) << message;
    }
    EXPECT_THROW(device.run(touch, {worker}, {number(0x8000'0002)}), KernelFault);
    EXPECT_THROW(device.run(touch, {worker}, {number(0x7FFF'FFFC)}), KernelFault);

    const Buffer far = device.allocate(4 << 20, Placement::in_bank(0));
    EXPECT_NE(message_of<AddressError>([&] { far.core_address(); }).find("1048576"),
              std::string::npos);
    EXPECT_THROW(device.allocate(64).core_address(), AddressError);  // interleaved
}

TEST(DirectMemory, ReservationsThereAreRefused) {
    Device device(tiny_with_window());
    const Kernel reserve = precompiled([] {
        return make_kernel("reserve", "std::uint32_t at",
                           "tilewright::kernel::device::load_reserved(at);");
    });
    const std::string message =
        message_of<KernelFault>([&] { device.run(reserve, {worker}, {number(0x8000'0000)}); });
    EXPECT_NE(message.find("cannot be reserved"), std::string::npos) << message;
}

TEST(DirectMemory, WithoutItTheWindowIsAFault) {
    Device device("tiny");
    EXPECT_THROW(device.run(every_width(), {worker}, {number(0x8000'0000), number(0x8000'0100)}),
                 KernelFault);
    ChipConfig config = tiny_with_window();
    config.direct_memory_bytes = 256 << 20;  // more than two banks of 64 MiB
    EXPECT_NE(message_of<ConfigError>([&] { config.check(); }).find("direct_memory_bytes"),
              std::string::npos);
}

const Kernel& filler() {
    static const Kernel kernel = precompiled([] {
        return make_kernel(
            "filler", "std::uint32_t at, std::uint32_t count, std::uint32_t step",
            "std::uint32_t value = 1;\n"
            "for (std::uint32_t i = 0; i < count; ++i) {\n"
            "    value = value * 1664525u + 1013904223u;\n"
            "    *reinterpret_cast<volatile std::uint32_t*>(at + i * step) = value;\n"
            "}");
    });
    return kernel;
}

TEST(DirectMemory, SnapshotsKnowWhatWasStored) {
    const auto start = [](Device& device, const Buffer& data) {
        const Launch launch{filler(), {worker}, {address(data), number(500), number(8192)}};
        device.launch(std::span(&launch, 1));
    };
    Device straight(tiny_with_window());
    const Buffer expected = straight.allocate(4 << 20, Placement::in_bank(1));
    start(straight, expected);
    const auto run = straight.finish();

    Device device(tiny_with_window());
    const Buffer data = device.allocate(4 << 20, Placement::in_bank(1));
    start(device, data);
    device.advance_to(Cycle{run.cycles / 2});
    Device fresh(tiny_with_window());
    fresh.restore(device.snapshot());
    EXPECT_EQ(fresh.finish().end, run.end);
    EXPECT_EQ(words(fresh.buffers().at(0)), words(expected));

    fresh.restore(Device(tiny_with_window()).snapshot());  // what was stored is gone again
    const Buffer empty = fresh.allocate(4 << 20, Placement::in_bank(1));
    EXPECT_EQ(words(empty), std::vector<std::uint32_t>(1 << 20));
}

TEST(ControlTiles, StandBesideTheGridAndAreReachedOverTheNetwork) {
    Device device(tiny_with_window());
    const ChipConfig& config = device.config();
    EXPECT_EQ(config.tile_count(), 4u);
    EXPECT_EQ(config.all_tile_count(), 5u);
    EXPECT_EQ(config.core_count(), 22u);
    EXPECT_EQ(config.tile_id(4), (TileId{0, 2}));

    const Kernel hello = precompiled([] {
        return make_kernel(
            "hello", "Semaphore bell, std::uint32_t x, std::uint32_t y, std::uint32_t wait",
            "if (wait) { bell.wait(7); print(tile_x(), ',', tile_y(), ',', processor()); }\n"
            "else { bell.remote_add(x, y, 7); noc_async_atomic_barrier(); }");
    });
    const Semaphore bell = device.semaphore();
    const CoreId control{{0, 2}, 1};
    for (bool to_control : {true, false}) {
        const CoreId waits = to_control ? control : CoreId{{1, 1}, 4};
        const CoreId sends = to_control ? worker : control;
        const auto args = [&](bool wait) {
            return std::vector<Argument>{bell, number(waits.tile.x), number(waits.tile.y),
                                         number(wait)};
        };
        const Launch both[] = {{hello, {waits}, args(true)}, {hello, {sends}, args(false)}};
        const auto run = device.run(both);
        EXPECT_EQ(run.output(), to_control ? "0,2,1" : "1,1,4");
    }
    EXPECT_GT(device.counters().at("core.0.2.1.instructions"), 0u);
    const Buffer there = device.allocate(64, Placement::in_l1({0, 2}));
    EXPECT_GE(value(there.core_address()), abi::l1_user_base);

    EXPECT_NE(message_of<AddressError>([&] {
                  device.run(hello, {CoreId{{0, 2}, 2}}, {bell, number(0), number(0), number(0)});
              }).find("control tile (0, 2): it has processors 0 to 1"),
              std::string::npos);
    EXPECT_THROW(device.allocate(64, Placement::in_l1({1, 2})), AddressError);
}

TEST(ControlTiles, ABadOneIsNamed) {
    ChipConfig config = tiny_with_window();
    config.control_tiles[0].router = {1, 0};
    EXPECT_NE(message_of<ConfigError>([&] { config.check(); }).find("control_tiles[0].router"),
              std::string::npos);
    config = tiny_with_window();
    config.control_tiles[0].cores[1].local_bytes = 5;
    EXPECT_NE(message_of<ConfigError>([&] {
                  config.check();
              }).find("control_tiles[0].cores[1].local_bytes"),
              std::string::npos);
}

TEST(Ascend, IsBlocksOfACubeAndTwoVectorWorkers) {
    Device device("ascend");
    const ChipConfig& config = device.config();
    EXPECT_EQ(config.tile_count(), 24u);
    EXPECT_EQ(config.core_count(), 76u);
    EXPECT_EQ(config.cores[0].kind, CoreKind::cube);
    EXPECT_EQ(config.cores[2].kind, CoreKind::vector);
    EXPECT_EQ(config.control_tiles.at(0).cores.size(), 4u);
    const Buffer last = device.allocate(64, Placement::in_bank(3));
    device.run(filler(), {CoreId{{5, 3}, 2}}, {address(last), number(16), number(4)});
    std::uint32_t value = 1;
    for (std::uint32_t word : words(last)) EXPECT_EQ(word, value = value * 1664525u + 1013904223u);
}

}  // namespace
}  // namespace tilewright
