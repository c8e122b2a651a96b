// What a simulator has counted: from the device's counters to numbers by engine and memory, and
// those as text.
#include <array>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <iostream>
#include <string>

#include "frontends/stillwater/recorder.hpp"
#include "stillwater/kpu/kpu.hpp"
#include "tilewright/memory/address_map.hpp"

namespace stillwater::kpu {
namespace {

struct KindName {
    MemoryKind kind;
    const char* key;   // in statistics: the kind, and with the number the name
    const char* name;  // for people
};
// In the order of addresses.
constexpr KindName memory_kinds[] = {
    {MemoryKind::host, "host", "host memory"},
    {MemoryKind::dram, "external", "external bank"},
    {MemoryKind::l3, "l3_", "L3 tile"},
    {MemoryKind::l2, "l2_", "L2 bank"},
    {MemoryKind::scratchpad, "scratchpad", "scratchpad"},
    {MemoryKind::l1_buffer, "l1_", "L1 buffer"},
    {MemoryKind::page_buffer, "page_buffer", "page buffer"},
};
constexpr EngineKind engine_kinds[] = {EngineKind::dma, EngineKind::block_mover,
                                       EngineKind::streamer, EngineKind::systolic_array};

std::string kind_key(const KindName& kind) {
    std::string key = kind.key;
    if (key.back() == '_') key.pop_back();
    return key;
}

// What the device's counters call them.
const char* counter_name(EngineKind kind) {
    return kind == EngineKind::systolic_array ? "systolic_array" : engine_kind_name(kind);
}

double bytes_per_cycle(const tilewright::ChipConfig& chip, EngineKind kind) {
    switch (kind) {
        case EngineKind::dma:
            return chip.dma_bytes_per_cycle;
        case EngineKind::block_mover:
            return chip.block_mover_bytes_per_cycle;
        case EngineKind::streamer:
            return chip.sram_bytes_per_cycle;
        case EngineKind::systolic_array:
            return 0;
    }
    return 0;
}

// All but DRAM read and write at once, each at the full rate.
double bytes_per_cycle(const tilewright::ChipConfig& chip, MemoryKind kind) {
    if (kind == MemoryKind::host) return 2 * chip.host_memory_bytes_per_cycle;
    if (kind == MemoryKind::dram) return chip.dram_bytes_per_cycle;
    return 2 * chip.sram_bytes_per_cycle;
}

__attribute__((format(printf, 2, 3))) void add(std::string& text, const char* format, ...) {
    std::array<char, 256> line{};
    va_list arguments;
    va_start(arguments, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the line above is what it looks for
    std::vsnprintf(line.data(), line.size(), format, arguments);
    va_end(arguments);
    text += line.data();
}

}  // namespace

Statistics KPUSimulator::statistics() const {
    const tilewright::ChipConfig& chip = device_->config();
    const tilewright::Counters now = device_->counters();
    const auto counted = [&](const std::string& name) {
        const auto before = before_.find(name);
        return now.at(name) - (before == before_.end() ? 0 : before->second);
    };
    Statistics all;
    all.cycles = get_current_cycle();
    all.clock_mhz = chip.clock_mhz;
    all.elapsed_ms = get_elapsed_time_ms();
    all.host_ms = get_host_time_ms();
    all.commands = recorder_->commands(origin_);
    all.commands_left_out = recorder_->left_out();
    for (const EngineKind kind : engine_kinds) {
        const bool multiplies = kind == EngineKind::systolic_array;
        for (std::uint32_t i = 0; i < engine_count(kind); ++i) {
            const std::string counter = std::string(counter_name(kind)) + std::to_string(i) + ".";
            all.engines.push_back(
                {.name = engine_key({kind, i}),
                 .kind = engine_kind_name(kind),
                 .commands = counted(counter + "commands"),
                 .busy_cycles = counted(counter + "busy_cycles"),
                 .stall_cycles = counted(counter + "stalled_cycles"),
                 .bytes = counted(counter + "bytes"),
                 .macs = multiplies ? counted(counter + "macs") : 0,
                 .bytes_per_cycle = bytes_per_cycle(chip, kind),
                 .macs_per_cycle =
                     multiplies ? Size{chip.systolic_rows} * chip.systolic_columns : 0});
        }
    }
    for (const KindName& kind : memory_kinds) {
        for (std::uint32_t i = 0; i < memory_count(kind.kind); ++i) {
            const std::string counter =
                (kind.kind == MemoryKind::dram ? "dram" : std::string(user_name(kind.kind))) +
                std::to_string(i) + ".";
            all.memories.push_back({.name = kind.key + std::to_string(i),
                                    .kind = kind_key(kind),
                                    .base = memory_base(kind.kind, i),
                                    .capacity = memory_capacity(kind.kind, i),
                                    .bytes_read = counted(counter + "bytes_read"),
                                    .bytes_written = counted(counter + "bytes_written"),
                                    .bytes_per_cycle = bytes_per_cycle(chip, kind.kind)});
        }
    }
    return all;
}

std::string KPUSimulator::stats_text() const {
    const Statistics all = statistics();
    std::string text;
    add(text, "%" PRIu64 " cycles at %g MHz: %g ms simulated, %.3g ms on the host\n", all.cycles,
        all.clock_mhz, all.elapsed_ms, all.host_ms);
    add(text, "\n%-16s %10s %14s %14s %16s %18s\n", "engine", "commands", "busy cycles", "stalled",
        "bytes", "MACs");
    for (const EngineStatistics& e : all.engines) {
        add(text, "%-16s %10" PRIu64 " %14" PRIu64 " %14" PRIu64 " %16" PRIu64 " %18" PRIu64 "\n",
            e.name.c_str(), e.commands, e.busy_cycles, e.stall_cycles, e.bytes, e.macs);
    }
    add(text, "\n%-16s %16s %16s\n", "memory", "bytes read", "bytes written");
    for (const MemoryStatistics& m : all.memories) {
        if (m.bytes_read + m.bytes_written == 0) continue;
        add(text, "%-16s %16" PRIu64 " %16" PRIu64 "\n", m.name.c_str(), m.bytes_read,
            m.bytes_written);
    }
    text.pop_back();
    return text;
}

std::string KPUSimulator::component_status_text() const {
    const tilewright::ChipConfig& chip = device_->config();
    std::string text;
    add(text, "%-18s %14s %14s %12s\n", "memory", "from", "to", "KiB");
    for (const KindName& kind : memory_kinds) {
        for (std::uint32_t i = 0; i < memory_count(kind.kind); ++i) {
            const Address base = memory_base(kind.kind, i);
            const Size bytes = memory_capacity(kind.kind, i);
            add(text, "%-14s %3u %#14" PRIx64 " %#14" PRIx64 " %12" PRIu64 "\n", kind.name, i, base,
                base + bytes - 1, bytes / 1024);
        }
    }
    add(text, "\n%-18s %14s\n", "engine", "now");
    for (const EngineKind kind : engine_kinds) {
        for (std::uint32_t i = 0; i < engine_count(kind); ++i) {
            add(text, "%-18s %14s\n", engine_key({kind, i}).c_str(),
                is_busy(kind, i) ? "busy" : "idle");
        }
    }
    add(text, "\narrays of %u x %u, %g MHz, cycle %" PRIu64, chip.systolic_rows,
        chip.systolic_columns, chip.clock_mhz, get_current_cycle());
    return text;
}

void KPUSimulator::print_stats() const {
    std::cout << stats_text() << '\n';
}

void KPUSimulator::print_component_status() const {
    std::cout << component_status_text() << '\n';
}

}  // namespace stillwater::kpu
