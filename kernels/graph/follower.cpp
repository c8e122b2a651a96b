// What cores run whose tile's first core leads programs of kernels, as tasks of a graph.
#include "tilewright/kernel.hpp"
#include "tilewright/kernel/tile_program.hpp"

static void follow() {
    tilewright::kernel::device::follow();
}

TILEWRIGHT_KERNEL(follow)
