#include "ops/matmul_report.hpp"

#include <algorithm>
#include <cassert>

#include "ops/energy.hpp"

namespace tilewright::detail {

std::set<EngineId> engines_of(const MatmulPlan& plan) {
    std::set<EngineId> engines;
    for (const MatmulLane& lane : plan.lanes) {
        engines.insert(lane.array);
        for (const auto* stages : {&lane.a, &lane.b, &lane.c}) {
            for (const MatmulStage& stage : *stages) engines.insert(stage.engine);
        }
    }
    return engines;
}

MatmulCounts matmul_counts(const Chip& chip, const MatmulPlan& plan) {
    MatmulCounts counts;
    for (const EngineId id : engines_of(plan)) {
        counts.engines[id] = chip.engines().engine(id).counters;
        if (id.kind == EngineKind::systolic_array) {
            counts.arrays[id] = chip.engines().array(id.index).counters;
        }
    }
    for (std::uint32_t b = 0; b < chip.config().dram_bank_count; ++b) {
        counts.dram_read += chip.dram_bank(b).bytes_read;
        counts.dram_written += chip.dram_bank(b).bytes_written;
    }
    for (const MemoryKind kind :
         {MemoryKind::l3, MemoryKind::l2, MemoryKind::l1_buffer, MemoryKind::scratchpad}) {
        for (std::uint32_t i = 0; i < chip.map().window(kind).count; ++i) {
            const MemoryPorts& ports = chip.engines().ports(kind, i);
            counts.bytes[static_cast<std::size_t>(kind)] += ports.bytes_read + ports.bytes_written;
        }
    }
    return counts;
}

MatmulReport matmul_report(const MatmulPlan& plan, const ChipConfig& config,
                           const MatmulCounts& before, const MatmulCounts& after,
                           std::uint64_t compulsory_bytes, Cycle start, Cycle end) {
    MatmulReport r;
    r.plan = plan;
    r.start = start;
    r.end = end;
    r.cycles = count(end - start);
    for (const auto& [id, counters] : after.engines) {
        if (id.kind == EngineKind::systolic_array) continue;
        r.memory_cycles =
            std::max(r.memory_cycles, counters.busy_cycles - before.engines.at(id).busy_cycles);
    }
    for (const auto& [id, counters] : after.arrays) {
        const ArrayCounters& old = before.arrays.at(id);
        r.compute_cycles = std::max(r.compute_cycles, counters.pass_cycles - old.pass_cycles);
        r.vector_cycles = std::max(r.vector_cycles, counters.vector_cycles - old.vector_cycles);
        r.passes += counters.passes - old.passes;
        r.macs += counters.macs - old.macs;
    }
    r.stall_cycles = r.cycles - r.compute_cycles;
    r.dram_bytes_read = after.dram_read - before.dram_read;
    r.dram_bytes_written = after.dram_written - before.dram_written;
    const auto moved = [&](MemoryKind kind) {
        const auto i = static_cast<std::size_t>(kind);
        return after.bytes[i] - before.bytes[i];
    };
    r.l3_bytes = moved(MemoryKind::l3);
    r.l2_bytes = moved(MemoryKind::l2);
    r.l1_bytes = moved(MemoryKind::l1_buffer);
    r.scratchpad_bytes = moved(MemoryKind::scratchpad);

    r.compulsory_bytes = compulsory_bytes;
    const auto macs = static_cast<double>(r.macs);
    const auto dram = static_cast<double>(r.dram_bytes_read + r.dram_bytes_written);
    const auto of = [&](std::uint64_t arrays) {
        const std::uint64_t elements =
            arrays * std::uint64_t{config.systolic_rows} * config.systolic_columns;
        return macs / (static_cast<double>(r.cycles) * static_cast<double>(elements));
    };
    r.utilisation = of(config.systolic_array_count);
    r.array_utilisation = of(plan.lanes.size());
    r.arithmetic_intensity = 2 * macs / dram;
    r.energy.macs = macs * mac_picojoules(plan.options.type);
    r.energy.dram = dram * dram_picojoules;
    r.energy.on_chip =
        static_cast<double>(r.l3_bytes) * sram_picojoules(config.l3_tile_bytes) +
        static_cast<double>(r.l2_bytes) * sram_picojoules(config.l2_bank_bytes) +
        static_cast<double>(r.l1_bytes) * sram_picojoules(config.l1_buffer_bytes) +
        static_cast<double>(r.scratchpad_bytes) * sram_picojoules(config.scratchpad_bytes);
    assert(r.macs == plan.shape.macs() && r.array_utilisation <= 1.0);
    return r;
}

}  // namespace tilewright::detail
