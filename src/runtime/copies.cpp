#include "runtime/copies.hpp"

#include <map>
#include <utility>

#include "runtime/device_state.hpp"

namespace tilewright::detail {
namespace {

MemoryKind memory_kind(const Placement& placement) {
    switch (placement.kind) {
        case Placement::Kind::l1:
        case Placement::Kind::all_l1:
            return MemoryKind::tile_l1;
        case Placement::Kind::memory:
            return placement.memory;
        default:
            return MemoryKind::dram;
    }
}

// Makes rows of pieces that follow each other. True if the piece goes on where the copy ends.
bool join(DmaCopy& copy, GlobalAddress source, GlobalAddress destination, std::uint64_t bytes) {
    const std::uint64_t from = value(source) - value(copy.source);
    const std::uint64_t to = value(destination) - value(copy.destination);
    if (copy.rows == 1 && from == copy.bytes && to == copy.bytes) {
        copy.bytes += bytes;
        return true;
    }
    if (bytes != copy.bytes) return false;
    if (copy.rows == 1) {
        copy.source_stride = from;
        copy.destination_stride = to;
    } else if (from != copy.rows * copy.source_stride ||
               to != copy.rows * copy.destination_stride) {
        return false;
    }
    ++copy.rows;
    return true;
}

}  // namespace

std::vector<DmaCopy> plan_copy(const DeviceState& state, const Record& from, const Record& to,
                               const CopyRange& range) {
    const AddressMap& map = state.chip.map();
    const MemoryKind from_kind = memory_kind(from.placement);
    const MemoryKind to_kind = memory_kind(to.placement);
    std::vector<DmaCopy> copies;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> last;  // of a pair of memories
    const auto add = [&](std::uint32_t from_memory, std::uint64_t from_at, std::uint32_t to_memory,
                         std::uint64_t to_at, std::uint64_t bytes) {
        const GlobalAddress source = map.address(from_kind, from_memory, from_at);
        const GlobalAddress destination = map.address(to_kind, to_memory, to_at);
        const auto [pair, is_new] = last.try_emplace({from_memory, to_memory}, copies.size());
        if (!is_new && join(copies[pair->second], source, destination, bytes)) return;
        pair->second = copies.size();
        copies.push_back({.source = source, .destination = destination, .bytes = bytes});
    };
    state.for_each_piece(
        from, range.from, range.bytes,
        [&](std::uint32_t from_memory, std::uint64_t from_at, std::uint64_t at, std::uint64_t n) {
            state.for_each_piece(to, range.to + at, n,
                                 [&](std::uint32_t to_memory, std::uint64_t to_at,
                                     std::uint64_t part, std::uint64_t bytes) {
                                     add(from_memory, from_at + part, to_memory, to_at, bytes);
                                 });
        });
    return copies;
}

}  // namespace tilewright::detail
