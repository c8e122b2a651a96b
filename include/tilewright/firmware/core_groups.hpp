// Cores of which the same is to be said: one line for all of them, so that a report stays short
// however many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tilewright/base/units.hpp"

namespace tilewright::diagnose {

/// "core (0, 0, 1)"; "6 cores, (0, 0, 1) to (2, 1, 1)" if they are all of a rectangle of tiles;
/// else "6 cores, " and the first four.
std::string cores(std::span<const CoreId> cores);

class CoreGroups {
public:
    /// `since`: a cycle, of which a line tells the first and the last.
    void add(CoreId core, const std::string& text, std::uint64_t since);
    struct Group {
        std::vector<CoreId> cores;
        std::string text;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };
    /// In the order in which they came.
    const std::vector<Group>& groups() const { return groups_; }
    bool empty() const { return groups_.empty(); }

    /// A line of `describe(group)` for each group, "\n  " before it; when they have come to `most`
    /// characters, how many cores are left.
    template <class Describe>
    std::string lines(std::size_t most, Describe&& describe) const {
        std::string text;
        std::size_t left = 0;
        for (const Group& group : groups_) {
            if (text.size() < most) {
                text += "\n  " + describe(group);
            } else {
                left += group.cores.size();
            }
        }
        return left == 0 ? text : text + "\n  and " + std::to_string(left) + " more";
    }

private:
    std::vector<Group> groups_;
    std::map<std::string, std::size_t> by_text_;
};

/// What cores have printed, under the line "printed:"; of long texts the ends, or all if it is to
/// be in full. Empty if nothing.
std::string printed(const CoreGroups& texts, bool full = false);

}  // namespace tilewright::diagnose
