// What a KPU is made of, in the units of its users: megabytes, kilobytes, gigabytes a second.
//
// A SimulatorConfig is turned into the ChipConfig of one chip, beside everything else a chip can
// have; docs/stillwater.md has the table of fields.
#pragma once

#include <cstdint>
#include <optional>

#include "tilewright/base/export.hpp"
#include "tilewright/chip/config.hpp"

namespace stillwater::kpu {

using Address = std::uint64_t;
using Size = std::uint64_t;

/// Counts and sizes are signed so that a negative one is refused by name and not read as a large
/// one. Bandwidths are those of each bank or region.
struct SimulatorConfig {
    std::int64_t host_memory_region_count = 1;
    std::int64_t host_memory_region_capacity_mb = 4096;
    double host_memory_bandwidth_gbps = 50;
    std::int64_t memory_bank_count = 2;
    std::int64_t memory_bank_capacity_mb = 1024;
    double memory_bandwidth_gbps = 100;
    std::int64_t l3_tile_count = 4;
    std::int64_t l3_tile_capacity_kb = 128;
    std::int64_t l2_bank_count = 8;
    std::int64_t l2_bank_capacity_kb = 64;
    std::int64_t l1_buffer_count = 4;
    std::int64_t l1_buffer_capacity_kb = 64;
    std::int64_t scratchpad_count = 2;
    std::int64_t scratchpad_capacity_kb = 64;
    std::int64_t page_buffer_count = 2;
    std::int64_t page_buffer_capacity_kb = 16;
    std::int64_t compute_tile_count = 2;
    std::int64_t dma_engine_count = 2;
    std::int64_t block_mover_count = 4;
    std::int64_t streamer_count = 8;
    std::int64_t processor_array_rows = 16;
    std::int64_t processor_array_cols = 16;
    /// false: a compute tile is a single multiply-accumulate unit, an array of 1 x 1.
    bool use_systolic_array_mode = true;
    // Where the memories begin; nothing: the windows of docs/stillwater.md.
    std::optional<std::int64_t> host_memory_base;
    std::optional<std::int64_t> external_memory_base;
    std::optional<std::int64_t> l3_tile_base;
    std::optional<std::int64_t> l2_bank_base;
    std::optional<std::int64_t> l1_buffer_base;
    std::optional<std::int64_t> scratchpad_base;
    std::int64_t dma_setup_cycles = 29;
    std::int64_t dram_latency_cycles = 100;
    std::int64_t host_memory_latency_cycles = 200;
    std::int64_t dma_engine_width_bytes = 64;
    double clock_mhz = 1000;

    bool operator==(const SimulatorConfig&) const = default;
};

/// Calls visit(name, pointer to member) for each field, in the order above.
template <class Visitor>
void visit_fields(Visitor&& visit) {
    using C = SimulatorConfig;
    visit("host_memory_region_count", &C::host_memory_region_count);
    visit("host_memory_region_capacity_mb", &C::host_memory_region_capacity_mb);
    visit("host_memory_bandwidth_gbps", &C::host_memory_bandwidth_gbps);
    visit("memory_bank_count", &C::memory_bank_count);
    visit("memory_bank_capacity_mb", &C::memory_bank_capacity_mb);
    visit("memory_bandwidth_gbps", &C::memory_bandwidth_gbps);
    visit("l3_tile_count", &C::l3_tile_count);
    visit("l3_tile_capacity_kb", &C::l3_tile_capacity_kb);
    visit("l2_bank_count", &C::l2_bank_count);
    visit("l2_bank_capacity_kb", &C::l2_bank_capacity_kb);
    visit("l1_buffer_count", &C::l1_buffer_count);
    visit("l1_buffer_capacity_kb", &C::l1_buffer_capacity_kb);
    visit("scratchpad_count", &C::scratchpad_count);
    visit("scratchpad_capacity_kb", &C::scratchpad_capacity_kb);
    visit("page_buffer_count", &C::page_buffer_count);
    visit("page_buffer_capacity_kb", &C::page_buffer_capacity_kb);
    visit("compute_tile_count", &C::compute_tile_count);
    visit("dma_engine_count", &C::dma_engine_count);
    visit("block_mover_count", &C::block_mover_count);
    visit("streamer_count", &C::streamer_count);
    visit("processor_array_rows", &C::processor_array_rows);
    visit("processor_array_cols", &C::processor_array_cols);
    visit("use_systolic_array_mode", &C::use_systolic_array_mode);
    visit("host_memory_base", &C::host_memory_base);
    visit("external_memory_base", &C::external_memory_base);
    visit("l3_tile_base", &C::l3_tile_base);
    visit("l2_bank_base", &C::l2_bank_base);
    visit("l1_buffer_base", &C::l1_buffer_base);
    visit("scratchpad_base", &C::scratchpad_base);
    visit("dma_setup_cycles", &C::dma_setup_cycles);
    visit("dram_latency_cycles", &C::dram_latency_cycles);
    visit("host_memory_latency_cycles", &C::host_memory_latency_cycles);
    visit("dma_engine_width_bytes", &C::dma_engine_width_bytes);
    visit("clock_mhz", &C::clock_mhz);
}

/// The chip that a configuration describes: preset `kpu` with these fields. tilewright::ConfigError
/// names a field that cannot be.
TILEWRIGHT_API tilewright::ChipConfig chip_config(const SimulatorConfig& config);

}  // namespace stillwater::kpu
