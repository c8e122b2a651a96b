// Dst changes hands: the core that computes acquires it and commits it, the one that packs waits
// for it and releases it, cleared.
#pragma once

#include "tilewright/kernel/tensix/pack.hpp"
#include "tilewright/metalium/compute/operands.h"

namespace tilewright::metalium::compute {

/// Unpackers that go straight to Dst go to the half that is computed.
inline std::uint32_t unpack_first_row;
TILEWRIGHT_DEVICE void next_half_to_unpack() {
    if constexpr (any_goes_to_dst) unpack_first_row = dst_use.other_half(unpack_first_row);
}

}  // namespace tilewright::metalium::compute

TILEWRIGHT_DEVICE void tile_regs_acquire() {
    using namespace tilewright::metalium::compute;
    MATH((note(What::acquires)));
    MATH((engine::acquire_dst_half()));
}
TILEWRIGHT_DEVICE void tile_regs_commit() {
    using namespace tilewright::metalium::compute;
    MATH((note(What::commits)));
    MATH((engine::commit_dst_half(dst_use)));
    UNPACK((next_half_to_unpack()));
}
TILEWRIGHT_DEVICE void tile_regs_wait() {
    using namespace tilewright::metalium::compute;
    PACK((note(What::waits)));
    PACK((engine::wait_for_dst_half()));
}
TILEWRIGHT_DEVICE void tile_regs_release() {
    using namespace tilewright::metalium::compute;
    PACK((note(What::releases)));
    PACK((engine::release_dst_half(dst_use)));
}

/// The same, where the core that computes clears what it acquires, and not the one that packs what
/// it releases: a kernel uses both or neither.
TILEWRIGHT_DEVICE void tile_regs_acquire_math_clear() {
    using namespace tilewright::metalium::compute;
    tile_regs_acquire();
    MATH((engine::clear_dst_half(dst_use)));
}
TILEWRIGHT_DEVICE void tile_regs_release_math_clear() {
    using namespace tilewright::metalium::compute;
    PACK((note(What::releases)));
    PACK((engine::release_dst_half_as_it_is(dst_use)));
}

/// The first generation's names.
TILEWRIGHT_DEVICE void acquire_dst() {
    tile_regs_acquire();
    tile_regs_wait();
}
TILEWRIGHT_DEVICE void release_dst() {
    tile_regs_commit();
    tile_regs_release();
}
