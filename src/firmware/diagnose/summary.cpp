// The chip as a whole: all that waits, all that is under way, and why it cannot go on.
#include <cstddef>

#include "tilewright/base/text.hpp"
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

std::string waiter(const Chip& chip, std::uint32_t index) {
    return "\n  core " + describe(chip.core_id(index)) + " at " + place(chip, index) + " " +
           wait(chip, index) + "; waiting since cycle " +
           std::to_string(chip.core(index).parked_at);
}

}  // namespace

std::string waiting(const Chip& chip) {
    Lines lines;
    for (const std::uint32_t c : chip.waiting_cores()) lines.add([&] { return waiter(chip, c); });
    return lines.text() + chip.engines().describe();
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

DeadlockError deadlock(const Chip& chip) {
    std::string lines;
    std::uint32_t waiting = 0;
    for (std::uint32_t c = 0; c < chip.core_count(); ++c) {
        if (!chip.core(c).waits()) continue;
        ++waiting;
        lines += waiter(chip, c);
    }
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
                         (one ? "it" : "them") + lines);
}

DeadlockError stuck(const Chip& chip) {
    const std::uint32_t index = chip.stuck_core();
    return DeadlockError("deadlock at cycle " + std::to_string(chip.core(index).hart.cycles) +
                         ": one core waits for what cannot happen, whatever the others do" +
                         waiter(chip, index));
}

void raise(const Chip& chip, Chip::Outcome outcome) {
    if (outcome == Chip::Outcome::faulted) throw fault(chip);
    if (outcome == Chip::Outcome::deadlocked) throw deadlock(chip);
    if (outcome == Chip::Outcome::stuck) throw stuck(chip);
}

}  // namespace tilewright::diagnose
