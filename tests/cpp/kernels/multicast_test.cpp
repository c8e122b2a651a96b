// Multicasts of kernels: values, receivers, closed-form cycles, and what is refused.
#include <algorithm>
#include <array>

#include "kernels/metalium_test.hpp"
#include "precompiled.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

std::uint32_t word(const Device& device, TileId tile, std::uint32_t address) {
    std::uint32_t value = 0;
    device.read_l1(tile, address, std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

Kernel native(const std::string& body) {
    return Kernel::from_source(
        "#include \"tilewright/kernel.hpp\"\nusing namespace tilewright::kernel;\n"
        "extern \"C\" void kernel_main() {\n" +
            body + "\n}\n",
        "kernel.cpp");
}

TEST(Multicast, ReachesTheTilesOfItsRectangleAndNoOthers) {
    const Kernel kernel = precompiled([] {
        return native(R"(
        auto* words = l1<volatile std::uint32_t>(0x20000);
        for (int i = 0; i < 5000; ++i) words[i] = 7000 + i;   // more than one packet
        noc_async_write_multicast(l1<void>(0x20000), tiles_address(2, 3, 9, 5, 0x20000), 20000, 23);
        noc_semaphore_inc_multicast(tiles_address(2, 3, 9, 5, 0x30000), 2, 24, Multicast::to_all);
        noc_inline_write_multicast(tiles_address(2, 3, 9, 5, 0x30004), 9);
        noc_async_write_barrier();
        noc_async_atomic_barrier();)");
    });
    Device device("blackhole");
    device.run(kernel, {{{4, 4}, 0}}, {});
    for (std::uint16_t y = 0; y < 10; ++y) {
        for (std::uint16_t x = 0; x < 14; ++x) {
            const bool sender = x == 4 && y == 4;
            const bool inside = x >= 2 && x <= 9 && y >= 3 && y <= 5;
            const bool data = inside || sender;
            EXPECT_EQ(word(device, {x, y}, 0x20000), data ? 7000u : 0u);
            EXPECT_EQ(word(device, {x, y}, 0x20000 + 19996), data ? 11999u : 0u);
            EXPECT_EQ(word(device, {x, y}, 0x30000), inside ? 2u : 0u);
            EXPECT_EQ(word(device, {x, y}, 0x30004), inside && !sender ? 9u : 0u);
        }
    }
}

// The last acknowledgement decides: to the furthest receiver and back, 5 in, 9 a hop, 5 out.
TEST(Multicast, BarrierWaitsForTheFurthestReceiver) {
    Device device("blackhole");
    const auto cycles = [&](auto transfer) {
        const Kernel kernel = precompiled([] {
            return native(std::string("const std::uint64_t start = cycles();\n") +
                          decltype(transfer){}() +
                          "\nnoc_async_write_barrier();\nprint(cycles() - start);");
        });
        return std::stoull(device.run(kernel, {{{0, 0}, 0}}, {}).output());
    };
    // All round both rings: there and back together are whole rounds.
    const std::uint64_t one = cycles(
        [] { return "noc_async_write(l1<void>(0x20000), tile_address(6, 0, 0x20000u), 64);"; });
    const std::uint64_t row = cycles([] {
        return "noc_async_write_multicast(l1<void>(0x20000), tiles_address(1, 0, 6, 0, 0x20000), "
               "64);";
    });
    const std::uint64_t all = cycles([] {
        return "noc_async_write_multicast(l1<void>(0x20000), tiles_address(0, 0, 13, 9, 0x20000), "
               "64);";
    });
    // Whatever the receiver, its acknowledgement is back after a whole round: those of one row come
    // in one after another, and the barrier looks at its counter once in the 12 cycles of an lr.
    EXPECT_GE(row, one);
    EXPECT_LE(row, one + 6 + 2 * 12);
    // Those of all tiles add a round of their columns, and share the links on the way.
    EXPECT_GE(all, one + 12 * 9);
    EXPECT_LE(all, one + 12 * 9 + 139 + 2 * 12);
}

TEST(Multicast, GoesTheWayOfItsNetworkInPhysicalCoordinates) {
    const auto launches = precompiled([] {
        // Rows 2 to 4, columns 16 and 1 on their ring, as NoC 0 and NoC 1 pass them.
        static constexpr char source[] = R"(
            void kernel_main() {
                *reinterpret_cast<volatile uint32_t*>(0x20000) = 55;
                const bool up = noc_index == 0;
                const uint64_t to = get_noc_multicast_addr(up ? 16 : 1, up ? 2 : 4, up ? 1 : 16,
                                                           up ? 4 : 2, 0x20000);
                noc_async_write_multicast(0x20000, to, 64, 6);
                noc_async_write_barrier();
            })";
        const ChipConfig chip = preset("blackhole");
        return std::array{metalium_launch(chip, source, {{5, 5}, 0}),
                          metalium_launch(chip, source, {{5, 5}, 4})};
    });
    for (const Launch& launch : launches) {
        Device device("blackhole");
        device.run(std::span(&launch, 1));
        for (std::uint16_t y = 0; y < 10; ++y) {
            for (std::uint16_t x = 0; x < 14; ++x) {
                const bool inside = (x == 0 || x == 13) && y <= 2;
                const bool sender = x == 5 && y == 5;
                EXPECT_EQ(word(device, {x, y}, 0x20000), inside || sender ? 55u : 0u);
            }
        }
    }
}

// The published pattern: receivers report that they are ready, the sender multicasts a tile and
// then a flag, which cannot come before the tile.
TEST(Multicast, HandsATileToWaitingReceivers) {
    const auto setup = program_memory({{0, 0x20000, 2048, 1}}, {{0, 0}, {1, 0}});
    static constexpr char sender[] = R"(
        #include "dataflow_api.h"
        void kernel_main() {
            volatile tt_l1_ptr uint32_t* ready = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
            volatile tt_l1_ptr uint32_t* valid = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
            const uint32_t tile = get_write_ptr(0);
            for (uint32_t i = 0; i < 512; ++i) reinterpret_cast<volatile uint32_t*>(tile)[i] = 3 * i;
            noc_semaphore_wait(ready, 3);
            noc_semaphore_set(ready, 0);
            const uint32_t x0 = get_arg_val<uint32_t>(0), y0 = get_arg_val<uint32_t>(1);
            const uint32_t x1 = get_arg_val<uint32_t>(2), y1 = get_arg_val<uint32_t>(3);
            noc_async_write_multicast(tile, get_noc_multicast_addr(x0, y0, x1, y1, tile), 2048, 3);
            *valid = VALID;
            noc_semaphore_set_multicast(get_semaphore(1), get_noc_multicast_addr(x0, y0, x1, y1, get_semaphore(1)), 3);
            noc_async_write_barrier();
        })";
    static constexpr char receiver[] = R"(
        #include "dataflow_api.h"
        void kernel_main() {
            volatile tt_l1_ptr uint32_t* valid = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
            cb_reserve_back(0, 1);
            noc_semaphore_set(valid, INVALID);
            noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(0)), 1);
            noc_semaphore_wait(valid, VALID);
            cb_push_back(0, 1);
            uint32_t sum = 0;
            for (uint32_t i = 0; i < 512; ++i) sum += reinterpret_cast<volatile uint32_t*>(get_read_ptr(0))[i];
            *reinterpret_cast<volatile uint32_t*>(0x30000) = sum;
        })";
    auto launches = precompiled([] {
        const ChipConfig chip = preset("tiny");
        std::vector<Launch> all{metalium_launch(chip, sender, {{0, 0}, 0}, {1, 0, 2, 1})};
        for (const TileId tile : {TileId{1, 0}, TileId{0, 1}, TileId{1, 1}}) {
            all.push_back(metalium_launch(chip, receiver, {tile, 0}, {1, 0}));
        }
        return all;
    });
    for (Launch& launch : launches) launch.setup = setup;
    Device device("tiny");
    device.run(launches);
    for (const TileId tile : {TileId{1, 0}, TileId{0, 1}, TileId{1, 1}}) {
        EXPECT_EQ(word(device, tile, 0x30000), 3u * 511 * 512 / 2);
    }
}

TEST(Multicast, SnapshotsOnTheWayGoOnEqual) {
    const Kernel kernel = precompiled([] {
        return native(R"(
        for (int i = 0; i < 64; ++i) l1<volatile std::uint32_t>(0x20000)[i] = i;
        noc_async_write_multicast(l1<void>(0x20000), tiles_address(0, 0, 1, 1, 0x20000), 256, 3);
        noc_semaphore_inc_multicast(tiles_address(0, 0, 1, 1, 0x30000), 1);
        noc_async_write_barrier();
        noc_async_atomic_barrier();)");
    });
    Device whole("tiny");
    const std::uint64_t end = whole.run(kernel, {{{0, 1}, 0}}, {}).cycles;
    for (std::uint64_t cut = end - 130; cut < end; cut += 9) {
        Device first("tiny");
        const Launch launch{kernel, {{{0, 1}, 0}}, {}};
        first.launch(std::span(&launch, 1));
        first.advance_to(Cycle{cut});
        Device second("tiny");
        second.restore(first.snapshot());
        EXPECT_EQ(second.finish().cycles, end) << "cut at " << cut;
        for (const TileId tile : {TileId{0, 0}, TileId{1, 0}, TileId{1, 1}}) {
            EXPECT_EQ(word(second, tile, 0x20000 + 63 * 4), 63u);
            EXPECT_EQ(word(second, tile, 0x30000), 1u);
        }
    }
}

TEST(Multicast, RefusesWhatCannotBe) {
    const auto fault = [](auto body) {
        const Kernel kernel = precompiled([] { return native(decltype(body){}()); });
        Device device("tiny");
        return text_of<KernelFault>([&] { device.run(kernel, {{{0, 0}, 0}}, {}); });
    };
    expect_in(fault([] {
                  return "noc_async_write_multicast(l1<void>(0x20000), tiles_address(0, 0, 1, 1, "
                         "0x20000), 64, 4);";
              }),
              "the multicast reaches 3 tiles; expected 4");
    expect_in(
        fault([] { return "noc_inline_write_multicast(tiles_address(0, 0, 0, 0, 0x20000), 1);"; }),
        "the multicast reaches 0 tiles; expected one or more");
    expect_in(
        fault([] { return "noc_inline_write_multicast(tiles_address(0, 0, 2, 0, 0x20000), 1);"; }),
        "multicast from (0, 0) to (2, 0) in a grid of 2x2");
    expect_in(fault([] { return "noc_inline_write_multicast(dram_address(0, 0), 1);"; }),
              "a multicast goes to a rectangle of tiles");
    expect_in(
        fault([] { return "noc_inline_write_multicast(tiles_address(0, 0, 1, 1, 0x1F000), 1);"; }),
        "in reserved L1");
}

}  // namespace
}  // namespace tilewright
