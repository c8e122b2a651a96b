// Work for a mesh: programs, buffers cut into shards and put together again, events, traces.
#include <algorithm>
#include <cstring>
#include <span>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/math.hpp>
#include <tt-metalium/mesh_command_queue.hpp>

#include "frontends/metalium/program_state.hpp"
#include "frontends/metalium/simulated_device.hpp"

namespace tt::tt_metal::distributed {

void MeshWorkload::add_program(const MeshCoordinateRange& device_range, Program&& program) {
    for (const auto& [range, other] : programs_) {
        TT_FATAL(!range.intersects(device_range),
                 "the devices {} overlap with {}, which have a program already", device_range.str(),
                 range.str());
    }
    programs_.emplace(device_range, std::move(program));
}

MeshCommandQueue::MeshCommandQueue(MeshDevice& device, std::uint32_t id,
                                   std::vector<CommandQueue*> queues, MeshTraces& traces)
    : device_(&device), id_(id), queues_(std::move(queues)), traces_(&traces) {}

void MeshCommandQueue::check_not_recording(const char* what) const {
    TT_FATAL(!traces_->recording.contains(id_),
             "command queue {} records a trace, which cannot hold {}", id_, what);
}

void MeshCommandQueue::run(const MeshLaunches& launches) {
    for (const auto& [index, work] : launches) queues_[index]->run(work);
}

void MeshCommandQueue::enqueue_mesh_workload(MeshWorkload& workload, bool blocking) {
    MeshLaunches launches;
    for (auto& [range, program] : workload.get_programs()) {
        for (const auto& kernel : program.state().kernels) {
            device_->sub_devices().check_cores(kernel.cores);
        }
        for (const MeshCoordinate& coord : range) {
            const std::size_t index = coord.to_linear_index(device_->shape());
            launches.emplace_back(index,
                                  detail::prepare(program.state(), *device_->get_device(coord)));
        }
    }
    const auto recording = traces_->recording.find(id_);
    if (recording != traces_->recording.end()) {
        TT_FATAL(!blocking, "command queue {} records a trace, so nothing can be waited for", id_);
        traces_->recorded[recording->second].push_back(std::move(launches));
        return;
    }
    run(launches);
    if (blocking) finish();
}

void MeshCommandQueue::enqueue_trace(const MeshTraceId& trace, bool blocking) {
    check_not_recording("the replay of another");
    const auto found = traces_->recorded.find(trace);
    TT_FATAL(found != traces_->recorded.end(), "trace {} does not exist", *trace);
    TT_FATAL(std::ranges::none_of(traces_->recording,
                                  [&](const auto& entry) { return entry.second == trace; }),
             "trace {} is still being recorded", *trace);
    for (const MeshLaunches& launches : found->second) run(launches);
    if (blocking) finish();
}

// Calls visit(device index, row of the shard, column of the shard) for every device that has one.
template <class Visit>
void MeshCommandQueue::for_each_shard(const MeshBuffer& buffer, Visit&& visit) const {
    const ShardedBufferConfig& spec = buffer.global_shard_spec();
    const Shape2D shard = spec.physical_shard_shape();
    const std::size_t rows = spec.global_buffer_shape.height() / shard.height();
    const std::size_t columns = spec.global_buffer_shape.width() / shard.width();
    const auto [rows_replicated, columns_replicated] = spec.replicated_dims();
    const std::size_t mesh_columns = device_->num_cols();
    for (std::size_t index = 0; index < queues_.size(); ++index) {
        std::size_t row = 0;
        std::size_t column = 0;
        if (rows_replicated || columns_replicated) {
            // One shard for each row of the mesh, or for each column, or one for all.
            row = rows_replicated ? 0 : index / mesh_columns;
            column = columns_replicated ? 0 : index % mesh_columns;
        } else if (spec.shard_orientation == ShardOrientation::ROW_MAJOR) {
            row = index / columns;
            column = index % columns;
        } else {
            row = index % rows;
            column = index / rows;
        }
        if (row < rows && column < columns) visit(index, row, column);
    }
}

namespace {

// The rows of a shard inside the whole array, as offsets of bytes.
template <class Row>
void for_each_row(const ShardedBufferConfig& spec, std::size_t shard_row, std::size_t shard_column,
                  Row&& row) {
    const Shape2D shard = spec.physical_shard_shape();
    const std::size_t datum = spec.compute_datum_size_bytes();
    const std::size_t bytes = shard.width() * datum;
    for (std::size_t r = 0; r < shard.height(); ++r) {
        const std::size_t global =
            ((shard_row * shard.height() + r) * spec.global_buffer_shape.width() +
             shard_column * shard.width()) *
            datum;
        row(global, r * bytes, bytes);
    }
}

}  // namespace

void MeshCommandQueue::enqueue_write_mesh_buffer(const std::shared_ptr<MeshBuffer>& buffer,
                                                 const void* data, bool blocking,
                                                 std::optional<std::size_t> size) {
    check_not_recording("writes");
    const std::size_t bytes = size.value_or(buffer->size());
    TT_FATAL(bytes <= buffer->size(), "{} bytes for a mesh buffer of {}", bytes, buffer->size());
    const std::span source(static_cast<const std::byte*>(data), bytes);
    if (buffer->global_layout() == MeshBufferLayout::REPLICATED) {
        for (std::size_t i = 0; i < queues_.size(); ++i) {
            queues_[i]->write(*buffer->buffer_of(i), source);
        }
    } else {
        const ShardedBufferConfig& spec = buffer->global_shard_spec();
        TT_FATAL(bytes == buffer->size(), "{} bytes for a sharded mesh buffer of {}", bytes,
                 buffer->size());
        for_each_shard(*buffer, [&](std::size_t index, std::size_t row, std::size_t column) {
            std::vector<std::byte> shard(buffer->device_local_size());
            for_each_row(spec, row, column, [&](std::size_t from, std::size_t to, std::size_t n) {
                std::memcpy(shard.data() + to, source.data() + from, n);
            });
            queues_[index]->write(*buffer->buffer_of(index), shard);
        });
    }
    if (blocking) finish();
}

void MeshCommandQueue::enqueue_read_mesh_buffer(void* data,
                                                const std::shared_ptr<MeshBuffer>& buffer,
                                                bool blocking) {
    check_not_recording("reads");
    const std::span target(static_cast<std::byte*>(data), buffer->size());
    if (buffer->global_layout() == MeshBufferLayout::REPLICATED) {
        queues_.front()->read(*buffer->get_reference_buffer(), target);
    } else {
        for_each_shard(*buffer, [&](std::size_t index, std::size_t row, std::size_t column) {
            const auto shard =
                std::make_shared<std::vector<std::byte>>(buffer->device_local_size());
            queues_[index]->read(*buffer->buffer_of(index), *shard);
            after_finish_.push_back([=, spec = buffer->global_shard_spec()] {
                for_each_row(spec, row, column,
                             [&](std::size_t to, std::size_t from, std::size_t n) {
                                 std::memcpy(target.data() + to, shard->data() + from, n);
                             });
            });
        });
    }
    if (blocking) finish();
}

void MeshCommandQueue::enqueue_write_shards(const std::shared_ptr<MeshBuffer>& buffer,
                                            const std::vector<ShardDataTransfer>& transfers,
                                            bool blocking) {
    check_not_recording("writes");
    for (const ShardDataTransfer& transfer : transfers) {
        const BufferRegion region =
            transfer.region.value_or(BufferRegion{0, buffer->device_local_size()});
        const std::size_t bytes = transfer.size.value_or(region.size);
        const std::size_t index = transfer.shard_coord.to_linear_index(device_->shape());
        queues_[index]->write(*buffer->buffer_of(index),
                              std::span(static_cast<const std::byte*>(transfer.host_data), bytes),
                              region.offset);
    }
    if (blocking) finish();
}

void MeshCommandQueue::enqueue_read_shards(const std::vector<ShardDataTransfer>& transfers,
                                           const std::shared_ptr<MeshBuffer>& buffer,
                                           bool blocking) {
    check_not_recording("reads");
    for (const ShardDataTransfer& transfer : transfers) {
        const BufferRegion region =
            transfer.region.value_or(BufferRegion{0, buffer->device_local_size()});
        const std::size_t index = transfer.shard_coord.to_linear_index(device_->shape());
        queues_[index]->read(*buffer->buffer_of(index),
                             std::span(static_cast<std::byte*>(transfer.host_data), region.size),
                             region.offset);
    }
    if (blocking) finish();
}

MeshEvent MeshCommandQueue::enqueue_record_event(
    tt::stl::Span<const SubDeviceId>, const std::optional<MeshCoordinateRange>& device_range) {
    check_not_recording("events");
    const MeshCoordinateRange range = device_range.value_or(MeshCoordinateRange(device_->shape()));
    std::vector<tilewright::Event> native;
    for (const MeshCoordinate& coord : range) {
        native.push_back(queues_[coord.to_linear_index(device_->shape())]->record());
    }
    return {next_event_++, device_, id_, range, std::move(native)};
}
MeshEvent MeshCommandQueue::enqueue_record_event_to_host(
    tt::stl::Span<const SubDeviceId> sub_device_ids,
    const std::optional<MeshCoordinateRange>& device_range) {
    return enqueue_record_event(sub_device_ids, device_range);
}
void MeshCommandQueue::enqueue_wait_for_event(const MeshEvent& event) {
    check_not_recording("events");
    TT_FATAL(event.device() == device_, "the event belongs to another mesh");
    std::size_t i = 0;
    for (const MeshCoordinate& coord : event.device_range()) {
        queues_[coord.to_linear_index(device_->shape())]->wait(event.native()[i++]);
    }
}

void MeshCommandQueue::finish(tt::stl::Span<const SubDeviceId>) {
    check_not_recording("waiting for the host");
    const auto after = std::exchange(after_finish_, {});
    for (CommandQueue* queue : queues_) queue->finish();
    for (const auto& action : after) action();
}

// --- Free functions -----------------------------------------------------------------------------

namespace {

bool has_happened(const MeshEvent& event) {
    return std::ranges::all_of(event.native(),
                               [](const auto& native) { return native.cycle().has_value(); });
}

}  // namespace

void EventSynchronize(const MeshEvent& event) {
    if (has_happened(event)) return;
    event.device()->mesh_command_queue(static_cast<std::uint8_t>(event.mesh_cq_id())).finish();
}
bool EventQuery(const MeshEvent& event) {
    if (has_happened(event)) return true;
    for (const MeshCoordinate& coord : event.device_range()) {
        detail::let_time_pass(*event.device()->get_device(coord));
    }
    return has_happened(event);
}
void Synchronize(MeshDevice* device, std::optional<std::uint8_t> cq_id,
                 tt::stl::Span<const SubDeviceId>) {
    for (std::uint8_t q = 0; q < device->num_hw_cqs(); ++q) {
        if (!cq_id || *cq_id == q) device->mesh_command_queue(q).finish();
    }
}

}  // namespace tt::tt_metal::distributed
