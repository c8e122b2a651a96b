// Meshes: buffers, workloads, queues, events and traces on all devices of a mesh.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <tt-metalium/bfloat16.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/mesh_buffer.hpp>
#include <tt-metalium/mesh_command_queue.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/mesh_event.hpp>
#include <tt-metalium/mesh_trace_id.hpp>
#include <tt-metalium/mesh_workload.hpp>
#include <tt-metalium/system_mesh.hpp>
#include <tt_stl/assert.hpp>
#include <vector>

namespace tt::tt_metal::distributed {

inline void EnqueueMeshWorkload(MeshCommandQueue& queue, MeshWorkload& workload, bool blocking) {
    queue.enqueue_mesh_workload(workload, blocking);
}

/// Fewer bytes than the buffer holds fill its first ones; more throw std::runtime_error.
template <class T>
void EnqueueWriteMeshBuffer(MeshCommandQueue& queue, const std::shared_ptr<MeshBuffer>& buffer,
                            const std::vector<T>& source, bool blocking = false) {
    queue.enqueue_write_mesh_buffer(buffer, source.data(), blocking, source.size() * sizeof(T));
}

/// A replicated buffer is read from the first device.
template <class T>
void EnqueueReadMeshBuffer(MeshCommandQueue& queue, std::vector<T>& target,
                           const std::shared_ptr<MeshBuffer>& buffer, bool blocking = true) {
    target.resize(buffer->size() / sizeof(T));
    queue.enqueue_read_mesh_buffer(target.data(), buffer, blocking);
}

template <class T>
void WriteShard(MeshCommandQueue& queue, const std::shared_ptr<MeshBuffer>& buffer,
                const std::vector<T>& source, const MeshCoordinate& coord, bool blocking = false) {
    queue.enqueue_write_shards(
        buffer, {{coord, const_cast<T*>(source.data()), std::nullopt, source.size() * sizeof(T)}},
        blocking);
}

template <class T>
void ReadShard(MeshCommandQueue& queue, std::vector<T>& target,
               const std::shared_ptr<MeshBuffer>& buffer, const MeshCoordinate& coord,
               bool blocking = true) {
    target.resize(buffer->device_local_size() / sizeof(T));
    queue.enqueue_read_shards({{coord, target.data(), std::nullopt}}, buffer, blocking);
}

inline void Finish(MeshCommandQueue& queue, tt::stl::Span<const SubDeviceId> sub_device_ids = {}) {
    queue.finish(sub_device_ids);
}
/// Let simulated time pass until the event has happened.
void EventSynchronize(const MeshEvent& event);
/// Whether it has; asking takes some simulated time, so that a loop of queries comes to an end.
bool EventQuery(const MeshEvent& event);
void Synchronize(MeshDevice* device, std::optional<std::uint8_t> cq_id = std::nullopt,
                 tt::stl::Span<const SubDeviceId> sub_device_ids = {});

inline MeshTraceId BeginTraceCapture(MeshDevice* device, std::uint8_t cq_id) {
    return device->begin_mesh_trace(cq_id);
}
inline void EndTraceCapture(MeshDevice* device, std::uint8_t cq_id, const MeshTraceId& trace) {
    device->end_mesh_trace(cq_id, trace);
}
inline void ReplayTrace(MeshDevice* device, std::uint8_t cq_id, const MeshTraceId& trace,
                        bool blocking) {
    device->replay_mesh_trace(cq_id, trace, blocking);
}
inline void ReleaseTrace(MeshDevice* device, const MeshTraceId& trace) {
    device->release_mesh_trace(trace);
}
inline bool UsingDistributedEnvironment() {
    return false;
}

}  // namespace tt::tt_metal::distributed
