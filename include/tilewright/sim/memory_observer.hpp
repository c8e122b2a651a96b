// What programs read and write, told to whoever asks. It costs host time, as every access that is
// told leaves the interpreter's fast path, and no cycles.
#pragma once

#include <cstdint>

#include "tilewright/base/units.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

/// Bytes that a program touches: when a core loads or stores them, or when it gives the command by
/// which the network or an engine will. Calls of one core come in its order.
struct MemoryAccess {
    CoreId core;
    MemoryRef place;
    std::uint64_t bytes = 0;
    bool reads = false;
    bool writes = false;       ///< an atomic reads and writes
    bool by_command = false;   ///< through the network or an engine
    std::uint32_t stored = 0;  ///< what a core's own store wrote; otherwise 0
};

class MemoryObserver {
public:
    virtual ~MemoryObserver() = default;
    virtual void on_access(const MemoryAccess& access) = 0;
};

/// Who is told of what. Local memories, images, reserved L1 and device registers are nobody's
/// business but the core's.
struct MemoryWatch {
    MemoryObserver* observer = nullptr;  ///< nobody
    bool everything = true;              ///< otherwise only what cores load and store from
    std::uint32_t begin = 0;             ///< this offset in direct memory
    std::uint32_t end = 0;               ///< up to this one
};

}  // namespace tilewright
