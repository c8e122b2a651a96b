// Which bytes of L1s transfers have still to write, or to take from: what a check for missing
// barriers asks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tilewright {

class InFlight {
public:
    explicit InFlight(std::size_t tiles) : ranges_(tiles) {}

    void begin(std::uint32_t tile, std::uint32_t address, std::uint32_t bytes) {
        ranges_[tile].push_back({address, bytes});
    }
    /// A transfer that was in flight before anybody looked is in no list.
    void end(std::uint32_t tile, std::uint32_t address, std::uint32_t bytes) {
        std::vector<Range>& ranges = ranges_[tile];
        const auto at = std::find(ranges.begin(), ranges.end(), Range{address, bytes});
        if (at != ranges.end()) ranges.erase(at);
    }
    bool touches(std::uint32_t tile, std::uint32_t address, std::uint32_t bytes) const {
        return std::any_of(ranges_[tile].begin(), ranges_[tile].end(), [&](const Range& r) {
            return address < r.address + r.bytes && r.address < address + bytes;
        });
    }

private:
    struct Range {
        std::uint32_t address;
        std::uint32_t bytes;
        bool operator==(const Range&) const = default;
    };
    std::vector<std::vector<Range>> ranges_;  // of each tile
};

}  // namespace tilewright
