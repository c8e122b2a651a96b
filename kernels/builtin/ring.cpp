// Tiles in a ring pass a token on: each waits for its semaphore and then signals the next tile.
//
// The first tile starts each of `rounds` rounds and ends it when the token is back. Every tile of
// the ring runs this kernel with the coordinates of its successor.
#include <cstdint>

#include "tilewright/kernel.hpp"

using namespace tilewright::kernel;

namespace {

void ring(Semaphore token, std::uint32_t next_x, std::uint32_t next_y, bool first,
          std::uint32_t rounds) {
    for (std::uint32_t round = 1; round <= rounds; ++round) {
        if (!first) token.wait_min(round);
        token.remote_add(next_x, next_y, 1);
        if (first) token.wait_min(round);
    }
    noc_async_atomic_barrier();
}

}  // namespace

TILEWRIGHT_KERNEL(ring)
