#include "frontends/metalium/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <tt_stl/assert.hpp>
#include <utility>
#include <vector>

namespace tt::tt_metal::detail {

std::uint64_t busy_cycles(const tilewright::Run& run) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> intervals;
    for (const tilewright::CoreReport& core : run.cores) {
        intervals.emplace_back(tilewright::count(core.start), tilewright::count(core.end));
    }
    std::ranges::sort(intervals);
    std::uint64_t busy = 0;
    std::uint64_t until = 0;
    for (const auto& [start, end] : intervals) {
        const std::uint64_t from = std::max(start, until);
        if (end > from) busy += end - from;
        until = std::max(until, end);
    }
    return busy;
}

void report_run(int device, std::string_view chip, const tilewright::Run& run) {
    const char* name = std::getenv("TILEWRIGHT_REPORT");
    if (name == nullptr || *name == '\0' || run.cores.empty()) return;
    const std::string line = fmt::format(
        "{{\"device\": {}, \"chip\": \"{}\", \"cycles\": {}, \"instructions\": {}, "
        "\"host_seconds\": {:.6f}}}\n",
        device, chip, busy_cycles(run), run.instructions, run.host_seconds);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name, "a"), &std::fclose);
    const bool written = file != nullptr &&
                         std::fwrite(line.data(), 1, line.size(), file.get()) == line.size() &&
                         std::fflush(file.get()) == 0;
    TT_FATAL(written, "TILEWRIGHT_REPORT: '{}' cannot be written", name);
}

}  // namespace tt::tt_metal::detail
