// The host on the network: memory that it has pinned, and the link on which it is reached.
#include <algorithm>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"

namespace tilewright {
namespace {

// Regions lie on pages with address 0 left out, so that a kernel's null address is a fault.
constexpr std::uint64_t page = 4096;

}  // namespace

std::uint32_t Chip::pin(std::span<std::byte> memory) {
    if (!config_.host_router) {
        throw UnsupportedError("pin: the host of '" + config_.name +
                               "' is not on its network (config field 'host_router')");
    }
    if (memory.empty()) throw ArgumentError("pin: 0 bytes; expected at least 1");
    std::uint64_t at = page;
    for (const auto& [address, taken] : pinned_) {
        if (address - at >= memory.size()) break;
        at = (address + taken.size() + page - 1) / page * page;
    }
    if (at + memory.size() > std::uint64_t{1} << 32) {
        throw OutOfMemoryError("pin: no room for " + std::to_string(memory.size()) +
                               " bytes among the host's 4294967296 addresses");
    }
    pinned_.emplace(static_cast<std::uint32_t>(at), memory);
    return static_cast<std::uint32_t>(at);
}

void Chip::unpin(std::uint32_t address) {
    pinned_.erase(address);
}

std::span<std::byte> Chip::pinned_memory(std::uint64_t address) const {
    return pinned_.at(static_cast<std::uint32_t>(address));
}

std::byte* Chip::pinned(std::uint32_t address, std::uint32_t bytes) const {
    auto next = pinned_.upper_bound(address);
    if (next == pinned_.begin()) return nullptr;
    const auto& [start, memory] = *std::prev(next);
    const std::uint64_t offset = address - start;
    if (offset > memory.size() || bytes > memory.size() - offset) return nullptr;
    return memory.data() + offset;
}

std::byte* Chip::remote_memory(const Packet& packet) const {
    if (!packet.with_host) {
        const Place& target = place(packet.to_x, packet.to_y);
        return (target.kind == Place::Kind::tile ? l1(target.index) : dram(target.index)) +
               packet.remote_address;
    }
    std::byte* memory = pinned(packet.remote_address, packet.length);
    if (memory == nullptr) {
        throw KernelFault(describe(packet.initiator) + ": the host gave back pinned memory with " +
                          std::to_string(packet.length) + " bytes under way to or from it");
    }
    return memory;
}

std::uint64_t Chip::cross_host_link(std::uint64_t cycle, std::uint64_t bytes) {
    const std::uint64_t rate = config_.host_bytes_per_cycle;
    host_link_free_at_ = std::max(cycle, host_link_free_at_) + (bytes + rate - 1) / rate;
    return host_link_free_at_ + config_.host_latency_cycles;
}

}  // namespace tilewright
