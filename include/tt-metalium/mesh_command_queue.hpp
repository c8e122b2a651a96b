// Work for the devices of a mesh in order, one native queue for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <tt-metalium/command_queue.hpp>
#include <tt-metalium/mesh_buffer.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/mesh_event.hpp>
#include <tt-metalium/mesh_trace_id.hpp>
#include <tt-metalium/mesh_workload.hpp>
#include <vector>

namespace tt::tt_metal::distributed {

/// Launches for the devices of a mesh, by their index.
using MeshLaunches = std::vector<std::pair<std::size_t, detail::Launches>>;

/// Recorded workloads.
struct MeshTraces {
    std::map<MeshTraceId, std::vector<MeshLaunches>> recorded;
    std::map<std::uint32_t, MeshTraceId> recording;  ///< by queue
    std::uint32_t next = 0;
};

class MeshCommandQueue {
public:
    MeshCommandQueue(MeshDevice& device, std::uint32_t id, std::vector<CommandQueue*> queues,
                     MeshTraces& traces);
    MeshCommandQueue(const MeshCommandQueue&) = delete;
    MeshCommandQueue& operator=(const MeshCommandQueue&) = delete;

    MeshDevice* device() const { return device_; }
    std::uint32_t id() const { return id_; }

    /// Bytes of one device's buffer at the host. `size` is of the memory, if it is known: then a
    /// shorter one fills the first bytes.
    struct ShardDataTransfer {
        MeshCoordinate shard_coord;
        void* host_data = nullptr;
        std::optional<BufferRegion> region{};
        std::optional<std::size_t> size{};
    };

    /// Compile and check, then queue the programs; while a trace is recorded, keep them instead.
    void enqueue_mesh_workload(MeshWorkload& workload, bool blocking);
    /// All of `buffer.size()` bytes, or the first `size` of them.
    void enqueue_write_mesh_buffer(const std::shared_ptr<MeshBuffer>& buffer, const void* data,
                                   bool blocking, std::optional<std::size_t> size = std::nullopt);
    void enqueue_read_mesh_buffer(void* data, const std::shared_ptr<MeshBuffer>& buffer,
                                  bool blocking);
    void enqueue_write_shards(const std::shared_ptr<MeshBuffer>& buffer,
                              const std::vector<ShardDataTransfer>& transfers, bool blocking);
    void enqueue_read_shards(const std::vector<ShardDataTransfer>& transfers,
                             const std::shared_ptr<MeshBuffer>& buffer, bool blocking);
    MeshEvent enqueue_record_event(
        tt::stl::Span<const SubDeviceId> sub_device_ids = {},
        const std::optional<MeshCoordinateRange>& device_range = std::nullopt);
    MeshEvent enqueue_record_event_to_host(
        tt::stl::Span<const SubDeviceId> sub_device_ids = {},
        const std::optional<MeshCoordinateRange>& device_range = std::nullopt);
    void enqueue_wait_for_event(const MeshEvent& event);
    void enqueue_trace(const MeshTraceId& trace, bool blocking);
    void finish(tt::stl::Span<const SubDeviceId> sub_device_ids = {});

private:
    void check_not_recording(const char* what) const;
    void run(const MeshLaunches& launches);
    template <class Visit>
    void for_each_shard(const MeshBuffer& buffer, Visit&& visit) const;

    MeshDevice* device_;
    std::uint32_t id_;
    std::vector<CommandQueue*> queues_;  // of the devices in their order
    MeshTraces* traces_;
    std::uint32_t next_event_ = 0;
    std::vector<std::function<void()>> after_finish_;  // put shards together
};

}  // namespace tt::tt_metal::distributed
