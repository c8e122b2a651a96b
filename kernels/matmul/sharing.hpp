// A piece of a matrix for all cores of a grid row or column: each of them reads a part of it from
// memory and sends it to the others' L1, to the same place.
#pragma once

#include <cstdint>

#include "blocks.hpp"
#include "tilewright/kernel/circular_buffer.hpp"
#include "tilewright/kernel/noc.hpp"
#include "tilewright/kernel/semaphore.hpp"

namespace tilewright::matmul {

/// What comes from DRAM goes along the rows of NoC 0 first, and what goes there along the columns
/// of NoC 1: either way not along the column of routers that all banks of a side share.
inline constexpr std::uint32_t read_noc = 0, write_noc = 1;

/// The cores of a line, from the first to the last, and which of them this one is.
struct Line {
    std::uint32_t first_x, first_y, last_x, last_y;
    std::uint32_t own;

    std::uint32_t others() const { return last_x - first_x + last_y - first_y; }
};

/// Counts of a piece and the next one, which some cores begin before others have done with this
/// one: every second piece has the other semaphore.
struct Counts {
    kernel::Semaphore of[2];
    const kernel::Semaphore& operator[](std::uint32_t piece) const { return of[piece & 1]; }
};

class Share {
public:
    /// Of the others, `room` counts those that have room and `come` those whose parts have come.
    /// The ring has room for two pieces of so many pages.
    Share(const Line& line, const kernel::CircularBuffer& ring, std::uint32_t pages,
          const Counts& room, const Counts& come)
        : line_(line), ring_(ring), pages_(pages), room_(room), come_(come) {}

    /// The next piece, at the back of the ring, of so many tiles: read(tile, address) starts to
    /// read one of them over read_noc. Then, if engines wait for it, the one behind, if there is
    /// one, is on its way from memory while this one goes round.
    template <class Read, class ReadNext>
    void bring(std::uint32_t tiles, Read read, bool goes_on, std::uint32_t next_tiles,
               ReadNext read_next) {
        if (!begun_) {
            ring_.reserve_back(pages_);
            begin(piece_, tiles, read);
        }
        kernel::noc_async_read_barrier(read_noc);
        begun_ = goes_on && ring_.free_pages() == 2 * pages_;
        if (begun_) {
            ring_.reserve_back(2 * pages_);
            begin(piece_ + 1, next_tiles, read_next);
        }
        if (line_.others() != 0) send(tiles);
        ring_.push_back(pages_);
        ++piece_;
    }

private:
    /// A core's part of a piece of so many tiles.
    struct Part {
        std::uint32_t first, tiles, address;
    };
    Part part_of(std::uint32_t piece, std::uint32_t tiles) const {
        const std::uint32_t most = divided_up(tiles, line_.others() + 1), first = line_.own * most;
        return {first, left_of(tiles, first, most),
                base_ + ((piece & 1) * pages_ + first) * ring_.page_bytes()};
    }
    template <class Read>
    void begin(std::uint32_t piece, std::uint32_t tiles, Read read) const {
        if (line_.others() != 0) tell(room_[piece]);
        const Part part = part_of(piece, tiles);
        for (std::uint32_t i = 0; i < part.tiles; ++i) {
            read(part.first + i, part.address + i * ring_.page_bytes());
        }
    }
    void send(std::uint32_t tiles) const {
        const std::uint32_t others = line_.others(), count = (piece_ / 2 + 1) * others;
        const Part part = part_of(piece_, tiles);
        room_[piece_].wait_min(count);
        if (part.tiles != 0) {
            kernel::noc_async_write_multicast(
                reinterpret_cast<const void*>(part.address), at_others(part.address),
                part.tiles * ring_.page_bytes(), others, kernel::Multicast::to_others, write_noc);
            kernel::noc_async_write_barrier(write_noc);
        }
        tell(come_[piece_]);
        come_[piece_].wait_min(count);
        kernel::noc_async_atomic_barrier(write_noc);
    }
    kernel::NocAddress at_others(std::uint32_t offset) const {
        return kernel::tiles_address(line_.first_x, line_.first_y, line_.last_x, line_.last_y,
                                     offset);
    }
    void tell(const kernel::Semaphore& semaphore) const {
        kernel::noc_semaphore_inc_multicast(at_others(semaphore.address), 1, line_.others(),
                                            kernel::Multicast::to_others, write_noc);
    }

    Line line_;
    kernel::CircularBuffer ring_;
    std::uint32_t pages_;
    Counts room_, come_;
    std::uint32_t base_ = ring_.write_address();
    std::uint32_t piece_ = 0;
    bool begun_ = false;  ///< the reads of this piece
};

}  // namespace tilewright::matmul
