// What a core finds at its addresses, as a table: its memories and its devices.
#pragma once

#include <cstdint>
#include <string>

namespace tilewright {

struct MemoryMapRow {
    std::string name;
    std::uint32_t base = 0;
    std::uint64_t bytes = 0;
    std::string loads;  ///< what can be done there: "yes", "words", ...
    std::string stores;
    bool operator==(const MemoryMapRow&) const = default;
};

}  // namespace tilewright
