#include "tilewright/base/text.hpp"

#include <cstdio>

namespace tilewright {

std::string hex(std::uint64_t number, int digits) {
    char digits_of[32];
    std::snprintf(digits_of, sizeof digits_of, "0x%0*llx", digits,
                  static_cast<unsigned long long>(number));
    return digits_of;
}

std::string hex(GlobalAddress address) {
    return hex(value(address));
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

void add_item(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

std::string describe(TileId tile) {
    return "(" + std::to_string(tile.x) + ", " + std::to_string(tile.y) + ")";
}

std::string describe(CoreId core) {
    return "(" + std::to_string(core.tile.x) + ", " + std::to_string(core.tile.y) + ", " +
           std::to_string(core.processor) + ")";
}

}  // namespace tilewright
