// 64-bit addresses on the network: an abi::node in the upper word, an offset in the lower one. They
// can be counted on as addresses can. Coordinates are those of routers, the same on both networks.
#pragma once

#include <cstdint>

#include "tilewright/kernel/noc.hpp"
#include "tilewright/metalium/coordinates.h"

namespace tilewright::metalium {

constexpr std::uint64_t noc_address(std::uint32_t node, std::uint32_t offset) {
    return std::uint64_t{node} << 32 | offset;
}
TILEWRIGHT_DEVICE kernel::NocAddress split(std::uint64_t address) {
    return {static_cast<std::uint32_t>(address >> 32), static_cast<std::uint32_t>(address)};
}

/// The node of bank `bank` of the DRAM, or of the L1s of all tiles, row by row.
template <bool dram>
constexpr std::uint32_t bank_node(std::uint32_t bank) {
    return dram ? abi::node(abi::NodeSpace::dram, bank, 0)
                : abi::node(abi::NodeSpace::tile_number, bank, bank >> 8);
}

/// Whether that node is this tile, in whatever coordinates.
TILEWRIGHT_DEVICE bool is_own_node(std::uint32_t node) {
    using kernel::tile_x, kernel::tile_y;
    return node == own_node() || node == abi::node(abi::NodeSpace::tile, tile_x(), tile_y()) ||
           node == bank_node<false>(tile_y() * kernel::grid_columns() + tile_x());
}

constexpr std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) {
    return (value + unit - 1) / unit * unit;
}

/// Bytes from one page of a bank to the next.
template <bool dram>
constexpr std::uint32_t page_stride(std::uint32_t page_bytes) {
    return round_up(page_bytes, dram ? DRAM_ALIGNMENT : L1_ALIGNMENT);
}

/// Page `page` of a buffer whose pages go round all banks.
template <bool dram>
TILEWRIGHT_DEVICE std::uint64_t interleaved_page(std::uint32_t page, std::uint32_t bank_address,
                                                 std::uint32_t stride, std::uint32_t offset) {
    constexpr std::uint32_t banks = dram ? NUM_DRAM_BANKS : NUM_L1_BANKS;
    const std::uint32_t row = page / banks;
    return noc_address(bank_node<dram>(page - row * banks), bank_address + row * stride + offset);
}

}  // namespace tilewright::metalium

/// An address at the router (x, y); in this tile's own L1. The constant coordinates (0, 0) and
/// (1, 0) mean the first DRAM bank, as kernels for the first chips have them.
TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t x, std::uint32_t y,
                                             std::uint32_t address, std::uint8_t = noc_index) {
#ifdef TILEWRIGHT_DRAM_AT_ORIGIN
    if (__builtin_constant_p(x) && __builtin_constant_p(y) && x <= 1 && y == 0) {
        return tilewright::metalium::noc_address(tilewright::metalium::bank_node<true>(0), address);
    }
#endif
    return tilewright::metalium::noc_address(
        tilewright::abi::node(tilewright::abi::NodeSpace::physical, x, y), address);
}
TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t address, std::uint8_t = noc_index) {
    return tilewright::metalium::noc_address(tilewright::metalium::own_node(), address);
}
/// A node that was encoded already, and an address there.
TILEWRIGHT_DEVICE std::uint64_t get_noc_addr_helper(std::uint32_t node, std::uint32_t address) {
    return tilewright::metalium::noc_address(node, address);
}

/// All tiles in the rectangle from the start, in the direction in which the network `noc` travels,
/// to the end: towards higher coordinates on NoC 0, towards lower ones on NoC 1.
TILEWRIGHT_DEVICE std::uint64_t get_noc_multicast_addr(std::uint32_t start_x, std::uint32_t start_y,
                                                       std::uint32_t end_x, std::uint32_t end_y,
                                                       std::uint32_t address,
                                                       std::uint8_t = noc_index) {
    return tilewright::metalium::noc_address(
        tilewright::abi::multicast_node(tilewright::abi::NodeSpace::physical, start_x, start_y,
                                        end_x, end_y),
        address);
}

/// An offset in one bank of the DRAM, or of the L1s.
template <bool dram>
TILEWRIGHT_DEVICE std::uint64_t get_noc_addr_from_bank_id(std::uint32_t bank, std::uint32_t offset,
                                                          std::uint8_t = noc_index) {
    return tilewright::metalium::noc_address(tilewright::metalium::bank_node<dram>(bank), offset);
}

/// Pages that go round all banks.
TILEWRIGHT_DEVICE std::uint64_t get_dram_noc_addr(std::uint32_t page, std::uint32_t page_bytes,
                                                  std::uint32_t bank_address,
                                                  std::uint32_t offset = 0,
                                                  std::uint8_t = noc_index) {
    return tilewright::metalium::interleaved_page<true>(
        page, bank_address, tilewright::metalium::page_stride<true>(page_bytes), offset);
}
TILEWRIGHT_DEVICE std::uint64_t get_l1_noc_addr(std::uint32_t page, std::uint32_t page_bytes,
                                                std::uint32_t bank_address,
                                                std::uint32_t offset = 0,
                                                std::uint8_t = noc_index) {
    return tilewright::metalium::interleaved_page<false>(
        page, bank_address, tilewright::metalium::page_stride<false>(page_bytes), offset);
}

/// Pages one after another in memory that the host has pinned.
TILEWRIGHT_DEVICE std::uint64_t get_system_memory_noc_addr(std::uint32_t page,
                                                           std::uint32_t page_bytes,
                                                           std::uint32_t base,
                                                           std::uint32_t offset = 0,
                                                           std::uint8_t = noc_index) {
    return tilewright::metalium::noc_address(
        tilewright::abi::node(tilewright::abi::NodeSpace::host, 0, 0),
        base + page * page_bytes + offset);
}
