#include "firmware/diagnose/wait_text.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "firmware/diagnose/place.hpp"
#include "firmware/diagnose/signallers.hpp"
#include "firmware/diagnose/words.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/core_groups.hpp"

namespace tilewright::diagnose {
namespace {

using Waits = std::span<const KnownWait>;

// "5", or "3 to 8".
template <class Number>
std::string range(Waits waits, Number&& number) {
    const auto [least, most] =
        std::ranges::minmax(waits, {}, [&](const KnownWait& k) { return number(k.wait); });
    const std::uint64_t first = number(least.wait);
    const std::uint64_t last = number(most.wait);
    return first == last ? std::to_string(first)
                         : std::to_string(first) + " to " + std::to_string(last);
}

std::vector<Signaller> all_signallers(Waits waits, std::vector<Signaller> (*of)(const KnownWait&)) {
    std::vector<Signaller> all;
    for (const KnownWait& k : waits) add_signallers(all, of(k));
    return all;
}

std::string circular_buffer(Waits waits, std::size_t i, bool full) {
    const Awaited& awaited = waits.front().wait.awaited[i];
    const bool pushed =
        (awaited.address - abi::circular_buffer_counters) % abi::circular_buffer_counters_stride ==
        0;
    std::string text =
        awaited.name + ": for pages that another core " + (pushed ? "pushes" : "pops") + " (" +
        range(waits, [&](const CoreWait& w) { return w.awaited[i].value; }) + " so far";
    if (!awaited.relation.empty()) {
        text +=
            ", " + range(waits, [&](const CoreWait& w) { return w.awaited[i].target; }) + " wanted";
    }
    text += "); ";
    const std::string who = list_signallers(
        all_signallers(waits, [](const KnownWait& k) { return k.wait.could_write; }), full);
    if (!who.empty()) return text + (pushed ? "pushed by " : "popped by ") + who;
    const std::string others =
        list_signallers(all_signallers(waits, [](const KnownWait& k) { return k.beside; }), full);
    if (others.empty()) return text + "no other core of its tile runs a kernel";
    return text + "no kernel of its tile " + (pushed ? "pushes to" : "pops from") +
           " it; beside it in its tile: " + others;
}

std::string awaited_text(Waits waits, std::size_t i, bool full) {
    const Awaited& awaited = waits.front().wait.awaited[i];
    if (awaited.kind == Awaited::Kind::circular_buffer) return circular_buffer(waits, i, full);
    const std::string value = range(waits, [&](const CoreWait& w) { return w.awaited[i].value; });
    if (awaited.kind == Awaited::Kind::device_register && !awaited.name.starts_with("flag ")) {
        return awaited.name;  // in the words of the device
    }
    if (awaited.relation.empty()) return awaited.name + " to change from " + value;
    return awaited.name + " to be " + awaited.relation + " " +
           range(waits, [&](const CoreWait& w) { return w.awaited[i].target; }) + " (it is " +
           value + ")";
}

std::string last_write(Waits waits) {
    std::vector<KnownWait> written;
    std::set<CoreId> writers;
    for (const KnownWait& k : waits) {
        if (k.wait.last_written) written.push_back(k);
        if (k.wait.last_writer) writers.insert(*k.wait.last_writer);
    }
    if (written.empty()) {
        return waits.size() == 1 ? "; nothing has written it since it began to wait"
                                 : "; nothing has written it since they began to wait";
    }
    std::string text = "; last written ";
    if (!writers.empty()) {
        text += "by " + cores(std::vector<CoreId>(writers.begin(), writers.end())) + " ";
    }
    const std::string cycles =
        range(written, [](const CoreWait& w) { return count(*w.last_written); });
    text += (cycles.find(' ') == std::string::npos ? "at cycle " : "at cycles ") + cycles;
    if (written.size() < waits.size()) {
        text += ", for " + std::to_string(waits.size() - written.size()) + " of them not at all";
    }
    return text;
}

// Of a loop that never ends: what it reads.
std::string laps(Waits waits) {
    std::string text = "repeats itself every " +
                       range(waits, [](const CoreWait& w) { return w.period; }) +
                       " cycles and always will";
    const std::vector<Awaited>& words = waits.front().wait.awaited;
    if (words.empty()) return text + ": it reads nothing that anybody else can write";
    text += ": it reads ";
    std::string list;
    for (std::size_t i = 0; i < words.size(); ++i) {
        add_item(list, words[i].name + " (" + range(waits, [&](const CoreWait& w) {
                           return w.awaited[i].value;
                       }) + ")");
    }
    return text + list + ", which nobody changes any more";
}

}  // namespace

bool alike(const CoreWait& a, const CoreWait& b) {
    return a.code == b.code && (a.period == 0) == (b.period == 0) &&
           std::ranges::equal(a.awaited, b.awaited, [](const Awaited& x, const Awaited& y) {
               return x.kind == y.kind && x.name == y.name && x.relation == y.relation;
           });
}

std::string what(Waits waits, bool full) {
    const CoreWait& first = waits.front().wait;
    const std::vector<Awaited>& words = first.awaited;
    std::string report;
    if (first.period != 0) {
        report = laps(waits);
    } else if (words.empty()) {
        return "is in a loop that reads only its own memory and registers, which nobody else can "
               "write";
    } else if (words[0].kind == Awaited::Kind::local_word) {
        return "waits for a word of its own local memory, " + hex(words[0].address) +
               ", which nobody else can write";
    } else {
        report = "waits for ";
        for (std::size_t i = 0; i < words.size(); ++i) {
            report += (i == 0 ? "" : " or ") + awaited_text(waits, i, full);
        }
        if (words[0].kind == Awaited::Kind::device_register) return report;
        report += last_write(waits);
    }
    const auto semaphore = std::ranges::find(words, Awaited::Kind::semaphore, &Awaited::kind);
    if (semaphore == words.end()) return report;
    const std::string who = list_signallers(
        all_signallers(waits, [](const KnownWait& k) { return k.wait.could_write; }), full);
    return report + (who.empty() ? "; no other kernel has a call that sets a semaphore like it"
                                 : "; set by " + who);
}

std::string line(Waits waits, bool full) {
    std::vector<CoreId> all;
    for (const KnownWait& k : waits) {
        all.insert(all.end(), k.wait.cores.begin(), k.wait.cores.end());
    }
    const CoreWait& first = waits.front().wait;
    const std::string since = range(waits, [](const CoreWait& w) { return count(w.since); });
    return cores(all) + (all.size() == 1 ? "" : ", each") + " at " +
           (full ? first.code.text : short_text(first.code)) + " " + what(waits, full) +
           (first.period == 0 ? "; waiting since " : "; since ") +
           (since.find(' ') == std::string::npos ? "cycle " : "cycles ") + since;
}

}  // namespace tilewright::diagnose
