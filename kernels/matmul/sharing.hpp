// A piece of a matrix for all cores of a grid row or column: one of them reads it from memory and
// sends it to the others' L1, to the same place. Which one differs from line to line, so that what
// they read comes over different links.
#pragma once

#include <cstdint>

#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/semaphore.hpp"

namespace tilewright::matmul {

/// The cores of a line, from the first to the last, and the one that sends.
struct Line {
    std::uint32_t first_x, first_y, last_x, last_y;
    std::uint32_t sender_x, sender_y;

    std::uint32_t others() const { return last_x - first_x + last_y - first_y; }
    bool sends() const { return kernel::tile_x() == sender_x && kernel::tile_y() == sender_y; }
};

class Share {
public:
    /// `room` counts at the sender the others that have room, `come` at those what has come.
    Share(const Line& line, kernel::Semaphore room, kernel::Semaphore come, std::uint32_t noc)
        : line_(line), room_(room), come_(come), noc_(noc) {}

    /// The next piece, at the back of the ring: read(address) starts to read it, of `bytes` in all.
    template <class Read>
    void bring(kernel::CircularBuffer& ring, std::uint32_t pages, std::uint32_t bytes, Read read) {
        ring.reserve_back(pages);
        ++pieces_;
        if (!line_.sends()) {
            room_.remote_add(line_.sender_x, line_.sender_y, 1, noc_);
            come_.wait_min(pieces_);
        } else {
            read(ring.write_address());
            kernel::noc_async_read_barrier(noc_);
            if (line_.others() != 0) send(ring.write_address(), bytes);
        }
        ring.push_back(pages);
    }

private:
    void send(std::uint32_t address, std::uint32_t bytes) {
        const std::uint32_t others = line_.others();
        room_.wait_min(pieces_ * others);
        const auto at = [&](std::uint32_t offset) {
            return kernel::tiles_address(line_.first_x, line_.first_y, line_.last_x, line_.last_y,
                                         offset);
        };
        if (bytes != 0) {
            kernel::noc_async_write_multicast(reinterpret_cast<const void*>(address), at(address),
                                              bytes, others, kernel::Multicast::to_others, noc_);
            kernel::noc_async_write_barrier(noc_);
        }
        kernel::noc_semaphore_inc_multicast(at(come_.address), 1, others,
                                            kernel::Multicast::to_others, noc_);
        kernel::noc_async_atomic_barrier(noc_);
    }

    Line line_;
    kernel::Semaphore room_, come_;
    std::uint32_t noc_;
    std::uint32_t pieces_ = 0;
};

}  // namespace tilewright::matmul
