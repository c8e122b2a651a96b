// The chip as a whole: all that waits, all that is under way, and why it cannot go on.
#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "firmware/diagnose/engine_text.hpp"
#include "firmware/diagnose/running.hpp"
#include "firmware/diagnose/wait.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::diagnose {
namespace {

constexpr std::size_t longest_report = 1900;  // characters
constexpr std::size_t most_lines = 8;         // of what is under way beside cores

std::vector<KnownWait> look_at(const Chip& chip, std::span<const std::uint32_t> cores) {
    Signallers signallers(chip);
    std::vector<KnownWait> all;
    for (const std::uint32_t core : cores) all.push_back(look_at_wait(chip, core, signallers));
    return all;
}

// Those that are alike together, in the order of the first of each.
std::vector<std::vector<KnownWait>> groups_of(std::vector<KnownWait> waits) {
    std::vector<std::vector<KnownWait>> groups;
    for (KnownWait& known : waits) {
        const auto same = std::ranges::find_if(groups, [&](const std::vector<KnownWait>& group) {
            return alike(group.front().wait, known.wait);
        });
        if (same != groups.end()) {
            same->push_back(std::move(known));
        } else {
            groups.emplace_back().push_back(std::move(known));
        }
    }
    return groups;
}

std::string lines(const std::vector<KnownWait>& waits, bool full) {
    std::string text;
    if (full) {
        for (const KnownWait& known : waits) text += "\n  " + line({&known, 1}, true);
        return text;
    }
    std::size_t left = 0;
    for (const std::vector<KnownWait>& group : groups_of(waits)) {
        if (text.size() < longest_report) {
            text += "\n  " + line(group, false);
        } else {
            left += group.size();
        }
    }
    return left == 0 ? text : text + "\n  and " + std::to_string(left) + " more";
}

// Of lines that each begin a new line.
std::string first_lines(const std::string& all, bool full) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = all.find("\n  ", at)) != std::string::npos; ++at) ++count;
    if (full || count <= most_lines) return all;
    std::size_t end = 0;
    for (std::size_t i = 0; i <= most_lines; ++i) end = all.find("\n  ", end + (i != 0 ? 1 : 0));
    return all.substr(0, end) + "\n  and " + std::to_string(count - most_lines) + " more";
}

// As data: what is equal but for the cores and since when is one.
std::vector<CoreWait> merged(const std::vector<KnownWait>& waits) {
    std::vector<CoreWait> all;
    for (const KnownWait& known : waits) {
        const CoreWait& wait = known.wait;
        const auto same = std::ranges::find_if(all, [&](const CoreWait& one) {
            return one.code == wait.code && one.awaited == wait.awaited &&
                   one.last_writer == wait.last_writer && one.last_written == wait.last_written &&
                   one.period == wait.period;
        });
        if (same == all.end()) {
            all.push_back(wait);
            continue;
        }
        same->cores.push_back(wait.core);
        same->where = cores(same->cores);
        same->since = std::min(same->since, wait.since);
        add_signallers(same->could_write, wait.could_write);
    }
    return all;
}

std::string waiting_text(const Chip& chip, const std::vector<KnownWait>& waits, bool full) {
    return lines(waits, full) + first_lines(chip.engines().describe(), full);
}

std::string busy_text(const Chip& chip, const std::vector<CoreRunning>& running,
                      const std::vector<KnownWait>& waits, bool full) {
    const std::string at_work =
        running_lines(running, full) + first_lines(chip.describe_parts(), full);
    const std::string asleep = waiting_text(chip, waits, full);
    return (at_work.empty() ? "" : "\nstill running:" + at_work) +
           (asleep.empty() ? "" : "\nstill waiting, the longest first:" + asleep);
}

bool repeats(const Chip& chip, CoreId core) {
    return std::ranges::any_of(chip.laps(),
                               [&](const CoreLap& lap) { return chip.core_id(lap.core) == core; });
}

// Cores that can go on, or end, only when a device of their tile does.
std::vector<CoreRunning> held_by_devices(const Chip& chip) {
    std::vector<CoreRunning> held = running(chip);
    std::erase_if(held,
                  [](const CoreRunning& core) { return core.state == CoreRunning::State::runs; });
    return held;
}

// The error that begins so, about these waits, cores held at devices and what else is under way.
DeadlockError error(const Chip& chip, const std::string& first, const std::vector<KnownWait>& waits,
                    const std::vector<CoreRunning>& held, const std::string& parts,
                    const Printed& printed) {
    const auto text = [&](bool full) {
        return first + lines(waits, full) + running_lines(held, full) + first_lines(parts, full) +
               (printed ? printed(full) : "");
    };
    RunReport report{.waits = merged(waits), .running = running(chip), .full = text(true)};
    std::erase_if(report.running, [&](const CoreRunning& one) { return repeats(chip, one.core); });
    return {text(false), std::move(report)};
}

}  // namespace

std::vector<CoreWait> waits(const Chip& chip, bool together) {
    const std::vector<KnownWait> known = look_at(chip, chip.waiting_cores());
    if (together) return merged(known);
    std::vector<CoreWait> all;
    for (const KnownWait& one : known) all.push_back(one.wait);
    return all;
}

std::string waiting(const Chip& chip, bool full) {
    return waiting_text(chip, look_at(chip, chip.waiting_cores()), full);
}

std::string busy(const Chip& chip, bool full) {
    return busy_text(chip, running(chip), look_at(chip, chip.waiting_cores()), full);
}

RunReport report(const Chip& chip, const std::string& first, const Printed& printed) {
    const std::vector<KnownWait> known = look_at(chip, chip.waiting_cores());
    RunReport report{.waits = merged(known), .running = running(chip), .full = first};
    report.full += busy_text(chip, report.running, known, true) + (printed ? printed(true) : "");
    return report;
}

DeadlockError deadlock(const Chip& chip, const Printed& printed) {
    std::vector<KnownWait> all = look_at(chip, chip.waiting_cores());
    const std::size_t waiting = all.size();
    const std::size_t repeating = chip.laps().size();
    const std::uint32_t engines = chip.engines().busy();
    const std::vector<CoreRunning> at_devices = held_by_devices(chip);
    const std::size_t held = at_devices.size();
    Signallers signallers(chip);
    for (const CoreLap& lap : chip.laps()) all.push_back(look_at_lap(chip, lap, signallers));
    std::string who;
    const auto add = [&](std::size_t count, const char* noun, const char* one,
                         const char* several) {
        if (count == 0) return;
        who += (who.empty() ? "" : " and ") + counted(count, noun) + (count == 1 ? one : several);
    };
    if (repeating != 0) {
        add(repeating, "core", " repeats itself for ever", " repeat themselves for ever");
        add(waiting, "core", " waits", " wait");
        add(engines, "engine", " waits", " wait");
        add(held, "core", " is held up", " are held up");
    } else {
        const bool one = waiting + engines + held == 1;
        add(waiting, "core", "", "");
        add(engines, "engine", "", "");
        add(held, "core", " at a device", " at devices");
        who += one ? " waits" : " wait";
    }
    const bool one = waiting + repeating + engines + held == 1;
    return error(
        chip,
        "deadlock at cycle " + std::to_string(chip.now()) + ": " + who +
            " and nothing is left that could " +
            (repeating != 0 ? "change that"
             : one          ? "wake it"
                            : "wake them"),
        all, at_devices,
        with_parts_of_kernels(held == 0 ? chip.engines().describe() : chip.describe_parts()),
        printed);
}

DeadlockError stuck(const Chip& chip, const Printed& printed) {
    const std::uint32_t index = chip.stuck_core();
    return error(chip,
                 "deadlock at cycle " + std::to_string(chip.core(index).hart.cycles) +
                     ": one core waits for what cannot happen, whatever the others do",
                 look_at(chip, {&index, 1}), {}, "", printed);
}

void raise(const Chip& chip, Chip::Outcome outcome, const Printed& printed,
           const BufferName& buffer) {
    if (outcome == Chip::Outcome::faulted) throw fault(chip, buffer);
    if (outcome == Chip::Outcome::deadlocked) throw deadlock(chip, printed);
    if (outcome == Chip::Outcome::stuck) throw stuck(chip, printed);
}

}  // namespace tilewright::diagnose
