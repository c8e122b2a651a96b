// The streamers of a chip, as its configuration describes them.
#pragma once

#include <cstdint>

namespace tilewright {

struct StreamerConfig {
    std::uint32_t streamer_count = 0;
    std::uint32_t streamer_setup_cycles = 1;
    bool operator==(const StreamerConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("streamer_count", c.streamer_count, 0, 256, "engines", "streamers");
        field("streamer_setup_cycles", c.streamer_setup_cycles, 0, 1'000'000, "cycles",
              "from the start of a command to its first burst");
    }
};

}  // namespace tilewright
