#include "runtime/copies.hpp"

#include <map>
#include <utility>

#include "runtime/device_state.hpp"

namespace tilewright::detail {
namespace {

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

std::vector<DmaCopy> plan_copy(const DeviceState& state, const Allocation& from,
                               const Allocation& to, const CopyRange& range) {
    const AddressMap& map = state.chip.map();
    std::vector<DmaCopy> copies;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> last;  // of a pair of memories
    const auto add = [&](const MemoryRef& source, const MemoryRef& destination,
                         std::uint64_t bytes) {
        const GlobalAddress source_at = map.address(source);
        const GlobalAddress destination_at = map.address(destination);
        const auto [pair, is_new] =
            last.try_emplace({source.index, destination.index}, copies.size());
        if (!is_new && join(copies[pair->second], source_at, destination_at, bytes)) return;
        pair->second = copies.size();
        copies.push_back({.source = source_at, .destination = destination_at, .bytes = bytes});
    };
    state.memory.for_each_piece(
        from, range.from, range.bytes, [&](MemoryRef source, std::uint64_t at, std::uint64_t n) {
            state.memory.for_each_piece(
                to, range.to + at, n,
                [&](const MemoryRef& destination, std::uint64_t part, std::uint64_t bytes) {
                    add({source.kind, source.index, source.offset + part}, destination, bytes);
                });
        });
    return copies;
}

}  // namespace tilewright::detail
