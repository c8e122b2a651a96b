#include "tilewright/memory/memories.hpp"

#include <algorithm>

namespace tilewright {
namespace {

std::uint64_t bytes_of(const AddressMap& map, std::uint32_t locals) {
    std::uint64_t bytes = locals * Memories::local_stride;
    for (std::uint32_t k = 0; k < memory_kind_count; ++k) {
        bytes += map.window(static_cast<MemoryKind>(k)).size();
    }
    return bytes;
}

}  // namespace

Memories::Memories(const AddressMap& map, std::uint32_t locals, std::uint64_t direct_bytes)
    : map_(map), arena_(bytes_of(map, locals)), direct_stored_(direct_bytes) {
    std::byte* next = arena_.data();
    const auto put = [&](MemoryKind kind) {
        first_[static_cast<std::size_t>(kind)] = next;
        next += map_.window(kind).size();
    };
    put(MemoryKind::tile_l1);
    locals_ = next;
    next += locals * local_stride;
    for (const MemoryKind kind :
         {MemoryKind::dram, MemoryKind::host, MemoryKind::l3, MemoryKind::l2,
          MemoryKind::scratchpad, MemoryKind::l1_buffer, MemoryKind::page_buffer}) {
        put(kind);
    }
}

void Memories::track_undefined(bool wanted) {
    if (!wanted) {
        defined_.reset();
        return;
    }
    defined_ = std::make_unique<Shadow>();
    collect_direct_stores();
    // Zeros may have been written, too.
    arena_.for_each_touched(
        [&](std::uint64_t offset, std::uint64_t bytes) { defined_->mark_written(offset, bytes); });
}

void Memories::track_closed(bool wanted) {
    closed_ = wanted ? std::make_unique<ClosedRanges>() : nullptr;
}

std::vector<Arena::Page> Memories::pages() {
    collect_direct_stores();
    return arena_.pages();
}

void Memories::replace(std::span<const Arena::Page> pages) {
    collect_direct_stores();
    arena_.replace(pages);
    // Pages of zeros are not among them, though they may have been written.
    if (defined_ != nullptr) defined_ = std::make_unique<Shadow>(true);
    track_closed(tracks_closed());
}

// Stores of cores leave a mark only: what they changed is collected when somebody asks, so that
// running in small steps costs nothing for it.
void Memories::collect_direct_stores() {
    const std::uint64_t base = offset(dram(0));
    const std::uint64_t end = arena_.size();
    direct_stored_.take([&](std::uint64_t from) {
        arena_.touch(base + from,
                     std::min<std::uint64_t>(DirtyChunks::chunk_bytes, end - base - from));
    });
}

}  // namespace tilewright
