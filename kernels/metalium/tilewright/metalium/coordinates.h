// Where this core is: routers of the network, and logical coordinates in the grid of workers.
#pragma once

#include <cstdint>

#include "tilewright/kernel/coordinates.hpp"

/// The NoC that calls use where they name none.
inline constexpr std::uint8_t noc_index = NOC_INDEX;

namespace tilewright::metalium {

TILEWRIGHT_DEVICE std::uint32_t own_node() {
    return kernel::device::constant_register<abi::noc_registers + abi::noc_register::node>();
}

/// my_x[noc] and my_y[noc]: routers have the same coordinates on both networks.
template <std::uint32_t shift>
struct OwnCoordinate {
    TILEWRIGHT_DEVICE std::uint8_t operator[](std::uint32_t) const { return own_node() >> shift; }
};

}  // namespace tilewright::metalium

inline constexpr tilewright::metalium::OwnCoordinate<0> my_x;
inline constexpr tilewright::metalium::OwnCoordinate<8> my_y;

TILEWRIGHT_DEVICE std::uint8_t get_absolute_logical_x() {
    return tilewright::kernel::tile_x();
}
TILEWRIGHT_DEVICE std::uint8_t get_absolute_logical_y() {
    return tilewright::kernel::tile_y();
}
TILEWRIGHT_DEVICE std::uint8_t get_relative_logical_x() {
    return tilewright::kernel::tile_x();
}
TILEWRIGHT_DEVICE std::uint8_t get_relative_logical_y() {
    return tilewright::kernel::tile_y();
}
