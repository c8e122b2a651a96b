// Parts of a device's worker grid, to which programs may be bound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tt-metalium/core_coord.hpp>
#include <tt-metalium/hal_types.hpp>
#include <tt-metalium/sub_device_types.hpp>
#include <tt_stl/span.hpp>
#include <vector>

namespace tt::tt_metal {

class SubDevice {
public:
    /// The cores of each kind, in the order of HalProgrammableCoreType; only worker cores (TENSIX)
    /// are there: std::runtime_error for others.
    explicit SubDevice(tt::stl::Span<const CoreRangeSet> cores);
    template <std::size_t n>
    explicit SubDevice(const std::array<CoreRangeSet, n>& cores)
        : SubDevice(tt::stl::Span<const CoreRangeSet>(cores)) {}

    bool has_core_type(HalProgrammableCoreType type) const { return !cores(type).empty(); }
    std::uint32_t num_cores(HalProgrammableCoreType type) const { return cores(type).num_cores(); }
    const CoreRangeSet& cores(HalProgrammableCoreType type) const;

private:
    CoreRangeSet workers_;
};

/// Which sub-devices there are and which set of them is loaded; of one device, or of all devices
/// of a mesh.
class SubDeviceManagers {
public:
    /// std::runtime_error if none are given, if two share a core, or if a core is outside `grid`.
    SubDeviceManagerId create(tt::stl::Span<const SubDevice> sub_devices, const CoreCoord& grid);
    /// std::runtime_error if there is no such manager.
    void load(SubDeviceManagerId manager);
    void clear_loaded();
    /// std::runtime_error if there is no such manager, or if it is loaded.
    void remove(SubDeviceManagerId manager);

    SubDeviceManagerId loaded() const { return loaded_; }
    /// 0, 1, ... for the sub-devices that are loaded; only 0, the whole grid, if none are.
    const std::vector<SubDeviceId>& ids() const { return ids_; }
    /// The loaded sub-device with this number; nullptr for the whole grid. std::runtime_error if
    /// there is no such sub-device.
    const SubDevice* find(SubDeviceId id) const;
    /// std::runtime_error if sub-devices are loaded, and none of them has all these cores.
    void check_cores(const CoreRangeSet& cores) const;

    const std::vector<SubDeviceId>& stall_group() const { return stall_group_; }
    /// What the host waits for unless told otherwise: carried, as waiting is for all queues.
    void set_stall_group(tt::stl::Span<const SubDeviceId> ids);

private:
    std::map<std::uint64_t, std::vector<SubDevice>> managers_;
    std::uint64_t next_ = 1;
    SubDeviceManagerId loaded_;
    std::vector<SubDeviceId> ids_{SubDeviceId{0}};
    std::vector<SubDeviceId> stall_group_{SubDeviceId{0}};
};

}  // namespace tt::tt_metal
