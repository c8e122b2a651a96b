// One matrix that a command reads or writes: the memory in which it lies, and how it lies there.
#pragma once

#include "tilewright/engine/layout.hpp"
#include "tilewright/memory/memory_ref.hpp"

namespace tilewright {

struct Operand {
    MemoryRef place;  ///< of its first byte
    Layout layout;
};

/// Whether they have bytes in common, gaps between rows included.
inline bool overlap(const Operand& a, const Operand& b) {
    return a.place.kind == b.place.kind && a.place.index == b.place.index &&
           a.place.offset < b.place.offset + b.layout.extent() &&
           b.place.offset < a.place.offset + a.layout.extent();
}

}  // namespace tilewright
