// How a tile tells that a kernel cannot go on: as data. firmware/diagnose.hpp makes exceptions with
// names, places and source lines of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tilewright/memory/memory_ref.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright {

/// Thrown through the interpreter when a device refuses what a kernel asks of it.
struct BusRefusal {
    std::string message;
    /// Then there is no message: a word that is used although nobody has written it since the
    /// program was launched (Conventions::declared_begin).
    std::optional<MemoryRef> undeclared = {};
};

/// A core has done what cannot be: a refusal, or a fault of the interpreter.
struct CoreFault {
    static constexpr std::uint32_t nobody = ~0u;

    std::uint32_t core = 0;  ///< by number in the chip; nobody: it was an engine
    std::uint32_t pc = 0;
    std::string message;
    std::optional<riscv::Fault> fault = {};    ///< then there is no message
    std::optional<MemoryRef> undeclared = {};  ///< likewise; as of BusRefusal
};

/// A core has begun to wait for what cannot happen, whatever the others do.
struct EndlessWait {
    std::uint32_t core = 0;
};

}  // namespace tilewright
