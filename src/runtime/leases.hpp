// The book of who has what of a chip. An exclusive lease is one holder's until it is given back.
// Launches claim their cores and their ranges of L1 from the moment they are queued: beside other
// launches, which the command queues keep apart in time, but not beside an exclusive lease.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/allocator.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/runtime/lease.hpp"

namespace tilewright {

template <class Archive>
void fields(Archive& archive, Resource& r) {
    archive(r.kind, r.core.tile.x, r.core.tile.y, r.core.processor, r.number, r.address, r.bytes);
}
template <class Archive>
void fields(Archive& archive, Holding& h) {
    archive(h.resource, h.holder);
}

}  // namespace tilewright

namespace tilewright::detail {

/// What a launch needs from the moment it is queued to its end.
struct Claim {
    struct OfCore {
        std::uint32_t core = 0;
        std::string kernel;
        bool leased = false;  ///< by the launch itself
    };
    struct OfL1 {
        std::uint32_t tile = 0;
        std::uint64_t address = 0;
        std::uint64_t bytes = 0;
        std::string user;
    };
    std::vector<OfCore> cores;
    std::vector<OfL1> l1;
    /// Tiles whose circular buffers and semaphores it numbers: one launch at a time.
    std::vector<std::uint32_t> tiles;
};

template <class Archive>
void fields(Archive& archive, Claim::OfCore& c) {
    archive(c.core, c.kernel, c.leased);
}
template <class Archive>
void fields(Archive& archive, Claim::OfL1& c) {
    archive(c.tile, c.address, c.bytes, c.user);
}
template <class Archive>
void fields(Archive& archive, Claim& c) {
    archive(c.cores, c.l1, c.tiles);
}

/// What is leased of L1 is in use again, for the check `buffers`, whatever was freed there.
void open_l1(Chip& chip, const Resource& resource);

/// Of exclusive leases, by number.
using Holdings = std::map<std::uint64_t, Holding>;

/// Nothing here locks: DeviceState::tables guards all but what only running launches use.
class Leases {
public:
    explicit Leases(const Chip& chip);
    /// A new edition that holds this and no claims. AddressError if it cannot be.
    Leases next_edition(const Holdings& holdings) const;

    /// The number of the lease. AddressError if there is no such thing, or somebody has it.
    std::uint64_t take(const Resource& resource, std::string holder);
    /// Nothing happens if the number is now that of something else.
    void give_back(std::uint64_t number, const Holding& holding);
    /// AddressError if there is no such lease.
    void give_back(const Holding& holding);
    bool knows(std::uint64_t number, const Holding& holding) const;
    /// A flag that nobody has: the first one, or the last one.
    std::uint64_t take_flag(std::string holder, bool from_top = false);
    std::size_t free_flags() const { return abi::engine_flag_count - flags_.size(); }
    std::uint64_t take_semaphore(std::string holder);
    const Holding& holding(std::uint64_t number) const { return holdings_.at(number); }
    std::uint32_t semaphores() const { return static_cast<std::uint32_t>(semaphores_.size()); }

    /// AddressError, and nothing claimed, if a lease stands against it.
    void claim(const Claim& claim);
    /// The same of a snapshot, whose numbers are checked first.
    void claim_again(const Claim& claim);
    /// Nothing happens if the book has been opened anew since then.
    void end_claim(const Claim& claim, std::uint64_t edition);
    std::uint64_t edition() const { return edition_; }

    // Launches under way, by number; 0 is none.
    std::uint64_t launch_on(std::uint32_t core) const { return launches_[core]; }
    std::uint64_t launch_setting_up(std::uint32_t tile) const { return set_up_[tile]; }
    void begin_launch(std::uint64_t number, const Claim& claim);
    /// Of a snapshot. AddressError if something else runs there.
    void resume_launch(std::uint32_t core, std::uint64_t number);
    void resume_launch(const Claim& claim, std::uint64_t number);
    void end_core(std::uint32_t core) { launches_[core] = 0; }
    void end_launch(const Claim& claim);
    void end_launches();

    /// What is in the book but for buffers and launches under way.
    std::vector<Holding> list() const;
    const Holdings& holdings() const { return holdings_; }

    std::string tile_text(std::uint32_t tile) const;
    std::string core_text(std::uint32_t core) const;

    std::vector<Allocator> l1s;  ///< by tile

private:
    std::uint64_t enter(const Resource& resource, std::string holder);
    void check(const Resource& resource, const std::string& holder) const;
    std::vector<std::uint32_t> cores_of(const Resource& resource) const;
    void mark(std::uint64_t number, const Holding& holding, bool taken);

    const Chip* chip_;
    Holdings holdings_;
    std::map<std::uint32_t, std::uint64_t> cores_;               // leases, by core
    std::map<std::uint32_t, std::uint64_t> flags_;               // by flag
    std::map<std::uint32_t, std::uint64_t> semaphores_;          // by semaphore; never given back
    std::map<std::uint32_t, std::vector<std::string>> claimed_;  // kernels, by core
    std::vector<std::uint64_t> launches_;                        // by core
    std::vector<std::uint64_t> set_up_;                          // by tile
    std::uint64_t next_ = 1;
    std::uint64_t edition_ = 0;
};

/// Bytes `begin` to `end` of the L1 of tile (x, y) and who has them, for messages.
std::string describe(const Allocator::Piece& piece);
[[noreturn]] void refuse_second(const std::string& what, const std::string& second,
                                const std::string& first);

}  // namespace tilewright::detail
