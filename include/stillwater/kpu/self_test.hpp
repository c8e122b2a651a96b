// A test of all units of a simulator by what they do to data, and faults for it to find.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/export.hpp"

namespace stillwater::kpu {

/// Tests, in this order, every memory, DMA engine, block mover, streamer and compute tile; engines
/// on memories that have passed. Gives one line for each unit that failed, which begins with its
/// name
/// ("scratchpad 1", "dma_engine 0"); none if all is well.
///
/// Memories on the chip are tested byte by byte, larger ones by their first and last 4 KiB and 4
/// KiB from each power of two on: two patterns, of which one is the other's complement. Contents
/// are the same afterwards; time passes. tilewright::BusyError if commands are queued.
TILEWRIGHT_API std::vector<std::string> self_test(KPUSimulator& simulator);

}  // namespace stillwater::kpu
