// What every device tells of its chip.
#include "tilewright/runtime/device.hpp"

#include <tt-metalium/allocator.hpp>
#include <tt-metalium/device.hpp>
#include <tt_stl/assert.hpp>

#include "frontends/metalium/simulated_device.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tt::tt_metal {
namespace {

const tilewright::ChipConfig& config_of(const IDevice& device) {
    return device.native().config();
}

}  // namespace

tt::ARCH IDevice::arch() const {
    return detail::arch_of(config_of(*this));
}
int IDevice::num_dram_channels() const {
    return static_cast<int>(config_of(*this).dram.size());
}
std::uint32_t IDevice::l1_size_per_core() const {
    return config_of(*this).l1_bytes;
}
std::uint32_t IDevice::get_allocator_alignment() const {
    return config_of(*this).noc_dram_alignment;
}
std::uint32_t IDevice::dram_size_per_channel() const {
    return static_cast<std::uint32_t>(config_of(*this).dram_bank_bytes);
}
CoreCoord IDevice::grid_size() const {
    return {config_of(*this).router_columns, config_of(*this).router_rows};
}
CoreCoord IDevice::logical_grid_size() const {
    return {config_of(*this).tile_columns(), config_of(*this).tile_rows()};
}
CoreCoord IDevice::dram_grid_size() const {
    return {config_of(*this).dram.size(), 1};
}

CoreCoord IDevice::worker_core_from_logical_core(const CoreCoord& core) const {
    const tilewright::ChipConfig& config = config_of(*this);
    TT_FATAL(core.x < config.tile_columns() && core.y < config.tile_rows(),
             "no worker tile {}; the grid has columns 0 to {} and rows 0 to {}", core,
             config.tile_columns() - 1, config.tile_rows() - 1);
    const tilewright::Router router =
        config.tile_router(static_cast<std::uint32_t>(core.y * config.tile_columns() + core.x));
    return {router.x, router.y};
}
CoreCoord IDevice::virtual_core_from_logical_core(const CoreCoord& core,
                                                  const CoreType& type) const {
    if (type == CoreType::DRAM) {
        const tilewright::ChipConfig& config = config_of(*this);
        TT_FATAL(core.x < config.dram.size() && core.y == 0,
                 "no DRAM core {}; they are (x=0,y=0) to (x={},y=0)", core, config.dram.size() - 1);
        return {config.dram[core.x].noc0.x, config.dram[core.x].noc0.y};
    }
    TT_FATAL(type == CoreType::WORKER || type == CoreType::TENSIX,
             "cores of type {} are not simulated", static_cast<int>(type));
    return worker_core_from_logical_core(core);
}
std::vector<CoreCoord> IDevice::worker_cores_from_logical_cores(
    const std::vector<CoreCoord>& cores) const {
    std::vector<CoreCoord> routers;
    for (const CoreCoord& core : cores) routers.push_back(worker_core_from_logical_core(core));
    return routers;
}
std::uint32_t IDevice::num_worker_cores(HalProgrammableCoreType type,
                                        SubDeviceId sub_device) const {
    return worker_cores(type, sub_device).num_cores();
}
std::unordered_set<CoreCoord> IDevice::get_active_ethernet_cores(bool) const {
    return {};
}
std::unordered_set<CoreCoord> IDevice::get_inactive_ethernet_cores() const {
    return {};
}

std::uint32_t Allocator::get_alignment(BufferType type) const {
    const tilewright::ChipConfig& config = config_of(*device_);
    return type == BufferType::DRAM ? config.noc_dram_alignment : config.noc_l1_alignment;
}
std::uint32_t Allocator::get_num_banks(const BufferType& type) const {
    const tilewright::ChipConfig& config = config_of(*device_);
    return type == BufferType::DRAM ? static_cast<std::uint32_t>(config.dram.size())
                                    : config.tile_count();
}
DeviceAddr Allocator::get_bank_size(const BufferType& type) const {
    const tilewright::ChipConfig& config = config_of(*device_);
    return type == BufferType::DRAM ? config.dram_bank_bytes
                                    : config.l1_bytes - tilewright::abi::l1_user_base;
}
DeviceAddr Allocator::get_base_allocator_addr(const HalMemType& memory) const {
    return memory == HalMemType::L1 ? tilewright::abi::l1_user_base : detail::reserved_dram_bytes;
}

}  // namespace tt::tt_metal
