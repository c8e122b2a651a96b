// A mesh of simulated chips, opened together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <tt-metalium/device.hpp>
#include <tt-metalium/dispatch_core_common.hpp>
#include <tt-metalium/mesh_config.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/mesh_trace_id.hpp>
#include <tt_stl/span.hpp>
#include <vector>

namespace tt::tt_metal::distributed {

class MeshCommandQueue;
struct MeshTraces;

class MeshDevice final : public IDevice, public std::enable_shared_from_this<MeshDevice> {
public:
    /// Throws std::runtime_error for a device that does not exist or is open already.
    static std::shared_ptr<MeshDevice> create(
        const MeshDeviceConfig& config, std::size_t l1_small_size = DEFAULT_L1_SMALL_SIZE,
        std::size_t trace_region_size = DEFAULT_TRACE_REGION_SIZE,
        std::size_t num_command_queues = 1, const DispatchCoreConfig& dispatch_core_config = {},
        tt::stl::Span<const std::uint32_t> l1_bank_remap = {},
        std::size_t worker_l1_size = DEFAULT_WORKER_L1_SIZE);
    static std::shared_ptr<MeshDevice> create_unit_mesh(
        int device_id, std::size_t l1_small_size = DEFAULT_L1_SMALL_SIZE,
        std::size_t trace_region_size = DEFAULT_TRACE_REGION_SIZE,
        std::size_t num_command_queues = 1, const DispatchCoreConfig& dispatch_core_config = {},
        tt::stl::Span<const std::uint32_t> l1_bank_remap = {},
        std::size_t worker_l1_size = DEFAULT_WORKER_L1_SIZE);
    static std::map<int, std::shared_ptr<MeshDevice>> create_unit_meshes(
        const std::vector<int>& device_ids, std::size_t l1_small_size = DEFAULT_L1_SMALL_SIZE,
        std::size_t trace_region_size = DEFAULT_TRACE_REGION_SIZE,
        std::size_t num_command_queues = 1, const DispatchCoreConfig& dispatch_core_config = {},
        tt::stl::Span<const std::uint32_t> l1_bank_remap = {},
        std::size_t worker_l1_size = DEFAULT_WORKER_L1_SIZE);
    /// A unit mesh on a chip that is open already, beside whatever else uses it; it must outlive
    /// the mesh, and closing the mesh leaves it open.
    static std::shared_ptr<MeshDevice> attach(tilewright::Device& device,
                                              std::size_t num_command_queues = 1);
    ~MeshDevice() override;

    ChipId id() const override;
    std::uint8_t num_hw_cqs() const override;
    bool is_initialized() const override { return !devices_.empty(); }
    bool close() override;
    CommandQueue& command_queue(std::optional<std::uint8_t> cq_id = std::nullopt) override;
    tilewright::Device& native() const override;

    MeshCommandQueue& mesh_command_queue(std::optional<std::uint8_t> cq_id = std::nullopt) const;
    const MeshShape& shape() const { return shape_; }
    std::size_t num_devices() const { return devices_.size(); }
    std::size_t num_rows() const;
    std::size_t num_cols() const;
    std::vector<IDevice*> get_devices() const;
    std::vector<int> get_device_ids() const;
    IDevice* get_device(ChipId id) const;
    IDevice* get_device(std::size_t row, std::size_t column) const;
    IDevice* get_device(const MeshCoordinate& coord) const;
    bool is_local(const MeshCoordinate&) const { return true; }
    bool is_parent_mesh() const { return true; }
    std::shared_ptr<MeshDevice> get_mesh_device() { return shared_from_this(); }
    /// Another shape for the same devices.
    void reshape(const MeshShape& shape);
    /// Let all queues finish.
    void quiesce_devices();

    /// From here on the queue's workloads are recorded instead of run, until end_mesh_trace().
    MeshTraceId begin_mesh_trace(std::uint8_t cq_id);
    void begin_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace);
    void end_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace);
    void replay_mesh_trace(std::uint8_t cq_id, const MeshTraceId& trace, bool blocking);
    void release_mesh_trace(const MeshTraceId& trace);

private:
    MeshDevice(std::vector<std::shared_ptr<IDevice>> devices, const MeshShape& shape,
               std::size_t command_queues);
    void check_open() const;

    std::vector<std::shared_ptr<IDevice>> devices_;  // row by row; none once closed
    MeshShape shape_;
    std::vector<std::unique_ptr<MeshCommandQueue>> queues_;
    std::unique_ptr<MeshTraces> traces_;
};

}  // namespace tt::tt_metal::distributed
