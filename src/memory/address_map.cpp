#include "tilewright/memory/address_map.hpp"

#include <algorithm>
#include <optional>

#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t granule = 64 * 1024;  // a window that moves begins at a multiple of this

bool overlap(const AddressMap::Window& a, const AddressMap::Window& b) {
    return a.count != 0 && b.count != 0 && a.base < b.base + b.size() && b.base < a.base + a.size();
}

}  // namespace

AddressMap::AddressMap(const Requests& requests) {
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        windows_[i] = {
            .base = requests[i].base, .count = requests[i].count, .bytes = requests[i].bytes};
    }

    // Those whose base is configured stand; the others go round them.
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        if (requests[i].base == 0) continue;
        for (std::uint32_t other = 0; other < i; ++other) {
            if (requests[other].base == 0 || !overlap(windows_[i], windows_[other])) continue;
            throw ConfigError(std::string("config field '") + requests[i].field +
                              "': the memories from " + hex(windows_[i].base) +
                              " on overlap those that '" + requests[other].field + "' puts at " +
                              hex(windows_[other].base));
        }
    }
    for (std::uint32_t i = 0; i < memory_kind_count; ++i) {
        if (requests[i].base != 0) continue;
        Window& window = windows_[i];
        window.base = requests[i].default_base;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::uint32_t other = 0; other < memory_kind_count; ++other) {
                const bool placed = other < i || requests[other].base != 0;
                if (other == i || !placed || !overlap(window, windows_[other])) continue;
                const std::uint64_t end = windows_[other].base + windows_[other].size();
                window.base = (end + granule - 1) / granule * granule;
                moved = true;
            }
        }
    }
}

MemoryRef AddressMap::resolve(GlobalAddress global, std::uint64_t bytes) const {
    const std::uint64_t at = value(global);
    std::optional<MemoryRef> end;  // the address is the end of a memory, and of no other's bytes
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

void AddressMap::check(const MemoryRef& place, std::uint64_t bytes) const {
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

GlobalAddress AddressMap::address(const MemoryRef& place) const {
    check(place, 0);
    const Window& w = window(place.kind);
    return GlobalAddress{w.base + place.index * w.bytes + place.offset};
}

}  // namespace tilewright
