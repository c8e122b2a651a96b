// Direct access to a device, without queues: memory outside simulated time, programs at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/persistent_kernel_cache.hpp>
#include <tt-metalium/tt_metal_profiler.hpp>
#include <vector>

namespace tt::tt_metal::detail {

std::map<ChipId, IDevice*> CreateDevices(const std::vector<ChipId>& device_ids,
                                         std::uint8_t num_hw_cqs = 1,
                                         std::size_t l1_small_size = DEFAULT_L1_SMALL_SIZE,
                                         std::size_t trace_region_size = DEFAULT_TRACE_REGION_SIZE,
                                         const DispatchCoreConfig& dispatch_core_config = {});
void CloseDevices(const std::map<ChipId, IDevice*>& devices);
/// Throws std::runtime_error if it is not open.
IDevice* GetActiveDevice(ChipId device_id);

/// Bytes for a buffer from its first page on; throws std::runtime_error if they are more than it
/// holds.
void WriteToBuffer(Buffer& buffer, tt::stl::Span<const std::uint8_t> data);
template <class T>
void WriteToBuffer(Buffer& buffer, const std::vector<T>& data) {
    WriteToBuffer(buffer,
                  tt::stl::Span<const std::uint8_t>(
                      reinterpret_cast<const std::uint8_t*>(data.data()), data.size() * sizeof(T)));
}
template <class T>
void WriteToBuffer(const std::shared_ptr<Buffer>& buffer, const std::vector<T>& data) {
    WriteToBuffer(*buffer, data);
}
void ReadFromBuffer(Buffer& buffer, std::uint8_t* data);
template <class T>
void ReadFromBuffer(Buffer& buffer, std::vector<T>& data) {
    data.resize(buffer.size() / sizeof(T));
    ReadFromBuffer(buffer, reinterpret_cast<std::uint8_t*>(data.data()));
}
template <class T>
void ReadFromBuffer(const std::shared_ptr<Buffer>& buffer, std::vector<T>& data) {
    ReadFromBuffer(*buffer, data);
}
/// The pages that the core with this number of the shard grid holds.
void ReadShard(Buffer& buffer, std::uint8_t* data, const std::uint32_t& core_id);
template <class T>
void ReadShard(Buffer& buffer, std::vector<T>& data, const std::uint32_t& core_id) {
    data.resize(buffer.page_size() * buffer.shard_spec().num_pages() / sizeof(T));
    ReadShard(buffer, reinterpret_cast<std::uint8_t*>(data.data()), core_id);
}

void CompileProgram(IDevice* device, Program& program, bool force_slow_dispatch = false);
/// Starts the program, and lets time pass until it has ended unless told otherwise.
void LaunchProgram(IDevice* device, Program& program, bool wait_until_cores_done = true,
                   bool force_slow_dispatch = false);
void WaitProgramDone(IDevice* device, Program& program, bool read_profiler_results = true);

/// Raw memory. While programs run, each of these lets some simulated time pass first, so that a
/// host that polls sees what kernels do. Always true; out of range throws tilewright::AddressError.
bool WriteToDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                     std::span<const std::uint8_t> data, CoreType type = CoreType::WORKER);
bool WriteToDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                     std::vector<std::uint32_t>& data, CoreType type = CoreType::WORKER);
bool ReadFromDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                      std::span<std::uint8_t> data, CoreType type = CoreType::WORKER);
bool ReadFromDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                      std::uint32_t size, std::vector<std::uint32_t>& data,
                      CoreType type = CoreType::WORKER);
bool WriteToDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                              std::span<const std::uint8_t> data);
bool WriteToDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                              std::vector<std::uint32_t>& data);
bool ReadFromDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                               std::span<std::uint8_t> data);
bool ReadFromDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                               std::uint32_t size, std::vector<std::uint32_t>& data);

std::string get_platform_architecture_name();

}  // namespace tt::tt_metal::detail
