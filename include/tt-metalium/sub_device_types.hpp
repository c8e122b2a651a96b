// Numbers of sub-devices. A simulated device has one, number 0.
#pragma once

#include <cstdint>

namespace tt::tt_metal {

struct SubDeviceId {
    std::uint8_t value = 0;
    constexpr SubDeviceId() = default;
    constexpr explicit SubDeviceId(std::uint8_t number) : value(number) {}
    constexpr std::uint8_t operator*() const { return value; }
    constexpr bool operator==(const SubDeviceId&) const = default;
};

}  // namespace tt::tt_metal
