// Address generators of the first generations: buffers whose pages go round all DRAM banks, or the
// L1s of all tiles. Pages are as far apart as the memory's alignment asks.
#pragma once

#include <cstdint>

#include "tilewright/metalium/noc_addresses.h"
#include "tilewright/metalium/types.h"

template <bool DRAM>
struct InterleavedAddrGen {
    std::uint32_t bank_base_address;  ///< offset in each bank
    const std::uint32_t page_size;    ///< bytes
    const std::uint32_t aligned_page_size = tilewright::metalium::page_stride<DRAM>(page_size);

    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t id, std::uint32_t offset = 0,
                                                 std::uint8_t = noc_index) const {
        return tilewright::metalium::interleaved_page<DRAM>(id, bank_base_address,
                                                            aligned_page_size, offset);
    }
};

/// Pages of a power of two.
template <bool DRAM>
struct InterleavedPow2AddrGen {
    const std::uint32_t bank_base_address;
    const std::uint32_t log_base_2_of_page_size;
    const std::uint32_t aligned_log_base_2_of_page_size =
        tilewright::metalium::page_stride<DRAM>(1u << log_base_2_of_page_size) >
                (1u << log_base_2_of_page_size)
            ? 31 - __builtin_clz(tilewright::metalium::page_stride<DRAM>(1))
            : log_base_2_of_page_size;

    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t id, std::uint32_t offset = 0,
                                                 std::uint8_t = noc_index) const {
        return tilewright::metalium::interleaved_page<DRAM>(
            id, bank_base_address, 1u << aligned_log_base_2_of_page_size, offset);
    }
};

template <bool DRAM>
using InterleavedPow2AddrGenFast = InterleavedPow2AddrGen<DRAM>;

/// Pages that are tiles.
template <bool DRAM, std::uint32_t tile_hw = 1024>
struct InterleavedAddrGenFast {
    std::uint32_t bank_base_address;
    std::uint32_t page_size = 0;  ///< bytes of one tile
    DataFormat data_format = DataFormat::Invalid;

    TILEWRIGHT_DEVICE std::uint64_t get_noc_addr(std::uint32_t id, std::uint32_t offset = 0,
                                                 std::uint8_t = noc_index) const {
        return tilewright::metalium::interleaved_page<DRAM>(
            id, bank_base_address, tilewright::metalium::page_stride<DRAM>(page_size), offset);
    }
};
