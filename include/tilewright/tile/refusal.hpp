// How a tile tells that a kernel cannot go on. The chip makes exceptions with names, places and
// source lines of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tilewright/riscv/hart.hpp"

namespace tilewright {

/// Thrown through the interpreter when a device refuses what a kernel asks of it.
struct BusRefusal {
    std::string message;
};

/// A core has done what cannot be: a refusal, or a fault of the interpreter.
struct CoreFault {
    std::uint32_t core = 0;  ///< by number in the chip
    std::uint32_t pc = 0;
    std::string message;
    std::optional<riscv::Fault> fault = {};  ///< then there is no message
};

/// A core has begun to wait for what cannot happen, whatever the others do.
struct EndlessWait {
    std::uint32_t core = 0;
};

}  // namespace tilewright
