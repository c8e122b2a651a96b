// From the units of KPU users to those of the chip: bytes and bytes a cycle.
#include "stillwater/kpu/config.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "tilewright/base/error.hpp"

namespace stillwater::kpu {
namespace {

constexpr std::int64_t kilobyte = 1024;
constexpr std::int64_t megabyte = 1024 * 1024;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

void refuse(const std::string& field, const std::string& expected, const std::string& got) {
    throw tilewright::ConfigError(field + ": expected " + expected + ", got " + got);
}

// What the chip's own checks would report in other units, or under another name.
void check(const SimulatorConfig& config) {
    visit_fields([&](const std::string& name, auto member) {
        const auto& value = config.*member;
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::int64_t>) {
            constexpr std::int64_t most = std::int64_t{1} << 40;
            if (value < 0 || value > most) {
                refuse(name, "0 to " + std::to_string(most), std::to_string(value));
            }
        } else if constexpr (std::is_same_v<Value, double>) {
            if (!(value > 0) || !std::isfinite(value)) {
                refuse(name, "a number above 0", std::to_string(value));
            }
        } else if constexpr (IsOptional<Value>::value) {
            if (!value) return;
            // The chip takes 0 for its default, which only host memory's is.
            const bool at_zero = name == "host_memory_base";
            if (*value < (at_zero ? 0 : 1)) {
                refuse(name, at_zero ? "an address" : "an address above 0, or nothing",
                       std::to_string(*value));
            }
        }
    });
}

}  // namespace

tilewright::ChipConfig chip_config(const SimulatorConfig& config) {
    check(config);
    tilewright::ChipConfig chip = tilewright::preset("kpu");
    const auto set = [&](const char* field, tilewright::FieldValue value) {
        tilewright::set_field(chip, field, value);
    };
    const auto bytes_per_cycle = [&](double gigabytes_per_second) {
        return gigabytes_per_second * 1000 / config.clock_mhz;
    };
    set("clock_mhz", config.clock_mhz);
    set("host_memory_region_count", config.host_memory_region_count);
    set("host_memory_region_bytes", config.host_memory_region_capacity_mb * megabyte);
    set("host_memory_bytes_per_cycle", bytes_per_cycle(config.host_memory_bandwidth_gbps));
    set("host_memory_latency_cycles", config.host_memory_latency_cycles);
    set("dram_bank_count", config.memory_bank_count);
    set("dram_bank_bytes", config.memory_bank_capacity_mb * megabyte);
    set("dram_bytes_per_cycle", bytes_per_cycle(config.memory_bandwidth_gbps));
    set("dram_row_hit_cycles", config.dram_latency_cycles);
    set("dram_row_miss_cycles", config.dram_latency_cycles);
    set("l3_tile_count", config.l3_tile_count);
    set("l3_tile_bytes", config.l3_tile_capacity_kb * kilobyte);
    set("l2_bank_count", config.l2_bank_count);
    set("l2_bank_bytes", config.l2_bank_capacity_kb * kilobyte);
    set("l1_buffer_count", config.l1_buffer_count);
    set("l1_buffer_bytes", config.l1_buffer_capacity_kb * kilobyte);
    set("scratchpad_count", config.scratchpad_count);
    set("scratchpad_bytes", config.scratchpad_capacity_kb * kilobyte);
    set("page_buffer_count", config.page_buffer_count);
    set("page_buffer_bytes", config.page_buffer_capacity_kb * kilobyte);
    set("dma_engine_count", config.dma_engine_count);
    set("dma_setup_cycles", config.dma_setup_cycles);
    set("dma_bytes_per_cycle", config.dma_engine_width_bytes);
    // The ports of on-chip memories are as wide as the engines, and so never what holds them up.
    set("sram_bytes_per_cycle",
        std::max<std::int64_t>(chip.sram_bytes_per_cycle, config.dma_engine_width_bytes));
    set("block_mover_count", config.block_mover_count);
    set("streamer_count", config.streamer_count);
    set("systolic_array_count", config.compute_tile_count);
    const bool arrays = config.use_systolic_array_mode;
    set("systolic_rows", arrays ? config.processor_array_rows : 1);
    set("systolic_columns", arrays ? config.processor_array_cols : 1);
    set("host_memory_base", config.host_memory_base.value_or(0));
    set("external_memory_base", config.external_memory_base.value_or(0));
    set("l3_tile_base", config.l3_tile_base.value_or(0));
    set("l2_bank_base", config.l2_bank_base.value_or(0));
    set("l1_buffer_base", config.l1_buffer_base.value_or(0));
    set("scratchpad_base", config.scratchpad_base.value_or(0));
    chip.check();
    return chip;
}

}  // namespace stillwater::kpu
