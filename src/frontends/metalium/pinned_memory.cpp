// Pinned memory of the host, on one device of a mesh or several.
#include <algorithm>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/experimental/pinned_memory.hpp>

#include "tilewright/noc/registers.hpp"
#include "tilewright/runtime/device.hpp"

namespace tt::tt_metal::experimental {
namespace {

// A 64-bit address of kernels: the node above 32 bits of offset in it.
std::uint64_t noc_address(std::uint64_t offset) {
    namespace abi = tilewright::abi;
    return std::uint64_t{abi::node(abi::NodeSpace::host, 0, 0)} << 32 | offset;
}

}  // namespace

MemoryPinningParameters GetMemoryPinningParameters(distributed::MeshDevice& mesh_device) {
    // Regions share the host's 4 GiB of addresses, each on pages of 4096 bytes, the first left out.
    return {.max_pins = (1u << 20) - 1,
            .max_total_pin_size = (std::uint64_t{1} << 32) - 4096,
            .can_map_to_noc = mesh_device.native().config().host_router.has_value()};
}

PinnedMemory::PinnedMemory(HostBuffer buffer, std::vector<Place> places)
    : buffer_(std::move(buffer)), memory_(buffer_.view_bytes()), places_(std::move(places)) {}

std::unique_ptr<PinnedMemory> PinnedMemory::Create(
    distributed::MeshDevice& mesh_device, const distributed::MeshCoordinateRangeSet& coordinates,
    HostBuffer& host_buffer, bool /*map_to_noc*/) {
    std::vector<Place> places;
    for (const distributed::MeshCoordinate& coord : coordinates.coords()) {
        IDevice* device = mesh_device.get_device(coord);
        tilewright::Buffer pinned =
            device->native().pin(host_buffer.view_bytes(), host_buffer.pin().resource());
        const std::uint64_t offset = pinned.address();
        places.push_back({device->id(), noc_address(offset), std::move(pinned)});
    }
    TT_FATAL(!places.empty(), "memory pinned for no device");
    return std::unique_ptr<PinnedMemory>(new PinnedMemory(host_buffer, std::move(places)));
}

bool PinnedMemory::has_device(ChipId device_id) const {
    return std::ranges::any_of(places_, [&](const Place& p) { return p.device == device_id; });
}
std::optional<PinnedMemory::NocAddr> PinnedMemory::get_noc_addr(ChipId device_id) const {
    for (const Place& place : places_) {
        if (place.device == device_id) return NocAddr{place.noc_address, device_id};
    }
    return std::nullopt;
}
std::uint64_t PinnedMemory::get_device_addr(ChipId device_id) const {
    for (const Place& place : places_) {
        if (place.device == device_id) return place.pinned.address();
    }
    TT_THROW("the memory is not pinned for device {}", device_id);
}
std::vector<ChipId> PinnedMemory::get_device_ids() const {
    std::vector<ChipId> ids;
    for (const Place& place : places_) ids.push_back(place.device);
    return ids;
}

void* PinnedMemory::lock() {
    for (const distributed::MeshEvent& event : std::exchange(barriers_, {})) {
        distributed::EventSynchronize(event);
    }
    return memory_.data();
}

}  // namespace tt::tt_metal::experimental
