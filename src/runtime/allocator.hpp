// Which bytes of one memory are taken, and by whom. First fit; freed neighbours need no merging, as
// only what is taken is listed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace tilewright::detail {

class Allocator {
public:
    struct Piece {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::string holder;  ///< empty: a buffer
    };

    Allocator(std::uint64_t begin, std::uint64_t end) : begin_(begin), end_(end) {}

    /// The lowest free place for `bytes` at or after `from`, aligned; nothing if there is none.
    std::optional<std::uint64_t> find(std::uint64_t bytes, std::uint64_t from) const {
        for (auto at = find_beside_shared(bytes, from);;) {
            const auto shared = at ? find_shared(*at, bytes) : shared_.end();
            if (shared == shared_.end()) return at;
            at = find_beside_shared(bytes, shared->first.second);
        }
    }
    /// Likewise; what launches share may lie there, too.
    std::optional<std::uint64_t> find_beside_shared(std::uint64_t bytes, std::uint64_t from) const {
        std::uint64_t at = align(from < begin_ ? begin_ : from);
        auto next = taken_.upper_bound(at);
        if (next != taken_.begin()) {
            const auto& [offset, piece] = *std::prev(next);
            if (offset + piece.bytes > at) at = align(offset + piece.bytes);
        }
        for (; next != taken_.end() && (next->first < at || next->first - at < bytes); ++next) {
            at = std::max(at, align(next->first + next->second.bytes));
        }
        if (at > end_ || bytes > end_ - at) return std::nullopt;
        return at;
    }
    /// The highest free place for `bytes` that ends at or before `until`; nothing if there is none.
    std::optional<std::uint64_t> find_last(std::uint64_t bytes, std::uint64_t until) const {
        for (auto at = find_last_beside_shared(bytes, until);;) {
            const auto shared = at ? find_shared(*at, bytes) : shared_.end();
            if (shared == shared_.end()) return at;
            at = find_last_beside_shared(bytes, shared->first.first);
        }
    }
    bool is_free(std::uint64_t offset, std::uint64_t bytes) const {
        return find(bytes, offset) == offset;
    }
    /// Somebody whose bytes are among these.
    std::optional<Piece> taken_by(std::uint64_t offset, std::uint64_t bytes) const {
        auto next = taken_.lower_bound(offset + bytes);
        if (next != taken_.begin()) {
            const auto& [begin, piece] = *--next;
            if (begin + piece.bytes > offset) return Piece{begin, piece.bytes, piece.holder};
        }
        return std::nullopt;
    }
    std::optional<Piece> shared_by(std::uint64_t offset, std::uint64_t bytes) const {
        const auto found = find_shared(offset, bytes);
        if (found == shared_.end()) return std::nullopt;
        const auto& [range, shared] = *found;
        return Piece{range.first, range.second - range.first, shared.user};
    }

    void take(std::uint64_t offset, std::uint64_t bytes, std::string holder = {}) {
        taken_[offset] = {bytes, std::move(holder)};
    }
    void release(std::uint64_t offset) { taken_.erase(offset); }
    /// Launches share bytes with each other, as often as they say, and with nobody else.
    void share(std::uint64_t offset, std::uint64_t bytes, const std::string& user) {
        Shared& shared = shared_[{offset, offset + bytes}];
        ++shared.count;
        shared.user = user;
    }
    void unshare(std::uint64_t offset, std::uint64_t bytes) {
        const auto found = shared_.find({offset, offset + bytes});
        if (found != shared_.end() && --found->second.count == 0) shared_.erase(found);
    }
    /// Calls f(piece) for what launches share.
    template <class F>
    void for_each_shared(F&& f) const {
        for (const auto& [range, shared] : shared_) {
            f(Piece{range.first, range.second - range.first, shared.user});
        }
    }
    /// Whoever has most of it.
    std::optional<Piece> largest() const {
        const auto found = std::max_element(
            taken_.begin(), taken_.end(),
            [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
        if (found == taken_.end()) return std::nullopt;
        return Piece{found->first, found->second.bytes, found->second.holder};
    }
    /// Where the next one may begin.
    static std::uint64_t align(std::uint64_t offset) {
        return (offset + alignment - 1) / alignment * alignment;
    }
    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return end_; }
    std::uint64_t free_bytes() const {
        std::uint64_t free = end_ - begin_;
        for (const auto& [offset, piece] : taken_) free -= piece.bytes;
        return free;
    }

private:
    struct Taken {
        std::uint64_t bytes = 0;  // never 0
        std::string holder;
    };
    struct Shared {
        std::uint32_t count = 0;
        std::string user;  // who came last
    };
    using SharedRanges = std::map<std::pair<std::uint64_t, std::uint64_t>, Shared>;

    // Everything lies on the strictest alignment that a NoC transfer may ask for.
    static constexpr std::uint64_t alignment = 64;
    SharedRanges::const_iterator find_shared(std::uint64_t offset, std::uint64_t bytes) const {
        return std::find_if(shared_.begin(), shared_.end(), [&](const auto& each) {
            return each.first.first < offset + bytes && offset < each.first.second;
        });
    }
    std::optional<std::uint64_t> find_last_beside_shared(std::uint64_t bytes,
                                                         std::uint64_t until) const {
        std::uint64_t top = until > end_ ? end_ : until;
        for (auto next = taken_.rbegin();; ++next) {
            const std::uint64_t floor =
                next == taken_.rend() ? begin_ : next->first + next->second.bytes;
            if (bytes <= top && (top - bytes) / alignment * alignment >= align(floor)) {
                return (top - bytes) / alignment * alignment;
            }
            if (next == taken_.rend()) return std::nullopt;
            top = next->first < top ? next->first : top;
        }
    }

    std::uint64_t begin_;
    std::uint64_t end_;
    std::map<std::uint64_t, Taken> taken_;  // by offset
    SharedRanges shared_;                   // by offset and end
};

}  // namespace tilewright::detail
