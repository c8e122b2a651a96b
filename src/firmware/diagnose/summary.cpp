// The chip as a whole: all that waits, all that is under way, and why it cannot go on.
#include <cstddef>
#include <span>
#include <vector>

#include "tilewright/base/text.hpp"
#include "tilewright/firmware/core_groups.hpp"
#include "tilewright/firmware/diagnose.hpp"

namespace tilewright::diagnose {
namespace {

// So many lines, and how many more there are.
class Lines {
public:
    template <class Describe>
    void add(Describe&& describe) {
        if (count_++ < most) text_ += describe();
    }
    std::string text() const {
        return count_ <= most ? text_
                              : text_ + "\n  and " + std::to_string(count_ - most) + " more";
    }

private:
    static constexpr std::size_t most = 8;
    std::size_t count_ = 0;
    std::string text_;
};

constexpr std::size_t longest_report = 2500;  // characters

// A line for all cores that wait at one place for the same.
std::string waiters(const Chip& chip, std::span<const std::uint32_t> cores_that_wait) {
    CoreGroups groups;
    for (const std::uint32_t c : cores_that_wait) {
        groups.add(chip.core_id(c), " at " + place(chip, c) + " " + wait(chip, c),
                   chip.core(c).parked_at);
    }
    return groups.lines(longest_report, [](const CoreGroups::Group& group) {
        const std::string first = std::to_string(group.first);
        return cores(group.cores) + (group.cores.size() == 1 ? "" : ", each") + group.text +
               "; waiting since " +
               (group.first == group.last
                    ? "cycle " + first
                    : "cycles " + first + " to " + std::to_string(group.last));
    });
}

}  // namespace

std::string waiting(const Chip& chip) {
    return waiters(chip, chip.waiting_cores()) + chip.engines().describe();
}

std::string busy(const Chip& chip) {
    Lines running;
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        const CoreStatus status = chip.core(c).status;
        if (status == CoreStatus::running) {
            running.add([&] { return "\n  " + core(chip, c); });
        } else if (status == CoreStatus::blocked) {
            running.add([&] {
                return "\n  " + core(chip, c) + ", held up until one of its transfers has ended";
            });
        } else if (status == CoreStatus::ended) {
            running.add([&] {
                return "\n  core " + describe(chip.core_id(c)) + ", whose kernel has ended";
            });
        }
    }
    const std::string at_work = running.text() + chip.describe_parts();
    const std::string waits = waiting(chip);
    return (at_work.empty() ? "" : "\nstill running:" + at_work) +
           (waits.empty() ? "" : "\nstill waiting, the longest first:" + waits);
}

DeadlockError deadlock(const Chip& chip, const std::string& printed) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        if (chip.core(c).waits()) all.push_back(c);
    }
    const auto waiting = static_cast<std::uint32_t>(all.size());
    std::string lines = waiters(chip, all);
    std::string who;
    if (waiting != 0) who = counted(waiting, "core");
    const std::uint32_t engines = chip.engines().busy();
    if (engines != 0) {
        who += (who.empty() ? "" : " and ") + counted(engines, "engine");
        lines += chip.engines().describe();
    }
    const bool one = waiting + engines == 1;
    return DeadlockError("deadlock at cycle " + std::to_string(chip.now()) + ": " + who +
                         (one ? " waits" : " wait") + " and nothing is left that could wake " +
                         (one ? "it" : "them") + lines + printed);
}

DeadlockError stuck(const Chip& chip, const std::string& printed) {
    const std::uint32_t index = chip.stuck_core();
    return DeadlockError("deadlock at cycle " + std::to_string(chip.core(index).hart.cycles) +
                         ": one core waits for what cannot happen, whatever the others do" +
                         waiters(chip, {&index, 1}) + printed);
}

void raise(const Chip& chip, Chip::Outcome outcome, const std::function<std::string()>& printed,
           const BufferName& buffer) {
    if (outcome == Chip::Outcome::faulted) throw fault(chip, buffer);
    if (outcome == Chip::Outcome::deadlocked) throw deadlock(chip, printed ? printed() : "");
    if (outcome == Chip::Outcome::stuck) throw stuck(chip, printed ? printed() : "");
}

}  // namespace tilewright::diagnose
