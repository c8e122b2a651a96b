#include "stillwater_statistics.hpp"

#include <nanobind/stl/string.h>

namespace nb = nanobind;

namespace tilewright::python {

nb::dict to_dict(const stillwater::kpu::Statistics& all) {
    nb::dict engines;
    for (const auto& e : all.engines) {
        nb::dict one;
        one["kind"] = e.kind;
        one["commands"] = e.commands;
        one["busy_cycles"] = e.busy_cycles;
        one["stall_cycles"] = e.stall_cycles;
        one["bytes"] = e.bytes;
        one["macs"] = e.macs;
        one["bytes_per_cycle"] = e.bytes_per_cycle;
        one["macs_per_cycle"] = e.macs_per_cycle;
        engines[e.name.c_str()] = one;
    }
    nb::dict memories;
    for (const auto& m : all.memories) {
        nb::dict one;
        one["kind"] = m.kind;
        one["base"] = m.base;
        one["capacity"] = m.capacity;
        one["bytes_read"] = m.bytes_read;
        one["bytes_written"] = m.bytes_written;
        one["bytes_per_cycle"] = m.bytes_per_cycle;
        memories[m.name.c_str()] = one;
    }
    nb::list commands;
    for (const auto& c : all.commands) {
        nb::dict one;
        one["engine"] = c.engine;
        one["operation"] = c.operation;
        one["start"] = c.start;
        one["end"] = c.end;
        one["bytes"] = c.bytes;
        one["source"] = c.source;
        one["destination"] = c.destination;
        commands.append(one);
    }
    nb::dict result;
    result["cycles"] = all.cycles;
    result["clock_mhz"] = all.clock_mhz;
    result["elapsed_ms"] = all.elapsed_ms;
    result["host_ms"] = all.host_ms;
    result["engines"] = engines;
    result["memories"] = memories;
    result["commands"] = commands;
    result["commands_left_out"] = all.commands_left_out;
    return result;
}

}  // namespace tilewright::python
