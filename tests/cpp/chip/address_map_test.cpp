// Where memories lie, and what is found there.
#include "tilewright/memory/address_map.hpp"

#include <gtest/gtest.h>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/config.hpp"

namespace tilewright {
namespace {

std::uint64_t base(const AddressMap& map, MemoryKind kind) {
    return map.window(kind).base;
}

TEST(AddressMap, WindowsBeginAtFixedAddresses) {
    const AddressMap map = make_address_map(preset("kpu"));
    EXPECT_EQ(base(map, MemoryKind::host), 0u);
    EXPECT_EQ(base(map, MemoryKind::dram), 0x1'0000'0000u);
    EXPECT_EQ(base(map, MemoryKind::l3), 0x1'8000'0000u);
    EXPECT_EQ(base(map, MemoryKind::l2), 0x1'8008'0000u);
    EXPECT_EQ(base(map, MemoryKind::scratchpad), 0x1'8010'0000u);
    EXPECT_EQ(base(map, MemoryKind::l1_buffer), 0x1'8020'0000u);
    EXPECT_EQ(base(map, MemoryKind::page_buffer), 0x1'8030'0000u);
    EXPECT_EQ(base(map, MemoryKind::tile_l1), 0x1'8040'0000u);
    EXPECT_EQ(value(map.address(MemoryKind::scratchpad, 1, 16)), 0x1'8011'0010u);
}

TEST(AddressMap, WhatOverflowsItsWindowMovesWhatFollows) {
    ChipConfig config = preset("kpu");
    config.l2_bank_count = 9;  // a window of 8
    config.dram_bank_count = 3;
    const AddressMap map = make_address_map(config);
    EXPECT_EQ(base(map, MemoryKind::dram), 0x1'0000'0000u);
    EXPECT_EQ(base(map, MemoryKind::l3), 0x1'C000'0000u);
    EXPECT_EQ(base(map, MemoryKind::l2), 0x1'C008'0000u);
    EXPECT_EQ(base(map, MemoryKind::scratchpad), 0x1'C008'0000u + 9 * 0x1'0000);
    const AddressMap grid = make_address_map(preset("blackhole"));
    EXPECT_EQ(base(grid, MemoryKind::tile_l1), 0x9'0000'0000u);
}

TEST(AddressMap, AConfiguredBaseStandsAndTheOthersGoRoundIt) {
    ChipConfig config = preset("kpu");
    config.l3_tile_base = 0x1'8010'0000;
    const AddressMap map = make_address_map(config);
    EXPECT_EQ(base(map, MemoryKind::l3), 0x1'8010'0000u);
    EXPECT_EQ(base(map, MemoryKind::l2), 0x1'8008'0000u);
    EXPECT_EQ(base(map, MemoryKind::scratchpad), 0x1'8018'0000u);
    config.external_memory_base = 0x1'4000'0000;
    EXPECT_THROW(make_address_map(config), ConfigError);
    EXPECT_THROW(config.check(), ConfigError);
}

TEST(AddressMap, EveryAddressIsFoundWhereItWasPut) {
    for (const char* name : {"kpu", "tiny", "blackhole"}) {
        const AddressMap map = make_address_map(preset(name));
        for (std::uint32_t k = 0; k < memory_kind_count; ++k) {
            const auto kind = static_cast<MemoryKind>(k);
            const auto& window = map.window(kind);
            for (std::uint32_t i = 0; i < window.count; ++i) {
                for (const std::uint64_t offset : {std::uint64_t{0}, window.bytes - 8}) {
                    const MemoryRef there{kind, i, offset};
                    EXPECT_EQ(map.resolve(map.address(kind, i, offset), 8), there);
                }
                const GlobalAddress last = map.address(kind, i, window.bytes - 8);
                EXPECT_THROW(map.resolve(last, 9), AddressError);
                EXPECT_THROW(map.resolve(last, ~0ull), AddressError);
                EXPECT_NO_THROW(map.resolve(last + 8, 0));
            }
            EXPECT_THROW(map.address(kind, window.count), AddressError);
        }
        EXPECT_THROW(map.resolve(GlobalAddress{~0ull}, 1), AddressError);
        EXPECT_THROW(map.resolve(GlobalAddress{~0ull - 3}, 8), AddressError);
    }
}

}  // namespace
}  // namespace tilewright
