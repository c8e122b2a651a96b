// The memories of a simulator by kind, number and offset.
#include <string>

#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/memory/address_map.hpp"

namespace stillwater::kpu {

using tilewright::AddressError;

const char* user_name(MemoryKind kind) {
    switch (kind) {
        case MemoryKind::host:
            return "host_memory";
        case MemoryKind::dram:
            return "memory_bank";
        case MemoryKind::l3:
            return "l3_tile";
        case MemoryKind::l2:
            return "l2_bank";
        case MemoryKind::scratchpad:
            return "scratchpad";
        case MemoryKind::l1_buffer:
            return "l1_buffer";
        case MemoryKind::page_buffer:
            return "page_buffer";
        case MemoryKind::tile_l1:
            return "tile_l1";
    }
    return "";
}

namespace {

std::string name_of(MemoryKind kind, Size id) {
    return std::string(user_name(kind)) + " " + std::to_string(id);
}

}  // namespace

Size KPUSimulator::memory_count(MemoryKind kind) const {
    return device_->map().window(kind).count;
}

Size KPUSimulator::memory_capacity(MemoryKind kind, Size id) const {
    const auto& window = device_->map().window(kind);
    if (id >= window.count) {
        throw AddressError(name_of(kind, id) + " does not exist: there are " +
                           std::to_string(window.count) + ", numbered from 0");
    }
    return window.bytes;
}

Address KPUSimulator::memory_base(MemoryKind kind, Size id) const {
    return device_->map().window(kind).base + id * memory_capacity(kind, id);
}

bool KPUSimulator::is_memory_ready(MemoryKind kind, Size id) const {
    return memory_capacity(kind, id) != 0 && device_->is_open();
}

tilewright::GlobalAddress KPUSimulator::global(MemoryKind kind, Size id, Address addr,
                                               Size bytes) const {
    const Size capacity = memory_capacity(kind, id);
    if (addr > capacity || bytes > capacity - addr) {
        throw AddressError(name_of(kind, id) + ": " + std::to_string(bytes) + " bytes at offset " +
                           std::to_string(addr) + " do not lie in its " + std::to_string(capacity) +
                           " bytes");
    }
    return device_->map().address(kind, static_cast<std::uint32_t>(id), addr);
}

void KPUSimulator::read_memory(MemoryKind kind, Size id, Address addr, void* data,
                               Size bytes) const {
    device_->read(global(kind, id, addr, bytes), {static_cast<std::byte*>(data), bytes});
}

void KPUSimulator::write_memory(MemoryKind kind, Size id, Address addr, const void* data,
                                Size bytes) {
    device_->write(global(kind, id, addr, bytes), {static_cast<const std::byte*>(data), bytes});
    written();
}

}  // namespace stillwater::kpu
