// The device profiler of programs for hardware. A simulated device records its timeline through the
// native API, so these have nothing to do.
#pragma once

#include <string>
#include <tt-metalium/profiler_types.hpp>

namespace tt::tt_metal {

class IDevice;
class Program;

/// The names of 2024.
inline void DumpDeviceProfileResults(IDevice*, const Program&) {}

namespace detail {

inline void InitDeviceProfiler(IDevice*) {}
inline void ClearProfilerControlBuffer(IDevice*) {}
inline void ReadDeviceProfilerResults(IDevice*, ProfilerReadState = ProfilerReadState::NORMAL) {}
inline void DumpDeviceProfileResults(IDevice*) {}
inline void SetDeviceProfilerDir(const std::string& = "") {}
inline void FreshProfilerDeviceLog() {}

}  // namespace detail
}  // namespace tt::tt_metal
