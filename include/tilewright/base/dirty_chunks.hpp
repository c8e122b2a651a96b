// Which chunks of a large memory have been stored to, told in time that is proportional to their
// number.
#pragma once

#include <cstdint>
#include <vector>

namespace tilewright {

class DirtyChunks {
public:
    static constexpr unsigned shift = 16;  ///< chunks of 64 KiB
    static constexpr std::uint32_t chunk_bytes = 1u << shift;

    /// Of a memory of so many bytes; a last, shorter chunk counts as one.
    explicit DirtyChunks(std::uint64_t bytes = 0) : marks_((bytes + chunk_bytes - 1) >> shift) {}

    /// By chunk: 1 if it is dirty, else 0.
    const std::uint8_t* marks() const { return marks_.data(); }

    void mark(std::uint32_t offset) {
        std::uint8_t& mark = marks_[offset >> shift];
        if (mark == 0) chunks_.push_back(offset >> shift);
        mark = 1;
    }

    /// Calls visit(offset) for each dirty chunk, in the order of their first stores; all are clean
    /// then.
    template <class Visitor>
    void take(Visitor&& visit) {
        for (const std::uint32_t chunk : chunks_) {
            visit(std::uint64_t{chunk} << shift);
            marks_[chunk] = 0;
        }
        chunks_.clear();
    }

private:
    std::vector<std::uint8_t> marks_;
    std::vector<std::uint32_t> chunks_;
};

}  // namespace tilewright
