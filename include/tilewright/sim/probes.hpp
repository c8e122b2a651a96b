// Who looks on: what parts of a chip ask before they tell anything.
#pragma once

#include "tilewright/sim/memory_observer.hpp"
#include "tilewright/sim/observer.hpp"

namespace tilewright {

struct Probes {
    Observer* observer = nullptr;  ///< of what happens
    bool functions = false;        ///< it wants Observer::on_functions()
    MemoryWatch watch;             ///< of accesses to memory

    bool all_watched() const { return watch.observer != nullptr && watch.everything; }
};

}  // namespace tilewright
