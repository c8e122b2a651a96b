// The report of a matmul, from what the chip counted meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>

#include "tilewright/chip/chip.hpp"
#include "tilewright/ops/matmul.hpp"

namespace tilewright::detail {

/// The engines that take part.
std::set<EngineId> engines_of(const MatmulPlan& plan);

/// What the engines of a plan and the memories of the chip have counted so far.
struct MatmulCounts {
    std::map<EngineId, EngineCounters> engines;
    std::map<EngineId, ArrayCounters> arrays;
    std::uint64_t dram_read = 0;
    std::uint64_t dram_written = 0;
    std::array<std::uint64_t, memory_kind_count> bytes{};  // read and written, by kind of memory
};

MatmulCounts matmul_counts(const Chip& chip, const MatmulPlan& plan);

MatmulReport matmul_report(const MatmulPlan& plan, const ChipConfig& config,
                           const MatmulCounts& before, const MatmulCounts& after,
                           std::uint64_t compulsory_bytes, Cycle start, Cycle end);

}  // namespace tilewright::detail
