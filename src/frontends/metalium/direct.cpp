// Devices by number, and direct access to them without queues.
#include <algorithm>
#include <mutex>
#include <tt-metalium/system_mesh.hpp>
#include <tt-metalium/tt_metal.hpp>

#include "frontends/metalium/program_state.hpp"
#include "frontends/metalium/simulated_device.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal {
namespace {

// Devices that CreateDevice() made and CloseDevice() has not ended.
std::mutex created_mutex;
std::map<ChipId, std::unique_ptr<IDevice>> created;

}  // namespace

std::size_t GetNumAvailableDevices() {
    return distributed::SystemMesh::instance().shape().mesh_size();
}
std::size_t GetNumPCIeDevices() {
    return GetNumAvailableDevices();
}
bool IsGalaxyCluster() {
    return false;
}
ChipId GetPCIeDeviceID(ChipId device_id) {
    return device_id;
}

IDevice* CreateDevice(ChipId device_id, std::uint8_t num_hw_cqs, std::size_t, std::size_t,
                      const DispatchCoreConfig&, const std::vector<std::uint32_t>&, std::size_t) {
    auto device = std::make_unique<detail::SimulatedDevice>(device_id, num_hw_cqs);
    const std::lock_guard lock(created_mutex);
    return (created[device_id] = std::move(device)).get();
}
IDevice* CreateDeviceMinimal(ChipId device_id, std::uint8_t num_hw_cqs,
                             const DispatchCoreConfig& dispatch_core_config) {
    return CreateDevice(device_id, num_hw_cqs, DEFAULT_L1_SMALL_SIZE, DEFAULT_TRACE_REGION_SIZE,
                        dispatch_core_config);
}
bool CloseDevice(IDevice* device) {
    std::unique_ptr<IDevice> last;
    {
        const std::lock_guard lock(created_mutex);
        const auto found = std::ranges::find_if(
            created, [&](const auto& entry) { return entry.second.get() == device; });
        TT_FATAL(found != created.end(), "CloseDevice: no such device is open");
        last = std::move(found->second);
        created.erase(found);
    }
    return last->close();
}

GlobalSemaphore::GlobalSemaphore(IDevice* device, const CoreRangeSet& cores,
                                 std::uint32_t initial_value, BufferType buffer_type)
    : cores_(cores),
      buffer_(Buffer::create(device,
                             DeviceAddr{device->allocator()->get_alignment(buffer_type)} *
                                 device->allocator()->get_num_banks(buffer_type),
                             device->allocator()->get_alignment(buffer_type), buffer_type)) {
    TT_FATAL(buffer_->is_l1(), "a global semaphore lies in L1");
    reset_semaphore_value(initial_value);
}
void GlobalSemaphore::reset_semaphore_value(std::uint32_t value) const {
    for (const CoreRange& range : cores_.ranges()) {
        for (const CoreCoord& core : range) {
            device()->native().write_l1(
                {static_cast<std::uint16_t>(core.x), static_cast<std::uint16_t>(core.y)},
                buffer_->address(), std::as_bytes(std::span(&value, 1)));
        }
    }
}
GlobalSemaphore CreateGlobalSemaphore(IDevice* device, const CoreRangeSet& cores,
                                      std::uint32_t initial_value, BufferType buffer_type) {
    return {device, cores, initial_value, buffer_type};
}

void ReadMeshDeviceProfilerResults(distributed::MeshDevice& mesh_device, ProfilerReadState) {
    mesh_device.quiesce_devices();
}

namespace detail {
namespace {

tilewright::TileId tile(const CoreCoord& core, CoreType type) {
    TT_FATAL(type == CoreType::WORKER || type == CoreType::TENSIX,
             "the L1 of cores of type {} is not simulated", static_cast<int>(type));
    TT_FATAL(core.x <= 0xFFFF && core.y <= 0xFFFF, "core {} does not exist", core);
    return {static_cast<std::uint16_t>(core.x), static_cast<std::uint16_t>(core.y)};
}

std::uint32_t bank(int channel) {
    TT_FATAL(channel >= 0, "DRAM channel {} does not exist", channel);
    return static_cast<std::uint32_t>(channel);
}

}  // namespace

std::map<ChipId, IDevice*> CreateDevices(const std::vector<ChipId>& device_ids,
                                         std::uint8_t num_hw_cqs, std::size_t l1_small_size,
                                         std::size_t trace_region_size,
                                         const DispatchCoreConfig& dispatch_core_config) {
    std::map<ChipId, IDevice*> devices;
    try {
        for (const ChipId id : device_ids) {
            devices[id] = CreateDevice(id, num_hw_cqs, l1_small_size, trace_region_size,
                                       dispatch_core_config);
        }
    } catch (...) {
        CloseDevices(devices);
        throw;
    }
    return devices;
}
void CloseDevices(const std::map<ChipId, IDevice*>& devices) {
    for (const auto& [id, device] : devices) CloseDevice(device);
}
IDevice* GetActiveDevice(ChipId device_id) {
    const std::lock_guard lock(created_mutex);
    const auto found = created.find(device_id);
    TT_FATAL(found != created.end(), "device {} is not open", device_id);
    return found->second.get();
}

void WriteToBuffer(Buffer& buffer, tt::stl::Span<const std::uint8_t> data) {
    TT_FATAL(data.size() <= buffer.size(), "{} bytes for a buffer of {}", data.size(),
             buffer.size());
    const auto bytes = std::as_bytes(data);
    for (DeviceAddr done = 0; done < bytes.size(); done += buffer.page_size()) {
        const auto page = static_cast<std::uint32_t>(done / buffer.page_size());
        buffer.native().write(
            bytes.subspan(done, std::min<DeviceAddr>(buffer.page_size(), bytes.size() - done)),
            buffer.native_offset(page));
    }
}
void ReadFromBuffer(Buffer& buffer, std::uint8_t* data) {
    for (std::uint32_t page = 0; page < buffer.num_pages(); ++page) {
        buffer.native().read(
            std::as_writable_bytes(std::span(data + page * buffer.page_size(), buffer.page_size())),
            buffer.native_offset(page));
    }
}
void ReadShard(Buffer& buffer, std::uint8_t* data, const std::uint32_t& core_id) {
    const ShardSpecBuffer& spec = buffer.shard_spec();
    TT_FATAL(core_id < buffer.shard_cores().size(), "shard {} of a buffer with {}", core_id,
             buffer.shard_cores().size());
    const CoreCoord core = buffer.shard_cores()[core_id];
    const CoreCoord grid =
        buffer.is_dram() ? buffer.device()->dram_grid_size() : buffer.device()->logical_grid_size();
    const DeviceAddr base = (core.y * grid.x + core.x) * buffer.aligned_size_per_bank();
    for (DeviceAddr page = 0; page < spec.num_pages(); ++page) {
        buffer.native().read(
            std::as_writable_bytes(std::span(data + page * buffer.page_size(), buffer.page_size())),
            base + page * buffer.aligned_page_size());
    }
}

void CompileProgram(IDevice* device, Program& program, bool) {
    prepare(program.state(), *device);
}
void LaunchProgram(IDevice* device, Program& program, bool wait_until_cores_done, bool) {
    EnqueueProgram(device->command_queue(), program, wait_until_cores_done);
}
void WaitProgramDone(IDevice* device, Program&, bool) {
    device->command_queue().finish();
}

bool WriteToDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                     std::span<const std::uint8_t> data, CoreType type) {
    let_time_pass(*device);
    device->native().write_l1(tile(core, type), address, std::as_bytes(data));
    return true;
}
bool WriteToDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                     std::vector<std::uint32_t>& data, CoreType type) {
    let_time_pass(*device);
    device->native().write_l1(tile(core, type), address, std::as_bytes(std::span(data)));
    return true;
}
bool ReadFromDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                      std::span<std::uint8_t> data, CoreType type) {
    let_time_pass(*device);
    device->native().read_l1(tile(core, type), address, std::as_writable_bytes(data));
    return true;
}
bool ReadFromDeviceL1(IDevice* device, const CoreCoord& core, std::uint32_t address,
                      std::uint32_t size, std::vector<std::uint32_t>& data, CoreType type) {
    TT_FATAL(size % 4 == 0, "{} bytes into a vector of words", size);
    data.resize(size / 4);
    return ReadFromDeviceL1(
        device, core, address,
        std::span(reinterpret_cast<std::uint8_t*>(data.data()), data.size() * 4), type);
}

bool WriteToDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                              std::span<const std::uint8_t> data) {
    let_time_pass(*device);
    device->native().write_dram(bank(channel), address, std::as_bytes(data));
    return true;
}
bool WriteToDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                              std::vector<std::uint32_t>& data) {
    let_time_pass(*device);
    device->native().write_dram(bank(channel), address, std::as_bytes(std::span(data)));
    return true;
}
bool ReadFromDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                               std::span<std::uint8_t> data) {
    let_time_pass(*device);
    device->native().read_dram(bank(channel), address, std::as_writable_bytes(data));
    return true;
}
bool ReadFromDeviceDRAMChannel(IDevice* device, int channel, std::uint32_t address,
                               std::uint32_t size, std::vector<std::uint32_t>& data) {
    TT_FATAL(size % 4 == 0, "{} bytes into a vector of words", size);
    data.resize(size / 4);
    return ReadFromDeviceDRAMChannel(
        device, channel, address,
        std::span(reinterpret_cast<std::uint8_t*>(data.data()), data.size() * 4));
}

std::string get_platform_architecture_name() {
    return arch_to_str(chosen_arch());
}

}  // namespace detail
}  // namespace tt::tt_metal
