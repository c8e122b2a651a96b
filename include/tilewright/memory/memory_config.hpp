// The memories of a chip beside the L1 of its tiles, as its configuration describes them.
#pragma once

#include <cstdint>

namespace tilewright {

struct MemoryConfig {
    // External memory. Banks beyond those with a port on the network are reached by DMA engines
    // only.
    std::uint32_t dram_bank_count = 0;
    std::uint64_t dram_bank_bytes = 0;
    double dram_bytes_per_cycle = 0;
    std::uint32_t dram_row_bytes = 2048;
    std::uint32_t dram_open_rows = 16;
    std::uint32_t dram_row_hit_cycles = 0;
    std::uint32_t dram_row_miss_cycles = 0;
    std::uint32_t dram_accept_cycles = 0;

    // The hierarchy that engines move data through: all in the global address map.
    std::uint32_t host_memory_region_count = 0;
    std::uint64_t host_memory_region_bytes = 0;
    double host_memory_bytes_per_cycle = 0;
    std::uint32_t host_memory_latency_cycles = 0;
    std::uint32_t l3_tile_count = 0;
    std::uint64_t l3_tile_bytes = 0;
    std::uint32_t l2_bank_count = 0;
    std::uint64_t l2_bank_bytes = 0;
    std::uint32_t scratchpad_count = 0;
    std::uint64_t scratchpad_bytes = 0;
    std::uint32_t l1_buffer_count = 0;
    std::uint64_t l1_buffer_bytes = 0;
    std::uint32_t page_buffer_count = 0;
    std::uint64_t page_buffer_bytes = 0;
    /// An engine is no faster than the memories on its way, so whoever widens an engine widens
    /// these.
    std::uint32_t sram_bytes_per_cycle = 64;

    // Where memories begin in the global address map; 0: the default (memory/address_map.hpp).
    std::uint64_t host_memory_base = 0;
    std::uint64_t external_memory_base = 0;
    std::uint64_t l3_tile_base = 0;
    std::uint64_t l2_bank_base = 0;
    std::uint64_t scratchpad_base = 0;
    std::uint64_t l1_buffer_base = 0;
    std::uint64_t page_buffer_base = 0;
    std::uint64_t tile_l1_base = 0;

    bool operator==(const MemoryConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        constexpr std::int64_t large = std::int64_t{1} << 40;
        constexpr std::int64_t small = std::int64_t{1} << 32;
        constexpr std::int64_t highest = std::int64_t{1} << 48;
        field("dram_bank_count", c.dram_bank_count, 0, 256, "banks", "banks of DRAM");
        field("dram_bank_bytes", c.dram_bank_bytes, 1 << 20, std::int64_t{4} << 30, "bytes",
              "size of a DRAM bank");
        field("dram_bytes_per_cycle", c.dram_bytes_per_cycle, 0.001, 65536, "bytes per cycle",
              "rate of a DRAM bank; fractions are exact");
        field("dram_row_bytes", c.dram_row_bytes, 64, 1 << 20, "bytes",
              "consecutive bytes that share a row");
        field("dram_open_rows", c.dram_open_rows, 1, 1024, "rows", "rows that a bank keeps open");
        field("dram_row_hit_cycles", c.dram_row_hit_cycles, 0, 100'000, "cycles",
              "latency when the row is open");
        field("dram_row_miss_cycles", c.dram_row_miss_cycles, 0, 100'000, "cycles",
              "latency when another row must be opened");
        field("dram_accept_cycles", c.dram_accept_cycles, 0, 100'000, "cycles",
              "from a write's turn at its bank until it is acknowledged; 0: when it is written");
        field("host_memory_region_count", c.host_memory_region_count, 0, 64, "regions",
              "regions of the host's memory that DMA engines reach");
        field("host_memory_region_bytes", c.host_memory_region_bytes, 0, large, "bytes",
              "size of a region of host memory");
        field("host_memory_bytes_per_cycle", c.host_memory_bytes_per_cycle, 0, 65536,
              "bytes per cycle", "rate of a region of host memory, in each direction");
        field("host_memory_latency_cycles", c.host_memory_latency_cycles, 0, 10'000'000, "cycles",
              "latency of host memory");
        field("l3_tile_count", c.l3_tile_count, 0, 4096, "tiles", "tiles of L3");
        field("l3_tile_bytes", c.l3_tile_bytes, 0, small, "bytes", "size of a tile of L3");
        field("l2_bank_count", c.l2_bank_count, 0, 4096, "banks", "banks of L2");
        field("l2_bank_bytes", c.l2_bank_bytes, 0, small, "bytes", "size of a bank of L2");
        field("scratchpad_count", c.scratchpad_count, 0, 4096, "memories", "scratchpads");
        field("scratchpad_bytes", c.scratchpad_bytes, 0, small, "bytes", "size of a scratchpad");
        field("l1_buffer_count", c.l1_buffer_count, 0, 4096, "memories",
              "L1 buffers, at the sides of systolic arrays");
        field("l1_buffer_bytes", c.l1_buffer_bytes, 0, small, "bytes", "size of an L1 buffer");
        field("page_buffer_count", c.page_buffer_count, 0, 4096, "memories", "page buffers");
        field("page_buffer_bytes", c.page_buffer_bytes, 0, small, "bytes", "size of a page buffer");
        field("sram_bytes_per_cycle", c.sram_bytes_per_cycle, 1, 65536, "bytes per cycle",
              "what the read port and the write port of each on-chip memory move");
        const char* base = "where it begins in the global address map; 0: the default";
        field("host_memory_base", c.host_memory_base, 0, highest, "address", base);
        field("external_memory_base", c.external_memory_base, 0, highest, "address", base);
        field("l3_tile_base", c.l3_tile_base, 0, highest, "address", base);
        field("l2_bank_base", c.l2_bank_base, 0, highest, "address", base);
        field("scratchpad_base", c.scratchpad_base, 0, highest, "address", base);
        field("l1_buffer_base", c.l1_buffer_base, 0, highest, "address", base);
        field("page_buffer_base", c.page_buffer_base, 0, highest, "address", base);
        field("tile_l1_base", c.tile_l1_base, 0, highest, "address", base);
    }
};

}  // namespace tilewright
