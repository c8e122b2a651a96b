#include "frontends/metalium/print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <tt-metalium/core_coord.hpp>

#include "tilewright/base/error.hpp"

namespace tt::tt_metal::detail {
namespace {

// The cores that TT_METAL_DPRINT_CORES names; nothing if it names all.
std::optional<std::vector<CoreRange>> shown_cores() {
    const char* wanted = std::getenv("TT_METAL_DPRINT_CORES");
    const std::string text = wanted == nullptr ? "" : wanted;
    static const std::regex pair(
        R"(\(?\s*(\d+)\s*,\s*(\d+)\s*\)?(?:\s*-\s*\(?\s*(\d+)\s*,\s*(\d+)\s*\)?)?)");
    std::vector<CoreRange> ranges;
    for (std::sregex_iterator at(text.begin(), text.end(), pair), end; at != end; ++at) {
        const std::smatch& match = *at;
        const CoreCoord from{std::stoul(match[1]), std::stoul(match[2])};
        const CoreCoord to =
            match[3].matched ? CoreCoord{std::stoul(match[3]), std::stoul(match[4])} : from;
        ranges.push_back(CoreRange({std::min(from.x, to.x), std::min(from.y, to.y)},
                                   {std::max(from.x, to.x), std::max(from.y, to.y)}));
    }
    if (ranges.empty()) return std::nullopt;
    return ranges;
}

bool prefixed() {
    const char* setting = std::getenv("TT_METAL_DPRINT_PREPEND_DEVICE_CORE_RISC");
    return setting == nullptr || std::string_view(setting) != "0";
}

constexpr const char* processor_names[] = {"BR", "TR0", "TR1", "TR2", "NC"};

void print_core(int device, const tilewright::CoreId& core, std::string_view text) {
    std::string prefix;
    if (prefixed()) {
        const std::string processor = core.processor < std::size(processor_names)
                                          ? processor_names[core.processor]
                                          : std::to_string(core.processor);
        prefix = fmt::format("{}:(x={},y={}):{}: ", device, core.tile.x, core.tile.y, processor);
    }
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        fmt::print("{}{}\n", prefix, line);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

}  // namespace

void print_output(int device, const std::function<tilewright::Run()>& run) {
    const auto shown = shown_cores();
    const auto is_shown = [&](const tilewright::CoreId& core) {
        return !shown || std::ranges::any_of(*shown, [&](const CoreRange& range) {
            return range.contains(CoreCoord{core.tile.x, core.tile.y});
        });
    };
    try {
        for (const tilewright::CoreReport& core : run().cores) {
            if (!core.output.empty() && is_shown(core.core)) {
                print_core(device, core.core, core.output);
            }
        }
    } catch (const tilewright::KernelFault& fault) {
        if (fault.site() && is_shown(fault.site()->core)) {
            print_core(device, fault.site()->core, fault.site()->printed);
        }
        std::fflush(stdout);
        throw;
    }
    std::fflush(stdout);
}

}  // namespace tt::tt_metal::detail
