// The systolic arrays of a chip, as its configuration describes them.
#pragma once

#include <cstdint>

namespace tilewright {

struct SystolicConfig {
    std::uint32_t systolic_array_count = 0;
    std::uint32_t systolic_rows = 16;
    std::uint32_t systolic_columns = 16;
    bool operator==(const SystolicConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("systolic_array_count", c.systolic_array_count, 0, 256, "engines", "systolic arrays");
        field("systolic_rows", c.systolic_rows, 1, 4096, "elements", "height of a systolic array");
        field("systolic_columns", c.systolic_columns, 1, 4096, "elements",
              "width of a systolic array, and lanes of its vector unit");
    }
};

}  // namespace tilewright
