// Waits in words: one wait, or several that differ in numbers only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tilewright/sim/run_report.hpp"

namespace tilewright::diagnose {

/// A wait as the reports know it.
struct KnownWait {
    CoreWait wait;
    std::vector<Signaller> beside;  ///< of a circular buffer that nobody has code for
};

/// "waits for ...", until what is known of who could bring it. Numbers that differ between them are
/// a range; they are not empty, and alike().
std::string what(std::span<const KnownWait> waits, bool full);
/// At the same place, for the same, compared likewise.
bool alike(const CoreWait& a, const CoreWait& b);
/// A line of a report: the cores, where, what, and since when.
std::string line(std::span<const KnownWait> waits, bool full);

}  // namespace tilewright::diagnose
