// Waits on a semaphore until its value is `target`. If nobody signals it, the chip is deadlocked,
// and the host is told so: this kernel shows how that looks.
#include <cstdint>

#include "tilewright/kernel.hpp"

using namespace tilewright::kernel;

namespace {

void wait_forever(Semaphore semaphore, std::uint32_t target) {
    semaphore.wait(target);
}

}  // namespace

TILEWRIGHT_KERNEL(wait_forever)
