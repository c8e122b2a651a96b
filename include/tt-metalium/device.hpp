// A device as programs see it: a simulated chip, or a mesh of them that answers for its first.
#pragma once

#include <hostdevcommon/kernel_structs.h>

#include <cstddef>
#include <cstdint>
#include <hostdevcommon/common_values.hpp>
#include <initializer_list>
#include <memory>
#include <optional>
#include <tt-metalium/allocator.hpp>
#include <tt-metalium/core_coord.hpp>
#include <tt-metalium/data_types.hpp>
#include <tt-metalium/hal_types.hpp>
#include <tt-metalium/sub_device.hpp>
#include <unordered_set>
#include <vector>

namespace tilewright {
class Device;
}

namespace tt::tt_metal {

class CommandQueue;

class IDevice {
public:
    IDevice() = default;
    virtual ~IDevice() = default;
    IDevice(const IDevice&) = delete;
    IDevice& operator=(const IDevice&) = delete;

    virtual ChipId id() const = 0;
    virtual ChipId build_id() const { return id(); }
    virtual std::uint8_t num_hw_cqs() const = 0;
    /// Opened and not closed yet.
    virtual bool is_initialized() const = 0;
    /// Waits for all that is queued, then gives everything back; harmless when done twice. Errors
    /// of what was queued are thrown, and the device is closed all the same.
    virtual bool close() = 0;
    virtual CommandQueue& command_queue(std::optional<std::uint8_t> cq_id = std::nullopt) = 0;
    /// The simulated chip; throws std::runtime_error once it is closed.
    virtual tilewright::Device& native() const = 0;

    tt::ARCH arch() const;
    int num_dram_channels() const;
    std::uint32_t l1_size_per_core() const;       ///< bytes
    std::uint32_t dram_size_per_channel() const;  ///< bytes; 0 for 4 GiB
    /// What pages in DRAM are rounded up to, in bytes; programs of 2024 ask the device.
    std::uint32_t get_allocator_alignment() const;
    CoreCoord grid_size() const;          ///< routers
    CoreCoord logical_grid_size() const;  ///< worker tiles
    CoreCoord dram_grid_size() const;
    CoreCoord compute_with_storage_grid_size() const { return logical_grid_size(); }
    /// The router of a worker tile, by which other tiles' kernels address it on both networks.
    /// Throws std::runtime_error for a tile outside the grid.
    CoreCoord worker_core_from_logical_core(const CoreCoord& core) const;
    CoreCoord virtual_core_from_logical_core(const CoreCoord& core, const CoreType& type) const;
    CoreCoord physical_worker_core_from_logical_core(const CoreCoord& core) const {
        return worker_core_from_logical_core(core);
    }
    std::vector<CoreCoord> worker_cores_from_logical_cores(
        const std::vector<CoreCoord>& cores) const;
    std::uint32_t num_worker_cores(HalProgrammableCoreType type, SubDeviceId sub_device) const;
    CoreRangeSet worker_cores(HalProgrammableCoreType type, SubDeviceId sub_device) const;
    CoreCoord logical_core_from_dram_channel(std::uint32_t channel) const { return {channel, 0}; }
    std::uint32_t dram_channel_from_logical_core(const CoreCoord& core) const {
        return static_cast<std::uint32_t>(core.x);
    }
    /// There are no Ethernet cores: all of these are empty.
    std::unordered_set<CoreCoord> get_active_ethernet_cores(bool skip_reserved = false) const;
    std::unordered_set<CoreCoord> get_inactive_ethernet_cores() const;

    const std::unique_ptr<Allocator>& allocator() const { return allocator_; }
    std::uint32_t get_noc_unicast_encoding(std::uint8_t noc_index, const CoreCoord& core) const;
    std::uint32_t get_noc_multicast_encoding(std::uint8_t noc_index, const CoreRange& cores) const;

    /// Kernels are compiled once and kept on disk whatever is set here.
    void enable_program_cache() {}
    void clear_program_cache() {}
    void disable_and_clear_program_cache() {}
    std::size_t num_program_cache_entries() const { return 0; }

    /// A set of parts of the worker grid; of a mesh, on each of its devices. The bytes of L1 that
    /// would be set aside for its buffers are carried. Errors: SubDeviceManagers.
    SubDeviceManagerId create_sub_device_manager(tt::stl::Span<const SubDevice> sub_devices,
                                                 DeviceAddr local_l1_size);
    SubDeviceManagerId create_sub_device_manager(std::initializer_list<SubDevice> sub_devices,
                                                 DeviceAddr local_l1_size);
    /// From here on each kernel lies on cores of one sub-device of the set.
    void load_sub_device_manager(SubDeviceManagerId manager) { sub_devices_.load(manager); }
    void clear_loaded_sub_device_manager() { sub_devices_.clear_loaded(); }
    void remove_sub_device_manager(SubDeviceManagerId manager) { sub_devices_.remove(manager); }
    SubDeviceManagerId get_active_sub_device_manager_id() const { return sub_devices_.loaded(); }
    const std::vector<SubDeviceId>& get_sub_device_ids() const { return sub_devices_.ids(); }
    std::size_t num_sub_devices() const { return sub_devices_.ids().size(); }
    const std::vector<SubDeviceId>& get_sub_device_stall_group() const {
        return sub_devices_.stall_group();
    }
    void set_sub_device_stall_group(tt::stl::Span<const SubDeviceId> sub_device_ids) {
        sub_devices_.set_stall_group(sub_device_ids);
    }
    void reset_sub_device_stall_group() { sub_devices_.set_stall_group(sub_devices_.ids()); }
    const SubDeviceManagers& sub_devices() const { return sub_devices_; }
    bool is_mmio_capable() const { return true; }

private:
    std::unique_ptr<Allocator> allocator_ = std::make_unique<Allocator>(*this);
    SubDeviceManagers sub_devices_;
};

/// The name of an older generation.
using Device = IDevice;

}  // namespace tt::tt_metal
