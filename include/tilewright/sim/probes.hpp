// Who looks on: what parts of a chip ask before they tell anything.
#pragma once

#include "tilewright/sim/memory_observer.hpp"
#include "tilewright/sim/observer.hpp"
#include "tilewright/sim/order_observer.hpp"
#include "tilewright/sim/profile_observer.hpp"

namespace tilewright {

namespace tensix {
class InstructionWatch;
}

struct Probes {
    Observer* observer = nullptr;                      ///< of what happens
    bool functions = false;                            ///< it wants Observer::on_functions()
    MemoryWatch watch;                                 ///< of accesses to memory
    OrderObserver* order = nullptr;                    ///< of those, and of what orders them
    ProfileObserver* profile = nullptr;                ///< of each instruction
    tensix::InstructionWatch* instructions = nullptr;  ///< of a compute engine's
    std::uint32_t watched_tile = 0;                    ///< whose engine that is

    bool all_watched() const { return watch.observer != nullptr && watch.everything; }
    /// Every access of a core to what others can reach has to be told.
    bool tells_all() const { return all_watched() || order != nullptr; }
};

}  // namespace tilewright
