// The device as a C++ user drives it: memory, launches, arguments, life and death.
#include "tilewright/runtime/device.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>
#include <thread>

#include "message_of.hpp"
#include "precompiled.hpp"
#include "runtime/test_kernels.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

std::vector<std::byte> random_bytes(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(count);
    for (std::byte& b : bytes) b = static_cast<std::byte>(random());
    return bytes;
}

std::vector<std::byte> contents(const Buffer& buffer) {
    std::vector<std::byte> bytes(buffer.bytes());
    buffer.read(bytes);
    return bytes;
}

TEST(Buffer, KeepsItsBytesWhereverItLies) {
    Device device("tiny");
    std::vector<Buffer> buffers;
    std::vector<std::vector<std::byte>> expected;
    unsigned seed = 0;
    for (std::size_t bytes : {1u, 63u, 64u, 4096u, 100'001u}) {
        for (const Placement& place : {Placement::interleaved(), Placement::interleaved(64),
                                       Placement::in_bank(1), Placement::in_l1({1, 1})}) {
            buffers.push_back(device.allocate(bytes, place));
            expected.push_back(random_bytes(bytes, ++seed));
            buffers.back().write(expected.back());
        }
    }
    for (std::size_t i = 0; i < buffers.size(); ++i) EXPECT_EQ(contents(buffers[i]), expected[i]);
}

TEST(Buffer, PartsAtOffsets) {
    Device device("tiny");
    const Buffer buffer = device.allocate(10'000, Placement::interleaved(128));
    std::vector<std::byte> mirror(10'000);
    buffer.write(mirror);
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
        const std::size_t offset = random() % 10'000;
        const auto part = random_bytes(random() % (10'000 - offset + 1), static_cast<unsigned>(i));
        buffer.write(part, offset);
        std::copy(part.begin(), part.end(), mirror.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    EXPECT_EQ(contents(buffer), mirror);
    std::byte one{};
    EXPECT_THROW(buffer.write({&one, 1}, 10'000), AddressError);
    EXPECT_THROW(buffer.read({&one, 1}, ~0ull), AddressError);
}

TEST(Buffer, FreedMemoryIsUsedAgainAndFullMemoryIsAnError) {
    Device device("tiny");
    const std::uint64_t bank = device.config().dram_bank_bytes;
    Buffer whole = device.allocate(bank, Placement::in_bank(0));
    const std::string text =
        message_of<OutOfMemoryError>([&] { device.allocate(64, Placement::in_bank(0)); });
    EXPECT_NE(text.find("DRAM bank 0"), std::string::npos) << text;
    EXPECT_THROW(device.allocate(4096), OutOfMemoryError);  // interleaving needs every bank
    whole.free();
    whole.free();
    EXPECT_THROW(whole.bytes(), ClosedError);
    EXPECT_EQ(device.allocate(bank * 2).bytes(), bank * 2);  // and the handle is gone at once
    EXPECT_EQ(device.allocate(bank, Placement::in_bank(1)).address(), 0u);
}

TEST(Buffer, NeverOverlapsAnother) {
    Device device("tiny");
    std::mt19937 random(5);
    std::vector<Buffer> live;
    for (int i = 0; i < 500; ++i) {
        if (!live.empty() && random() % 3 == 0) {
            live.erase(live.begin() + static_cast<std::ptrdiff_t>(random() % live.size()));
            continue;
        }
        const std::uint64_t bytes = 1 + random() % 50'000;
        live.push_back(device.allocate(
            bytes, random() % 2 ? Placement::interleaved(64u << random() % 5)
                                : Placement::in_bank(static_cast<std::uint32_t>(random() % 2))));
        live.back().write(std::vector<std::byte>(bytes, static_cast<std::byte>(i)));
        for (const Buffer& b : live) {
            const auto bytes_now = contents(b);
            ASSERT_EQ(std::count(bytes_now.begin(), bytes_now.end(), bytes_now[0]),
                      static_cast<std::ptrdiff_t>(bytes_now.size()));
        }
        if (live.size() > 12) live.erase(live.begin());
    }
}

TEST(Device, RunsAKernelAgainAndAgain) {
    Device device("blackhole");
    const Kernel kernel = Kernel::builtin("message");
    const Buffer text = device.allocate(256, Placement::in_bank(3));
    std::uint64_t cycles = 0;
    for (int batch = 0; batch < 5; ++batch) {
        const auto run = device.run(kernel, {{.tile = {2, 7}, .processor = 4}},
                                    {text, std::int64_t{0}, std::int64_t{batch}});
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(contents(text).data())),
                  "Hello from a RISC-V core, tile (2, 7), batch " + std::to_string(batch));
        if (batch > 1) {  // the first opened the DRAM row
            EXPECT_EQ(run.cycles, cycles);
        }
        cycles = run.cycles;
        EXPECT_EQ(run.instructions, run.cores.at(0).instructions);
    }
}

TEST(Device, EveryCoreOfBlackholeAtOnce) {
    Device device("blackhole");
    const Kernel kernel = precompiled([] {
        return make_kernel("all", "Buffer out, std::uint32_t step",
                           "const std::uint32_t me = (tile_y() * grid_columns() + "
                           "tile_x()) * 5 + processor();\n"
                           "auto* word = l1<std::uint32_t>(l1_user_base + 64 * processor());\n"
                           "*word = me * step;\n"
                           "out.write(me * 64, word, 4);\nnoc_async_write_barrier();");
    });
    const Buffer out = device.allocate(700 * 64);
    std::vector<CoreId> cores;
    for (std::uint16_t y = 0; y < 10; ++y) {
        for (std::uint16_t x = 0; x < 14; ++x) {
            for (std::uint16_t p = 0; p < 5; ++p) cores.push_back({{x, y}, p});
        }
    }
    const auto run = device.run(kernel, cores, {out, std::int64_t{3}});
    EXPECT_EQ(run.cores.size(), 700u);
    EXPECT_EQ(run.cores[1].core, (CoreId{{0, 0}, 1}));  // tile by tile, row by row
    EXPECT_EQ(run.cores[5].core, (CoreId{{1, 0}, 0}));
    const auto bytes = contents(out);
    for (std::uint32_t i = 0; i < 700; ++i) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + i * 64, 4);
        ASSERT_EQ(word, i * 3);
    }
}

TEST(Device, ArgumentsArriveAsTheyWereGiven) {
    Device device("tiny");
    const Kernel kernel = precompiled([] {
        return make_kernel(
            "echo", "std::int32_t a, std::uint64_t b, float c, double d, bool e, std::int64_t f",
            "print(a, ' ', b, ' ', c * 2, ' ', static_cast<std::int32_t>(d * 4), ' ', e, ' ', "
            "f, '\\n');");
    });
    EXPECT_EQ(kernel.signature(), "iUfduI");
    const auto run = device.run(
        kernel, {{}},
        {std::int64_t{-5}, std::uint64_t{1} << 63, 1.25, -2.5, std::int64_t{1}, std::int64_t{-1}});
    EXPECT_EQ(run.output().substr(0, 24), "-5 9223372036854775808 2");
    EXPECT_NE(run.output().find(" -10 "), std::string::npos) << run.output();
    EXPECT_EQ(run.output().substr(run.output().size() - 4), " -1\n");

    const auto refused = [&](std::vector<Argument> args) {
        return message_of<ArgumentError>([&] { device.run(kernel, {{}}, args); });
    };
    EXPECT_NE(refused({}).find("takes 6 arguments (int32_t, uint64_t, float"), std::string::npos);
    const Argument one = std::int64_t{1};
    EXPECT_NE(
        refused({one, std::int64_t{-1}, one, one, one, one}).find("argument 1: expected uint64_t"),
        std::string::npos);
    EXPECT_NE(refused({0.5, one, one, one, one, one}).find("argument 0: expected int32_t"),
              std::string::npos);
    EXPECT_NE(refused({one, one, device.allocate(4), one, one, one}).find("got a Buffer"),
              std::string::npos);
    EXPECT_NE(refused({one, one, 1e300, one, one, one}).find("argument 2: expected float"),
              std::string::npos);
    EXPECT_FALSE(device.busy());
}

TEST(Device, RefusesWhatIsNotThere) {
    Device device("tiny");
    Device other("tiny");
    const Kernel kernel = Kernel::builtin("message");
    const Buffer mine = device.allocate(256);
    const Argument n = std::int64_t{0};
    EXPECT_THROW(device.run(kernel, {{.tile = {2, 0}}}, {mine, n, n}), AddressError);
    EXPECT_THROW(device.run(kernel, {{.tile = {}, .processor = 5}}, {mine, n, n}), AddressError);
    EXPECT_THROW(device.run(kernel, {}, {mine, n, n}), ArgumentError);
    EXPECT_THROW(device.run(kernel, {{}, {}}, {mine, n, n}), ArgumentError);
    EXPECT_THROW(device.run(kernel, {{}}, {other.allocate(256), n, n}), ArgumentError);
    Buffer freed = device.allocate(256);
    freed.free();
    EXPECT_THROW(device.run(kernel, {{}}, {freed, n, n}), ClosedError);
    EXPECT_THROW(device.run(Kernel::builtin("wait_forever"), {{}}, {other.semaphore(), n}),
                 ArgumentError);
    EXPECT_THROW(device.allocate(0), ArgumentError);
    EXPECT_THROW(device.allocate(64, Placement::interleaved(100)), ArgumentError);
    EXPECT_THROW(device.allocate(64, Placement::in_bank(2)), AddressError);
    EXPECT_THROW(device.allocate(64, Placement::in_l1({9, 9})), AddressError);
    EXPECT_THROW(Kernel::builtin("nothing"), ConfigError);
    EXPECT_THROW(Kernel::from_elf_file("/nowhere.elf"), ElfError);
    EXPECT_THROW(Device("nothing"), ConfigError);
    EXPECT_GT(device.run(kernel, {{}}, {mine, n, n}).cycles, 0u);  // still usable
}

TEST(Device, ClosesAndOpensAndLeavesDeadHandlesHarmless) {
    const Kernel kernel = Kernel::builtin("message");
    Buffer left;
    for (int i = 0; i < 200; ++i) {
        Device device("blackhole");
        left = device.allocate(256);
        device.run(kernel, {{}}, {left, std::int64_t{0}, std::int64_t{i}});
        device.close();
        device.close();
        EXPECT_FALSE(device.is_open());
        EXPECT_THROW(device.cycle(), ClosedError);
        EXPECT_FALSE(left.valid());
        EXPECT_THROW(left.bytes(), ClosedError);
        left.free();
    }
}

TEST(Device, ManyDevicesOnManyThreadsShareAKernel) {
    const Kernel kernel = Kernel::builtin("scale_add");
    std::vector<std::uint64_t> cycles(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < cycles.size(); ++t) {
        threads.emplace_back([&, t] {
            Device device("tiny");
            const Buffer x = device.allocate(40'000);
            const Buffer y = device.allocate(40'000);
            std::vector<std::uint32_t> numbers(10'000);
            std::iota(numbers.begin(), numbers.end(), 0);
            x.write(std::as_bytes(std::span(numbers)));
            y.write(std::as_bytes(std::span(numbers)));
            const Argument n = std::int64_t{0};
            cycles[t] =
                device.run(kernel, {{}}, {x, y, std::int64_t{6}, n, n, std::int64_t{10'000}})
                    .cycles;
            std::vector<std::uint32_t> result(10'000);
            y.read(std::as_writable_bytes(std::span(result)));
            for (std::uint32_t i = 0; i < 10'000; ++i) ASSERT_EQ(result[i], 7 * i);
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::uint64_t c : cycles) EXPECT_EQ(c, cycles[0]);
}

TEST(Config, EveryFieldIsCheckedByName) {
    for (const Field& field : scalar_fields(preset("blackhole"))) {
        ChipConfig config = preset("blackhole");
        set_field(config, field.name, field.value);
        EXPECT_EQ(config, preset("blackhole")) << field.name;
        const std::string text =
            message_of<ConfigError>([&] { set_field(config, field.name, -1.0); });
        EXPECT_NE(text.find("'" + field.name + "'"), std::string::npos) << text;
    }
    ChipConfig config = preset("tiny");
    EXPECT_THROW(set_field(config, "l1_byte", std::int64_t{1}), ConfigError);
    EXPECT_THROW(set_field(config, "l1_bytes", 400'000.5), ConfigError);
    const auto refused = [](auto change) {
        ChipConfig c = preset("tiny");
        change(c);
        return message_of<ConfigError>([&] { Device device(c); });
    };
    EXPECT_NE(refused([](ChipConfig& c) { c.l1_bytes += 4; }).find("l1_bytes"), std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) { c.cores[1].isa = "rv64i"; }).find("cores[1].isa"),
              std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) { c.cores[0].local_bytes = 5; }).find("local_bytes"),
              std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) {
                  c.dram[0].noc0 = {9, 9};
              }).find("dram[0].noc0"),
              std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) {
                  c.dram[0].noc0 = {1, 0};
              }).find("taken"),
              std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) { c.cores.clear(); }).find("cores"), std::string::npos);
    EXPECT_NE(refused([](ChipConfig& c) { c.tile_router_x.clear(); }).find("tile_router_x"),
              std::string::npos);
}

}  // namespace
}  // namespace tilewright
