// Memory of the host that kernels reach over the network, in place: what a kernel writes is there,
// at the same address, without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tt-metalium/hal_types.hpp>
#include <tt-metalium/host_buffer.hpp>
#include <tt-metalium/mesh_coord.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/mesh_event.hpp>
#include <vector>

#include "tilewright/runtime/buffer.hpp"

namespace tt::tt_metal::experimental {

struct MemoryPinningParameters {
    std::uint32_t max_pins;
    std::uint64_t max_total_pin_size;  ///< bytes
    bool can_map_to_noc;
};
MemoryPinningParameters GetMemoryPinningParameters(distributed::MeshDevice& mesh_device);

class PinnedMemory {
public:
    struct NocAddr {
        std::uint64_t addr;  ///< for noc_async_read and noc_async_write of a kernel
        ChipId device_id;
    };

    /// For the devices at these places. The memory must stay as long as this; throws
    /// tilewright::ArgumentError for none, UnsupportedError on a chip whose host is not on its
    /// network.
    static std::unique_ptr<PinnedMemory> Create(
        distributed::MeshDevice& mesh_device,
        const distributed::MeshCoordinateRangeSet& coordinates, HostBuffer& host_buffer,
        bool map_to_noc = false);

    void* get_host_ptr() { return memory_.data(); }
    const void* get_host_ptr() const { return memory_.data(); }
    std::size_t get_buffer_size() const { return memory_.size(); }
    /// Offset at the host's node; throws std::runtime_error for a device that is not among them.
    std::uint64_t get_device_addr(ChipId device_id) const;
    std::optional<NocAddr> get_noc_addr(ChipId device_id) const;
    std::vector<ChipId> get_device_ids() const;
    bool has_device(ChipId device_id) const;
    bool usable_from_noc(ChipId device_id) const { return has_device(device_id); }

    /// lock() waits for these.
    void add_barrier_event(const distributed::MeshEvent& event) { barriers_.push_back(event); }
    /// Lets simulated time pass until all barrier events have happened.
    void* lock();
    void unlock() {}

private:
    struct Place {
        ChipId device;
        std::uint64_t noc_address;
        tilewright::Buffer pinned;
    };
    PinnedMemory(HostBuffer buffer, std::vector<Place> places);

    HostBuffer buffer_;  // keeps what it owns
    std::span<std::byte> memory_;
    std::vector<Place> places_;
    std::vector<distributed::MeshEvent> barriers_;
};

}  // namespace tt::tt_metal::experimental
