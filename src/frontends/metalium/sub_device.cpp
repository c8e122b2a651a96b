// Parts of the worker grid, and programs that are bound to them.
#include <algorithm>
#include <tt-metalium/device.hpp>
#include <tt-metalium/sub_device.hpp>
#include <tt_stl/assert.hpp>

namespace tt::tt_metal {

SubDevice::SubDevice(tt::stl::Span<const CoreRangeSet> cores) {
    TT_FATAL(!cores.empty(), "a sub-device without cores");
    for (std::size_t type = 1; type < cores.size(); ++type) {
        TT_FATAL(cores[type].empty(), "a sub-device with cores {}, which are not simulated",
                 cores[type].str());
    }
    workers_ = cores.front();
}
const CoreRangeSet& SubDevice::cores(HalProgrammableCoreType type) const {
    static const CoreRangeSet none;
    return type == HalProgrammableCoreType::TENSIX ? workers_ : none;
}

SubDeviceManagerId SubDeviceManagers::create(tt::stl::Span<const SubDevice> sub_devices,
                                             const CoreCoord& grid) {
    TT_FATAL(!sub_devices.empty() && sub_devices.size() <= 255, "{} sub-devices; expected 1 to 255",
             sub_devices.size());
    const CoreRange all({0, 0}, {grid.x - 1, grid.y - 1});
    for (std::size_t i = 0; i < sub_devices.size(); ++i) {
        const CoreRangeSet& cores = sub_devices[i].cores(HalProgrammableCoreType::TENSIX);
        for (const CoreRange& range : cores.ranges()) {
            TT_FATAL(all.contains(range), "sub-device {}: cores {} are not all in the grid {}", i,
                     range.str(), all.str());
        }
        for (std::size_t other = 0; other < i; ++other) {
            TT_FATAL(!sub_devices[other].cores(HalProgrammableCoreType::TENSIX).intersects(cores),
                     "sub-devices {} and {} share cores", other, i);
        }
    }
    managers_.emplace(next_, std::vector<SubDevice>(sub_devices.begin(), sub_devices.end()));
    return SubDeviceManagerId{next_++};
}
void SubDeviceManagers::load(SubDeviceManagerId manager) {
    std::size_t count = 1;
    if (*manager != 0) {
        const auto found = managers_.find(*manager);
        TT_FATAL(found != managers_.end(), "sub-device manager {} does not exist", *manager);
        count = found->second.size();
    }
    loaded_ = manager;
    ids_.clear();
    for (std::size_t i = 0; i < count; ++i) ids_.emplace_back(static_cast<std::uint8_t>(i));
    stall_group_ = ids_;
}
void SubDeviceManagers::clear_loaded() {
    load(SubDeviceManagerId{});
}
void SubDeviceManagers::remove(SubDeviceManagerId manager) {
    TT_FATAL(manager != loaded_, "sub-device manager {} is loaded", *manager);
    TT_FATAL(managers_.erase(*manager) == 1, "sub-device manager {} does not exist", *manager);
}

const SubDevice* SubDeviceManagers::find(SubDeviceId id) const {
    TT_FATAL(*id < ids_.size(), "sub-device {} does not exist; there are {}", *id, ids_.size());
    return *loaded_ == 0 ? nullptr : &managers_.at(*loaded_)[*id];
}
void SubDeviceManagers::check_cores(const CoreRangeSet& cores) const {
    if (*loaded_ == 0) return;
    TT_FATAL(std::ranges::any_of(
                 managers_.at(*loaded_),
                 [&](const SubDevice& sub_device) {
                     return sub_device.cores(HalProgrammableCoreType::TENSIX).contains(cores);
                 }),
             "a kernel on the cores {}, which no loaded sub-device has all of", cores.str());
}
void SubDeviceManagers::set_stall_group(tt::stl::Span<const SubDeviceId> ids) {
    for (const SubDeviceId id : ids) find(id);
    stall_group_.assign(ids.begin(), ids.end());
}

// --- Of a device --------------------------------------------------------------------------------

SubDeviceManagerId IDevice::create_sub_device_manager(tt::stl::Span<const SubDevice> sub_devices,
                                                      DeviceAddr) {
    return sub_devices_.create(sub_devices, logical_grid_size());
}
SubDeviceManagerId IDevice::create_sub_device_manager(std::initializer_list<SubDevice> sub_devices,
                                                      DeviceAddr local_l1_size) {
    return create_sub_device_manager(
        tt::stl::Span<const SubDevice>(sub_devices.begin(), sub_devices.size()), local_l1_size);
}

CoreRangeSet IDevice::worker_cores(HalProgrammableCoreType type, SubDeviceId sub_device) const {
    if (const SubDevice* part = sub_devices_.find(sub_device)) return part->cores(type);
    if (type != HalProgrammableCoreType::TENSIX) return {};
    const CoreCoord grid = logical_grid_size();
    return CoreRange({0, 0}, {grid.x - 1, grid.y - 1});
}

}  // namespace tt::tt_metal
