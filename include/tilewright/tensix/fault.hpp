// What ends a run of the compute engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tilewright/base/error.hpp"

namespace tilewright::tensix {

/// An instruction or a configuration that the compute engine cannot carry out, or whose result the
/// hardware leaves open; the message names it and says what was expected.
class TensixFault : public Error {
public:
    using Error::Error;
    TensixFault(const std::string& message, unsigned thread, std::uint32_t pc)
        : Error(message), thread(thread), pc(pc) {}

    /// Whose instruction it was, if it was in a thread's front: always, if advance() throws it.
    std::optional<unsigned> thread;
    /// Where the code that pushed it stood; 0: not known.
    std::uint32_t pc = 0;
};

}  // namespace tilewright::tensix
