// Whose bytes of the memories are, and which are nobody's: what the check `buffers` asks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

/// Bytes that lie one after another in a memory, and are not for everybody.
struct Closed {
    enum class Why : std::uint8_t {
        freed,    ///< they were a buffer's, which was freed
        padding,  ///< they were taken with a buffer, and are none of its bytes
        owned,    ///< they are a buffer's
    };
    MemoryRef begin;
    std::uint64_t bytes = 0;
    Why why = Why::freed;
    std::uint64_t buffer_bytes = 0;  ///< size of that buffer, in all memories that it lies in
    std::uint64_t buffer = 0;        ///< its number
};

/// Which buffers the kernels under way may write to, as far as that is known.
class WriteRights {
public:
    /// A kernel of a launch starts on a core and was given these buffers. It is held to them, and
    /// to those that others were given or that are newer than `last`, if it is `confined`.
    struct OfCore {
        std::uint64_t launch = 0;
        bool confined = false;
        std::vector<std::uint64_t> given;
        std::uint64_t last = 0;
    };
    void begin(std::uint32_t core, OfCore rights);
    /// All kernels of the launch have ended.
    void end(std::uint64_t launch);
    void clear();
    bool may_write(std::uint32_t core, std::uint64_t buffer) const;

private:
    void take_back(const OfCore& rights);

    std::unordered_map<std::uint32_t, OfCore> cores_;
    std::unordered_multiset<std::uint64_t> given_;  // to any of them
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
    /// The first range, for which `is_it(range)`, of which a byte is among these; else nullptr.
    template <class F>
    const Closed* find(std::uint64_t offset, std::uint64_t bytes, F&& is_it) const {
        if (bytes == 0) return nullptr;
        for (auto next = first_after(offset); next != ranges_.end() && next->first < offset + bytes;
             ++next) {
            if (is_it(next->second)) return &next->second;
        }
        return nullptr;
    }

private:
    using Ranges = std::map<std::uint64_t, Closed>;  // by offset
    Ranges::const_iterator first_after(std::uint64_t offset) const;

    Ranges ranges_;
};

}  // namespace tilewright
