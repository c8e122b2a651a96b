// Which bytes of one memory are taken. First fit; freed neighbours need no merging, as only what is
// taken is listed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace tilewright::detail {

class Allocator {
public:
    Allocator(std::uint64_t begin, std::uint64_t end) : begin_(begin), end_(end) {}

    /// The lowest free place for `bytes` at or after `from`, aligned; nothing if there is none.
    std::optional<std::uint64_t> find(std::uint64_t bytes, std::uint64_t from) const {
        std::uint64_t at = align(from < begin_ ? begin_ : from);
        auto next = taken_.upper_bound(at);
        if (next != taken_.begin()) {
            const auto& [offset, size] = *std::prev(next);
            if (offset + size > at) at = align(offset + size);
        }
        for (; next != taken_.end() && next->first - at < bytes; ++next) {
            at = align(next->first + next->second);
        }
        if (at > end_ || bytes > end_ - at) return std::nullopt;
        return at;
    }
    /// The highest free place for `bytes` that ends at or before `until`; nothing if there is none.
    std::optional<std::uint64_t> find_last(std::uint64_t bytes, std::uint64_t until) const {
        std::uint64_t top = until > end_ ? end_ : until;
        for (auto next = taken_.rbegin();; ++next) {
            const std::uint64_t floor = next == taken_.rend() ? begin_ : next->first + next->second;
            if (bytes <= top && (top - bytes) / alignment * alignment >= align(floor)) {
                return (top - bytes) / alignment * alignment;
            }
            if (next == taken_.rend()) return std::nullopt;
            top = next->first < top ? next->first : top;
        }
    }
    bool is_free(std::uint64_t offset, std::uint64_t bytes) const {
        return find(bytes, offset) == offset;
    }
    void take(std::uint64_t offset, std::uint64_t bytes) { taken_[offset] = bytes; }
    void release(std::uint64_t offset) { taken_.erase(offset); }
    std::uint64_t begin() const { return begin_; }
    std::uint64_t free_bytes() const {
        std::uint64_t free = end_ - begin_;
        for (const auto& [offset, size] : taken_) free -= size;
        return free;
    }
    void clear() { taken_.clear(); }

private:
    // Everything lies on the strictest alignment that a NoC transfer may ask for.
    static constexpr std::uint64_t alignment = 64;
    static std::uint64_t align(std::uint64_t offset) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    std::uint64_t begin_;
    std::uint64_t end_;
    std::map<std::uint64_t, std::uint64_t> taken_;  // offset to size, never of size 0
};

}  // namespace tilewright::detail
