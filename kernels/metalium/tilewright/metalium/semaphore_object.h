// Class Semaphore: one semaphore of the program, on this tile and on others.
#pragma once

#include <cstdint>

#include "tilewright/metalium/binding_tokens.h"
#include "tilewright/metalium/noc_object.h"
#include "tilewright/metalium/semaphores.h"

namespace experimental {

template <auto... options>
class Semaphore {
public:
    TILEWRIGHT_DEVICE explicit Semaphore(std::uint32_t id)
        : address_(get_semaphore<options...>(id)) {}

    /// Adds here; on another tile.
    TILEWRIGHT_DEVICE void up(std::uint32_t value) {
        tilewright::kernel::device::add_to_word(address_, value);
        note();
    }
    TILEWRIGHT_DEVICE void up(const Noc& noc, std::uint32_t x, std::uint32_t y, std::uint32_t value,
                              std::uint8_t = NOC_UNICAST_WRITE_VC) {
        noc_semaphore_inc(get_noc_addr(x, y, address_), value, noc.get_noc_id());
    }
    /// Sleeps until there is as much, and takes it away.
    TILEWRIGHT_DEVICE void down(std::uint32_t value) {
        wait_min(value);
        tilewright::kernel::device::add_to_word(address_, 0 - value);
        note();
    }
    TILEWRIGHT_DEVICE void wait(std::uint32_t value) { noc_semaphore_wait(word(), value); }
    TILEWRIGHT_DEVICE void wait_min(std::uint32_t value) { noc_semaphore_wait_min(word(), value); }
    TILEWRIGHT_DEVICE void set(std::uint32_t value) { noc_semaphore_set(word(), value); }
    TILEWRIGHT_DEVICE std::uint32_t value() const {
        return tilewright::kernel::device::load_reserved(address_);
    }

    /// Writes this tile's value to the same semaphore of other tiles; adds to theirs.
    template <auto... how>
    TILEWRIGHT_DEVICE void set_multicast(const Noc& noc, std::uint32_t start_x,
                                         std::uint32_t start_y, std::uint32_t end_x,
                                         std::uint32_t end_y, std::uint32_t receivers,
                                         bool linked = false) {
        relay_multicast<how...>(noc, *this, start_x, start_y, end_x, end_y, receivers, linked);
    }
    template <auto... how>
    TILEWRIGHT_DEVICE void inc_multicast(const Noc& noc, std::uint32_t start_x,
                                         std::uint32_t start_y, std::uint32_t end_x,
                                         std::uint32_t end_y, std::uint32_t value,
                                         std::uint32_t receivers) {
        noc_semaphore_inc_multicast(
            get_noc_multicast_addr(start_x, start_y, end_x, end_y, address_), value, receivers,
            noc.get_noc_id());
    }
    /// Writes this tile's value to another semaphore of one tile, or of several.
    template <auto... of>
    TILEWRIGHT_DEVICE void relay_unicast(const Noc& noc, const Semaphore<of...>& to,
                                         std::uint32_t x, std::uint32_t y) {
        noc_semaphore_set_remote(address_, get_noc_addr(x, y, to.get_address()), noc.get_noc_id());
    }
    template <auto... how, auto... of>
    TILEWRIGHT_DEVICE void relay_multicast(const Noc& noc, const Semaphore<of...>& to,
                                           std::uint32_t start_x, std::uint32_t start_y,
                                           std::uint32_t end_x, std::uint32_t end_y,
                                           std::uint32_t receivers, bool linked = false) {
        const std::uint64_t targets =
            get_noc_multicast_addr(start_x, start_y, end_x, end_y, to.get_address());
        if constexpr ((Noc::to_sender<how>() || ...)) {
            noc_semaphore_set_multicast_loopback_src(address_, targets, receivers, linked,
                                                     noc.get_noc_id());
        } else {
            noc_semaphore_set_multicast(address_, targets, receivers, linked, noc.get_noc_id());
        }
    }

    TILEWRIGHT_DEVICE std::uint32_t get_address() const { return address_; }

private:
    TILEWRIGHT_DEVICE volatile std::uint32_t* word() const {
        return reinterpret_cast<volatile std::uint32_t*>(address_);
    }
    TILEWRIGHT_DEVICE void note() const {
        tilewright::kernel::device::note_signal<tilewright::abi::Signal::sets_word>(address_);
    }
    std::uint32_t address_;
};

}  // namespace experimental
