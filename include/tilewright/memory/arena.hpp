// The host memory behind all of a chip's memories: one mapping, zero and unbacked until touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tilewright {

/// Address space costs nothing until it is written; a page that nothing wrote reads as zero.
/// touch() notes which chunks may hold data, so that snapshots look at those only.
class Arena {
public:
    static constexpr std::uint64_t chunk_bytes = 64 * 1024;
    static constexpr std::uint64_t page_bytes = 4096;

    /// One page and where it lies; `offset` is a multiple of page_bytes.
    struct Page {
        std::uint64_t offset;
        const std::byte* bytes;
    };

    /// Throws OutOfMemoryError if the host has no such address space.
    explicit Arena(std::uint64_t bytes);
    ~Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    std::byte* data() const { return data_; }
    std::uint64_t size() const { return size_; }
    /// The memory stays for as long as anybody holds this, also without the arena.
    std::shared_ptr<const void> keep() const { return mapping_; }

    /// To be called before the bytes are written by anything that a snapshot must know.
    void touch(std::uint64_t offset, std::uint64_t bytes) {
        if (bytes == 0) return;
        for (std::uint64_t c = offset / chunk_bytes; c <= (offset + bytes - 1) / chunk_bytes; ++c) {
            touched_[c / 64] |= std::uint64_t{1} << (c % 64);
        }
    }
    /// Calls visit(offset, bytes) for what may have been written.
    template <class Visitor>
    void for_each_touched(Visitor&& visit) const {
        for (std::uint64_t c = next_touched(0); c < chunk_count(); c = next_touched(c + 1)) {
            visit(c * chunk_bytes, chunk_bytes);
        }
    }
    /// The pages that are not all zero, in ascending order.
    std::vector<Page> pages() const;
    /// Make these pages (in ascending order, not of this arena) the contents, and all others zero.
    void replace(std::span<const Page> pages);

private:
    std::uint64_t chunk_count() const { return size_ / chunk_bytes; }
    /// The first chunk at or after `chunk` that was touched; chunk_count() if there is none.
    std::uint64_t next_touched(std::uint64_t chunk) const;

    std::shared_ptr<void> mapping_;
    std::byte* data_ = nullptr;
    std::uint64_t size_ = 0;
    std::span<std::uint64_t> touched_;  // one bit a chunk; lies behind the memory itself
};

}  // namespace tilewright
