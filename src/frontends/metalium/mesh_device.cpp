// A mesh: its devices, their queues, and the traces that are recorded on them.
#include <algorithm>
#include <exception>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/system_mesh.hpp>

#include "frontends/metalium/simulated_device.hpp"

namespace tt::tt_metal::distributed {
namespace {

// Devices of the system are numbered row by row.
std::vector<ChipId> device_ids(const MeshDeviceConfig& config, const MeshShape& shape) {
    if (!config.physical_device_ids().empty()) {
        TT_FATAL(config.physical_device_ids().size() == shape.mesh_size(), "{} device ids for {}",
                 config.physical_device_ids().size(), shape.str());
        return config.physical_device_ids();
    }
    const MeshShape& system = SystemMesh::instance().shape();
    std::vector<ChipId> ids;
    if (!config.offset() && shape.mesh_size() <= system.mesh_size() &&
        (shape.dims() != 2 || shape[0] > system[0] || shape[1] > system[1])) {
        for (std::size_t i = 0; i < shape.mesh_size(); ++i) ids.push_back(static_cast<ChipId>(i));
        return ids;
    }
    TT_FATAL(shape.dims() == 2, "{} is not a part of the system's {}", shape.str(), system.str());
    const MeshCoordinate offset = config.offset().value_or(MeshCoordinate(0, 0));
    for (const MeshCoordinate& coord : MeshCoordinateRange(shape)) {
        const MeshCoordinate place(offset[0] + coord[0], offset[1] + coord[1]);
        ids.push_back(static_cast<ChipId>(place.to_linear_index(system)));
    }
    return ids;
}

}  // namespace

MeshDevice::MeshDevice(std::vector<std::shared_ptr<IDevice>> devices, const MeshShape& shape,
                       std::size_t command_queues)
    : devices_(std::move(devices)), shape_(shape), traces_(std::make_unique<MeshTraces>()) {
    for (std::size_t q = 0; q < command_queues; ++q) {
        std::vector<CommandQueue*> queues;
        for (const auto& device : devices_) {
            queues.push_back(&device->command_queue(static_cast<std::uint8_t>(q)));
        }
        queues_.push_back(std::make_unique<MeshCommandQueue>(*this, static_cast<std::uint32_t>(q),
                                                             std::move(queues), *traces_));
    }
}

MeshDevice::~MeshDevice() = default;

std::shared_ptr<MeshDevice> MeshDevice::create(const MeshDeviceConfig& config, std::size_t,
                                               std::size_t, std::size_t num_command_queues,
                                               const DispatchCoreConfig&,
                                               tt::stl::Span<const std::uint32_t>, std::size_t) {
    const MeshShape shape =
        config.mesh_shape() ? *config.mesh_shape()
        : config.physical_device_ids().empty()
            ? SystemMesh::instance().shape()
            : MeshShape(1, static_cast<std::uint32_t>(config.physical_device_ids().size()));
    TT_FATAL(shape.mesh_size() != 0, "{} has no devices", shape.str());
    std::vector<std::shared_ptr<IDevice>> devices;
    for (const ChipId id : device_ids(config, shape)) {
        devices.push_back(std::make_shared<detail::SimulatedDevice>(id, num_command_queues));
    }
    return std::shared_ptr<MeshDevice>(
        new MeshDevice(std::move(devices), shape, num_command_queues));
}
std::shared_ptr<MeshDevice> MeshDevice::create_unit_mesh(
    int device_id, std::size_t l1_small_size, std::size_t trace_region_size,
    std::size_t num_command_queues, const DispatchCoreConfig& dispatch_core_config,
    tt::stl::Span<const std::uint32_t> l1_bank_remap, std::size_t worker_l1_size) {
    return create(MeshDeviceConfig(MeshShape(1, 1), std::nullopt, {device_id}), l1_small_size,
                  trace_region_size, num_command_queues, dispatch_core_config, l1_bank_remap,
                  worker_l1_size);
}
std::map<int, std::shared_ptr<MeshDevice>> MeshDevice::create_unit_meshes(
    const std::vector<int>& device_ids, std::size_t l1_small_size, std::size_t trace_region_size,
    std::size_t num_command_queues, const DispatchCoreConfig& dispatch_core_config,
    tt::stl::Span<const std::uint32_t> l1_bank_remap, std::size_t worker_l1_size) {
    std::map<int, std::shared_ptr<MeshDevice>> meshes;
    for (const int id : device_ids) {
        meshes[id] = create_unit_mesh(id, l1_small_size, trace_region_size, num_command_queues,
                                      dispatch_core_config, l1_bank_remap, worker_l1_size);
    }
    return meshes;
}
std::shared_ptr<MeshDevice> MeshDevice::attach(tilewright::Device& device,
                                               std::size_t num_command_queues) {
    return std::shared_ptr<MeshDevice>(
        new MeshDevice({std::make_shared<detail::SimulatedDevice>(device, num_command_queues)},
                       MeshShape(1, 1), num_command_queues));
}

void MeshDevice::check_open() const {
    TT_FATAL(!devices_.empty(), "the mesh is closed");
}
ChipId MeshDevice::id() const {
    check_open();
    return devices_.front()->id();
}
std::uint8_t MeshDevice::num_hw_cqs() const {
    return static_cast<std::uint8_t>(queues_.size());
}

bool MeshDevice::close() {
    std::exception_ptr failure;
    const auto attempt = [&](const auto& action) {
        try {
            action();
        } catch (...) {
            failure = failure ? failure : std::current_exception();
        }
    };
    for (const auto& queue : queues_) attempt([&] { queue->finish(); });
    queues_.clear();
    for (const auto& device : devices_) attempt([&] { device->close(); });
    devices_.clear();
    if (failure) std::rethrow_exception(failure);
    return true;
}

CommandQueue& MeshDevice::command_queue(std::optional<std::uint8_t> cq_id) {
    check_open();
    return devices_.front()->command_queue(cq_id);
}
tilewright::Device& MeshDevice::native() const {
    check_open();
    return devices_.front()->native();
}
MeshCommandQueue& MeshDevice::mesh_command_queue(std::optional<std::uint8_t> cq_id) const {
    check_open();
    const std::uint8_t id = cq_id.value_or(0);
    TT_FATAL(id < queues_.size(), "command queue {} does not exist; the mesh was opened with {}",
             id, queues_.size());
    return *queues_[id];
}
std::size_t MeshDevice::num_rows() const {
    return shape_.dims() == 2 ? shape_[0] : 1;
}
std::size_t MeshDevice::num_cols() const {
    return shape_[-1];
}
std::vector<IDevice*> MeshDevice::get_devices() const {
    std::vector<IDevice*> all;
    for (const auto& device : devices_) all.push_back(device.get());
    return all;
}
std::vector<int> MeshDevice::get_device_ids() const {
    std::vector<int> ids;
    for (const auto& device : devices_) ids.push_back(device->id());
    return ids;
}
IDevice* MeshDevice::get_device(ChipId id) const {
    const auto found =
        std::ranges::find_if(devices_, [&](const auto& device) { return device->id() == id; });
    TT_FATAL(found != devices_.end(), "the mesh has no device {}", id);
    return found->get();
}
IDevice* MeshDevice::get_device(std::size_t row, std::size_t column) const {
    return get_device(
        MeshCoordinate(static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(column)));
}
IDevice* MeshDevice::get_device(const MeshCoordinate& coord) const {
    check_open();
    return devices_[coord.to_linear_index(shape_)].get();
}
void MeshDevice::reshape(const MeshShape& shape) {
    TT_FATAL(shape.mesh_size() == devices_.size(), "{} for a mesh of {} devices", shape.str(),
             devices_.size());
    shape_ = shape;
}
void MeshDevice::quiesce_devices() {
    check_open();
    for (const auto& queue : queues_) queue->finish();
}

MeshTraceId MeshDevice::begin_mesh_trace(std::uint8_t cq_id) {
    const MeshTraceId trace(traces_->next++);
    begin_mesh_trace(cq_id, trace);
    return trace;
}
void MeshDevice::begin_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace) {
    mesh_command_queue(cq_id);
    TT_FATAL(!traces_->recorded.contains(trace), "trace {} exists already", *trace);
    TT_FATAL(traces_->recording.emplace(cq_id, trace).second,
             "command queue {} records a trace already", cq_id);
    traces_->recorded[trace];
    traces_->next = std::max(traces_->next, *trace + 1);
}
void MeshDevice::end_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace) {
    const auto found = traces_->recording.find(cq_id);
    TT_FATAL(found != traces_->recording.end() && found->second == trace,
             "command queue {} does not record trace {}", cq_id, *trace);
    traces_->recording.erase(found);
}
void MeshDevice::replay_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace, bool blocking) {
    mesh_command_queue(cq_id).enqueue_trace(trace, blocking);
}
void MeshDevice::release_mesh_trace(const MeshTraceId& trace) {
    TT_FATAL(traces_->recorded.erase(trace) == 1, "trace {} does not exist", *trace);
}

}  // namespace tt::tt_metal::distributed
