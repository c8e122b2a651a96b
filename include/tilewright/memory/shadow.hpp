// Which bytes of a memory have been written: what a check for reads of unwritten memory asks.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace tilewright {

/// A bit for each byte, kept for those chunks only of which a byte is not as all were in the
/// beginning. Ranges may lie anywhere in 64 bits.
class Shadow {
public:
    /// Of a memory of which nothing is written, or all.
    explicit Shadow(bool written = false) : written_(written) {}

    void mark_written(std::uint64_t offset, std::uint64_t bytes);
    void mark_unwritten(std::uint64_t offset, std::uint64_t bytes);
    /// A byte of the range was written. False for an empty range.
    bool any_written(std::uint64_t offset, std::uint64_t bytes) const;

private:
    static constexpr std::uint64_t chunk_bytes = 4096;
    using Chunk = std::array<std::uint64_t, chunk_bytes / 64>;
    Chunk& chunk(std::uint64_t number);

    bool written_;
    std::unordered_map<std::uint64_t, Chunk> chunks_;  // by offset / chunk_bytes
};

}  // namespace tilewright
