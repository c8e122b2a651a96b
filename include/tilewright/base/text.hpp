// Words of messages that many of them have: numbers, and the names of tiles and cores.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tilewright/base/export.hpp"
#include "tilewright/base/units.hpp"

namespace tilewright {

/// "0x1f", with at least so many digits.
std::string hex(std::uint64_t number, int digits = 1);
std::string hex(GlobalAddress address);

/// "1 core", "3 cores".
std::string counted(std::uint64_t count, std::string_view noun);

/// Adds an item to a list whose items are separated by ", ".
void add_item(std::string& list, std::string_view item);

/// "(1, 2)" and "(1, 2, 0)": column, row, and index of the processor in its tile.
TILEWRIGHT_API std::string describe(TileId tile);
TILEWRIGHT_API std::string describe(CoreId core);

}  // namespace tilewright
