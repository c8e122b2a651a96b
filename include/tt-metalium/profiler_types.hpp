// When profiler results are read.
#pragma once

#include <cstdint>

namespace tt::tt_metal {

enum class ProfilerReadState : std::uint8_t { NORMAL, ONLY_DISPATCH_CORES, LAST_FD_READ };

}  // namespace tt::tt_metal
