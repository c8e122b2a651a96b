// A point in a command queue of one device.
#pragma once

#include <cstdint>
#include <optional>

#include "tilewright/runtime/queue.hpp"

namespace tt::tt_metal {

class IDevice;

struct Event {
    IDevice* device = nullptr;
    std::uint32_t cq_id = 0;
    std::uint32_t event_id = 0;
    std::optional<tilewright::Event> native;  ///< none before it was recorded
};

}  // namespace tt::tt_metal
