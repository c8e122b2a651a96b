#include "firmware/diagnose/running.hpp"

#include <algorithm>
#include <cstdint>

#include "firmware/diagnose/place.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::diagnose {
namespace {

constexpr std::size_t longest_report = 900;  // characters
constexpr std::size_t longest_line = 120;    // of what was printed

std::string last_line(const std::string& printed) {
    std::size_t end = printed.size();
    while (end != 0 && printed[end - 1] == '\n') --end;
    const std::size_t before = end == 0 ? std::string::npos : printed.rfind('\n', end - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    return printed.substr(begin, std::min(end - begin, longest_line));
}

CoreRunning::State state_of(CoreStatus status) {
    switch (status) {
        case CoreStatus::blocked:
            return CoreRunning::State::held_up;
        case CoreStatus::ended:
            return CoreRunning::State::has_ended;
        default:
            return CoreRunning::State::runs;
    }
}

// Cores at one place, in one state.
struct Group {
    CoreRunning first;
    std::vector<CoreId> cores;
    std::uint64_t least = 0;  // instructions
    std::uint64_t most = 0;
    Cycle since{};
};

std::string line(const Group& group) {
    const CoreRunning& core = group.first;
    std::string text = "\n  " + cores(group.cores) + " at " + short_text(core.code);
    switch (core.state) {
        case CoreRunning::State::runs:
            break;
        case CoreRunning::State::held_up:
            text += ", held up by a device of its tile";
            break;
        case CoreRunning::State::has_ended:
            text += ", whose kernel has ended";
            break;
    }
    text += "; " + std::to_string(group.least);
    if (group.most != group.least) text += " to " + std::to_string(group.most);
    text += " instructions since cycle " + std::to_string(count(group.since));
    if (!core.last_printed.empty()) text += "; printed last: " + core.last_printed;
    return text;
}

}  // namespace

std::vector<CoreRunning> running(const Chip& chip) {
    std::vector<CoreRunning> all;
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        const Core& core = chip.core(c);
        if (core.status == CoreStatus::idle || core.waits()) continue;
        all.push_back({.core = chip.core_id(c),
                       .code = place_in(*chip.image(c), core.hart.pc),
                       .state = state_of(core.status),
                       .instructions = core.hart.retired - core.retired_at_launch,
                       .since = Cycle{core.launch_cycle},
                       .cycle = Cycle{core.hart.cycles},
                       .last_printed = last_line(core.output)});
    }
    return all;
}

std::string running_lines(const std::vector<CoreRunning>& running, bool full) {
    std::vector<Group> groups;
    for (const CoreRunning& core : running) {
        const auto same = std::ranges::find_if(groups, [&](const Group& group) {
            const CoreRunning& first = group.first;
            return !full && first.code.kernel == core.code.kernel &&
                   first.code.file == core.code.file && first.code.line == core.code.line &&
                   first.state == core.state && first.last_printed == core.last_printed;
        });
        if (same == groups.end()) {
            groups.push_back({core, {core.core}, core.instructions, core.instructions, core.since});
            continue;
        }
        same->cores.push_back(core.core);
        same->least = std::min(same->least, core.instructions);
        same->most = std::max(same->most, core.instructions);
        same->since = std::min(same->since, core.since);
    }
    std::string text;
    std::size_t left = 0;
    for (const Group& group : groups) {
        if (full || text.size() < longest_report) {
            text += line(group);
        } else {
            left += group.cores.size();
        }
    }
    return left == 0 ? text : text + "\n  and " + std::to_string(left) + " more";
}

}  // namespace tilewright::diagnose
