// Which cores would dispatch on hardware. A simulated device dispatches from the host; the setting
// is carried and changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <tt-metalium/hal_types.hpp>

namespace tt::tt_metal {

enum class DispatchCoreType : std::uint32_t { WORKER, ETH, COUNT };
enum class DispatchCoreAxis { ROW, COL, COUNT };

class DispatchCoreConfig {
public:
    DispatchCoreConfig() = default;
    DispatchCoreConfig(DispatchCoreType type) : type_(type) {}
    DispatchCoreConfig(DispatchCoreType type, DispatchCoreAxis axis) : type_(type), axis_(axis) {}

    DispatchCoreType get_dispatch_core_type() const { return type_; }
    DispatchCoreAxis get_dispatch_core_axis() const {
        return axis_.value_or(DispatchCoreAxis::ROW);
    }
    bool operator==(const DispatchCoreConfig&) const = default;

private:
    DispatchCoreType type_ = DispatchCoreType::WORKER;
    std::optional<DispatchCoreAxis> axis_;
};

}  // namespace tt::tt_metal
