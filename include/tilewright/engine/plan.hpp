// How a command takes place: what it reads and writes, how fast, and after how many cycles.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/base/rate.hpp"
#include "tilewright/engine/engine_config.hpp"
#include "tilewright/engine/operand.hpp"
#include "tilewright/memory/address_map.hpp"
#include "tilewright/memory/dram_bank.hpp"

namespace tilewright {

/// What engines have to know of the memories around them, beside where they lie.
struct EngineMemories {
    Rate host;  ///< of one region of the host's memory, in each direction
    std::uint32_t host_latency_cycles = 0;
    Rate sram;  ///< of the read port and of the write port of each memory on the chip
    DramTiming dram;
    std::uint64_t reserved_l1_bytes = 0;  ///< of each tile, from 0 on: engines do not write there

    Rate rate(MemoryKind kind) const {
        return kind == MemoryKind::host ? host : kind == MemoryKind::dram ? dram.rate : sram;
    }
};

/// What plans are made from, beside the work.
struct PlanContext {
    const EngineConfig& config;
    const AddressMap& map;
    const EngineMemories& memories;
};

/// If it `streams`, operand 0 goes to the result in bursts, at `rate` or as fast as the memories
/// on its path allow. Otherwise it is a matmul on an array: operands 0 and 1 are the factors,
/// operand 2 the sums and operand 3 the bias, where there are any; pass_at() says what happens
/// when.
struct Plan {
    static constexpr std::uint32_t most_operands = 4;
    std::array<Operand, most_operands> operands{};
    Operand result;
    std::uint64_t setup_cycles = 0;
    bool streams = true;
    bool backwards = false;  ///< the last burst first: the destination overlaps what follows
    Rate rate{};             ///< of a streaming command, the memories' rates included
};

}  // namespace tilewright
