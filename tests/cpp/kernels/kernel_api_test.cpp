// The kernel API, run on the chip: what each call promises, seen from the host.
#include <gtest/gtest.h>

#include <bit>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "precompiled.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/device.hpp"

namespace tilewright {
namespace {

constexpr CoreId first_core{{0, 0}, 0};

Kernel kernel(const std::string& body, const CompileOptions& options = {}) {
    return Kernel::from_source(
        "#include \"tilewright/kernel.hpp\"\n"
        "using namespace tilewright::kernel;\n" +
            body,
        "test.cpp", options);
}

template <typename T>
std::vector<T> contents(const Buffer& buffer) {
    std::vector<T> values(buffer.bytes() / sizeof(T));
    buffer.read(std::as_writable_bytes(std::span(values)));
    return values;
}

template <typename T>
Buffer put(Device& device, const std::vector<T>& values, const Placement& placement = {}) {
    Buffer buffer = device.allocate(values.size() * sizeof(T), placement);
    buffer.write(std::as_bytes(std::span(values)));
    return buffer;
}

std::string printed(Device& device, const Kernel& kernel) {
    return device.run(kernel, {first_core}, {}).output();
}

std::string text(const char* format, auto... values) {
    char buffer[200];
    std::snprintf(buffer, sizeof(buffer), format, values...);
    return buffer;
}

TEST(Arguments, EveryTypeArrivesAsItWasGiven) {
    Device device("tiny");
    const Kernel echo = precompiled([] {
        return kernel(R"(
        static void echo(std::uint32_t u, std::int32_t i, float f, bool b, std::uint64_t U,
                         std::int64_t I, double d, Buffer buffer, Semaphore semaphore, int last) {
            print(u, ' ', i, ' ', f, ' ', b, ' ', U, ' ', I, ' ', d, ' ', buffer.bytes(), ' ',
                  semaphore.value(), ' ', last);
        }
        TILEWRIGHT_KERNEL(echo))");
    });
    EXPECT_EQ(echo.signature(), "uifuUIdBSi");
    const Buffer buffer = device.allocate(12345);
    const Semaphore semaphore = device.semaphore(77);
    const auto run = device.run(echo, {first_core},
                                {std::uint64_t{4000000000}, std::int64_t{-5}, 1.5, std::int64_t{1},
                                 std::uint64_t{18446744073709551615u}, std::int64_t{-9000000000},
                                 -0.1, buffer, semaphore, std::int64_t{-2147483648}});
    EXPECT_EQ(run.output(),
              "4000000000 -5 1.500000 true 18446744073709551615 -9000000000 -0.100000 12345 77 "
              "-2147483648");
}

TEST(Arguments, EachProcessorHasItsOwn) {
    Device device("tiny");
    const Kernel number = precompiled([] {
        return kernel(R"(
        static void number(std::uint32_t n) { print(processor(), '=', n, ' '); }
        TILEWRIGHT_KERNEL(number))");
    });
    const auto last = static_cast<std::uint16_t>(device.config().cores.size() - 1);
    const std::vector<Launch> launches{{number, {{{0, 0}, 0}}, {std::int64_t{10}}},
                                       {number, {{{0, 0}, last}}, {std::int64_t{20}}}};
    EXPECT_EQ(device.run(launches).output(), "0=10 " + std::to_string(last) + "=20 ");
}

TEST(Arguments, RawKernelsReadWords) {
    Device device("tiny");
    const Kernel raw = precompiled([] {
        return kernel(R"(
        extern "C" void kernel_main() { print(arg<int>(0), ' ', arg<std::uint32_t>(1)); })");
    });
    EXPECT_FALSE(raw.signature().has_value());
    EXPECT_EQ(device.run(raw, {first_core}, {std::int64_t{-3}, std::int64_t{8}}).output(), "-3 8");
}

TEST(StartUp, GlobalsHaveTheirInitialValuesInEveryRun) {
    Device device("tiny");
    const Kernel globals = precompiled([] {
        return kernel(R"(
        static int counter = 40;
        static int zero[20];
        struct Made { int value; Made() : value(counter + 2) {} ~Made() { counter = 0; } };
        static Made made;
        static const char* names[] = {"a", "b"};
        static int next() { static int calls = counter; return ++calls; }
        static void globals() {
            int sum = 0;
            for (int& z : zero) { sum += z; z = 1; }
            next();
            print(counter++, ' ', sum, ' ', made.value, ' ', names[1], ' ', next());
        }
        TILEWRIGHT_KERNEL(globals))");
    });
    for (int run = 0; run < 2; ++run)
        EXPECT_EQ(device.run(globals, {first_core}, {}).output(), "40 0 42 b 42");
}

TEST(StandardLibrary, HeadersWithoutAnOperatingSystemWork) {
    Device device("tiny");
    EXPECT_EQ(printed(device, precompiled([] {
                          return kernel(R"(
        #include <algorithm>
        #include <array>
        #include <bit>
        #include <cstring>
        #include <limits>
        #include <span>
        #include <tuple>
        #include <utility>
        static void uses() {
            std::array<int, 40> a{};
            for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<int>(i * 17 % 40);
            std::sort(a.begin(), a.end());
            bool sorted = true;
            for (int i = 0; i < 40; ++i) sorted &= a[static_cast<std::size_t>(i)] == i;
            std::span<const int> tail = std::span(a).subspan(38);
            auto [x, y] = std::tuple{std::popcount(255u), std::numeric_limits<short>::max()};
            char copy[8];
            std::memcpy(copy, "spanned", 8);
            const auto found = std::find(a.begin(), a.end(), a[std::size_t(x)]) - a.begin();
            print(sorted, ' ', tail[0] + tail[1], ' ', x, ' ', int{y}, ' ', copy, ' ', found);
        }
        TILEWRIGHT_KERNEL(uses))");
                      })),
              "true 77 8 32767 spanned 8");
}

TEST(Print, WritesNumbersAsPrintfDoes) {
    Device device("tiny");
    EXPECT_EQ(printed(device, precompiled([] {
                          return kernel(R"(
        static void p() {
            print(0, ' ', -1, ' ', 123456789u, ' ', std::int64_t{-9223372036854775807ll - 1}, ' ',
                  std::uint64_t{10000000000000000000ull}, ' ', hex(0), ' ', hex(-1), ' ',
                  hex(0xDEADBEEFCAFEull), ' ', reinterpret_cast<void*>(0x20000), ' ', true, ' ',
                  'c', " text");
        }
        TILEWRIGHT_KERNEL(p))");
                      })),
              "0 -1 123456789 -9223372036854775808 10000000000000000000 0x0 0xffffffff "
              "0xdeadbeefcafe 0x20000 true c text");
    EXPECT_EQ(printed(device, precompiled([] {
                          return kernel(R"(
        static void p() {
            print(0.0, ' ', -2.25, ' ', 3.14159274f, ' ', 999999999.0, ' ', 0.999999, ' ',
                  0.9999999, ' ', 1e12, ' ', 1.5e-7, ' ', __builtin_inf(), ' ', -__builtin_inf());
        }
        TILEWRIGHT_KERNEL(p))");
                      })),
              text("%f %f %f %f %f %f %e %e inf -inf", 0.0, -2.25, 3.14159274, 999999999.0,
                   0.999999, 0.9999999, 1e12, 1.5e-7));
}

TEST(Arithmetic, SoftFloatAndWideDivisionGiveTheBitsOfTheHost) {
    Device device("tiny");
    std::mt19937 random(1);
    constexpr std::size_t count = 64;
    std::vector<float> x(count), y(count);
    std::vector<std::uint64_t> a(count), b(count);
    for (std::size_t i = 0; i < count; ++i) {
        x[i] = std::bit_cast<float>(static_cast<std::uint32_t>(random() & 0xBFFFFFFF));
        y[i] = static_cast<float>(random()) / 1000.0f;
        a[i] = std::uint64_t{random()} << 32 | random();
        b[i] = (random() >> (random() % 31)) + std::uint64_t{1};
    }
    const Kernel arithmetic = precompiled([] {
        return kernel(R"(
        template <typename T>
        static T* local(Buffer b, std::uint32_t at) {
            T* p = l1<T>(l1_user_base + at);
            b.read(0, p, b.bytes());
            noc_async_read_barrier();
            return p;
        }
        static void arithmetic(Buffer fx, Buffer fy, Buffer ua, Buffer ub, std::uint32_t n) {
            auto* x = local<float>(fx, 0);
            auto* y = local<float>(fy, 4096);
            auto* a = local<std::uint64_t>(ua, 8192);
            auto* b = local<std::uint64_t>(ub, 16384);
            for (std::uint32_t i = 0; i < n; ++i) {
                x[i] = x[i] * y[i] + y[i] / (x[i] - y[i]);
                a[i] = a[i] / b[i] * 3 + a[i] % b[i];
            }
            fx.write(0, x, fx.bytes());
            ua.write(0, a, ua.bytes());
            noc_async_write_barrier();
        }
        TILEWRIGHT_KERNEL(arithmetic))");
    });
    const Buffer fx = put(device, x);
    const Buffer ua = put(device, a);
    device.run(arithmetic, {first_core},
               {fx, put(device, y), ua, put(device, b), std::int64_t{count}});
    const auto floats = contents<float>(fx);
    const auto wides = contents<std::uint64_t>(ua);
    for (std::size_t i = 0; i < count; ++i) {
        volatile float product = x[i] * y[i];  // not fused with the sum
        volatile float quotient = y[i] / (x[i] - y[i]);
        EXPECT_EQ(std::bit_cast<std::uint32_t>(floats[i]),
                  std::bit_cast<std::uint32_t>(product + quotient));
        EXPECT_EQ(wides[i], a[i] / b[i] * 3 + a[i] % b[i]);
    }
}

TEST(Buffers, TransfersCrossPagesAndBanks) {
    Device device("tiny");
    const Kernel copy = precompiled([] {
        return kernel(R"(
        static void copy(Buffer from, Buffer to, std::uint32_t first, std::uint32_t bytes,
                         std::uint32_t noc) {
            auto* middle = l1<char>(l1_user_base + first % 64);
            from.read(first, middle, bytes, noc);
            noc_async_read_barrier(noc);
            to.write(first, middle, bytes, noc);
            noc_async_write_barrier(noc);
        }
        TILEWRIGHT_KERNEL(copy))");
    });
    std::vector<std::uint8_t> data(50000);
    std::iota(data.begin(), data.end(), std::uint8_t{});
    std::mt19937 random(2);
    for (int round = 0; round < 20; ++round) {
        const std::uint32_t first = random() % 20000;
        const std::uint32_t bytes = random() % 30000;
        const Placement source = round % 3 == 0   ? Placement::in_bank(round % 2)
                                 : round % 3 == 1 ? Placement::interleaved(64u << round % 6)
                                                  : Placement::in_l1({1, 1});
        const Buffer from = put(device, data, source);
        const Buffer to = put(device, std::vector<std::uint8_t>(data.size()));
        device.run(copy, {first_core},
                   {from, to, std::int64_t{first}, std::int64_t{bytes}, std::int64_t{round % 2}});
        std::vector<std::uint8_t> expected(data.size());
        std::copy_n(data.begin() + first, bytes, expected.begin() + first);
        EXPECT_EQ(contents<std::uint8_t>(to), expected) << first << " " << bytes;
    }
}

TEST(Buffers, BeyondTheEndIsAFaultAtTheCallersLine) {
    Device device("tiny");
    const Kernel beyond = precompiled([] {
        return kernel(R"(static void beyond(Buffer b) {
            auto* p = l1<char>(l1_user_base);
            b.read(0, p, b.bytes());
            b.read(8, p + 8, b.bytes());
        }
        TILEWRIGHT_KERNEL(beyond))");
    });
    try {
        device.run(beyond, {first_core}, {device.allocate(4096)});
        FAIL() << "the read went unnoticed";
    } catch (const KernelFault& fault) {
        EXPECT_NE(std::string(fault.what()).find("test.cpp:6"), std::string::npos) << fault.what();
        EXPECT_NE(std::string(fault.what()).find("beyond"), std::string::npos) << fault.what();
    }
}

TEST(Noc, PacketsAreSplitAndWordsArriveInOtherTiles) {
    Device device("tiny");
    const Kernel send = precompiled([] {
        return kernel(R"(
        static void send(std::uint32_t bytes) {
            auto* here = l1<std::uint32_t>(l1_user_base);
            for (std::uint32_t i = 0; i < bytes / 4; ++i) here[i] = i ^ 0x5A5A5A5A;
            noc_async_write(here, tile_address(1, 0, here), bytes);
            noc_async_writes_flushed();
            noc_inline_write(tile_address(1, 1, l1_user_base + 8), 0xABCD, 1);
            noc_async_write_barrier();
            noc_async_write_barrier(1);
        }
        TILEWRIGHT_KERNEL(send))");
    });
    constexpr std::uint32_t bytes = 40000;  // three packets
    device.run(send, {first_core}, {std::int64_t{bytes}});
    std::vector<std::uint32_t> there(bytes / 4);
    device.read_l1({1, 0}, abi::l1_user_base, std::as_writable_bytes(std::span(there)));
    for (std::uint32_t i = 0; i < there.size(); ++i) ASSERT_EQ(there[i], i ^ 0x5A5A5A5A);
    std::vector<std::uint32_t> word(1);
    device.read_l1({1, 1}, abi::l1_user_base + 8, std::as_writable_bytes(std::span(word)));
    EXPECT_EQ(word[0], 0xABCDu);
}

TEST(Semaphores, AddSetAndWait) {
    Device device("tiny");
    const Kernel local = precompiled([] {
        return kernel(R"(
        static void local(Semaphore s) {
            print(s.value(), ' ', s.add(5), ' ');
            s.wait(8);
            s.set(100);
            print(s.wait_min(50), ' ', s.value());
        }
        TILEWRIGHT_KERNEL(local))");
    });
    EXPECT_EQ(device.run(local, {first_core}, {device.semaphore(3)}).output(), "3 3 100 100");
}

TEST(Semaphores, TheRingPassesItsToken) {
    Device device("tiny");
    const Kernel ring = Kernel::builtin("ring");
    const Semaphore token = device.semaphore();
    const std::vector<TileId> tiles{{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    std::vector<Launch> launches;
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        const TileId next = tiles[(i + 1) % tiles.size()];
        launches.push_back({ring,
                            {{tiles[i], 0}},
                            {token, std::int64_t{next.x}, std::int64_t{next.y},
                             std::int64_t{i == 0}, std::int64_t{10}}});
    }
    const auto run = device.run(launches);
    for (const TileId tile : tiles) {
        std::uint32_t value = 0;
        device.read_l1(tile, token.address, std::as_writable_bytes(std::span(&value, 1)));
        EXPECT_EQ(value, 10u);
    }
    EXPECT_GT(run.cycles, 10u * tiles.size());
}

TEST(Counters, CyclesAndInstructionsOnlyGrow) {
    Device device("tiny");
    EXPECT_EQ(printed(device, precompiled([] {
                          return kernel(R"(
        static void grow() {
            const auto c = cycles();
            const auto i = instructions();
            const auto c2 = cycles();
            const auto i2 = instructions();
            print(c2 > c, ' ', i2 > i, ' ', i2 - i < 30, ' ', c2 - c >= 3);
        }
        TILEWRIGHT_KERNEL(grow))");
                      })),
              "true true true true");
}

TEST(Coordinates, AreThoseOfTheLaunch) {
    Device device("tiny");
    const Kernel where = precompiled([] {
        return kernel(R"(
        static void where() {
            print(tile_x(), ',', tile_y(), ' ', grid_columns(), 'x', grid_rows(), ' ',
                  l1_bytes() > l1_user_base);
        }
        TILEWRIGHT_KERNEL(where))");
    });
    EXPECT_EQ(device.run(where, {{{1, 0}, 0}}, {}).output(), "1,0 2x2 true");
}

TEST(Check, StopsWithItsMessageAtTheLineOfTheKernel) {
    Device device("tiny");
    const Kernel fails = precompiled([] {
        return kernel(R"(static void fails(int n) {
            check(n == 0, "n is zero");

            print("not reached");
        }
        TILEWRIGHT_KERNEL(fails))");
    });
    EXPECT_EQ(device.run(fails, {first_core}, {std::int64_t{0}}).output(), "not reached");
    try {
        device.run(fails, {first_core}, {std::int64_t{1}});
        FAIL() << "the check did not stop the kernel";
    } catch (const KernelFault& fault) {
        EXPECT_NE(std::string(fault.what()).find("test.cpp:4"), std::string::npos) << fault.what();
    }
}

TEST(WaitForever, IsReportedAsDeadlockAtItsSourceLine) {
    Device device("tiny");
    const Semaphore semaphore = device.semaphore();
    try {
        device.run(Kernel::builtin("wait_forever"), {first_core}, {semaphore, std::int64_t{1}});
        FAIL() << "a kernel that waits for ever ended";
    } catch (const DeadlockError& error) {
        EXPECT_NE(std::string(error.what()).find("wait_forever.cpp:12"), std::string::npos)
            << error.what();
    }
}

/// Touches each header of the API, and some of the standard library's.
constexpr char varied[] = R"(
    #include <algorithm>
    #include <array>
    #include <span>
    static int total = 7;
    static void varied(Buffer b, Semaphore s, float f, std::uint64_t wide) {
        auto* p = l1<std::uint32_t>(l1_user_base);
        b.read(0, p, b.bytes());
        noc_async_read_barrier();
        std::span<std::uint32_t> words(p, b.bytes() / 4);
        std::sort(words.begin(), words.end());
        b.write(0, p, b.bytes());
        noc_async_write_barrier();
        s.remote_add(tile_x(), tile_y(), 2);
        const auto reached = s.wait_min(2);
        check(cycles() > 0 && instructions() > 0);
        std::array<int, 2> two{total, static_cast<int>(wide / 1000000007)};
        print(two[0], ' ', two.at(1), ' ', reached, ' ', f * 2, ' ', words.front());
    }
    TILEWRIGHT_KERNEL(varied))";

void runs_as_expected(const Kernel& kernel) {
    Device device("tiny");
    const Buffer numbers = put(device, std::vector<std::uint32_t>{5, 3, 9, 1, 4, 1, 8, 2, 6, 7});
    const auto run = device.run(kernel, {first_core},
                                {numbers, device.semaphore(), 0.75, std::uint64_t{5000000035}});
    EXPECT_EQ(run.output(), "7 5 2 1.500000 1");
    EXPECT_EQ(contents<std::uint32_t>(numbers),
              (std::vector<std::uint32_t>{1, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Optimisation, EveryLevelMakesTheSameKernel) {
    static constexpr const char* levels[] = {"0", "1", "3", "s", "z"};
    const auto kernels = precompiled([] {
        std::vector<Kernel> all;
        for (const char* level : levels) all.push_back(kernel(varied, {.optimisation = level}));
        return all;
    });
    for (std::size_t i = 0; i < kernels.size(); ++i) {
        SCOPED_TRACE(levels[i]);
        runs_as_expected(kernels[i]);
    }
}

TEST(SystemClang, MakesKernelsThatRun) {
    for (int version = 30; version >= 16; --version) {
        const std::string name = "clang++-" + std::to_string(version);
        try {
            find_toolchain(name);
        } catch (const CompileError&) {
            continue;
        }
        SCOPED_TRACE(name);
        runs_as_expected(kernel(varied, {.compiler = name}));
        return;
    }
    GTEST_SKIP() << "no clang++-N of version 16 or later with its lld on this machine";
}

TEST(Message, TellsTheBatch) {
    Device device("tiny");
    const Buffer buffer = device.allocate(256);
    device.run(Kernel::builtin("message"), {{{1, 1}, 0}},
               {buffer, std::int64_t{0}, std::int64_t{120}});
    EXPECT_STREQ(contents<char>(buffer).data(), "Hello from a RISC-V core, tile (1, 1), batch 120");
}

template <typename T>
void scale_add_agrees(T scale, std::uint32_t type, std::uint32_t first, std::uint32_t count) {
    Device device("tiny");
    std::mt19937 random(3);
    std::vector<T> x(20000), y(20000);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<T>(static_cast<std::int32_t>(random()));
        y[i] = static_cast<T>(static_cast<std::int32_t>(random()));
    }
    const Buffer out = put(device, y);
    device.run(Kernel::builtin("scale_add"), {first_core},
               {put(device, x), out, std::int64_t{std::bit_cast<std::uint32_t>(scale)},
                std::int64_t{type}, std::int64_t{first}, std::int64_t{count}});
    for (std::uint32_t i = first; i < first + count; ++i) {
        volatile T product = scale * x[i];
        y[i] = product + y[i];
    }
    EXPECT_EQ(contents<T>(out), y);
}

TEST(ScaleAdd, AgreesWithTheHostForAnyPart) {
    for (const auto& [first, count] :
         {std::pair{0u, 20000u}, {0u, 0u}, {3u, 1u}, {17u, 2048u}, {4095u, 4097u}, {1u, 19999u}}) {
        scale_add_agrees<std::uint32_t>(0xFFFFFFF9, 0, first, count);
        scale_add_agrees<float>(-1.7f, 1, first, count);
    }
}

}  // namespace
}  // namespace tilewright
