#include "tilewright/chip/address_map.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

struct Wish {
    const char* field;           // that sets the base
    std::uint64_t base;          // as configured; 0: none
    std::uint64_t default_base;  // of the window
};

constexpr std::uint64_t granule = 64 * 1024;  // a window that moves begins at a multiple of this

std::string hex(std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

bool overlap(const AddressMap::Window& a, const AddressMap::Window& b) {
    return a.count != 0 && b.count != 0 && a.base < b.base + b.size() && b.base < a.base + a.size();
}

}  // namespace

AddressMap::AddressMap(const ChipConfig& c) {
    const auto set = [&](MemoryKind kind, std::uint32_t count, std::uint64_t bytes) {
        windows_[static_cast<std::uint32_t>(kind)] = {.base = 0, .count = count, .bytes = bytes};
    };
    set(MemoryKind::host, c.host_memory_region_count, c.host_memory_region_bytes);
    set(MemoryKind::dram, c.dram_bank_count, c.dram_bank_bytes);
    set(MemoryKind::l3, c.l3_tile_count, c.l3_tile_bytes);
    set(MemoryKind::l2, c.l2_bank_count, c.l2_bank_bytes);
    set(MemoryKind::scratchpad, c.scratchpad_count, c.scratchpad_bytes);
    set(MemoryKind::l1_buffer, c.l1_buffer_count, c.l1_buffer_bytes);
    set(MemoryKind::page_buffer, c.page_buffer_count, c.page_buffer_bytes);
    set(MemoryKind::tile_l1, c.all_tile_count(), c.l1_bytes);
    const std::array<Wish, memory_kind_count> wishes = {{
        {"host_memory_base", c.host_memory_base, 0},
        {"external_memory_base", c.external_memory_base, 0x1'0000'0000},
        {"l3_tile_base", c.l3_tile_base, 0x1'8000'0000},
        {"l2_bank_base", c.l2_bank_base, 0x1'8008'0000},
        {"scratchpad_base", c.scratchpad_base, 0x1'8010'0000},
        {"l1_buffer_base", c.l1_buffer_base, 0x1'8020'0000},
        {"page_buffer_base", c.page_buffer_base, 0x1'8030'0000},
        {"tile_l1_base", c.tile_l1_base, 0x1'8040'0000},
    }};

    // Those whose base is configured stand; the others go round them.
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        windows_[i].base = wishes[i].base;
        if (wishes[i].base == 0) continue;
        for (std::uint32_t other = 0; other < i; ++other) {
            if (wishes[other].base == 0 || !overlap(windows_[i], windows_[other])) continue;
            throw ConfigError(std::string("config field '") + wishes[i].field +
                              "': the memories from " + hex(windows_[i].base) +
                              " on overlap those that '" + wishes[other].field + "' puts at " +
                              hex(windows_[other].base));
        }
    }
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        if (wishes[i].base != 0) continue;
        Window& window = windows_[i];
        window.base = wishes[i].default_base;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::uint32_t other = 0; other < memory_kind_count; ++other) {
                const bool placed = other < i || wishes[other].base != 0;
                if (other == i || !placed || !overlap(window, windows_[other])) continue;
                const std::uint64_t end = windows_[other].base + windows_[other].size();
                window.base = (end + granule - 1) / granule * granule;
                moved = true;
            }
        }
    }
}

MemoryLocation AddressMap::resolve(GlobalAddress global, std::uint64_t bytes) const {
    const std::uint64_t at = value(global);
    std::optional<MemoryLocation>
        end;  // the address is the end of a memory, and of no other's bytes
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        const Window& w = windows_[i];
        if (w.count == 0 || at < w.base || at - w.base > w.size()) continue;
        const auto kind = static_cast<MemoryKind>(i);
        const auto index = static_cast<std::uint32_t>((at - w.base) / w.bytes);
        if (index == w.count) {
            end = {kind, index - 1, w.bytes};
            continue;
        }
        const std::uint64_t offset = (at - w.base) % w.bytes;
        if (bytes <= w.bytes - offset) return {kind, index, offset};
        throw AddressError(std::to_string(bytes) + " bytes at global address " + hex(at) +
                           " reach past the end of " + memory_name(kind, index) + ", which is " +
                           hex(at - offset) + " to " + hex(at - offset + w.bytes));
    }
    if (end && bytes == 0) return *end;
    throw AddressError(std::to_string(bytes) + " bytes at global address " + hex(at) +
                       ": no memory is there");
}

void AddressMap::check(const MemoryLocation& place, std::uint64_t bytes) const {
    const Window& w = window(place.kind);
    if (place.index >= w.count) {
        throw AddressError("no " + memory_name(place.kind, place.index) + "; there are " +
                           std::to_string(w.count));
    }
    if (place.offset <= w.bytes && bytes <= w.bytes - place.offset) return;
    throw AddressError(memory_name(place.kind, place.index) + ": " + std::to_string(bytes) +
                       " bytes at " + std::to_string(place.offset) + " do not fit into its " +
                       std::to_string(w.bytes) + " bytes");
}

GlobalAddress AddressMap::address(MemoryKind kind, std::uint32_t index,
                                  std::uint64_t offset) const {
    check({kind, index, offset}, 0);
    const Window& w = window(kind);
    return GlobalAddress{w.base + index * w.bytes + offset};
}

}  // namespace tilewright
