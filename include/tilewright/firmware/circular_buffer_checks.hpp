// The check `circular_buffers`: what a core stores lies in pages that it has reserved, and what it
// loads in pages that it has waited for.
//
// What a core holds of a ring follows from what it does: the kernels' files say where in their code
// they reserve and wait, and for how many pages (abi::Signal); pushes and pops are atomics on the
// counters. It changes no code and no cycle. A core that has neither reserved nor waited may use
// the memory of a ring as it likes, as many kernels do with rings that they have for scratch; so
// may one whose program was not compiled with our headers.
#pragma once

#include <memory>

#include "tilewright/tile/access_guard.hpp"

namespace tilewright::firmware {

/// Each of these is a fault that names the buffer:
///  - a store, or a read over the network, of a core that reserves or waits, to bytes of that ring
///    which it holds no more or not yet; a load, or the source of a write, of one that waits;
///  - one that runs on beyond what the core holds of a ring, whatever lies behind it;
///  - a kernel that ends with pages that it has written and not pushed, of a ring that is used as
///    one; or that it has waited for and not popped, though it has popped others.
std::unique_ptr<AccessGuard> circular_buffer_checks();

}  // namespace tilewright::firmware
