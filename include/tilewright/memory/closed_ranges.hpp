// Which bytes of the memories nobody may use, and why: what the check `buffers` asks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

/// Bytes that lie one after another in a memory.
struct Closed {
    enum class Why : std::uint8_t {
        freed,    ///< they were a buffer's, which was freed
        padding,  ///< they were taken with a buffer, and are none of its bytes
    };
    MemoryRef begin;
    std::uint64_t bytes = 0;
    Why why = Why::freed;
    std::uint64_t buffer_bytes = 0;  ///< size of that buffer, in all memories that it lies in
};

/// Ranges by an offset that goes through all memories. None overlap.
class ClosedRanges {
public:
    /// These bytes are closed from now on, whatever they were.
    void close(std::uint64_t offset, const Closed& range);
    /// These are not.
    void open(std::uint64_t offset, std::uint64_t bytes);
    /// Those of them that were freed are not, unless `keep(range)`.
    void open_freed(std::uint64_t offset, std::uint64_t bytes,
                    const std::function<bool(const Closed&)>& keep);
    /// The first closed range of which a byte is among these; padding may be read.
    const Closed* find(std::uint64_t offset, std::uint64_t bytes, bool writes) const;

private:
    using Ranges = std::map<std::uint64_t, Closed>;  // by offset
    Ranges::const_iterator first_after(std::uint64_t offset) const;

    Ranges ranges_;
};

}  // namespace tilewright
