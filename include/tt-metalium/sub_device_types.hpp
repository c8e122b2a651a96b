// Numbers of sub-devices and of sets of them. A device has one sub-device, number 0, until a set of
// them is loaded.
#pragma once

#include <compare>
#include <cstdint>

namespace tt::tt_metal {

struct SubDeviceId {
    std::uint8_t value = 0;
    constexpr SubDeviceId() = default;
    constexpr explicit SubDeviceId(std::uint8_t number) : value(number) {}
    constexpr std::uint8_t operator*() const { return value; }
    constexpr auto operator<=>(const SubDeviceId&) const = default;
};

/// 0 is the set that is always there: the whole grid as one sub-device.
struct SubDeviceManagerId {
    std::uint64_t value = 0;
    constexpr SubDeviceManagerId() = default;
    constexpr explicit SubDeviceManagerId(std::uint64_t number) : value(number) {}
    constexpr std::uint64_t operator*() const { return value; }
    constexpr auto operator<=>(const SubDeviceManagerId&) const = default;
};

}  // namespace tt::tt_metal
